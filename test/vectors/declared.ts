// Two small declarations of one invented party, made with noble entry by entry, and the means to make unlawful ones as a liar would:
// with every hash that follows from the lie recomputed. Everything random comes from one seed.

import { compare, concat, toBase64, toHex, utf8 } from '@muster/core/bytes/bytes.ts'
import { canonicalBytes } from '@muster/core/bytes/canonical.ts'
import { noble as p } from '@muster/core/bytes/noble.ts'
import { signCheckpoint } from '@muster/core/proof/checkpoint.ts'
import { bindLeaf, dummyLabel, firstSentinel, itemLabel, itemsBytes, lastSentinel, type BoundLeaf, type LeafKind } from '@muster/core/proof/leaf.ts'
import { leafHash, rootOf } from '@muster/core/proof/merkle.ts'
import { encodeBundle, entriesPath, levelAbove, TILE_BYTES, TILE_WIDTH, tilePath } from '@muster/core/proof/tile.ts'

const SEED = utf8('muster/vectors/declaration/1')
export const LOG = 'AAA/muster/exercise'
const FIRST_TIME = 1_767_225_600

export interface Leaf {
  readonly kind: LeafKind
  readonly label: Uint8Array
  readonly sections: readonly Uint8Array[]
}

export interface Declared {
  readonly head: Uint8Array
  readonly entries: readonly Uint8Array[]
  readonly root: Uint8Array
  readonly checkpoint: string
  readonly files: ReadonlyMap<string, Uint8Array>
}

/** 32 bytes that the seed and the words decide. */
export function drawn(words: string): Uint8Array {
  return p.hmacSha256(SEED, utf8(words))
}

export const itemSecret = (id: string): Uint8Array => drawn(`item secret ${id}`)
export const declarationSecret = (sequence: number): Uint8Array => drawn(`declaration secret ${sequence}`)

/** An item and its two keys, the first of them shared with the item before. */
function leavesOf(i: number): Leaf[] {
  const id = `item-${String(i).padStart(3, '0')}`
  const label = itemLabel(p, id, itemSecret(id))
  const json = (value: Record<string, string>): Uint8Array => canonicalBytes(value)
  const sections = [json({ status: 'held' }), json({ at: '1986-04-01', from: 'maker' }), new Uint8Array(0), json({ site: `site-${i % 3}` }), json({ unit: `unit-${i % 5}` }),
    json({ marks: `9П516 № ${1000 + i}` }), json({ events: 'baseline' })]
  const keys = [`type ${Math.floor(i / 2)}`, `full ${i}`].map((name): Leaf => ({ kind: 'key', label: drawn(`key ${name}`), sections: [itemsBytes([label])] }))
  return [{ kind: 'item', label, sections }, ...(i % 2 === 1 ? keys.slice(1) : keys)]
}

function dummy(i: number): Leaf {
  const preimage = drawn(`dummy ${i}`)
  return { kind: 'dummy', label: dummyLabel(p, preimage), sections: [preimage] }
}

/** The leaves of the declaration of that sequence, dummies included, unsorted: 254 of sequence 0, 510 of sequence 1. */
export function leavesFor(sequence: number): Leaf[] {
  const items = Array.from({ length: 20 + 4 * sequence }, (_, i) => leavesOf(i)).flat()
  const size = TILE_WIDTH * (sequence + 1)
  return [...items, ...Array.from({ length: size - 2 - items.length }, (_, i) => dummy(i))]
}

export function bound(leaf: Leaf, sequence: number): BoundLeaf {
  return bindLeaf(p, declarationSecret(sequence), leaf.label, leaf.kind, leaf.sections)
}

/** The entries of a lawful declaration, sentinels and order in place. */
export function entriesFor(leaves: readonly Leaf[], sequence: number): Uint8Array[] {
  const entries = leaves.map((leaf) => bound(leaf, sequence).entry).toSorted(compare)
  return [firstSentinel(), ...entries, lastSentinel()]
}

/** Head, tree, files and signed checkpoint over entries as they are, lawful or not. `previous` is the hash of the head before. */
export function declare(entries: readonly Uint8Array[], sequence: number, previous: string | null): Declared {
  const root = rootOf(p, entries.map((entry) => leafHash(p, entry)))
  const head = canonicalBytes({
    v: 'muster/head/1', agreement: 'exercise', party: 'AAA', sequence, asOf: `2026-0${sequence + 1}-01T00:00:00Z`, previous, oprf: toBase64(drawn('oprf key')),
    folding: 1, size: entries.length, root: toBase64(root), counts: toHex(drawn(`counts ${sequence}`)), rekeyed: false,
  })
  const files = filesOf(entries)
  const checkpoint = checkpointOf(`${LOG}/d/${headHash(head)}`, entries.length, root)
  files.set('checkpoint', utf8(checkpoint))
  return { head, entries, root, checkpoint, files }
}

export function headHash(head: Uint8Array): string {
  return toHex(p.sha256(head))
}

export function checkpointOf(origin: string, size: number, root: Uint8Array): string {
  const secrets = { name: LOG, ed25519Seed: drawn('log ed25519'), mldsa44Seed: drawn('log ml-dsa-44') }
  return signCheckpoint(p, { origin, size, root }, secrets, FIRST_TIME)
}

function filesOf(entries: readonly Uint8Array[]): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  for (let n = 0; n * TILE_WIDTH < entries.length; n++) files.set(entriesPath(n), encodeBundle(entries.slice(n * TILE_WIDTH, (n + 1) * TILE_WIDTH)))
  let hashes = concat(...entries.map((entry) => leafHash(p, entry)))
  for (let level = 0; hashes.length > 0; level++, hashes = levelAbove(p, hashes)) {
    for (let at = 0; at < hashes.length; at += TILE_BYTES) {
      const tile = hashes.slice(at, at + TILE_BYTES)
      files.set(tilePath(level, at / TILE_BYTES, tile.length / 32), tile)
    }
  }
  return files
}

export const FIRST = declare(entriesFor(leavesFor(0), 0), 0, null)
export const SECOND = declare(entriesFor(leavesFor(1), 1), 1, headHash(FIRST.head))
