// A dossier taken up again: what officers answered since it was made, and what those who went to see found, put beside the evidence that it holds. The
// question is the same one, so nothing is asked anew and no quota is spent. The older dossier stays: each is true of its day.
import { canonicalBytes, parseJson } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { assess, conclusionJson, type Evidence } from '@muster/core/wire/assess.ts'
import type { Conclusion } from '@muster/core/rules/chain.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { parseDossier, signDossier, type AskedEvidence, type Dossier, type PartyEvidence } from '@muster/core/wire/dossier.ts'
import { readHead } from '@muster/core/wire/head.ts'
import { openEnvelope, type Envelope, type Message } from '@muster/core/wire/message.ts'
import { FINAL_ANSWERS } from '@muster/core/wire/message-kind.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { Fault } from '../engine/fault.ts'
import { seedsAt } from '../store/keys.ts'
import { messagesAbout } from '../store/messages.ts'
import { declarationOf, onlyAnswer, type Tracing } from './asked.ts'
import { itemProofs } from './evidence.ts'
import { keepDossier } from './trace.ts'

export type CompleteCode = 'complete/other-asker' | 'complete/other-agreement'

export interface Completed { readonly conclusion: Conclusion, readonly dossier: Uint8Array, readonly path: string, /** Parties of which something was put in. */ readonly parties: readonly string[] }

/** Undefined where nothing was said since. Throws a Refusal for a dossier that is not this party's own, a Fault where what was said does not hold together. */
export async function completeDossier(tracing: Tracing, bytes: Uint8Array): Promise<Completed | undefined> {
  const { home, hall: { joined }, group } = tracing
  const { signature: _signature, conclusion: _conclusion, ...held } = parseDossier(bytes, p.textOf)
  if (held.asker !== home.register.file.party) throw new Refusal<CompleteCode>('complete/other-asker', `the dossier is ${held.asker}'s: its own registry completes it`, 'asker')
  if (held.agreement.id !== joined.agreement.id) throw new Refusal<CompleteCode>('complete/other-agreement', `the dossier is of another agreement than ${joined.agreement.id}`, 'agreement')
  const parties = await Promise.all(held.parties.map((each) => withLater(tracing, each)))
  const changed = parties.filter((each, i) => each !== held.parties[i]).map(({ party }) => party)
  if (changed.length === 0) return undefined
  const evidence: Evidence & Omit<Dossier, 'signature' | 'conclusion'> = { ...held, parties, made: timeOf(home.now()) }
  const failed: unknown[] = []
  const assessment = assess(p, group, joined.trust, evidence, (thrown) => { failed.push(thrown) })
  if (assessment === undefined) throw failed[0] instanceof Error ? failed[0] : new Fault('no-find', 'what was said since does not hold together with the dossier')
  const told = parties.map((each): PartyEvidence => ({ ...each, outcome: assessment.outcomes.get(each.party) ?? 'unreachable' }))
  const dossier = signDossier(p, { ...evidence, parties: told, conclusion: conclusionJson(assessment) }, seedsAt(joined.keys, evidence.made).message)
  const path = await keepDossier(tracing, held.self.item, assessment.conclusion, dossier, () => Promise.resolve([]))
  return { conclusion: assessment.conclusion, dossier, path, parties: changed }
}

/** The same evidence, itself, where its party said nothing since. */
async function withLater(tracing: Tracing, evidence: PartyEvidence): Promise<PartyEvidence> {
  const { party, earlier } = evidence
  const current = await withLaterWords(tracing, evidence)
  const before = await Promise.all((earlier ?? []).map((each) => withLaterWords(tracing, { ...each, party })))
  if (before.every((each, i) => each.formal === earlier?.[i]?.formal)) return current
  return { ...current, earlier: before.map(({ party: _, ...each }) => each) }
}

async function withLaterWords<T extends AskedEvidence>(tracing: Tracing, evidence: T): Promise<T> {
  const { home: { register }, hall: { joined } } = tracing
  const { formal, party, head } = evidence
  if (formal === null || head === null) return evidence
  const request = openEnvelope(p, formal.request, joined.trust.messageKeys)
  if (request instanceof Error) throw request
  const said = await messagesAbout(register, joined, party, [request.id], 'in')
  const answer = formal.answer === null ? onlyAnswer(said, FINAL_ANSWERS.trace) : undefined
  const looks = said.filter(({ payload }) => payload.kind === 'trace/look').sort((a, b) => a.payload.sequence - b.payload.sequence).map(packed)
  const known = formal.looks ?? []
  if (answer === undefined && looks.length <= known.length) return evidence
  const full = answer === undefined ? formal.answer : packed(answer)
  const items = answer?.payload.kind === 'trace/answer' ? await proofsOf(tracing, party, head, answer) : evidence.items
  const isOpen = items.length > 0
  return { ...evidence, items, formal: { ...formal, receipt: full === null ? formal.receipt : null, answer: full, ...(looks.length > 0 && isOpen ? { looks } : {}) } }
}

/** Paths in the copy in which the question was looked up. */
async function proofsOf(tracing: Tracing, party: PartyId, json: NonNullable<PartyEvidence['head']>, answer: Message): Promise<PartyEvidence['items']> {
  const head = readHead(p, canonicalBytes(json))
  if (head instanceof Refusal) throw head
  const folder = await declarationOf(tracing, party, head)
  if (folder === undefined) throw new Fault('no-find', `the declaration of ${party} that was looked up in is not here any more: trace the find anew`)
  return itemProofs(answer, folder, head)
}

function packed({ envelope }: Message): Envelope {
  return parseJson(envelope) as unknown as Envelope
}
