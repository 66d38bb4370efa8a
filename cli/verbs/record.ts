// `muster record`: the public record as tables, as JSON lines, or as one page. It needs no registry.
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { disagreements } from '@muster/core/rules/claim.ts'
import { recordPage } from '../record/page.ts'
import { readRecord, type PublicRecord } from '../record/read.ts'
import { partsOf, WORDS } from '../record/sheets.ts'
import type { Context, Verb } from '../verb.ts'

function tables(context: Context, record: PublicRecord): void {
  context.out(context.say(WORDS.title))
  context.out(context.say(WORDS.origin))
  for (const part of partsOf(record, context.lang)) {
    context.out(`\n${part.title.toUpperCase()}`)
    context.out(part.lead)
    for (const sheet of part.sheets) {
      context.out('')
      if (sheet.title !== '') context.out(sheet.title)
      context.table(sheet.columns.map((title) => ({ title })), sheet.rows)
      for (const note of sheet.notes) context.out(note)
    }
  }
}

function answers(context: Context, record: PublicRecord, page: string | undefined): void {
  for (const each of record.claims) context.answer({ claim: each })
  for (const each of record.meetings) context.answer({ meeting: each })
  for (const each of record.pledges) context.answer({ pledge: each })
  context.answer({
    claims: record.claims.length, questions: record.questions.length, sources: record.sources.length, meetings: record.meetings.length,
    pledges: record.pledges.length, disagreements: disagreements(record.claims).map(([one, other]) => [one.id, other.id]), page: page ?? null,
  })
}

export const verb: Verb = {
  name: 'record',
  summary: { en: 'the public record: who reported what, and when', ru: 'публичные сведения: кто, что и когда сообщил' },
  usage: ['muster record', 'muster record --page FILE'],
  options: { page: { type: 'string', value: 'FILE', help: { en: 'write the record as one static HTML page', ru: 'записать сведения одной страницей HTML' } } },
  run: async (context) => {
    const record = readRecord()
    const asked = context.args.text('page')
    const page = asked === undefined ? undefined : resolve(asked)
    if (page !== undefined) writeFileSync(page, recordPage(record, context.lang))
    if (context.json) answers(context, record, page)
    else if (page !== undefined) context.out(page)
    else tables(context, record)
    return 0
  },
}
