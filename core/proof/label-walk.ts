// Labels of a stored declaration in order, bundle by bundle, one bundle in memory at a time.

import { compare, readU16 } from '../bytes/bytes.ts'
import { ENTRY_BYTES, LABEL_BYTES } from './leaf.ts'
import { entriesPath, TILE_WIDTH } from './tile.ts'

const FRAME_BYTES = 2 + ENTRY_BYTES
/** An entry bundle of a declaration: 256 entries of 64 bytes, each behind its length. None is ever partial. */
export const BUNDLE_BYTES = TILE_WIDTH * FRAME_BYTES

/** The bytes of a file of the layout, or undefined where there is none. Of a file beyond `bytesMax` any more than that many bytes. */
export type FileReader = (path: string, bytesMax: number) => Uint8Array | undefined

export interface StoredDeclaration {
  /** Number of entries, a multiple of 256. */
  readonly size: number
  readonly read: FileReader
}

/** A bundle that is missing, or not 256 entries of 64 bytes; `file` names it. */
export interface BrokenBundle { readonly broken: string }

export interface LabelWalk {
  /** The next label with its index, undefined after the last one. The label's bytes stay valid. */
  next(): { readonly index: number; readonly label: Uint8Array } | BrokenBundle | undefined
}

/** The bytes of bundle `n` when it has exactly the form that every bundle of a declaration has. */
export function readBundle(stored: StoredDeclaration, n: number): Uint8Array | undefined {
  const bytes = stored.read(entriesPath(n), BUNDLE_BYTES)
  if (bytes?.length !== BUNDLE_BYTES) return undefined
  for (let at = 0; at < BUNDLE_BYTES; at += FRAME_BYTES) {
    if (readU16(bytes, at) !== ENTRY_BYTES) return undefined
  }
  return bytes
}

export function entryIn(bundle: Uint8Array, place: number): Uint8Array {
  return bundle.subarray(place * FRAME_BYTES + 2, (place + 1) * FRAME_BYTES)
}

export function labelIn(bundle: Uint8Array, place: number): Uint8Array {
  return bundle.subarray(place * FRAME_BYTES + 2, place * FRAME_BYTES + 2 + LABEL_BYTES)
}

/** All labels above `after` in the order of the files; from the first one where `after` is undefined. */
export function walkLabels(stored: StoredDeclaration, after?: Uint8Array): LabelWalk {
  const start = after === undefined ? 0 : firstAbove(stored, after)
  if (typeof start !== 'number') return { next: () => start }
  let index = start
  let bundle: Uint8Array | undefined
  return {
    next() {
      if (index >= stored.size) return undefined
      const place = index % TILE_WIDTH
      if (bundle === undefined || place === 0) bundle = readBundle(stored, Math.floor(index / TILE_WIDTH))
      if (bundle === undefined) return { broken: entriesPath(Math.floor(index / TILE_WIDTH)) }
      return { index: index++, label: labelIn(bundle, place) }
    },
  }
}

/** Index of the first label above `label` in a sorted declaration, by halving over its bundles. */
function firstAbove(stored: StoredDeclaration, label: Uint8Array): number | BrokenBundle {
  let low = 0
  let high = stored.size / TILE_WIDTH
  let found = stored.size
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const bundle = readBundle(stored, middle)
    if (bundle === undefined) return { broken: entriesPath(middle) }
    if (compare(labelIn(bundle, TILE_WIDTH - 1), label) <= 0) {
      low = middle + 1
      continue
    }
    high = middle
    for (let place = TILE_WIDTH - 1; place >= 0 && compare(labelIn(bundle, place), label) > 0; place--) found = middle * TILE_WIDTH + place
  }
  return found
}
