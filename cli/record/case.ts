// A case of the public record, under the law by which a registry keeps its own cases: the same acts, decided one after the other. It is read and never
// written, and opens no register, so that nothing of it can stand beside an exercise.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { caseActOf, decideCase, type WrittenAct } from '@muster/core/rules/case.ts'
import type { Claim } from '@muster/core/rules/claim.ts'
import { caseTold } from '../case/sheets.ts'
import type { Told } from '../sheet.ts'
import type { Lang } from '../verb.ts'
import type { PublicCase, PublicRecord } from './read.ts'
import { WORDS } from './sheets.ts'

/** A claim once for each report of it: its own words, from a source of its own. */
function reportsOf({ id, question, date, text, figure, standing, by, reported }: Claim, { sources, questions }: PublicRecord, lang: Lang) {
  const about = questions.find((each) => each.id === question)?.title[lang] ?? question
  return reported.map(({ source }) => ({
    id: reported.length === 1 ? id : `${id}-${source}`, about, source: nameOf(sources, source, lang), date: date ?? 'unknown', value: text[lang], unit: null, figure: figure ?? null, standing, by: by?.[lang] ?? null,
  }))
}

function nameOf(sources: PublicRecord['sources'], id: string, lang: Lang): string {
  return sources.find((each) => each.id === id)?.name[lang] ?? id
}

/** Each act as it would come from outside; a fact rests on the first report of its claim. */
function* requests(file: PublicCase, record: PublicRecord, lang: Lang): Generator<unknown> {
  const [by, and] = file.opened.map((name) => name[lang])
  const act = (kind: string, data: unknown, second: string | null = null) => ({ kind, by, and: second, data })
  yield act('opened', { title: file.title[lang] }, and ?? null)
  for (const { id, kind, when, region, what, sources } of file.incidents) {
    yield act('incident-added', { id, kind, when, region: region[lang], what: what[lang], source: sources.map((source) => nameOf(record.sources, source, lang)).join('; ') })
  }
  const claims = file.claims.map((id) => {
    const claim = record.claims.find((each) => each.id === id)
    if (claim === undefined) throw new Refusal('record/no-such-claim', `the case ${file.id} names the claim ${id}, which the record does not hold`, id)
    return claim
  })
  for (const claim of claims) for (const data of reportsOf(claim, record, lang)) yield act('claim-added', data)
  const restOf = (id: string): string => {
    const claim = claims.find((each) => each.id === id)
    return claim === undefined ? id : reportsOf(claim, record, lang)[0]?.id ?? id
  }
  const facts = (all: PublicCase['explanations'][number]['for']) => all.map(({ says, rests }) => ({ says: says[lang], rests: restOf(rests) }))
  for (const { id, what, for: pro, against } of file.explanations) yield act('explained', { id, what: what[lang], for: facts(pro), against: facts(against) })
}

/** The acts of a case of the record in one language. Throws the law's Refusal for one that may not stand. */
export function publicCaseActs(record: PublicRecord, id: string, lang: Lang): WrittenAct[] {
  const file = record.cases.find((each) => each.id === id)
  if (file === undefined) throw new Refusal('record/no-such-case', `the record holds no case ${id}`, id)
  const acts: WrittenAct[] = []
  for (const request of requests(file, record, lang)) {
    const read = caseActOf(request)
    const decided = read instanceof Refusal ? read : decideCase(acts, read, file.written)
    if (decided instanceof Refusal) throw decided
    acts.push(decided)
  }
  return acts
}

export function publicCaseTold(record: PublicRecord, id: string, lang: Lang): Told {
  return caseTold(publicCaseActs(record, id, lang), false, lang, WORDS.origin[lang])
}
