// What a present party opened in answer to the formal request (DESIGN section 5, step 5): the key leaves that were hit, the items that
// share each key, and of each item the sections that its officers or a standing rule released.
import { equal, fromBase64, toHex } from '../bytes/bytes.ts'
import { Breach } from '../bytes/breach.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { shaped } from '../bytes/shaped-json.ts'
import type { Time } from '../bytes/time.ts'
import { demandCoin, demandOpening } from '../oprf/batch.ts'
import type { Group } from '../oprf/group.ts'
import { verifyPresent } from '../proof/absence.ts'
import { labelsOf, verifyOpenings, type OpenedSection } from '../proof/opening.ts'
import type { DeclaredItem, Hit, Whom } from '../rules/chain.ts'
import { chanceOf, MADE_UP_MARKS, patternOf } from '../rules/chance.ts'
import type { Identity } from '../rules/item.ts'
import { candidatesTried, type Candidate } from '../rules/ladder.ts'
import type { PartyId } from '../rules/party.ts'
import type { Counterparty } from '../rules/place.ts'
import { contradicts } from '../rules/recovered-mark.ts'
import { lookedOf, type LookFinding } from '../rules/request.ts'
import { parseSection, type SectionOf } from '../rules/section.ts'
import type { DisclosedSection } from '../rules/terms.ts'
import { bytesOf, type AskedEvidence } from './dossier.ts'
import { later, openMessage, verifyReceipt, type Casework, type FoundCandidate, type VerifiedLookups } from './verify-answer.ts'
import { openEnvelope, type Envelope, type SignedPayload } from './message.ts'
import { REQUEST_BODY } from './request-body.ts'
import { ITEMS_OF_A_KEY_MAX, traceBody, type AnsweredHit, type AnsweredItem } from './trace-body.ts'

export type FormalCode = 'formal/other-question' | 'formal/other-find' | 'formal/hits' | 'formal/leaf' | 'formal/items' | 'formal/chance' | 'formal/section' | 'formal/evidence' | 'formal/clock' | 'formal/look'

/** The find as its bound event tells it; `selfLabel`: its own leaf in the asker's declarations. */
export interface FindOfTrace { readonly event: string, readonly salt: string, readonly identity: Identity, readonly selfLabel: Uint8Array }

function breach(code: FormalCode, message: string, party: PartyId): Breach<FormalCode> {
  return new Breach(code, message, { party })
}

/** The hits of a party as facts. Without a formal answer a hit stays a hit whose sections are closed. */
export function verifyFormal(p: Primitives, group: Group, casework: Casework, evidence: AskedEvidence, lookups: VerifiedLookups, candidates: readonly Candidate[], find: FindOfTrace): Hit[] {
  const { party, formal } = evidence
  const { found } = lookups
  const closed = (why: 'not-opened' | 'refused') => (each: FoundCandidate): Hit => ({ ...gradeOf(each, party, candidates), closed: why, shared: 0, chancePercent: null, items: [] })
  if (formal === null || found.length === 0) {
    if (formal !== null) throw breach('formal/evidence', `a formal request to ${party}, where nothing was hit`, party)
    demandItems(evidence, new Set())
    return found.map(closed('not-opened'))
  }
  const request = openFormalRequest(p, group, casework, evidence, lookups, formal.request, find)
  if (formal.receipt !== null) verifyReceipt(p, casework, formal.receipt, request, party)
  const answered = formal.answer === null ? undefined : openFormalAnswer(p, casework, formal.answer, request, found, party)
  if (answered === undefined || answered === 'refused') {
    if (formal.looks !== undefined) throw breach('formal/look', `${party} is said to have looked for what it never showed`, party)
    demandItems(evidence, new Set())
    return found.map(closed(answered ?? 'not-opened'))
  }
  const { message, hits: answer } = answered
  const looks = openLooks(p, casework, formal.looks ?? [], request, message, new Set(answer.flatMap(({ items }) => items.map(({ label }) => label))), party)
  demandItems(evidence, new Set(answer.flatMap(({ items }) => items.map(({ label }) => label))))
  const ownLabel = party === casework.asker ? toHex(find.selfLabel) : undefined
  return found.map((each) => {
    const hit = answer.find(({ label }) => equal(bytesOf(label), each.label))
    if (hit === undefined) return closed('not-opened')(each)
    const { shared, items } = openHit(p, evidence, lookups, each, hit)
    const others = items.filter((item) => !isTheFind(item, ownLabel))
    const chancePercent = measuredChance(each.candidate, hit, party)
    return { ...gradeOf(each, party, candidates), closed: null, shared: shared - (items.length - others.length), chancePercent, items: others.map((item) => declaredItem(party, item, find.identity, lookedOf(looks.get(item.label) ?? []))) }
  })
}

function gradeOf({ candidate }: FoundCandidate, party: PartyId, candidates: readonly Candidate[]): Pick<Hit, 'party' | 'kind' | 'rung' | 'tried'> {
  return { party, kind: candidate.kind, rung: candidate.rung, tried: candidatesTried(candidates, candidate.rung) }
}

/** What is said of a hit is said after it was found, in turn, and before the dossier. */
function demandAfter(what: string, said: SignedPayload, before: SignedPayload, made: Time, party: PartyId): void {
  if (later(before.payload.time, said.payload.time)) throw breach('formal/clock', `${what} is dated ${said.payload.time}, before what it answers`, party)
  if (later(said.payload.time, made)) throw breach('formal/clock', `the dossier is dated ${made}, before ${what} of ${said.payload.time}`, party)
}

/** The request is about this find and this question, names the hits and no others, opens the whole batch, and its coin is the one bound in the question. */
function openFormalRequest(
  p: Primitives, group: Group, casework: Casework, { party }: AskedEvidence, lookups: VerifiedLookups, envelope: Envelope, find: FindOfTrace,
): SignedPayload {
  const request = openMessage(p, casework.trust, envelope, 'trace/request', casework.asker, party)
  const asked = traceBody('trace/request', request.payload.body)
  if (asked.request !== lookups.request.id) throw breach('formal/other-question', `the formal request to ${party} follows another question`, party)
  if (asked.recovery.event !== find.event || asked.recovery.salt !== find.salt) throw breach('formal/other-find', `the formal request to ${party} is about another find`, party)
  demandAfter(`the formal request to ${party}`, request, lookups.answer, casework.made, party)
  const namesAll = lookups.found.every(({ element, label }) => asked.hits.some((hit) => hit.element === element && hit.label === toHex(label)))
  if (!namesAll || asked.hits.length !== lookups.found.length) throw breach('formal/hits', `the formal request to ${party} does not name the ${lookups.found.length} hits, each once`, party)
  const { elements, coin } = lookups.asked
  if (asked.opened.length !== elements.length) throw breach('formal/other-question', `the formal request to ${party} opens ${asked.opened.length} of ${elements.length} elements`, party)
  demandCoin((...parts) => p.sha256(...parts), bytesOf(coin), bytesOf(asked.coin))
  demandOpening(group, asked.opened.map(({ input }) => fromBase64(input) as Uint8Array), asked.opened.map(({ blind }) => bytesOf(blind)), elements.map((element) => fromBase64(element) as Uint8Array))
  return request
}

/** The hits that the answer opens, each once and no others, or that the party refused to: what was not hit would be shown and never checked. */
function openFormalAnswer(p: Primitives, { trust, asker, made }: Casework, envelope: Envelope, request: SignedPayload, found: readonly FoundCandidate[], party: PartyId): { readonly message: SignedPayload, readonly hits: readonly AnsweredHit[] } | 'refused' {
  const parsed = openEnvelope(p, envelope, trust.messageKeys)
  const kind = !(parsed instanceof Error) && parsed.payload.kind === 'trace/refuse' ? 'trace/refuse' : 'trace/answer'
  const answer = openMessage(p, trust, envelope, kind, party, asker)
  const body = traceBody(kind, answer.payload.body)
  if (body.request !== request.id) throw breach('formal/other-question', `${party}'s formal answer is to another request`, party)
  demandAfter(`${party}'s formal answer`, answer, request, made, party)
  if ('reason' in body) return 'refused'
  const due = new Set(found.map(({ label }) => toHex(label)))
  if (new Set(body.hits.map(({ label }) => label)).size !== body.hits.length || body.hits.some(({ label }) => !due.has(label))) throw breach('formal/hits', `${party}'s formal answer opens what was not hit, or a hit twice`, party)
  return { message: answer, hits: body.hits }
}

/** What the party said of looks at the items that it showed, by label; each word once and in its own order. */
function openLooks(p: Primitives, { trust, asker, made }: Casework, envelopes: readonly Envelope[], request: SignedPayload, answer: SignedPayload, shown: ReadonlySet<string>, party: PartyId): ReadonlyMap<string, LookFinding[]> {
  const looks = new Map<string, LookFinding[]>()
  let last = -1
  for (const envelope of envelopes) {
    const look = openMessage(p, trust, envelope, 'trace/look', party, asker)
    const body = shaped('trace', REQUEST_BODY['trace/look'], look.payload.body)
    if (body instanceof Refusal) throw body
    demandAfter(`${party}'s word of a look`, look, answer, made, party)
    if (body.request !== request.id || !shown.has(body.label) || look.payload.sequence <= last) throw breach('formal/look', `${party}'s word of a look is of another request or item, or stands there out of its order`, party)
    last = look.payload.sequence
    looks.set(body.label, [...looks.get(body.label) ?? [], body.found])
  }
  return looks
}

/** The proofs are those of the opened items, each once: a proof that nothing refers to would be shown and never checked. */
function demandItems({ party, items }: AskedEvidence, due: ReadonlySet<string>): void {
  const shown = new Set(items.map(({ label }) => label))
  if (shown.size !== items.length || shown.size !== due.size || items.some(({ label }) => !due.has(label))) throw breach('formal/items', `${party}: the proofs of items are not those of the items that its answer opens`, party)
}

function sectionsOf(sections: Readonly<Record<string, { readonly salt: string, readonly bytes: string } | undefined>>): OpenedSection[] {
  return Object.entries(sections).flatMap(([section, opened]) => opened === undefined ? []
    : [{ section, salt: bytesOf(opened.salt), bytes: fromBase64(opened.bytes) as Uint8Array }])
}

interface OpenedItem { readonly label: string, readonly sections: ReadonlyMap<string, Uint8Array> }

/** The key leaf, and every item that shares the key; none of them where more share it than an answer holds. */
function openHit(p: Primitives, evidence: AskedEvidence, lookups: VerifiedLookups, found: FoundCandidate, hit: AnsweredHit): { readonly shared: number, readonly items: readonly OpenedItem[] } {
  const { party } = evidence
  const key = verifyOpenings(p, found.entry, hit.digests.map(bytesOf), sectionsOf(hit.sections))
  if ('problem' in key || key.kind !== 'key') throw breach('formal/leaf', `${party}: the key leaf does not open: ${'problem' in key ? key.problem : 'another kind of leaf'}`, party)
  const labels = (labelsOf(key.sections.get('items') ?? new Uint8Array(0)) ?? []).map(toHex)
  if (labels.length > ITEMS_OF_A_KEY_MAX && hit.items.length === 0) return { shared: labels.length, items: [] }
  const shown = new Set(hit.items.map(({ label }) => label))
  if (labels.length === 0 || hit.items.length !== labels.length || labels.some((label) => !shown.has(label))) throw breach('formal/items', `${party}: the opened items are not those that share the key`, party)
  return { shared: labels.length, items: hit.items.map((item) => openItem(p, evidence, lookups, item)) }
}

function openItem(p: Primitives, evidence: AskedEvidence, lookups: VerifiedLookups, item: AnsweredItem): OpenedItem {
  const { party } = evidence
  const proof = evidence.items.find(({ label }) => label === item.label)
  if (proof === undefined) throw breach('formal/items', `${party}: no proof that item ${item.label} is declared`, party)
  const entry = bytesOf(proof.entry)
  const problem = verifyPresent(p, lookups.declared.tree, bytesOf(item.label), { index: proof.index, entry, path: proof.path.map(bytesOf) })
  if (problem !== undefined) throw breach('formal/items', `${party}: the proof that item ${item.label} is declared fails: ${problem}`, party)
  const opened = verifyOpenings(p, entry, item.digests.map(bytesOf), sectionsOf(item.sections))
  if ('problem' in opened || opened.kind !== 'item') throw breach('formal/leaf', `${party}: item ${item.label} does not open: ${'problem' in opened ? opened.problem : 'another kind of leaf'}`, party)
  return { label: item.label, sections: opened.sections }
}

/** The chance as the answering registry measured and signed it, for this candidate's own pattern and rung. */
function measuredChance(candidate: Candidate, { chance }: AnsweredHit, party: PartyId): number {
  if (chance.kind !== candidate.kind || chance.rung !== candidate.rung || chance.pattern !== patternOf(candidate.reading)) throw breach('formal/chance', `${party}: the chance is of another pattern, kind or rung than the hit`, party)
  if (chance.tried !== MADE_UP_MARKS || chance.hits > chance.tried) throw breach('formal/chance', `${party}: ${chance.hits} hits of ${chance.tried} made-up marks, where ${MADE_UP_MARKS} are due`, party)
  if (chance.percent !== chanceOf(chance.hits, chance.tried)) throw breach('formal/chance', `${party}: ${chance.hits} of ${chance.tried} is not rounded up to ${chance.percent} %`, party)
  return Number(chance.percent)
}

/**
 * The find's own leaf in the asker's register. An asker could name an item that it had all along; so its opened section must say that it
 * came by being found or seized, else it counts like any other.
 */
function isTheFind({ label, sections }: OpenedItem, ownLabel: string | undefined): boolean {
  if (label !== ownLabel) return false
  const acquired = parseSection('acquired', sections.get('acquired') ?? new Uint8Array(0))
  return acquired !== undefined && !(acquired instanceof Refusal) && (acquired.how === 'seized' || acquired.how === 'found')
}

/** What an opened section says; undefined where it is closed or empty. */
function sectionIn<Name extends DisclosedSection>(party: PartyId, { label, sections }: OpenedItem, name: Name): SectionOf<Name> | undefined {
  const section = parseSection(name, sections.get(name) ?? new Uint8Array(0))
  if (section instanceof Refusal) throw breach('formal/section', `${party}: section ${name} of item ${label}: ${section.message}`, party)
  return section
}

function whomOf(counterparty: Counterparty | undefined): Whom | null {
  return counterparty === undefined || typeof counterparty === 'string' ? null : counterparty
}

/** The opened sections as facts of the chain. */
function declaredItem(party: PartyId, item: OpenedItem, recovered: Identity, looked: LookFinding | undefined): DeclaredItem {
  const status = sectionIn(party, item, 'status')
  const acquired = sectionIn(party, item, 'acquired')
  const released = sectionIn(party, item, 'released')
  return {
    party, label: item.label,
    contradicts: status !== undefined && contradicts(status, recovered),
    status: status?.status ?? null, since: status?.since ?? null,
    acquiredHow: acquired?.how ?? null, acquiredFrom: whomOf(acquired?.from), acquiredWhen: acquired?.when ?? null,
    releasedTo: whomOf(released?.to), releasedWhen: released?.when ?? null,
    ...(looked === undefined ? {} : { looked }),
  }
}
