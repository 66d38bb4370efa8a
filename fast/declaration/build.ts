// Builds one declaration: bindings, order, tree, tiles and bundles on disk. Everything random is the caller's (item secrets, the
// declaration's secret, the preimages of dummies) and is stored before the build starts, so a build that was killed is simply run again
// and gives the same bytes.

import { readdir, rm } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { compare, toHex } from '@muster/core/bytes/bytes.ts'
import { checkSize, DECLARATION_SIZE_MAX, NEW_DUMMY_STEPS_MAX, sizeFor, topTiles } from '@muster/core/proof/declaration.ts'
import { BUNDLE_BYTES, walkLabels, type StoredDeclaration } from '@muster/core/proof/label-walk.ts'
import { dummyLabel, ENTRY_BYTES, LABEL_BYTES, lastSentinel } from '@muster/core/proof/leaf.ts'
import type { LeafKind } from '@muster/core/proof/leaf.ts'
import { HASH_BYTES } from '@muster/core/proof/merkle.ts'
import { entriesPath, TILE_BYTES, TILE_WIDTH, tilePath, tileRoot } from '@muster/core/proof/tile.ts'
import { nodePrimitives } from '../primitives.ts'
import { binder } from './bind.ts'
import { CHECKPOINT_FILE, folderWriter, type FolderWriter } from './files.ts'
import { leafHashInto, rowsOf } from './rows.ts'
import { orderOf } from './sort.ts'

/** Leaves bound between two turns of the event loop. */
const LEAVES_A_SLICE = 4096

export interface DeclaredLeaf {
  readonly kind: LeafKind
  readonly label: Uint8Array
  /** The sections after `kind`, in the order of core's SECTIONS; missing ones are empty. */
  readonly sections: readonly Uint8Array[]
}

export interface BuildRequest {
  /** Where the declaration is to stand; must not exist. */
  readonly folder: string
  readonly step: number
  /** The secret of this declaration, 32 bytes. */
  readonly secret: Uint8Array
  /** Every label ever declared and every new one, dummies included, in any order; without the sentinels. */
  readonly leaves: Iterable<DeclaredLeaf> | AsyncIterable<DeclaredLeaf>
  readonly previous?: StoredDeclaration
}

export interface BuiltDeclaration {
  readonly size: number
  readonly root: Uint8Array
  /** The index in the declaration of the i-th leaf given. */
  readonly indexes: Uint32Array
}

export type BuildCode =
  | 'declaration/folder-exists'
  | 'declaration/size'
  | 'declaration/label-twice'
  | 'declaration/label-reserved'
  | 'declaration/label-gone'
  | 'declaration/too-many-dummies'
  | 'declaration/previous-broken'

/** How many new dummies bring `labels` (all others, old dummies included) to the next lawful size. */
export function dummiesFor(labels: number, step: number, previousSize: number): number {
  return sizeFor(labels, step, previousSize) - labels - 2
}

/** A dummy from its 32 random bytes. Those bytes are kept: the dummy stays in every later declaration. */
export function dummyLeaf(random: Uint8Array): DeclaredLeaf {
  return { kind: 'dummy', label: dummyLabel(nodePrimitives, random), sections: [random] }
}

/**
 * Throws a Refusal for leaves that make no lawful declaration, before any file is written. A folder that an earlier run finished but
 * nobody published (it has no checkpoint) is built anew.
 */
export async function buildDeclaration(request: BuildRequest): Promise<BuiltDeclaration> {
  await refuseForeignFolder(request.folder)
  const bound = await bindAll(request)
  const order = orderOf(bound.entries, bound.count)
  refuseUnlawful(request, bound, order)
  await rm(request.folder, { recursive: true, force: true })
  const writer = await folderWriter(request.folder)
  try {
    const root = await writeTree(writer, bound.entries, order)
    await writer.finish()
    return { size: order.length, root, indexes: indexesOf(order) }
  } catch (error) {
    await writer.abandon()
    throw error
  }
}

/** Entries in the order given, the two sentinels before them. */
interface Bound {
  readonly entries: Buffer
  readonly count: number
  /** 1 for each entry that is a dummy. */
  readonly dummies: Uint8Array
}

const SENTINELS = 2

async function refuseForeignFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (names.some((name) => name !== 'tile' && name !== `${CHECKPOINT_FILE}.building`)) {
    throw refusal('folder-exists', `${folder} holds a published declaration or other files; a declaration needs a folder of its own`)
  }
}

async function bindAll(request: BuildRequest): Promise<Bound> {
  const bind = binder(request.secret)
  let capacity = Math.max((request.previous?.size ?? 0) + request.step, TILE_WIDTH)
  let entries = Buffer.alloc(capacity * ENTRY_BYTES)
  let dummies = new Uint8Array(capacity)
  let count = SENTINELS
  entries.set(lastSentinel(), ENTRY_BYTES)
  for await (const leaf of inSlices(request.leaves)) {
    for (const { kind, label, sections } of leaf) {
      if (count >= DECLARATION_SIZE_MAX) throw refusal('size', `a declaration has at most ${DECLARATION_SIZE_MAX} leaves`)
      if (count === capacity) {
        capacity *= 2
        entries = Buffer.concat([entries], capacity * ENTRY_BYTES)
        dummies = new Uint8Array(Buffer.concat([dummies], capacity))
      }
      const at = count * ENTRY_BYTES
      entries.set(label, at)
      bind(label, kind, sections, entries, at + LABEL_BYTES)
      dummies[count++] = kind === 'dummy' ? 1 : 0
    }
  }
  return { entries, count, dummies }
}

/** Leaves in slices, so that an array of a million costs no promise for each. */
async function* inSlices(leaves: BuildRequest['leaves']): AsyncGenerator<DeclaredLeaf[]> {
  let slice: DeclaredLeaf[] = []
  if (Symbol.iterator in leaves) {
    for (const leaf of leaves) {
      slice.push(leaf)
      if (slice.length < LEAVES_A_SLICE) continue
      yield slice
      slice = []
      await setImmediate()
    }
  } else {
    for await (const leaf of leaves) {
      slice.push(leaf)
      if (slice.length < LEAVES_A_SLICE) continue
      yield slice
      slice = []
    }
  }
  yield slice
}

/** Order, size, dummies, and every label of the previous declaration, against the laws that readers check. */
function refuseUnlawful(request: BuildRequest, { entries, dummies }: Bound, order: Uint32Array): void {
  const { step, previous } = request
  const label = (place: number): Buffer => {
    const at = (order[place] as number) * ENTRY_BYTES
    return entries.subarray(at, at + LABEL_BYTES)
  }
  for (let place = 1; place < order.length; place++) {
    if (label(place - 1).compare(label(place)) !== 0) continue
    const reserved = (order[place - 1] as number) < SENTINELS
    throw refusal(reserved ? 'label-reserved' : 'label-twice', `the label ${label(place).toString('hex')} ${reserved ? 'is a sentinel\'s' : 'is given twice'}`)
  }
  const unfit = checkSize(order.length, step, previous?.size ?? 0)
  if (unfit !== undefined) {
    const due = sizeFor(order.length - SENTINELS, step, previous?.size ?? 0)
    throw refusal('size', `${order.length} leaves with the sentinels are refused (${unfit.code}); with this step the next size is ${due}: add dummies`)
  }
  let fresh = 0
  const walk = previous === undefined ? undefined : walkLabels(previous)
  let waiting = walk?.next()
  for (let place = 0; place < order.length; place++) {
    if (waiting !== undefined && 'broken' in waiting) throw refusal('previous-broken', `${waiting.broken} of the previous declaration is missing or malformed: restore it`)
    const difference = waiting === undefined ? 1 : compare(waiting.label, label(place))
    if (difference < 0) throw refusal('label-gone', `the label ${toHex((waiting as { label: Uint8Array }).label)} of the previous declaration is not among the leaves; labels stay for ever`)
    if (difference === 0) waiting = walk?.next()
    else fresh += dummies[order[place] as number] as number
  }
  if (fresh > NEW_DUMMY_STEPS_MAX * step) throw refusal('too-many-dummies', `${fresh} new dummies; a declaration adds at most ${NEW_DUMMY_STEPS_MAX} steps of ${step}`)
}

async function writeTree(writer: FolderWriter, entries: Buffer, order: Uint32Array): Promise<Uint8Array> {
  const bundles = order.length / TILE_WIDTH
  const roots = Buffer.alloc(bundles * HASH_BYTES)
  for (let n = 0; n < bundles; n++) {
    const bundle = Buffer.allocUnsafeSlow(BUNDLE_BYTES)
    const tile = Buffer.allocUnsafeSlow(TILE_BYTES)
    for (let place = 0; place < TILE_WIDTH; place++) {
      const at = place * (2 + ENTRY_BYTES)
      const from = (order[n * TILE_WIDTH + place] as number) * ENTRY_BYTES
      bundle.writeUInt16BE(ENTRY_BYTES, at)
      entries.copy(bundle, at + 2, from, from + ENTRY_BYTES)
      leafHashInto(tile, place * HASH_BYTES, entries, from)
    }
    roots.set(rowsOf(tile).at(-1) as Uint8Array, n * HASH_BYTES)
    await writer.write(entriesPath(n), bundle)
    await writer.write(tilePath(0, n), tile)
  }
  for (const { level, index, hashes } of topTiles(nodePrimitives, roots)) await writer.write(tilePath(level, index, hashes.length / HASH_BYTES), hashes)
  return tileRoot(nodePrimitives, roots)
}

function indexesOf(order: Uint32Array): Uint32Array {
  const indexes = new Uint32Array(order.length - SENTINELS)
  for (let index = 0; index < order.length; index++) {
    const number = order[index] as number
    if (number >= SENTINELS) indexes[number - SENTINELS] = index
  }
  return indexes
}

function refusal(code: BuildCode extends `declaration/${infer C}` ? C : never, message: string): Refusal<BuildCode> {
  return new Refusal(`declaration/${code}`, message)
}
