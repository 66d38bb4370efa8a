// `/witness`: what this registry answers to add-checkpoint for the logs of the others (C2SP tlog-witness), and `/reader`'s record of what
// it cosigned. The newest size for each origin lies in the database and outside it, and the outer one is written before a cosignature is
// handed out: a registry whose database is an older copy cosigns nothing below what it said before.
import { fromBase64, fromUtf8, utf8, equal } from '@muster/core/bytes/bytes.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { signCosignature, timestampOf } from '@muster/core/proof/cosignature.ts'
import { emptyRoot, verifyConsistency } from '@muster/core/proof/merkle.ts'
import { formatNote, formatSignatureLine, parseNote, type Note } from '@muster/core/proof/note.ts'
import { parseCheckpoint, type Checkpoint } from '@muster/core/proof/tree-head.ts'
import { parseLogOrigin, witnessName } from '@muster/core/rules/agreement.ts'
import { logKeysEver, partyCheckpoint, signedUnder } from '@muster/core/wire/party-checkpoint.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { Fault } from '../engine/fault.ts'
import { transaction } from '../store/database.ts'
import { keep, kept } from '../store/kept.ts'
import { seedsAt } from '../store/keys.ts'
import { bound, macHolds } from '../store/row-mac.ts'
import { keptName } from './sign.ts'
import type { OwnLog } from './own-log.ts'

export const CONSISTENCY_LINES_MAX = 63

/** What tlog-witness answers, by HTTP status; `body` of 200 are signature lines, of 409 the size last cosigned. */
export type WitnessAnswer =
  | { readonly status: 200, readonly body: string }
  | { readonly status: 409, readonly body: string }
  | { readonly status: 400 | 403 | 404 | 422, readonly body: string }

export interface Submission { readonly oldSize: number, readonly path: readonly Uint8Array[], readonly note: Note }

/** The body of add-checkpoint; undefined where it is none. */
export function parseSubmission(bytes: Uint8Array | string): Submission | undefined {
  const body = typeof bytes === 'string' ? bytes : fromUtf8(bytes)
  if (body === undefined) return undefined
  const gap = body.indexOf('\n\n')
  const lines = body.slice(0, gap).split('\n')
  const old = /^old (0|[1-9]\d{0,15})$/.exec(lines[0] ?? '')?.[1]
  const path = lines.slice(1).map((line) => fromBase64(line))
  if (gap < 0 || old === undefined || path.length > CONSISTENCY_LINES_MAX || path.some((hash) => hash?.length !== 32)) return undefined
  try {
    return { oldSize: Number(old), path: path as Uint8Array[], note: parseNote(body.slice(gap + 2)) }
  } catch (thrown) {
    if (thrown instanceof Refusal) return undefined
    throw thrown
  }
}

export interface CosignedRow { readonly size: number, readonly root: Uint8Array, readonly note: string }
type Row = { origin: string, agreement_id: string, cosigner: string, size: number, root: Buffer, note: string, row_mac: Buffer }

/** What this cosigner last cosigned for an origin. Throws where the row was changed or the database is behind what was kept outside it. */
export async function lastCosigned(log: OwnLog, cosigner: 'witness' | 'reader', origin: string): Promise<CosignedRow | undefined> {
  const [row] = await log.db.read<Row>('SELECT origin, agreement_id, cosigner, size, root, note, row_mac FROM cosigned WHERE origin = $1 AND cosigner = $2', [origin, cosigner])
  if (row !== undefined && !macHolds(log.secrets, 'cosigned', { ...row })) throw new Fault('row-changed', `cosigned ${origin} ${cosigner} was changed behind Muster's back: nothing is cosigned; run muster audit`)
  const outside = await kept(log.dataDir, keptName(cosigner, origin))
  const outer = outside === undefined ? undefined : parseCheckpoint(parseNote(fromUtf8(outside) ?? '').text)
  if (outer === undefined) return row
  if (row === undefined || row.size < outer.size) return { size: outer.size, root: outer.root, note: fromUtf8(outside as Uint8Array) ?? '' }
  return row
}

/**
 * What was cosigned last, where it still binds this cosigner. Under log keys that were taken, what it cosigned since then may be a thief's: it neither holds the
 * party to it nor shows a fork. What it cosigned before, by its own time, binds as ever.
 */
export function stillBinding(last: CosignedRow | undefined, party: PartyTrust, cosigner: string): CosignedRow | undefined {
  if (last === undefined) return undefined
  const note = parseNote(last.note)
  const { compromisedSince } = signedUnder(p, party, note, parseCheckpoint(note.text).origin).term
  const line = note.signatures.find(({ name }) => name === cosigner)
  return compromisedSince !== undefined && (timestampOf(line?.signature ?? new Uint8Array(0)) ?? 0) >= compromisedSince ? undefined : last
}

/** Records a cosignature, outside the database first; then it may be handed out. */
export async function recordCosigned(log: OwnLog, cosigner: 'witness' | 'reader', { origin, size, root }: Checkpoint, note: string): Promise<void> {
  await keep(log.dataDir, keptName(cosigner, origin), utf8(note))
  const row = bound(log.secrets, 'cosigned', { origin, agreement_id: log.agreement.id, cosigner, size, root, note })
  await transaction(log.db, (tx) => tx.write(
    `INSERT INTO cosigned (origin, agreement_id, cosigner, size, root, note, row_mac) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (origin, cosigner) DO UPDATE SET size = EXCLUDED.size, root = EXCLUDED.root, note = EXCLUDED.note, row_mac = EXCLUDED.row_mac`,
    [origin, log.agreement.id, cosigner, size, Buffer.from(root), note, row.row_mac]))
}

/** Called with both notes when one log shows two histories: the evidence convicts it to anybody. */
export type OnFork = (origin: string, evidence: { readonly first: string, readonly second: string }) => Promise<void>

/**
 * Answers one submission. `trustIn`: the keys of the log's party; undefined where the origin is none of this agreement. Calls for one
 * origin must come one after the other: the caller holds a turn. A log that was seen to fork goes on being witnessed on the branch that
 * was cosigned first: its cosigners hold it to that one.
 */
export async function addCheckpoint(
  log: OwnLog, submission: Submission, trustIn: (origin: string) => PartyTrust | undefined, at: number, onFork: OnFork,
): Promise<WitnessAnswer> {
  const { note, oldSize, path } = submission
  const origin = note.text.slice(0, note.text.indexOf('\n'))
  const party = parseLogOrigin(origin) === undefined ? undefined : trustIn(origin)
  if (party === undefined) return { status: 404, body: 'unknown origin\n' }
  const checkpoint = signedCheckpoint(note, origin, party)
  if ('status' in checkpoint) return checkpoint
  if (oldSize > checkpoint.size) return { status: 400, body: `old size ${oldSize} is beyond the checkpoint's ${checkpoint.size}\n` }
  const last = stillBinding(await lastCosigned(log, 'witness', origin), party, witnessName(log.party, log.agreement.id))
  const lastSize = last?.size ?? 0
  if (last !== undefined && last.size === checkpoint.size && !equal(last.root, checkpoint.root)) await onFork(origin, { first: last.note, second: formatNote(note) })
  if (oldSize !== lastSize) return { status: 409, body: `${lastSize}\n` }
  const consistent = lastSize === 0
    ? path.length === 0 && (checkpoint.size > 0 || equal(checkpoint.root, emptyRoot(p)))
    : verifyConsistency(p, { size1: lastSize, size2: checkpoint.size, root1: last?.root ?? new Uint8Array(0), root2: checkpoint.root, path })
  if (!consistent) return { status: 422, body: 'the checkpoint is not consistent with the last one cosigned\n' }
  const cosignature = signCosignature(p, checkpoint, witnessName(log.party, log.agreement.id), seedsAt(log.keys, timeOf(at)).witness, at)
  await recordCosigned(log, 'witness', checkpoint, withLines(note, [...logLines(note, party), cosignature]))
  return { status: 200, body: formatSignatureLine(cosignature) }
}

/** The checkpoint under the log's two signatures, or the answer to one that is not. An empty tree with another root is judged with its sizes. */
function signedCheckpoint(note: Note, origin: string, party: PartyTrust): Checkpoint | WitnessAnswer {
  try {
    return partyCheckpoint(p, undefined, party, note, origin)
  } catch (thrown) {
    if (thrown instanceof Breach && thrown.code === 'checkpoint/empty-root') return parseCheckpoint(note.text)
    if (thrown instanceof Breach) return { status: 403, body: `${thrown.message}\n` }
    if (thrown instanceof Refusal) return { status: 400, body: `${thrown.message}\n` }
    throw thrown
  }
}

/** The log's own two lines of a note, one of each key: with them what is recorded convicts by itself, and no line of a stranger is kept. */
export function logLines(note: Note, party: PartyTrust): Note['signatures'] {
  return logKeysEver(party).flatMap((key) => note.signatures.find(({ name, id }) => name === key.name && id === key.id) ?? [])
}

function withLines(note: Note, signatures: Note['signatures']): string {
  return formatNote({ text: note.text, signatures })
}
