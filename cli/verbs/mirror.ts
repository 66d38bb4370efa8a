// `muster mirror`: the logs and declarations of all other parties, fetched, checked and kept as full copies.
import { parseNote } from '@muster/core/proof/note.ts'
import { catchUp, openHome } from '@muster/registry/main.ts'
import { hallOf } from '../hall.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'mirror',
  summary: { en: 'fetch and check the logs and declarations of the other parties', ru: 'получить и проверить журналы и декларации других сторон' },
  usage: ['muster mirror [--agreement ID] --dir D'],
  options: { agreement: { type: 'string', value: 'ID', help: { en: 'the agreement; may be left out where one is joined', ru: 'соглашение; можно опустить, если оно одно' } } },
  run: async (context) => {
    const failures: string[] = []
    const home = await openHome(context.dir, { databaseUrl: context.databaseUrl, report: (what) => failures.push(what) })
    try {
      const hall = hallOf(context, home)
      await catchUp(home, hall)
      const { trust, agreement } = hall.joined
      const rows = [...trust.parties.keys()].filter((party) => party !== home.register.file.party).map((party) => {
        const followed = hall.mirror.known(party)
        const best = followed === undefined ? undefined : hall.mirror.best(followed)
        const head = followed?.heads.at(-1)?.head.head
        return {
          party, entries: followed?.checkpoint.size ?? null, cosigned: best?.cosigners ?? 0, of: agreement.parties.length,
          signatures: best === undefined ? 0 : parseNote(best.note).signatures.length, declaration: head?.sequence ?? null, asOf: head?.asOf ?? null, leaves: head?.size ?? null,
        }
      })
      for (const failure of failures) context.stderr(failure)
      if (context.json) context.answer({ agreement: agreement.id, parties: rows, failures })
      else {
        const titles = ['party', 'log entries', 'cosigned', 'declaration', 'as of', 'leaves']
        const russian = ['сторона', 'записей', 'заверили', 'декларация', 'на дату', 'листьев']
        context.table(titles.map((title, i) => ({ title: context.say({ en: title, ru: russian[i] as string }) })),
          rows.map((row) => [row.party, row.entries ?? '–', `${row.cosigned}/${row.of}`, row.declaration ?? '–', row.asOf ?? '–', row.leaves ?? '–']))
      }
      return failures.length > 0 ? 1 : 0
    } finally {
      await home.close()
    }
  },
}
