// A correspondence: everything that was said of one affair, from a call to a destruction, as the exact signed messages (spec/correspondence.md). It needs no
// trust in whoever made or shows it. What is not in the file it does not deny: a message that its maker left out may exist.
import { canonicalBytes, type Json } from '../bytes/canonical.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { anyJson, hex, list, object, oneOf, type Shaped } from '../bytes/shape.ts'
import { shapedJson, type JsonCode } from '../bytes/shaped-json.ts'
import type { Time } from '../bytes/time.ts'
import type { Group } from '../oprf/group.ts'
import type { Agreement } from '../rules/agreement.ts'
import type { PartyId } from '../rules/party.ts'
import { findingOf, type Finding } from './finding.ts'
import { answeredBy } from './message-kind.ts'
import { envelope, openEnvelope, type MessageKeysOf, type SignedPayload } from './message.ts'
import type { Evaluating } from './met-proof.ts'
import { isInspectionKind, INSPECTION_BODY, type InspectionKind } from './inspection-body.ts'
import { readInspection, termsOf, type Inspection, type Word } from './inspection.ts'
import { checkReceipt, receiptedBy } from './receipt.ts'
import { ANSWERS_TO, isSaidKind, saidBody, type SaidKind } from './said-body.ts'
import { agreementIn, messageKeysAt, partiesIn, RECORDS_MAX, type PartyTrust } from './trust.ts'

export const CORRESPONDENCE_VERSION = 'muster/correspondence/1'
/** An inspection of 20,000 items, its 2,781 drawn and shown, takes 23 MB. */
const CORRESPONDENCE_BYTES_MAX = 64 * 1_048_576
export const LETTERS_MAX = 8_192
export const AFFAIRS = ['call', 'transfer', 'notice', 'inspection', 'reconciliation', 'certificate', 're-export', 'production', 'destruction'] as const
export type AffairKind = (typeof AFFAIRS)[number]

/** The member of a body that says of which affair of a kind it is. */
export function affairIn(kind: AffairKind, body: SignedPayload['payload']['body']): Json | undefined {
  return body[kind === 're-export' ? 'ask' : kind === 'production' ? 'return' : kind]
}

export const correspondenceShape = object({
  v: oneOf(CORRESPONDENCE_VERSION), agreement: anyJson, affair: object({ kind: oneOf(...AFFAIRS), id: hex(16) }), keyRecords: list(anyJson, 1, RECORDS_MAX), messages: list(envelope, 1, LETTERS_MAX),
})
export type Correspondence = Shaped<typeof correspondenceShape>

export type CorrespondenceCode = JsonCode<'correspondence'> | 'correspondence/not-a-party' | 'correspondence/stranger' | 'correspondence/unasked' | 'correspondence/twice' | 'correspondence/two-messages'

/** One message of the affair; `receipted`: when its receiver says that it arrived, null where the file holds no receipt. */
export interface Letter { readonly id: string, readonly from: PartyId, readonly to: PartyId, readonly kind: SaidKind, readonly time: Time, readonly receipted: Time | null, readonly body: SignedPayload['payload']['body'] }

export type CorrespondenceVerification =
  /** `proven`: the keys came from outside. `consistent`: the signatures hold under key records that the file itself brought. */
  | { readonly verdict: 'proven' | 'consistent', readonly findings: readonly Finding[], readonly affair: Correspondence['affair'], readonly exercise: boolean, readonly agreement: string, readonly letters: readonly Letter[], readonly inspection: Inspection | undefined }
  | { readonly verdict: 'refused', readonly findings: readonly Finding[] }

/** The canonical bytes of a correspondence. */
export function correspondenceBytes(correspondence: Correspondence): Uint8Array {
  return canonicalBytes(correspondence)
}

/** `trusted`: the canonical bytes of the agreement that the reader holds, from outside the file; undefined where there is none. `known`: key records that the reader holds besides. */
export function verifyCorrespondence(p: Primitives, group: Group, bytes: Uint8Array, trusted: Uint8Array | undefined, known: readonly Json[] = []): CorrespondenceVerification {
  try {
    const read = shapedJson('correspondence', correspondenceShape, CORRESPONDENCE_BYTES_MAX, bytes, p.textOf)
    if (read instanceof Refusal) throw read
    const agreement = agreementIn(read.agreement, trusted, 'correspondence')
    const keys = keysIn(p, agreement, read.keyRecords, known)
    const keysOf: MessageKeysOf = (from, under, time) => under === agreement.id ? messageKeysAt(keys.get(from), time) : undefined
    const messages = read.messages.map((packed, i) => {
      const opened = openEnvelope(p, packed, keysOf)
      if (opened instanceof Error) throw opened instanceof Refusal ? new Refusal(opened.code, `message ${i}: ${opened.message}`, `messages[${i}]`) : opened
      return opened
    })
    const letters = lettersOf(read.affair, messages)
    return { verdict: trusted === undefined ? 'consistent' : 'proven', findings: [], affair: read.affair, exercise: agreement.exercise, agreement: agreement.id, letters, inspection: inspectionIn(p, { group, keysOf }, agreement, messages) }
  } catch (thrown) {
    return { verdict: 'refused', findings: [findingOf(thrown, null)] }
  }
}

function keysIn(p: Primitives, agreement: Agreement, records: readonly Json[], known: readonly Json[]): ReadonlyMap<PartyId, PartyTrust> {
  return partiesIn(p, agreement, records, (party, i) => new Refusal<CorrespondenceCode>('correspondence/not-a-party', `${party} is no party of the agreement`, `keyRecords[${i}]`), known)
}

/** The letters in their order. Throws where one is of another affair, answers what the file does not hold, or stands there twice. */
function lettersOf({ kind, id }: Correspondence['affair'], messages: readonly SignedPayload[]): Letter[] {
  const byId = new Map<string, SignedPayload>()
  const places = new Set<string>()
  for (const [i, message] of messages.entries()) {
    const { from, to, sequence } = message.payload
    const place = `${from} ${to} ${sequence}`
    if (byId.has(message.id)) throw new Refusal<CorrespondenceCode>('correspondence/twice', `message ${i} stands there twice`, `messages[${i}]`)
    if (places.has(place)) throw new Refusal<CorrespondenceCode>('correspondence/two-messages', `${from} signed two messages ${sequence} to ${to}: that is a breach, and evidence of it has a file of its own`, `messages[${i}]`)
    byId.set(message.id, message)
    places.add(place)
  }
  const receipts = new Map<string, Time>()
  for (const [i, receipt] of messages.entries()) {
    if (receipt.payload.kind !== 'receipt') continue
    // What came together may be of several affairs; the file holds its own.
    const named = receiptedBy(receipt.payload).flatMap((of) => byId.get(of) ?? [])
    if (!named.some(({ payload }) => payload.kind !== 'receipt')) throw new Refusal<CorrespondenceCode>('correspondence/stranger', `message ${i} is the receipt of something else`, `messages[${i}]`)
    for (const of of named) {
      const wrong = checkReceipt(of, receipt)
      if (wrong !== undefined) throw new Refusal(wrong.code, wrong.message, `messages[${i}]`)
      receipts.set(of.id, receipt.payload.time)
    }
  }
  return messages.flatMap((message, i): Letter[] => {
    if (message.payload.kind === 'receipt') return []
    const { kind: said, from, to, time, body } = message.payload
    if (!isSaidKind(said) || affairIn(kind, body) !== id) throw new Refusal<CorrespondenceCode>('correspondence/stranger', `message ${i}, a ${said} from ${from}, is not of this ${kind}`, `messages[${i}]`)
    const fitted = saidBody(said, body)
    if (fitted instanceof Refusal) throw new Refusal(fitted.code, `message ${i}: ${fitted.message}`, `messages[${i}]`)
    const asks = ANSWERS_TO[said]?.asks
    const asked = asks === undefined ? undefined : byId.get(answeredBy(message.payload) ?? '')
    if (asks !== undefined && (asked?.payload.kind !== asks || asked.payload.to !== from || asked.payload.from !== to)) {
      throw new Refusal<CorrespondenceCode>('correspondence/unasked', `message ${i}, a ${said} from ${from}, answers nothing that the file holds`, `messages[${i}]`)
    }
    return [{ id: message.id, from, to, kind: said, time, receipted: receipts.get(message.id) ?? null, body }]
  }).sort((a, b) => a.time < b.time ? -1 : a.time > b.time ? 1 : a.id < b.id ? -1 : 1)
}

/** The inspection that the messages are of, its draw and leaves checked anew; undefined for any other affair. */
function inspectionIn(p: Primitives, evaluating: Evaluating, agreement: Agreement, messages: readonly SignedPayload[]): Inspection | undefined {
  const kinds = Object.keys(INSPECTION_BODY) as InspectionKind[]
  const words = Object.fromEntries(kinds.map((kind) => [kind, [] as Word<InspectionKind>[]])) as unknown as Record<InspectionKind, Word<InspectionKind>[]>
  for (const { id, payload: { kind, from, to, time, sequence, body } } of messages) if (isInspectionKind(kind)) words[kind].push({ id, from, to, time, sequence, body: body as unknown as Word<InspectionKind>['body'] })
  const announced = words['inspection/announce'] as Word<'inspection/announce'>[]
  const [first] = announced
  if (first === undefined) {
    if (kinds.some((kind) => words[kind].length > 0)) throw new Refusal<CorrespondenceCode>('correspondence/unasked', 'the file holds words of an inspection that nobody announces in it', 'messages')
    return undefined
  }
  if (announced.some(({ body }) => termsOf(body) !== termsOf(first.body))) throw new Refusal<CorrespondenceCode>('correspondence/stranger', 'two inspections of other terms stand in one file', 'messages')
  // As of its beginning: what the file leaves out makes nobody late.
  return readInspection(p, words, { agreement: agreement.id, inspectionSeconds: agreement.deadlines.inspectionSeconds, at: first.time, evaluating })
}
