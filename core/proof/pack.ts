// A declaration's files by packs (spec/http.md): many in one body, whose parts follow from the size of the tree.
import { entriesPath, TILE_BYTES, TILE_WIDTH, tilePath } from './tile.ts'

/** Bundles of one pack: some 1.6 MB with their tiles. */
const PACK_BUNDLES = 64
/** An entry of a declaration with its length before it. */
const ENTRY_BYTES = 66

/** The files of a pack in their order, each entry bundle before its tile of level 0, with their lengths in bytes; none beyond the tree's `size`. */
export function filesOfPack(size: number, pack: number): readonly { readonly path: string, readonly bytes: number }[] {
  const first = pack * PACK_BUNDLES
  const count = Math.min(PACK_BUNDLES, Math.floor(size / TILE_WIDTH) - first)
  return Array.from({ length: Math.max(0, count) }, (_, i) => [
    { path: entriesPath(first + i), bytes: TILE_WIDTH * ENTRY_BYTES }, { path: tilePath(0, first + i), bytes: TILE_BYTES },
  ]).flat()
}
