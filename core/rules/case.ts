// A case: what ties recoveries, incidents, evidence and explanations (DESIGN section 2). Append-only. Explanations compete: each keeps its facts
// for and against it, and none is dropped or merged because another looks better. `case` is a reserved word, so a value is a `file`.
import { Refusal } from '../bytes/refusal.ts'
import { tagged } from '../bytes/schema.ts'
import { anyJson, either, hex, integer, list, nullable, object, oneOf, pattern, stated, text, time, type Shape, type Shaped } from '../bytes/shape.ts'
import { shaped, type ShapeCode } from '../bytes/shaped-json.ts'
import type { Time } from '../bytes/time.ts'
import { agreementId, SEQUENCE_MAX } from './agreement.ts'
import { TRACE_OUTCOMES } from './chain.ts'
import { exclude, figure, partialDate, STANDINGS, type Figure } from './claim.ts'
import { PERSON_CHARACTERS_MAX, REASON_CHARACTERS_MAX, SET_ITEMS_MAX } from './custody-event.ts'
import { itemId } from './item.ts'
import { marking } from './marking.ts'
import { partyId } from './party.ts'
import { recoveryId } from './recovery.ts'
import { twoPeople, type TwoPeopleCode } from './two-people.ts'

export const ACTS_MAX = 10_000
export const FACTS_MAX = 64
export const DOCUMENT_BYTES_MAX = 1 << 25
/** What happened, as far as a case is about it: a matter of record, never of what is to be done about it. */
export const INCIDENT_KINDS = ['attack', 'seizure', 'theft', 'loss', 'accident', 'other'] as const

declare const caseSymbol: unique symbol
/** A UUID in lower case, minted where a case is opened or read from the register. */
export type CaseId = string & { readonly [caseSymbol]: true }

const name = pattern(/^[a-z0-9][a-z0-9-]{0,63}$/, 'a name of 1 to 64 of a-z, 0-9 and dash')
const uuid = pattern(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'a UUID in lower case')
export const caseId = uuid as Shape<CaseId>
const words = text(REASON_CHARACTERS_MAX)
/** As exact as it is known and no more. */
const when = either(time, either(partialDate, oneOf('unknown'), ''), 'a time, a date YYYY, YYYY-MM or YYYY-MM-DD, or "unknown"')

/** What a fact rests on: anything that this case holds, by its id. */
const fact = object({ says: words, rests: name })
/** `about`: the matter, the same words for all claims of one; `value`: what the source says of it, in its own words or as a number; `standing`: how far it says that the matter got. */
const claim = object({
  id: name, about: text(200), source: words, date: when, value: either(integer(0, Number.MAX_SAFE_INTEGER), words, 'a whole number or a text'), unit: nullable(text(40)),
  figure: nullable(figure), standing: oneOf(...STANDINGS), by: nullable(words),
})
const document = object({ id: name, title: words, sha256: hex(32), mediaType: text(100), bytes: integer(1, DOCUMENT_BYTES_MAX), date: when, source: words, marking })

/** What each kind of act says. */
export const CASE_ACT = {
  'opened': object({ title: words }),
  /** `items`: the finds that it is of, each an item of the finder's register. */
  'recovery-added': object({ id: recoveryId, items: list(itemId, 1, SET_ITEMS_MAX + 1) }),
  'incident-added': object({ id: name, kind: oneOf(...INCIDENT_KINDS), when, region: text(100), what: words, source: words }),
  'document-added': document,
  'dossier-added': object({ id: name, trace: uuid, sha256: hex(32), outcome: oneOf(...TRACE_OUTCOMES) }),
  'claim-added': claim,
  'explained': object({ id: name, what: words, for: list(fact, 0, FACTS_MAX), against: list(fact, 0, FACTS_MAX) }),
  'fact-added': object({ explanation: name, side: oneOf('for', 'against'), fact }),
  /** What a later declaration brought of a recovery on watch (spec/watch.md): the registry's own act, also in a case that is closed. */
  'watch-told': object({ id: name, watch: uuid, item: itemId, party: partyId, agreement: agreementId, what: oneOf('appeared', 'vanished'), label: hex(32), sequence: integer(0, SEQUENCE_MAX) }),
  /** Whoever is named may dispute an entry; the dispute stands beside it. */
  'disputed': object({ id: name, by: words, says: words }),
  'closed': object({ because: words }),
} as const

export type CaseActKind = keyof typeof CASE_ACT
export type CaseActOf<K extends CaseActKind> = { readonly kind: K, readonly by: string, readonly and: string | null, readonly data: Shaped<(typeof CASE_ACT)[K]> }
export type CaseAct = { [K in CaseActKind]: CaseActOf<K> }[CaseActKind]
export type WrittenAct = CaseAct & { readonly seq: number, readonly written: Time }

const head = object({ kind: oneOf(...Object.keys(CASE_ACT) as CaseActKind[]), by: text(PERSON_CHARACTERS_MAX), and: nullable(text(PERSON_CHARACTERS_MAX)), data: anyJson })
export const caseAct: Shape<CaseAct> = stated((value, at) => {
  const whole = head(value, at)
  return { ...whole, data: (CASE_ACT[whole.kind] as Shape<unknown>)(whole.data, 'data') } as CaseAct
}, () => tagged(head, 'kind', 'data', CASE_ACT))

/** An act from outside. Refused with the member that does not fit. */
export function caseActOf(value: unknown): CaseAct | Refusal<ShapeCode<'case'>> {
  return shaped('case', caseAct, value)
}

type Fact = Shaped<typeof fact>
export type CaseClaim = Shaped<typeof claim>
export type CaseExplanation = { readonly id: string, readonly what: string, readonly for: readonly Fact[], readonly against: readonly Fact[] }

/** What the acts come to. Nothing is ever taken out. */
export type Case = {
  readonly title: string
  readonly openedBy: readonly [string, string]
  readonly open: boolean
  readonly recoveries: readonly Shaped<(typeof CASE_ACT)['recovery-added']>[]
  readonly incidents: readonly Shaped<(typeof CASE_ACT)['incident-added']>[]
  readonly documents: readonly Shaped<typeof document>[]
  readonly dossiers: readonly Shaped<(typeof CASE_ACT)['dossier-added']>[]
  readonly claims: readonly CaseClaim[]
  readonly explanations: readonly CaseExplanation[]
  readonly watched: readonly Shaped<(typeof CASE_ACT)['watch-told']>[]
  readonly disputes: readonly Shaped<(typeof CASE_ACT)['disputed']>[]
}

export type CaseCode = TwoPeopleCode | 'case/not-open' | 'case/open-already' | 'case/id-twice' | 'case/no-such-id' | 'case/too-many-acts' | 'case/too-many-facts'

/** The file after all its acts; undefined before it is opened. The acts have passed `decideCase`. */
export function foldCase(acts: readonly CaseAct[]): Case | undefined {
  return acts.reduce<Case | undefined>(after, undefined)
}

function after(file: Case | undefined, { kind, by, and, data }: CaseAct): Case | undefined {
  if (kind === 'opened') {
    const opened = { title: data.title, openedBy: [by, and ?? ''] as const, open: true, recoveries: [], incidents: [], documents: [], dossiers: [], claims: [], explanations: [], watched: [], disputes: [] }
    return file === undefined ? opened : { ...file, open: true }
  }
  if (file === undefined) return undefined
  switch (kind) {
    case 'recovery-added': return { ...file, recoveries: [...file.recoveries, data] }
    case 'incident-added': return { ...file, incidents: [...file.incidents, data] }
    case 'document-added': return { ...file, documents: [...file.documents, data] }
    case 'dossier-added': return { ...file, dossiers: [...file.dossiers, data] }
    case 'watch-told': return { ...file, watched: [...file.watched, data] }
    case 'claim-added': return { ...file, claims: [...file.claims, data] }
    case 'explained': return { ...file, explanations: [...file.explanations, data] }
    case 'fact-added': return {
      ...file,
      explanations: file.explanations.map((each) => each.id === data.explanation ? { ...each, [data.side]: [...each[data.side], data.fact] } : each),
    }
    case 'disputed': return { ...file, disputes: [...file.disputes, data] }
    case 'closed': return { ...file, open: false }
  }
}

/** The act to append, or why not. Two people open a case, close it, and open it again. */
export function decideCase(acts: readonly WrittenAct[], request: CaseAct, at: Time): WrittenAct | Refusal<CaseCode> {
  const file = foldCase(acts)
  if (acts.length >= ACTS_MAX) return new Refusal('case/too-many-acts', `a case has at most ${ACTS_MAX} acts: open another one`)
  const refused = (request.kind === 'opened' || request.kind === 'closed' ? twoPeople('opening or closing a case', request.by, request.and) : undefined)
    ?? checkOpen(file, request) ?? (file === undefined ? undefined : checkIds(file, request))
  return refused ?? { ...request, seq: acts.length, written: at }
}

function checkOpen(file: Case | undefined, { kind }: CaseAct): Refusal<CaseCode> | undefined {
  if (kind === 'opened') return file?.open === true ? new Refusal('case/open-already', 'the case is open', 'kind') : undefined
  return file?.open === true || (file !== undefined && (kind === 'disputed' || kind === 'watch-told')) ? undefined : new Refusal('case/not-open', 'two people open the case first', 'kind')
}

/** Everything that a fact can rest on, by its id. */
export function thingsIn({ recoveries, incidents, documents, dossiers, claims, watched }: Case): Set<string> {
  return new Set([...recoveries, ...incidents, ...documents, ...dossiers, ...claims, ...watched].map(({ id }) => id))
}

function checkIds(file: Case, request: CaseAct): Refusal<CaseCode> | undefined {
  const things = thingsIn(file)
  const explanations = new Set(file.explanations.map(({ id }) => id))
  const { kind, data } = request
  if ('id' in data && kind !== 'disputed' && (things.has(data.id) || explanations.has(data.id))) return new Refusal('case/id-twice', `${data.id} is in the case already: give another id`, 'data.id')
  if (kind === 'disputed' && !things.has(data.id) && !explanations.has(data.id)) return new Refusal('case/no-such-id', `the case holds no ${data.id}`, 'data.id')
  if (kind === 'fact-added') {
    const explanation = file.explanations.find(({ id }) => id === data.explanation)
    if (explanation === undefined) return new Refusal('case/no-such-id', `the case holds no explanation ${data.explanation}`, 'data.explanation')
    if (explanation[data.side].length >= FACTS_MAX) return new Refusal('case/too-many-facts', `an explanation has at most ${FACTS_MAX} facts on a side`, 'data.fact')
  }
  const facts = kind === 'explained' ? [...data.for, ...data.against] : kind === 'fact-added' ? [data.fact] : []
  const stray = facts.find(({ rests }) => !things.has(rests))
  return stray === undefined ? undefined : new Refusal('case/no-such-id', `a fact rests on ${stray.rests}, which the case does not hold: add it first`, 'data')
}

/** The claims to each matter, in the order in which they came; each stands in exactly one list. */
export function claimsByMatter(claims: readonly CaseClaim[]): ReadonlyMap<string, readonly CaseClaim[]> {
  return Map.groupBy(claims, ({ about }) => about)
}

function figureOf({ value, figure: stated }: CaseClaim): Figure | undefined {
  return stated ?? (typeof value === 'number' ? { least: value, most: value } : undefined)
}

/** Pairs of claims to one matter, in one unit, that no number satisfies both. All the claims stay; this only says that they disagree. */
export function contradictions(claims: readonly CaseClaim[]): readonly (readonly [CaseClaim, CaseClaim])[] {
  return claims.flatMap((one, i) => claims.slice(i + 1).flatMap((other): (readonly [CaseClaim, CaseClaim])[] => {
    const [a, b] = [figureOf(one), figureOf(other)]
    return one.about === other.about && one.unit === other.unit && a !== undefined && b !== undefined && exclude(a, b) ? [[one, other]] : []
  }))
}
