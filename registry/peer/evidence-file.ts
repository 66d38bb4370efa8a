// A breach on file as an evidence file (core/wire/evidence.ts), for those that convict by the party's signatures alone. What is made is verified before
// it is given out, so no file accuses anybody without proof.
import { parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { parseNote } from '@muster/core/proof/note.ts'
import { parseCheckpoint } from '@muster/core/proof/tree-head.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Charge } from '@muster/core/wire/charge.ts'
import { EVIDENCE_VERSION, evidenceBytes, verifyEvidence } from '@muster/core/wire/evidence.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import type { Joined } from '../store/agreements.ts'
import type { FiledBreach } from '../store/breaches.ts'

type Members = FiledBreach['evidence']
interface Charged { readonly charge: Charge, readonly proof: Json }

const text = (value: Json | undefined): string => typeof value === 'string' ? value : ''
const base64 = (value: Json | undefined): string => Buffer.from(text(value), 'hex').toString('base64')
const opened = (value: Json | undefined): Json => parseJson(Buffer.from(text(value), 'hex'))
const placed = (entry: Json | undefined, index: Json | undefined, path: Json | undefined): Json => ({ entry: base64(entry), index: index ?? null, path: path ?? [] })

/** The trees of two notes in the order of their sizes; of equal sizes the whole of either is the prefix. */
const fork = (charge: Charge) => ({ first, second, prefix, path }: Members): Charged[] => {
  const [small, large] = [first, second].map((note) => ({ note: text(note), ...parseCheckpoint(parseNote(text(note)).text) })).sort((a, b) => a.size - b.size)
  if (small === undefined || large === undefined) return []
  const equal = small.size === large.size
  return [{ charge, proof: { small: small.note, large: large.note, prefix: equal ? Buffer.from(large.root).toString('hex') : prefix ?? null, path: equal ? [] : path ?? null } }]
}

const messages = (charge: Charge) => ({ first, second }: Members): Charged[] => [{ charge, proof: { first: opened(first), second: opened(second) } }]

const otherThanItsHead = ({ note = null, head }: Members): Charged[] => [{ charge: 'other-than-its-head', proof: { note, head: base64(head) } }]

function declaration({ note = null, head, previous, index, entry, path, entryBefore, pathBefore, absentAt, absentEntries, absentPathBefore, absentPathAfter }: Members): Charged[] {
  if (absentAt !== undefined) {
    const absent = { index: absentAt, entries: Array.isArray(absentEntries) ? absentEntries.map(base64) : [], paths: [absentPathBefore ?? null, absentPathAfter ?? null] }
    return [{ charge: 'label-gone', proof: { note, head: base64(head), previous: base64(previous), gone: placed(entry, index, path), absent } }]
  }
  if (typeof index !== 'number') return otherThanItsHead({ note, head: head ?? null })
  const at = placed(entry, index, path)
  return [{ charge: 'unsorted', proof: { note, before: placed(entryBefore, index - 1, pathBefore), after: at } }, { charge: 'unlawful-entry', proof: { note, at } }]
}

function evaluation({ request, answer, head }: Members): Charged[] {
  const { payload = null } = opened(request) as { readonly payload?: Json }
  return [{ charge: 'false-evaluation', proof: { request: payload, answer: opened(answer), head: base64(head) } }]
}

/** First key records of the senders of these envelopes, as the proof of what was not done carries them. */
function recordsOf({ trust }: Joined, envelopes: readonly Json[]): Json[] {
  const senders = new Set(envelopes.map((envelope) => (opened64((envelope as { readonly payload?: Json }).payload) as { readonly from?: Json }).from))
  return [...trust.parties.values()].flatMap(({ party, records }) => senders.has(party) ? records.map(({ bytes }) => parseJson(bytes)) : [])
}

const opened64 = (value: Json | undefined): Json => parseJson(Buffer.from(text(value), 'base64'))

function silent({ request, receipt, statements, missing }: Members, joined: Joined): Charged[] {
  const stated = Array.isArray(statements) ? statements.map(opened) : []
  const [asked, word] = [opened(request), opened(missing)]
  return [{ charge: 'silent', proof: { request: asked, receipt: receipt === undefined ? null : opened(receipt), statements: stated, missing: word, keyRecords: recordsOf(joined, [asked, ...stated]) } }]
}

function unopened({ request, told, receipt, missing }: Members, joined: Joined): Charged[] {
  const word = opened(missing)
  return [{ charge: 'unopened', proof: { request: opened(request), told: opened(told), receipt: opened(receipt), missing: word, keyRecords: recordsOf(joined, [word]) } }]
}

function falseOpening({ request, opening, answer }: Members, joined: Joined): Charged[] {
  const given = answer === undefined ? null : opened(answer)
  return [{ charge: 'false-opening', proof: { request: opened(request), opening: opened(opening), answer: given, keyRecords: recordsOf(joined, given === null ? [] : [given]) } }]
}

const laterOf = ({ records }: PartyTrust): { readonly laterRecords?: readonly Json[] } => records.length < 2 ? {} : { laterRecords: records.slice(1).map(({ bytes }) => parseJson(bytes)) }

/** Where log keys of the accused were taken, a checkpoint under them convicts only with those who had cosigned it before. */
function cosignersOf({ trust }: Joined, accused: PartyTrust): { readonly cosigners?: readonly Json[] } {
  if (accused.logs.every(({ compromisedSince }) => compromisedSince === undefined)) return {}
  return { cosigners: [...trust.parties.values()].flatMap(({ party, records }) => party === accused.party ? [] : records.map(({ bytes }) => parseJson(bytes))) }
}

/** What a breach may charge, by the code under which it is filed. */
const CHARGED: Readonly<Record<string, (members: Members, joined: Joined) => readonly Charged[]>> = {
  'mirror/fork': fork('fork'),
  'witness/fork': fork('fork'),
  'witness/both': fork('witnessed-fork'),
  'entry/second-clear': ({ note = null, first, firstIndex, firstPath, entry, index, path }) => [{ charge: 'second-entry', proof: { note, first: placed(first, firstIndex, firstPath), second: placed(entry, index, path) } }],
  'reader/other-head': otherThanItsHead,
  'reader/two-checkpoints': ({ first = null, second = null }) => [{ charge: 'two-checkpoints', proof: { first, second } }],
  'mirror/declaration': declaration,
  'message/same-sequence-two-ids': messages('two-messages'),
  'message/chain-broken': messages('broken-chain'),
  'message/two-answers': messages('two-answers'),
  'delivery/silent': silent,
  'batch/unopened': unopened,
  'batch/false-opening': falseOpening,
  'reconciliation/other-table': ({ bound, table }) => [{ charge: 'other-table', proof: { bound: opened(bound), opened: opened(table) } }],
}

/** Any code of an evaluation that did not hold. */
const EVALUATION = /^evaluation\//

/** The file and what it charges; undefined where what is on file convicts nobody before a third, who was not there. */
export function evidenceFile(group: Group, joined: Joined, breach: FiledBreach): { readonly charge: Charge, readonly bytes: Uint8Array } | undefined {
  const { trust } = joined
  const party = trust.parties.get(breach.party as PartyId)
  if (party === undefined) return undefined
  for (const { charge, proof } of chargesOf(breach, joined)) {
    const bytes = evidenceBytes({ v: EVIDENCE_VERSION, agreement: parseJson(trust.bytes), party: party.party, keyRecord: parseJson(party.record.bytes), ...laterOf(party), ...cosignersOf(joined, party), charge, found: breach.found, proof })
    if (verifyEvidence(p, group, bytes, trust.bytes).verdict === 'proven') return { charge, bytes }
  }
  return undefined
}

function chargesOf({ code, evidence }: FiledBreach, joined: Joined): readonly Charged[] {
  try {
    return (EVALUATION.test(code) ? evaluation : CHARGED[code])?.(evidence, joined) ?? []
  } catch (error) {
    if (error instanceof Refusal) return []
    throw error
  }
}
