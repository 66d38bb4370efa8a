// `muster record`: the public record as tables, as JSON lines, or as one page. It needs no registry.
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { disagreements } from '@muster/core/rules/claim.ts'
import { usage } from '../errors.ts'
import { pageOf } from '../page.ts'
import { readRecord, type PublicRecord } from '../record/read.ts'
import { publicCaseActs, publicCaseTold } from '../record/case.ts'
import { recordTold } from '../record/sheets.ts'
import { showTold, type Told } from '../sheet.ts'
import type { Context, Lang, Verb } from '../verb.ts'

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
  usage: ['muster record [--page FILE]', 'muster record --case ID [--page FILE]'],
  options: {
    case: { type: 'string', value: 'ID', help: { en: 'one case of the record, worked as a registry works its own', ru: 'одно дело из сведений, как его ведёт реестр' } },
    page: { type: 'string', value: 'FILE', help: { en: 'write the record as one static HTML page', ru: 'записать сведения одной страницей HTML' } },
  },
  run: async (context) => {
    const record = readRecord()
    const of = context.args.text('case')
    if (of !== undefined && record.cases.every(({ id }) => id !== of)) throw usage(`--case ${of}: ${record.cases.map(({ id }) => id).join(', ')}`)
    const told = (lang: Lang): Told => of === undefined ? recordTold(record, lang) : publicCaseTold(record, of, lang)
    const asked = context.args.text('page')
    const page = asked === undefined ? undefined : resolve(asked)
    if (page !== undefined) writeFileSync(page, pageOf(told, context.lang))
    if (context.json && of !== undefined) context.answer({ case: of, exercise: false, acts: publicCaseActs(record, of, context.lang), page: page ?? null })
    else if (context.json) answers(context, record, page)
    else if (page !== undefined) context.out(page)
    else showTold(context, told(context.lang))
    return 0
  },
}
