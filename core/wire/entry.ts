// An entry of a party's log: one kind byte and a body (DESIGN section 4, spec/entry.md). 01 clear: an agreement, a key record or a head in full
// canonical bytes. 02 bound: 32 bytes that bind what is opened later, or never.
import { concat, toHex } from '../bytes/bytes.ts'
import { Breach } from '../bytes/breach.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { AGREEMENT_BYTES_MAX, parseAgreement, type AgreementCode, type AgreementId, type Agreement } from '../rules/agreement.ts'
import type { PartyId } from '../rules/party.ts'
import { strictJson, type JsonCode } from '../bytes/shaped-json.ts'
import { readHead, type HeadCode, type ReadHead } from './head.ts'
import { readKeyRecord, type KeyRecordCode, type ReadKeyRecord } from './key-record.ts'

export const CLEAR = 0x01
export const BOUND = 0x02
export const BINDING_BYTES = 32
/** An entry bundle gives the length of an entry in two bytes (C2SP tlog-tiles). */
export const LOG_ENTRY_BYTES_MAX = 65_535

export type ClearBody =
  | { readonly what: 'agreement', readonly agreement: Agreement }
  | { readonly what: 'key-record', readonly read: ReadKeyRecord }
  | { readonly what: 'head', readonly read: ReadHead }
export type LogEntry =
  | { readonly kind: 'clear', readonly bytes: Uint8Array, readonly body: ClearBody }
  | { readonly kind: 'bound', readonly bytes: Uint8Array, readonly binding: Uint8Array }

export type EntryCode = 'entry/empty' | 'entry/kind' | 'entry/bound-length' | 'entry/version' | JsonCode<'entry'> | AgreementCode | KeyRecordCode | HeadCode
export type EntryBreachCode = 'entry/second-clear' | 'entry/of-another-log'

/** 01 and the canonical bytes of an agreement, a key record or a head. */
export function clearEntry(canonical: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(CLEAR), canonical)
}

/** 02 and 32 bytes. Throws RangeError for any other length. */
export function boundEntry(binding: Uint8Array): Uint8Array {
  if (binding.length !== BINDING_BYTES) throw new RangeError(`a bound entry has ${BINDING_BYTES} bytes after its kind, not ${binding.length}`)
  return concat(Uint8Array.of(BOUND), binding)
}

/** Strict: an unknown kind byte, length, version or shape is refused. Signatures of a key record are not checked here. */
export function parseEntry(p: Primitives, bytes: Uint8Array): LogEntry | Refusal<EntryCode> {
  if (bytes.length === 0) return new Refusal('entry/empty', 'a log entry has a kind byte and a body, this one is empty')
  if (bytes.length > LOG_ENTRY_BYTES_MAX) return new Refusal('entry/too-long', `a log entry has at most ${LOG_ENTRY_BYTES_MAX} bytes, not ${bytes.length}`)
  const body = bytes.subarray(1)
  if (bytes[0] === BOUND) {
    return body.length === BINDING_BYTES ? { kind: 'bound', bytes, binding: body }
      : new Refusal('entry/bound-length', `a bound entry has ${BINDING_BYTES} bytes after its kind, not ${body.length}`)
  }
  if (bytes[0] !== CLEAR) return new Refusal('entry/kind', `a log entry begins with 01 or 02, not with ${toHex(bytes.subarray(0, 1))}`, 0)
  const clear = clearBody(p, body)
  return clear instanceof Refusal ? clear : { kind: 'clear', bytes, body: clear }
}

function clearBody(p: Primitives, body: Uint8Array): ClearBody | Refusal<EntryCode> {
  const json = strictJson('entry', AGREEMENT_BYTES_MAX, body)
  if (json instanceof Refusal) return json
  const version = typeof json.value === 'object' && json.value !== null && 'v' in json.value ? json.value.v : undefined
  if (version === 'muster/agreement/1') {
    const agreement = parseAgreement(body)
    return agreement instanceof Refusal ? agreement : { what: 'agreement', agreement }
  }
  if (version === 'muster/key-record/1') {
    const read = readKeyRecord(p, body)
    return read instanceof Refusal ? read : { what: 'key-record', read }
  }
  if (version === 'muster/head/1') {
    const read = readHead(p, body)
    return read instanceof Refusal ? read : { what: 'head', read }
  }
  return new Refusal('entry/version', 'a clear entry is an agreement, a key record or a head of a version that this program knows: install a newer one, or leave the entry', 'v')
}

/** What a clear entry is about; a log has one entry for each. */
export type ClearSubject = { readonly kind: ClearBody['what'], readonly agreement: AgreementId, readonly sequence: number }

/** Undefined for a bound entry. */
export function clearSubject(entry: LogEntry): ClearSubject | undefined {
  if (entry.kind === 'bound') return undefined
  const { body } = entry
  if (body.what === 'agreement') return { kind: body.what, agreement: body.agreement.id, sequence: body.agreement.sequence }
  const { agreement, sequence } = body.what === 'head' ? body.read.head : body.read.record
  return { kind: body.what, agreement, sequence }
}

/** The subject as one text, to remember it by. */
function subjectKey({ kind, agreement, sequence }: ClearSubject): string {
  return `${kind}/${agreement}/${sequence}`
}

/**
 * The rule of clear entries for whoever reads a log from its beginning: `seen` holds each subject's entry and grows by this one. A second
 * entry for a subject, even of equal bytes, is a breach with both as evidence; so is an entry of another party or agreement.
 */
export function checkClearEntry(
  seen: Map<string, Uint8Array>, entry: LogEntry, log: { readonly party: PartyId, readonly agreement: AgreementId },
): Breach<EntryBreachCode> | undefined {
  const subject = clearSubject(entry)
  if (subject === undefined || entry.kind === 'bound') return undefined
  const { body } = entry
  const party = body.what === 'agreement' ? log.party : body.what === 'head' ? body.read.head.party : body.read.record.party
  if (subject.agreement !== log.agreement || party !== log.party) {
    return new Breach('entry/of-another-log', `the log of ${log.party} under ${log.agreement} holds a ${subject.kind} of ${party} under ${subject.agreement}`, { entry: entry.bytes })
  }
  const key = subjectKey(subject)
  const first = seen.get(key)
  if (first !== undefined) return new Breach('entry/second-clear', `the log of ${log.party} holds two entries for ${key}`, { first, second: entry.bytes })
  seen.set(key, entry.bytes)
  return undefined
}
