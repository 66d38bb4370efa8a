// Vectors of whole declarations as folders of files. A path maps to the file's bytes in hex.

import { compare, concat, toHex, utf8 } from '@muster/core/bytes/bytes.ts'
import { LABEL_BYTES } from '@muster/core/proof/leaf.ts'
import type { FolderProblem } from '@muster/fast/declaration/door.ts'
import { checkpointOf, declare, entriesFor, FIRST, headHash, leavesFor, LOG, SECOND, type Declared } from './declared.ts'

export interface FolderVector {
  what: string
  /** The head as text. */
  head: string
  /** The vector whose files and head these are but for what `files` says, or null. */
  base: string | null
  /** Path to bytes in hex, or null for a file that is not there. */
  files: Record<string, string | null>
  /** The vector whose files are the previous declaration, or null. */
  previous: string | null
  answer: { valid: boolean; problems: FolderProblem[] }
}

const PREVIOUS = 'declaration/valid/first'

function vector(what: string, declared: Declared, previous: string | null, problems: FolderProblem[]): FolderVector {
  const files = Object.fromEntries([...declared.files].map(([path, bytes]) => [path, toHex(bytes)]))
  return { what, head: new TextDecoder().decode(declared.head), base: null, files, previous, answer: { valid: problems.length === 0, problems } }
}

export function folderVectors(): [string, FolderVector][] {
  return [
    [PREVIOUS, vector('a first declaration of 256 entries', FIRST, null, [])],
    ['declaration/valid/second', vector('the next one, a step of 256 more', SECOND, PREVIOUS, [])],
    ...shrunk(),
    ...disordered(),
    ...unfounded(),
  ]
}

/** The second declaration with the leaf at one index replaced by a new dummy. */
function shrunk(): [string, FolderVector][] {
  const first = headHash(FIRST.head)
  const old = FIRST.entries[100] as Uint8Array
  const label = old.subarray(0, LABEL_BYTES)
  const kept = leavesFor(1).filter((leaf) => compare(leaf.label, label) !== 0)
  const stranger = leavesFor(2).find((leaf) => !leavesFor(1).some((known) => compare(known.label, leaf.label) === 0))
  if (stranger === undefined) throw new Error('the third declaration has no new leaf')
  const gone = declare(entriesFor([...kept, stranger], 1), 1, first)
  const same = declare(entriesFor(leavesFor(0), 1), 1, first)
  return [
    ['declaration/invalid/label-gone', vector('a label of the previous declaration is missing; another one keeps the size', gone, PREVIOUS, [{ code: 'label-gone', index: 100 }])],
    ['declaration/invalid/no-growth', vector('the same labels again, without a step more', same, PREVIOUS, [{ code: 'too-little-growth' }])],
  ]
}

function disordered(): [string, FolderVector][] {
  const entries = FIRST.entries
  const at = (i: number): Uint8Array => entries[i] as Uint8Array
  const duplicate = declare(entries.with(51, concat(at(50).subarray(0, LABEL_BYTES), at(51).subarray(LABEL_BYTES))), 0, null)
  const descending = declare(entries.with(50, at(51)).with(51, at(50)), 0, null)
  const short = declare(entries.with(50, at(50).subarray(0, 63)), 0, null)
  const long = declare(entries.with(50, concat(at(50), Uint8Array.of(0))), 0, null)
  const headless = declare(entries.with(0, concat(new Uint8Array(31), Uint8Array.of(1), at(1).subarray(LABEL_BYTES))), 0, null)
  const tailless = declare(entries.with(255, concat(new Uint8Array(31).fill(0xff), Uint8Array.of(0xfe), at(1).subarray(LABEL_BYTES))), 0, null)
  return [
    ['declaration/invalid/duplicate', vector('one label twice, with two bindings', duplicate, null, [{ code: 'duplicate', index: 51 }])],
    ['declaration/invalid/descending-pair', vector('two entries exchanged', descending, null, [{ code: 'descending', index: 51 }])],
    ['declaration/invalid/entry-of-63-bytes', vector('an entry without its last byte, the tree made over it', short, null, [{ code: 'entry-size', index: 50 }])],
    ['declaration/invalid/entry-of-65-bytes', vector('an entry with a byte more, the tree made over it', long, null, [{ code: 'entry-size', index: 50 }])],
    ['declaration/invalid/missing-sentinel', vector('an item where the first sentinel belongs', headless, null, [{ code: 'first-sentinel', index: 0 }])],
    ['declaration/invalid/missing-last-sentinel', vector('an item where the last sentinel belongs', tailless, null, [{ code: 'last-sentinel', index: 255 }])],
  ]
}

function unfounded(): [string, FolderVector][] {
  const [tile0, tile1, top] = ['tile/0/000', 'tile/0/001', 'tile/1/000.p/2']
  const file = (path: string): Uint8Array => SECOND.files.get(path) as Uint8Array
  const flipped = file(top).slice()
  flipped[40] = (flipped[40] as number) ^ 1
  const follows = (code: 'tile-does-not-follow' | 'tile-missing', path: string): FolderProblem => ({ code, file: path })
  const firstHash = headHash(FIRST.head)
  const checkpoint = (origin: string, size = 512, root = SECOND.root): Record<string, Uint8Array> => ({ checkpoint: utf8(checkpointOf(origin, size, root)) })
  const own = `${LOG}/d/${headHash(SECOND.head)}`
  const vectors: [string, string, FolderProblem[], Record<string, Uint8Array | undefined>][] = [
    ['tile-does-not-follow', 'one bit of a tile above the entries', [follows('tile-does-not-follow', top)], { [top]: flipped }],
    ['tiles-swapped', 'two tiles exchanged', [follows('tile-does-not-follow', tile0), follows('tile-does-not-follow', tile1)], { [tile0]: file(tile1), [tile1]: file(tile0) }],
    ['tile-truncated', 'a tile without its last byte', [follows('tile-does-not-follow', tile1)], { [tile1]: file(tile1).subarray(0, -1) }],
    ['tile-missing', 'a tile that is not there', [follows('tile-missing', tile0)], { [tile0]: undefined }],
    ['bundle-truncated', 'a bundle without its last byte', [{ code: 'bundle-malformed', file: 'tile/entries/001', index: 256 }, follows('tile-does-not-follow', top), { code: 'root-does-not-follow' }],
      { 'tile/entries/001': file('tile/entries/001').subarray(0, -1) }],
    ['log-taken-for-declaration', 'the checkpoint of the party\'s log', [{ code: 'origin-not-of-head' }], checkpoint(LOG)],
    ['other-agreement', 'the origin of another agreement\'s log', [{ code: 'origin-not-of-head' }], checkpoint(`AAA/muster/other/d/${headHash(SECOND.head)}`)],
    ['other-head', 'the origin of the declaration before', [{ code: 'origin-not-of-head' }], checkpoint(`${LOG}/d/${firstHash}`)],
    ['size-not-of-head', 'a checkpoint of another size', [{ code: 'size-not-of-head' }], checkpoint(own, 256)],
    ['root-not-of-head', 'a checkpoint of another root', [{ code: 'root-not-of-head' }], checkpoint(own, 512, FIRST.root)],
  ]
  const head = new TextDecoder().decode(SECOND.head)
  return vectors.map(([name, what, problems, changed]) => {
    const files = Object.fromEntries(Object.entries(changed).map(([path, bytes]) => [path, bytes === undefined ? null : toHex(bytes)]))
    return [`declaration/invalid/${name}`, { what, head, base: 'declaration/valid/second', files, previous: PREVIOUS, answer: { valid: false, problems } }]
  })
}
