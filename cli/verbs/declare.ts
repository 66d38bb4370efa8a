// `muster declare`: the register as of now, declared under an agreement.
import { declare } from '@muster/registry/log/declare.ts'
import { collectReaders, openHome, sequence, servedAt } from '@muster/registry/main.ts'
import { takeOffice } from '@muster/registry/engine/lease.ts'
import { hallOf } from '../hall.ts'
import type { Progress } from '../progress.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'declare',
  summary: { en: 'declare the register under an agreement', ru: 'задекларировать реестр по соглашению' },
  usage: ['muster declare --agreement ID --dir D'],
  options: { agreement: { type: 'string', value: 'ID', help: { en: 'the agreement; may be left out where one is joined', ru: 'соглашение; можно опустить, если оно одно' } } },
  run: async (context) => {
    const home = await openHome(context.dir, { databaseUrl: context.databaseUrl, report: (what) => context.stderr(what) })
    try {
      const hall = hallOf(context, home)
      let bar: Progress | undefined
      const declared = await declare(hall.log, home.now(), (done, of) => {
        bar ??= context.progress(context.say({ en: 'labels', ru: 'метки' }), of)
        bar.at(done)
      })
      bar?.end()
      // Where nothing serves the registry, the head goes into the log here and now; else the next period takes it.
      if (await servedAt(context.dir) === undefined) {
        const office = await takeOffice(home.register.dataDir, 'sequencer')
        try {
          await sequence(home, hall)
          await collectReaders(home, hall)
        } finally {
          office.release()
        }
      }
      const { head, items, keys, dummies, folder } = declared
      const told = { agreement: hall.joined.agreement.id, sequence: head.head.sequence, asOf: head.head.asOf, items, keys, dummies, size: head.head.size, head: head.hash, folder }
      if (context.json) context.answer(told)
      else context.out(context.say({
        en: `Declaration ${head.head.sequence} as of ${head.head.asOf}: ${items} items, ${keys} keys, ${head.head.size} leaves with padding. Head ${head.hash}.`,
        ru: `Декларация ${head.head.sequence} на ${head.head.asOf}: предметов ${items}, ключей ${keys}, листьев с дополнением ${head.head.size}. Заголовок ${head.hash}.`,
      }))
      return 0
    } finally {
      await home.close()
    }
  },
}
