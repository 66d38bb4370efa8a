// Custody events decided, recorded and committed in batches, two batches under way at a time: a count of items that are in the register; beside
// a bare COPY of as many equal rows into an equal table, one transaction a batch and two at a time as well.

import { randomUUID } from 'node:crypto'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { CustodyEvent, CustodyRequest } from '@muster/core/rules/custody-event.ts'
import { decide } from '@muster/core/rules/decide.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { copyText } from '@muster/registry/store/copy.ts'
import { transaction } from '@muster/registry/store/database.ts'
import { EVENT_COLUMNS, writeBatch } from '@muster/registry/store/events.ts'
import { scratchParty, type ScratchRegister } from '@muster/registry/store/scratch-register.ts'
import { serialOf, typeOf } from './inventory.ts'
import { judge, median, rateOf, SAMPLES, shortly, type BenchOptions, type BenchResult, type BenchRow } from './row.ts'

const ITEMS = 50_000
const ITEMS_QUICK = 10_000
const BATCH = 5_000
const BEGAN = 1_700_000_000
const LIMIT = { metric: 'events a second', op: '>=', value: 20_000 } as const

const place = { owner: { is: 'Bench' }, custodian: { is: 'Bench' }, site: { code: 'Depot', region: 'North' }, unit: 'unknown' } as const

function first(i: number): CustodyEvent {
  const serial = serialOf(i)
  return {
    v: 'muster/event/1', item: randomUUID() as string as ItemId, seq: 0, written: timeOf(BEGAN), happened: timeOf(BEGAN), kind: 'baseline', by: 'bench', and: null, reason: 'first count', documents: [],
    data: {
      entry: {
        identity: { class: 'missile', maker: 'unknown', type: { is: typeOf(i) }, year: 'unknown', lot: 'unknown', serial: { is: serial } }, place,
        marks: [{ text: serial, place: null, method: 'unknown', condition: 'intact', photo: null, reading: serial }],
      },
    },
  }
}

const counted = (round: number): CustodyRequest => ({ kind: 'counted', happened: timeOf(BEGAN + 60 * round), by: 'bench', and: null, reason: 'yearly count', documents: [], data: { seen: 'opened' } })

/** Batches are taken by two hands, so that one is decided while the server commits the other. No item is in two of them. */
async function inBatches(items: number, act: (from: number, to: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const hand = async (): Promise<void> => {
    while (next < items) await act(next, next += BATCH)
  }
  await Promise.all([hand(), hand()])
}

async function countAll(register: ScratchRegister, histories: CustodyEvent[][], round: number): Promise<void> {
  const written = timeOf(BEGAN + 60 * round)
  const request = counted(round)
  await inBatches(histories.length, async (from, to) => {
    const part = histories.slice(from, to)
    const additions = part.map((before) => {
      const decided = decide({ item: (before[0] as CustodyEvent).item, events: before }, request, written)
      if (decided instanceof Error) throw decided
      return { before, event: decided[0] }
    })
    await transaction(register.db, (tx) => writeBatch(tx, register.secrets, { act: 'count', by: 'bench', written }, additions))
    for (const [i, { event }] of additions.entries()) part[i]?.push(event)
  })
}

async function bareRows(register: ScratchRegister): Promise<Buffer> {
  const rows = await register.db.read<{ line: string }>(`SELECT item_id || E'\\t' || seq || E'\\t' || batch_id || E'\\t' || ordinal || E'\\t' || event || E'\\t\\\\\\\\x' || encode(leaf, 'hex') AS line FROM custody_event WHERE seq = 1`)
  return Buffer.from(rows.map(({ line }) => `${line}\n`).join(''))
}

async function bareCopies(register: ScratchRegister, lines: readonly string[]): Promise<void> {
  await inBatches(lines.length, (from, to) => transaction(register.db, (tx) => copyText(tx, 'bare', EVENT_COLUMNS, Buffer.from(`${lines.slice(from, to).join('\n')}\n`))))
}

async function run({ quick }: BenchOptions): Promise<BenchResult> {
  const items = quick ? ITEMS_QUICK : ITEMS
  const register = await scratchParty('AA', 'Bench')
  try {
    const histories = Array.from({ length: items }, (_, i) => [first(i)])
    await transaction(register.db, (tx) => writeBatch(tx, register.secrets, { act: 'baseline', by: 'bench', written: timeOf(BEGAN) }, histories.map(([event]) => ({ before: [], event: event as CustodyEvent }))), { statement_ms_max: 600_000 })
    await transaction(register.db, async (tx) => {
      await tx.write('CREATE TABLE bare (LIKE custody_event)')
      await tx.write('ALTER TABLE bare ADD CONSTRAINT bare_pkey PRIMARY KEY (item_id, seq)')
      await tx.write('CREATE INDEX bare_batch ON bare (batch_id, ordinal)')
    })
    await countAll(register, histories, 1)
    const lines = (await bareRows(register)).toString('utf8').trimEnd().split('\n')
    const samples: number[] = []
    const peers: number[] = []
    for (let sample = 0; sample < (quick ? 1 : SAMPLES); sample++) {
      samples.push(await rateOf(items, () => countAll(register, histories, 2 + sample)))
      await transaction(register.db, (tx) => tx.write('TRUNCATE bare'))
      peers.push(await rateOf(items, () => bareCopies(register, lines)))
    }
    return {
      name: 'events', unit: 'events/s', median: median(samples), samples,
      peers: [{ name: 'bare COPY of equal rows into an equal table', median: median(peers) }],
      limits: [judge(LIMIT, median(samples))],
      notes: [`${shortly(items)} items counted in batches of ${shortly(BATCH)}, two under way at a time, each decided by the law, committed durably, its item's row brought up to date`],
    }
  } finally {
    await register.remove()
  }
}

export default {
  name: 'events',
  claim: 'custody events a second, durable, in batches',
  limit: [LIMIT],
  run,
} satisfies BenchRow
