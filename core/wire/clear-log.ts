// What a reader keeps of a party's log as it reads every entry from the first: the clear entries, each the only one of its subject, each following
// from the one before (DESIGN section 4). The first breach ends it: readers stop cosigning and keep both entries.
import { Breach } from '../bytes/breach.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import type { AgreementId } from '../rules/agreement.ts'
import type { PartyId } from '../rules/party.ts'
import { checkClearEntry, parseEntry, type EntryBreachCode, type EntryCode, type LogEntry } from './entry.ts'
import { checkHeadFollows, type HeadBreachCode, type ReadHead } from './head.ts'
import { verifyKeyRecord, type KeyRecordBreachCode, type ReadKeyRecord } from './key-record.ts'

export type ClearLog = {
  readonly party: PartyId
  readonly agreement: AgreementId
  /** SHA-256, hex, by which the agreement names the party's first key record. */
  readonly firstKeyRecord: string
  /** The agreement's step. */
  readonly step: number
  readonly size: number
  readonly keyRecords: readonly ReadKeyRecord[]
  readonly heads: readonly ReadHead[]
  readonly seen: ReadonlyMap<string, Uint8Array>
}
export type ClearLogBreachCode = EntryBreachCode | HeadBreachCode | KeyRecordBreachCode | 'head/first-missing' | 'head/oprf-not-in-key-record'

export function emptyClearLog(party: PartyId, agreement: AgreementId, firstKeyRecord: string, step: number): ClearLog {
  return { party, agreement, firstKeyRecord, step, size: 0, keyRecords: [], heads: [], seen: new Map() }
}

/** The log with one entry more, and the entry as read. */
export function takeEntry(
  p: Primitives, log: ClearLog, bytes: Uint8Array,
): { readonly log: ClearLog, readonly entry: LogEntry } | Refusal<EntryCode> | Breach<ClearLogBreachCode> {
  const entry = parseEntry(p, bytes)
  if (entry instanceof Refusal) return entry
  const size = log.size + 1
  if (entry.kind === 'bound') return { log: { ...log, size }, entry }
  const seen = new Map(log.seen)
  const breach = checkClearEntry(seen, entry, log)
  if (breach !== undefined) return breach
  const next = { ...log, size, seen }
  if (entry.body.what === 'agreement') return { log: next, entry }
  if (entry.body.what === 'head') {
    const wrong = checkHead(log, entry.body.read)
    return wrong ?? { log: { ...next, heads: [...log.heads, entry.body.read] }, entry }
  }
  const previous = log.keyRecords.at(-1)
  const record = verifyKeyRecord(p, entry.body.read.bytes, previous === undefined ? { hash: log.firstKeyRecord } : { previous })
  if (record instanceof Refusal || record instanceof Breach) return record
  return { log: { ...next, keyRecords: [...log.keyRecords, record] }, entry }
}

function checkHead(log: ClearLog, read: ReadHead): Breach<ClearLogBreachCode> | undefined {
  const previous = log.heads.at(-1)
  if (previous === undefined && read.head.sequence !== 0) return new Breach('head/first-missing', `the first head in the log of ${log.party} has sequence ${read.head.sequence}`, { head: read.bytes })
  const wrong = previous === undefined ? undefined : checkHeadFollows(read, previous, log.step)
  if (wrong !== undefined) return wrong
  const record = log.keyRecords.at(-1)
  return record === undefined || record.record.keys.oprf === read.head.oprf ? undefined
    : new Breach('head/oprf-not-in-key-record', `head ${read.head.sequence} of ${log.party} names an OPRF key that its key record does not list`, { head: read.bytes, record: record.bytes })
}
