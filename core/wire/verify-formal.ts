// What a present party opened in answer to the formal request (DESIGN section 5, step 5): the key leaves that were hit, the items that
// share each key, and of each item the sections that its officers or a standing rule released.
import { equal, fromBase64, fromUtf8, toHex } from '../bytes/bytes.ts'
import { Breach } from '../bytes/breach.ts'
import { parseJson, type Json } from '../bytes/canonical.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { demandCoin, demandOpening } from '../oprf/batch.ts'
import type { Group } from '../oprf/group.ts'
import { verifyPresent } from '../proof/absence.ts'
import { labelsOf, verifyOpenings, type OpenedSection } from '../proof/opening.ts'
import type { DeclaredItem, Hit } from '../rules/chain.ts'
import { contradicts } from '../rules/recovered-mark.ts'
import { chanceOf, patternOf } from '../rules/chance.ts'
import { candidatesTried, type Candidate } from '../rules/ladder.ts'
import { identity as identityShape, type Identity } from '../rules/item.ts'
import type { PartyId } from '../rules/party.ts'
import { fit } from '../bytes/shape.ts'
import { bytesOf, type PartyEvidence } from './dossier.ts'
import { openMessage, type FoundCandidate, type VerifiedLookups } from './verify-answer.ts'
import { traceBody, type AnsweredHit, type AnsweredItem } from './trace-body.ts'
import type { Trust } from './trust.ts'

export type FormalCode = 'formal/other-question' | 'formal/other-find' | 'formal/hits' | 'formal/leaf' | 'formal/items' | 'formal/chance' | 'formal/section'

function breach(code: FormalCode, message: string, party: PartyId): Breach<FormalCode> {
  return new Breach(code, message, { party })
}

/** The hits of a party as facts. Without a formal answer a hit stays a hit whose sections are closed. */
export function verifyFormal(
  p: Primitives, group: Group, trust: Trust, asker: PartyId, evidence: PartyEvidence, lookups: VerifiedLookups,
  candidates: readonly Candidate[], find: { readonly event: string, readonly identity: Identity }, selfLabel: Uint8Array | undefined,
): Hit[] {
  const { party } = evidence
  const { formal } = evidence
  const closed = (found: FoundCandidate): Hit => ({
    party, kind: found.candidate.kind, rung: found.candidate.rung, shared: null, chancePercent: null, tried: candidatesTried(candidates, found.candidate.rung), items: [],
  })
  if (formal === null) return lookups.found.map(closed)
  const request = openMessage(p, trust, formal.request, 'trace/request', asker, party)
  const asked = traceBody('trace/request', request.payload.body)
  if (asked.request !== lookups.request.id) throw breach('formal/other-question', `the formal request to ${party} follows another question`, party)
  if (asked.recovery.event !== find.event) throw breach('formal/other-find', `the formal request to ${party} is about another find`, party)
  checkWholeOpening(p, group, lookups, asked, party)
  if (formal.answer === null) return lookups.found.map(closed)
  const answer = openMessage(p, trust, formal.answer, 'trace/answer', party, asker)
  const body = traceBody('trace/answer', answer.payload.body)
  if (body.request !== request.id) throw breach('formal/other-question', `${party}'s formal answer is to another request`, party)
  return lookups.found.map((found) => {
    const hit = body.hits.find(({ label }) => equal(bytesOf(label), found.label))
    if (hit === undefined) return closed(found)
    const items = openHit(p, evidence, lookups, found, hit)
    const others = items.filter(({ label }) => selfLabel === undefined || label !== toHex(selfLabel))
    return {
      party, kind: found.candidate.kind, rung: found.candidate.rung, shared: items.length, chancePercent: chancePercent(found.candidate, hit, party),
      tried: candidatesTried(candidates, found.candidate.rung), items: others.map((item) => declaredItem(party, item, find.identity)),
    }
  })
}

/** The formal request opens the whole batch, and its coin is the one bound in the question. */
function checkWholeOpening(p: Primitives, group: Group, lookups: VerifiedLookups, asked: ReturnType<typeof traceBody<'trace/request'>>, party: PartyId): void {
  const question = traceBody('evaluation/request', lookups.request.payload.body)
  if (asked.opened.length !== question.elements.length) throw breach('formal/other-question', `the formal request to ${party} opens ${asked.opened.length} of ${question.elements.length} elements`, party)
  demandCoin(p.sha256, bytesOf(question.coin), bytesOf(asked.coin))
  const inputs = asked.opened.map(({ input }) => fromBase64(input) as Uint8Array)
  demandOpening(group, inputs, asked.opened.map(({ blind }) => bytesOf(blind)), question.elements.map((element) => fromBase64(element) as Uint8Array))
}

function sectionsOf(sections: Readonly<Record<string, { readonly salt: string, readonly bytes: string } | undefined>>): OpenedSection[] {
  return Object.entries(sections).flatMap(([section, opened]) => opened === undefined ? []
    : [{ section, salt: bytesOf(opened.salt), bytes: fromBase64(opened.bytes) as Uint8Array }])
}

interface OpenedItem { readonly label: string, readonly sections: ReadonlyMap<string, Uint8Array> }

function openHit(p: Primitives, evidence: PartyEvidence, lookups: VerifiedLookups, found: FoundCandidate, hit: AnsweredHit): OpenedItem[] {
  const { party } = evidence
  const key = verifyOpenings(p, found.entry, hit.digests.map(bytesOf), sectionsOf(hit.sections))
  if ('problem' in key || key.kind !== 'key') throw breach('formal/leaf', `${party}: the key leaf does not open: ${'problem' in key ? key.problem : 'another kind of leaf'}`, party)
  const labels = labelsOf(key.sections.get('items') ?? new Uint8Array(0)) ?? []
  const shown = hit.items.map(({ label }) => label)
  if (labels.length !== shown.length || labels.some((label) => !shown.includes(toHex(label)))) throw breach('formal/items', `${party}: the opened items are not those that share the key`, party)
  return hit.items.map((item) => openItem(p, evidence, lookups, item))
}

function openItem(p: Primitives, evidence: PartyEvidence, lookups: VerifiedLookups, item: AnsweredItem): OpenedItem {
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
function chancePercent(candidate: Candidate, { chance }: AnsweredHit, party: PartyId): number {
  if (chance.kind !== candidate.kind || chance.rung !== candidate.rung || chance.pattern !== patternOf(candidate.reading)) throw breach('formal/chance', `${party}: the chance is of another pattern, kind or rung than the hit`, party)
  if (chance.percent !== chanceOf(chance.hits, chance.tried)) throw breach('formal/chance', `${party}: ${chance.hits} of ${chance.tried} is not rounded up to ${chance.percent} %`, party)
  return Number(chance.percent)
}

type Members = { readonly [name: string]: Json }

/** A section's canonical JSON; null where it was not opened or is empty. */
function sectionJson(party: PartyId, sections: ReadonlyMap<string, Uint8Array>, name: string): Members | null {
  const bytes = sections.get(name)
  if (bytes === undefined || bytes.length === 0) return null
  if (fromUtf8(bytes) === undefined) throw breach('formal/section', `${party}: section ${name} is not text`, party)
  const json = parseJson(bytes)
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? json as Members : null
}

const textOf = (value: Json | undefined): string | null => typeof value === 'string' ? value : null

/** A counterparty as one text: a party's id, or a name; null for unknown. */
function whoOf(value: Json | undefined): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const { party, name } = value as Members
  return textOf(party) ?? textOf(name)
}

/** The opened sections as facts of the chain. */
export function declaredItem(party: PartyId, item: OpenedItem, recovered: Identity): DeclaredItem {
  const status = sectionJson(party, item.sections, 'status')
  const acquired = sectionJson(party, item.sections, 'acquired')
  const released = sectionJson(party, item.sections, 'released')
  const stated = status === null ? undefined : fit(identityShape, Object.fromEntries(['class', 'maker', 'type', 'year', 'lot', 'serial'].map((name) => [name, status[name] ?? null])))
  return {
    party, label: item.label,
    contradicts: stated !== undefined && 'value' in stated && contradicts(stated.value, recovered),
    status: textOf(status?.['status']), since: textOf(status?.['since']),
    acquiredHow: textOf(acquired?.['how']), acquiredFrom: whoOf(acquired?.['from']), acquiredWhen: textOf(acquired?.['when']),
    releasedTo: whoOf(released?.['to']), releasedWhen: textOf(released?.['when']),
  }
}
