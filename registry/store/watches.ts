// Finds on watch as they are kept: what a trace learnt, what later declarations brought, and that two people ended it.
import { canonical } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { shaped } from '@muster/core/bytes/shaped-json.ts'
import type { Time } from '@muster/core/bytes/time.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { watchedLabels, type NewsKind, type WatchedLabel } from '@muster/core/rules/watch.ts'
import { Fault } from '../engine/fault.ts'
import { doneAmong } from './acts-once.ts'
import type { Reader, Transaction } from './database.ts'
import { bound, macHolds, type Row } from './row-mac.ts'
import type { Register } from './register.ts'
import type { Secrets } from './secrets.ts'
import { letRowWait } from './sole-rows.ts'

export interface Watch {
  readonly id: string
  readonly agreement: AgreementId
  readonly party: PartyId
  readonly item: ItemId
  /** The event that recorded the find. */
  readonly findSeq: number
  readonly trace: string
  /** The declaration that the trace looked in, and the OPRF key of its head, base64. */
  readonly sequence: number
  readonly oprf: string
  readonly labels: readonly WatchedLabel[]
  readonly started: Time
}

export interface WatchNews { readonly watch: string, readonly label: string, readonly what: NewsKind, readonly sequence: number, readonly proof: string, readonly found: Time }

type At = Pick<Register, 'db' | 'secrets'>
type WatchRow = { watch_id: string, agreement_id: AgreementId, party: PartyId, item_id: ItemId, find_seq: number, trace_id: string, sequence: number, oprf: Buffer, labels: string, started: string, row_mac: Buffer }
type NewsRow = { watch_id: string, label: Buffer, agreement_id: string, what: NewsKind, sequence: number, proof: string, found: string, row_mac: Buffer }

/** The family of acts by which a watch is ended. */
const END = 'watch/end'

function demandMac(secrets: Secrets, table: 'watch' | 'watch_news', id: string, row: Row): void {
  if (!macHolds(secrets, table, row)) throw new Fault('row-changed', `${table} ${id} was changed behind Muster's back: run muster audit`)
}

function watchIn(secrets: Secrets, row: WatchRow): Watch {
  demandMac(secrets, 'watch', row.watch_id, { ...row })
  const labels = shaped('watch', watchedLabels, JSON.parse(row.labels))
  if (labels instanceof Refusal) throw labels
  return {
    id: row.watch_id, agreement: row.agreement_id, party: row.party, item: row.item_id, findSeq: row.find_seq, trace: row.trace_id, sequence: row.sequence,
    oprf: row.oprf.toString('base64'), labels, started: row.started,
  }
}

/** Watches under an agreement, the oldest first; of one party or of one item only. */
export async function watchesUnder({ db, secrets }: At, agreement: AgreementId, { party, item }: { readonly party?: PartyId, readonly item?: ItemId } = {}): Promise<Watch[]> {
  const rows = await db.read<WatchRow>(
    'SELECT watch_id, agreement_id, party, item_id, find_seq, trace_id, sequence, oprf, labels, started, row_mac FROM watch WHERE agreement_id = $1 AND ($2::text IS NULL OR party = $2) AND ($3::uuid IS NULL OR item_id = $3) ORDER BY started, watch_id',
    [agreement, party ?? null, item ?? null])
  return rows.map((row) => watchIn(secrets, row))
}

export async function writeWatch(tx: Transaction, secrets: Secrets, watch: Watch): Promise<void> {
  const row = bound(secrets, 'watch', {
    watch_id: watch.id, agreement_id: watch.agreement, party: watch.party, item_id: watch.item, find_seq: watch.findSeq, trace_id: watch.trace, sequence: watch.sequence,
    oprf: Buffer.from(watch.oprf, 'base64'), labels: canonical(watch.labels), started: watch.started,
  })
  await tx.write('INSERT INTO watch (watch_id, agreement_id, party, item_id, find_seq, trace_id, sequence, oprf, labels, started, row_mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)',
    [row.watch_id, row.agreement_id, row.party, row.item_id, row.find_seq, row.trace_id, row.sequence, row.oprf, row.labels, row.started, row.row_mac])
  await letRowWait(tx, secrets, 'watch', watch.id, row)
}

/** The news of these watches, the oldest first. */
export async function newsOfWatches(db: Reader, secrets: Secrets, ids: readonly string[]): Promise<WatchNews[]> {
  const rows = await db.read<NewsRow>('SELECT watch_id, label, agreement_id, what, sequence, proof, found, row_mac FROM watch_news WHERE watch_id = ANY($1) ORDER BY found, sequence, watch_id', [ids])
  return rows.map((row) => {
    demandMac(secrets, 'watch_news', row.watch_id, { ...row })
    return { watch: row.watch_id, label: row.label.toString('hex'), what: row.what, sequence: row.sequence, proof: row.proof, found: row.found }
  })
}

/** False where the news was told before, by whichever process: then nothing is written. */
export async function writeNews(tx: Transaction, secrets: Secrets, agreement: AgreementId, news: WatchNews): Promise<boolean> {
  const label = Buffer.from(news.label, 'hex')
  const row = bound(secrets, 'watch_news', { watch_id: news.watch, label, agreement_id: agreement, what: news.what, sequence: news.sequence, proof: news.proof, found: news.found })
  // Whoever looks at the same time waits here for the other's end.
  await tx.read('SELECT watch_id FROM watch WHERE watch_id = $1 FOR UPDATE', [news.watch])
  if ((await tx.read('SELECT watch_id FROM watch_news WHERE watch_id = $1 AND label = $2', [news.watch, label])).length > 0) return false
  await tx.write('INSERT INTO watch_news (watch_id, label, agreement_id, what, sequence, proof, found, row_mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
    [row.watch_id, label, row.agreement_id, row.what, row.sequence, row.proof, row.found, row.row_mac])
  await letRowWait(tx, secrets, 'watch_news', `${news.watch} ${news.label}`, row)
  return true
}

export const endKey = (agreement: AgreementId, watch: string) => [END, agreement, watch] as const

export interface WatchEnd { readonly by: string, readonly and: string, readonly reason: string }

/** The watches among these that two people ended, with who and why. */
export async function endsAmong(register: At, agreement: AgreementId, ids: readonly string[]): Promise<ReadonlyMap<string, WatchEnd>> {
  const done = await doneAmong(register, ids.map((id) => endKey(agreement, id).join(' ')))
  return new Map([...done].map(([key, answer]) => [key.slice(key.lastIndexOf(' ') + 1), JSON.parse(answer) as WatchEnd]))
}
