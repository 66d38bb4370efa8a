// The laws of a sorted declaration (DESIGN section 4), checked by every reader on every entry: 64 bytes each, strictly ascending from
// sentinel to sentinel, a size that is a multiple of the agreement's step, all tiles and the root following from the entries, and every
// label of the previous declaration still there. The adversary is the declaring party. Work and memory are bounded by the size that
// the signed head states; one bundle is in memory at a time, and stretches of bundles can be checked apart and at the same time.

import { compare, equal } from '../bytes/bytes.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import type { DeclarationTree } from './absence.ts'
import { BUNDLE_BYTES, walkLabels, type FileReader, type LabelWalk, type StoredDeclaration } from './label-walk.ts'
import { ENTRY_BYTES, firstSentinel, LABEL_BYTES, lastSentinel } from './leaf.ts'
import { HASH_BYTES, leafHash } from './merkle.ts'
import { decodeBundle, entriesPath, levelAbove, TILE_BYTES, TILE_WIDTH, tilePath, tileRoot } from './tile.ts'

/** 2^26 entries, 4.5 GB of bundles: far beyond a party's holdings, and what a hostile head can make a reader store and hash. */
export const DECLARATION_SIZE_MAX = 2 ** 26
/** Problems after these in one stretch are not collected: the verdict stands already. */
export const PROBLEMS_MAX = 64
/** New dummies of one declaration, in steps. */
export const NEW_DUMMY_STEPS_MAX = 2

export type DeclarationCode =
  /** The size is zero, not a multiple of the step, or the step is not a multiple of 256. */
  | 'size-not-a-step'
  | 'size-too-large'
  /** Less than one step more than the previous declaration. */
  | 'too-little-growth'
  | 'bundle-missing'
  /** Not 256 whole entries. */
  | 'bundle-malformed'
  | 'entry-size'
  | 'duplicate'
  | 'descending'
  | 'first-sentinel'
  | 'last-sentinel'
  | 'tile-missing'
  /** A tile is not what the entries hash to. */
  | 'tile-does-not-follow'
  /** The root of the head is not the root of the entries. */
  | 'root-does-not-follow'
  /** `index` is that of the label in the previous declaration. */
  | 'label-gone'
  /** The previous declaration cannot be read in full, so nothing can be said about its labels. */
  | 'previous-broken'

export interface DeclarationProblem {
  readonly code: DeclarationCode
  /** Of the entry, from 0. */
  readonly index?: number
  /** Path within the declaration's folder. */
  readonly file?: string
}

/** The smallest lawful size for `labels` distinct labels, both sentinels apart, after a declaration of `previousSize` entries (0: none). */
export function sizeFor(labels: number, step: number, previousSize: number): number {
  return Math.max(Math.ceil((labels + 2) / step) * step, previousSize + step)
}

/** What can be said from sizes alone. `previousSize` is 0 for a first declaration. */
export function checkSize(size: number, step: number, previousSize: number): DeclarationProblem | undefined {
  const stepFits = Number.isSafeInteger(step) && step > 0 && step % TILE_WIDTH === 0
  if (!stepFits || !Number.isSafeInteger(size) || size <= 0 || size % step !== 0) return { code: 'size-not-a-step' }
  if (size > DECLARATION_SIZE_MAX) return { code: 'size-too-large' }
  return size < previousSize + step ? { code: 'too-little-growth' } : undefined
}

/** The whole check in one go: no problem means a declaration that a reader may cosign, as far as its own files show. */
export function checkDeclaration(
  p: Primitives,
  tree: DeclarationTree,
  step: number,
  read: FileReader,
  previous?: StoredDeclaration,
): DeclarationProblem[] {
  const unfit = checkSize(tree.size, step, previous?.size ?? 0)
  if (unfit !== undefined && unfit.code !== 'too-little-growth') return [unfit]
  const { roots, problems } = checkStretch(p, { size: tree.size, read }, 0, tree.size / TILE_WIDTH, previous)
  return [...(unfit === undefined ? [] : [unfit]), ...problems, ...checkTop(p, tree, roots, read)]
}

export interface CheckedStretch {
  /** The root of each bundle of the stretch, packed: the hashes of level 1. */
  readonly roots: Uint8Array
  readonly problems: DeclarationProblem[]
}

/**
 * Bundles `from` up to and without `to`: entries, order (also against the entry before the stretch), level-0 tiles, and the labels of the
 * previous declaration between the entry before the stretch and its last one. Stretches that join without gap cover the whole.
 */
export function checkStretch(p: Primitives, stored: StoredDeclaration, from: number, to: number, previous?: StoredDeclaration): CheckedStretch {
  const problems: DeclarationProblem[] = []
  const roots = new Uint8Array((to - from) * HASH_BYTES)
  // A broken bundle before the stretch is its own stretch's to report.
  let last = from === 0 ? undefined : bundleOf(stored, from - 1, []).at(-1)?.subarray(0, LABEL_BYTES)
  const gone = previous === undefined || (from > 0 && last === undefined) ? undefined : goneLabels(walkLabels(previous, last), problems)
  let sorted = true
  for (let n = from; n < to && problems.length < PROBLEMS_MAX; n++) {
    const entries = bundleOf(stored, n, problems)
    const hashes = new Uint8Array(entries.length * HASH_BYTES)
    sorted &&= entries.length > 0
    for (const [place, entry] of entries.entries()) {
      const label = entry.subarray(0, LABEL_BYTES)
      sorted = checkEntry(entry, n * TILE_WIDTH + place, stored.size, last, problems) && sorted
      if (sorted) gone?.upTo(label)
      hashes.set(leafHash(p, entry), place * HASH_BYTES)
      last = label
    }
    if (entries.length === 0) continue
    compareTile(stored.read, 0, n, hashes, problems)
    roots.set(tileRoot(p, hashes), (n - from) * HASH_BYTES)
  }
  if (sorted && to * TILE_WIDTH === stored.size) gone?.upTo(undefined)
  return { roots, problems }
}

/** Reports each label of the previous declaration that was passed without having been met. Unsorted entries end the comparison. */
function goneLabels(walk: LabelWalk, problems: DeclarationProblem[]): { upTo(label: Uint8Array | undefined): void } {
  let waiting = walk.next()
  return {
    upTo(label) {
      while (waiting !== undefined) {
        if ('broken' in waiting) {
          problems.push({ code: 'previous-broken', file: waiting.broken })
          waiting = undefined
          return
        }
        const order = label === undefined ? -1 : compare(waiting.label, label)
        if (order > 0 || problems.length >= PROBLEMS_MAX) return
        if (order < 0) problems.push({ code: 'label-gone', index: waiting.index })
        waiting = walk.next()
      }
    },
  }
}

/** The tiles above level 0 and the root, from the root of every bundle. */
export function checkTop(p: Primitives, tree: DeclarationTree, roots: Uint8Array, read: FileReader): DeclarationProblem[] {
  const problems: DeclarationProblem[] = []
  for (const tile of topTiles(p, roots)) compareTile(read, tile.level, tile.index, tile.hashes, problems)
  if (!equal(tileRoot(p, roots), tree.root)) problems.push({ code: 'root-does-not-follow' })
  return problems
}

/** The tiles from level 1 up, the partial ones at the right edge included. `roots` are those of all bundles. */
export function* topTiles(p: Primitives, roots: Uint8Array): Generator<{ level: number; index: number; hashes: Uint8Array }> {
  for (let level = 1, hashes = roots; hashes.length > 0; level++, hashes = levelAbove(p, hashes)) {
    for (let index = 0; index * TILE_BYTES < hashes.length; index++) {
      yield { level, index, hashes: hashes.subarray(index * TILE_BYTES, (index + 1) * TILE_BYTES) }
    }
  }
}

function bundleOf(stored: StoredDeclaration, n: number, problems: DeclarationProblem[]): Uint8Array[] {
  const file = entriesPath(n)
  const bytes = stored.read(file, 2 * BUNDLE_BYTES)
  if (bytes === undefined) {
    problems.push({ code: 'bundle-missing', file, index: n * TILE_WIDTH })
    return []
  }
  try {
    if (bytes.length <= 2 * BUNDLE_BYTES) return decodeBundle(bytes, TILE_WIDTH)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
  }
  problems.push({ code: 'bundle-malformed', file, index: n * TILE_WIDTH })
  return []
}

/** False where the entry does not come after the one before it. */
function checkEntry(entry: Uint8Array, index: number, size: number, last: Uint8Array | undefined, problems: DeclarationProblem[]): boolean {
  if (entry.length !== ENTRY_BYTES) problems.push({ code: 'entry-size', index })
  const order = last === undefined ? -1 : compare(last, entry.subarray(0, LABEL_BYTES))
  if (order >= 0) problems.push({ code: order === 0 ? 'duplicate' : 'descending', index })
  if (index === 0 && !equal(entry, FIRST)) problems.push({ code: 'first-sentinel', index })
  if (index === size - 1 && !equal(entry, LAST)) problems.push({ code: 'last-sentinel', index })
  return order < 0
}

const FIRST = firstSentinel()
const LAST = lastSentinel()

function compareTile(read: FileReader, level: number, index: number, hashes: Uint8Array, problems: DeclarationProblem[]): void {
  const file = tilePath(level, index, hashes.length / HASH_BYTES)
  const bytes = read(file, hashes.length)
  if (bytes === undefined) problems.push({ code: 'tile-missing', file })
  else if (!equal(bytes, hashes)) problems.push({ code: 'tile-does-not-follow', file })
}
