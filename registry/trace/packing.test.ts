import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { canonicalBytes } from '@muster/core/bytes/canonical.ts'
import { padInput } from '@muster/core/oprf/batch.ts'
import { PAYLOAD_BYTES_MAX } from '@muster/core/wire/message.ts'
import { ELEMENTS_MAX, PROOFS_MAX, RECOVERIES_MAX, traceBody } from '@muster/core/wire/trace-body.ts'
import type { ReadableFind } from './finds.ts'
import { emptyPack, groundOf, pack, type Pack } from './packing.ts'

const HASH = new Uint8Array(32).fill(7)

/** A find as deep in its batch, and as long in its event, as is asked. */
function find({ entry = 2, depth = 14, event = 900 }: { entry?: number, depth?: number, event?: number } = {}): ReadableFind {
  const path = Array.from({ length: depth }, () => toHex(HASH))
  return {
    item: 'i', mark: null, event: {} as ReadableFind['event'], eventText: `"${'"'.repeat(event)}`, leaf: HASH, salt: HASH, ladder: { verdict: 'readable', candidates: [], confusionsLeftOut: false },
    path: { batch: { index: 5, size: 13_725, path }, period: { salt: toHex(HASH), index: 200, size: 256, path: path.slice(0, 8) }, entry },
  }
}

const key = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill)
const keys = (count: number, length = 60): Uint8Array[] => Array.from({ length: count }, (_, i) => key(length, i))
const PROOF = `proof\n${'x'.repeat(12_000)}\n`

/** Fills a pack until it refuses; resolves to the finds that it took. */
function fill(into: Pack, next: () => readonly [ReadableFind, Uint8Array[]]): number {
  let taken = 0
  while (pack(into, ...next(), PROOF)) taken += 1
  return taken
}

function demandItFits(filled: Pack): void {
  const hash = toHex(HASH)
  const inputs = [...filled.keys, ...Array.from({ length: ELEMENTS_MAX - filled.keys.length }, () => padInput(HASH))]
  const question = { head: hash, ...groundOf(filled), elements: inputs.map(() => toBase64(HASH)), coin: hash }
  const opening = {
    request: hash, coin: hash, opened: inputs.map((input) => ({ input: toBase64(input), blind: hash })), recoveries: filled.finds.map(({ eventText, salt }) => ({ event: eventText, salt: toHex(salt) })),
  }
  traceBody('evaluation/request', question)
  traceBody('evaluation/open', { batches: [opening] })
  for (const body of [question, { batches: [opening] }]) assert.ok(canonicalBytes(body).length < PAYLOAD_BYTES_MAX - 4096)
}

test('a batch takes 1,024 keys and not one more', () => {
  const filled = emptyPack()
  assert.equal(fill(filled, () => [find(), keys(25)]), 40)
  assert.ok(pack(filled, find(), keys(24), PROOF))
  assert.equal(filled.keys.length, ELEMENTS_MAX)
  assert.ok(!pack(filled, find(), keys(1), PROOF))
  assert.equal(filled.finds.length, 41)
  demandItFits(filled)
})

test('a batch names 256 finds at the most, and question and opening fit into a message', () => {
  const filled = emptyPack()
  assert.equal(fill(filled, () => [find({ event: 1000 }), keys(1)]), RECOVERIES_MAX)
  demandItFits(filled)
})

test('finds so deep, or events so long, that a message cannot hold them end a batch before it is sent', () => {
  for (const large of [{ depth: 63 }, { event: 12_000 }]) {
    const filled = emptyPack()
    const taken = fill(filled, () => [find(large), keys(1)])
    assert.ok(taken > 8 && taken < RECOVERIES_MAX, `${taken}`)
    demandItFits(filled)
  }
})

test('keys so long that their opening would be no message are not put together', () => {
  const filled = emptyPack()
  const taken = fill(filled, () => [find(), keys(16, 4000)])
  assert.ok(taken > 1 && taken * 16 < ELEMENTS_MAX)
  demandItFits(filled)
  assert.ok(!pack(emptyPack(), find(), keys(1000, 4000), PROOF))
})

test('finds of one entry share its proof, and sixteen entries are the most', () => {
  const filled = emptyPack()
  let entry = 0
  assert.equal(fill(filled, () => [find({ entry: entry++ >> 1 }), keys(1)]), 2 * PROOFS_MAX)
  assert.equal(groundOf(filled).proofs.length, PROOFS_MAX)
  const recoveries = groundOf(filled).recoveries as unknown as { path: { entry: number, proof: number } }[]
  assert.ok(recoveries.every(({ path }) => path.proof === path.entry))
  demandItFits(filled)
})

test('what is refused leaves the batch as it was', () => {
  const filled = emptyPack()
  assert.ok(pack(filled, find(), keys(1000), PROOF))
  const before = JSON.stringify([filled.finds.length, filled.keys.length, filled.recoveries.length, filled.asked_bytes, filled.opened_bytes])
  assert.ok(!pack(filled, find({ entry: 9 }), keys(25), PROOF))
  assert.equal(JSON.stringify([filled.finds.length, filled.keys.length, filled.recoveries.length, filled.asked_bytes, filled.opened_bytes]), before)
  assert.equal(filled.proofs.size, 1)
})
