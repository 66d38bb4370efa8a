// `muster declare`: the register as of now, declared under an agreement.
import { declare } from '@muster/registry/log/declare.ts'
import { collectReaders, openHome, sequence, servedAt, type Hall, type Home, type Readers } from '@muster/registry/main.ts'
import { takeOffice } from '@muster/registry/engine/lease.ts'
import { hallOf } from '../hall.ts'
import type { Progress } from '../progress.ts'
import type { Context, Verb } from '../verb.ts'

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
      const readers = await servedAt(context.dir) === undefined ? await inTheLog(context, home, hall) : undefined
      const { head, items, keys, dummies, folder } = declared
      const told = { agreement: hall.joined.agreement.id, sequence: head.head.sequence, asOf: head.head.asOf, items, keys, dummies, size: head.head.size, head: head.hash, folder, ...(readers === undefined ? {} : { readers }) }
      if (context.json) context.answer(told)
      else context.out(context.say({
        en: `Declaration ${head.head.sequence} as of ${head.head.asOf}: ${items} items, ${keys} keys, ${head.head.size} leaves with padding. Head ${head.hash}.`,
        ru: `Декларация ${head.head.sequence} на ${head.head.asOf}: предметов ${items}, ключей ${keys}, листьев с дополнением ${head.head.size}. Заголовок ${head.hash}.`,
      }))
      if (!context.json && readers !== undefined) context.out(readersTold(context, readers, hall.joined.agreement.quorum))
      return 0
    } finally {
      await home.close()
    }
  },
}

/** Sequences, and lets the parties' readers read what was declared, as the serving process would. */
async function inTheLog(context: Context, home: Home, hall: Hall): Promise<Readers> {
  const office = await takeOffice(home.register.dataDir, 'sequencer')
  try {
    await sequence(home, hall)
    const bar = context.progress(context.say({ en: 'parties that have read it', ru: 'прочитали стороны' }), hall.joined.trust.parties.size)
    const readers = await collectReaders(home, hall, { onRead: (read) => { bar.at(read) } })
    bar.end()
    return readers
  } finally {
    office.release()
  }
}

function readersTold(context: Context, { read, of }: Readers, quorum: number): string {
  const told = context.say({ en: `Read and cosigned by ${read} of ${of} parties (${quorum} needed).`, ru: `Прочитана и заверена сторонами: ${read} из ${of} (нужно ${quorum}).` })
  return read === of ? told : `${told} ${context.say({ en: 'The others are asked again while the registry is served: muster serve', ru: 'Остальные будут спрошены снова, когда реестр работает: muster serve' })}`
}
