// Vectors of inclusion: what a verified checkpoint states, an entry, and a path that leads there or only seems to.

import { concat, toHex, utf8 } from '@muster/core/bytes/bytes.ts'
import { noble as p } from '@muster/core/bytes/noble.ts'
import type { InclusionBreachCode } from '@muster/core/proof/inclusion.ts'
import { innerHash, rootOf } from '@muster/core/proof/merkle.ts'
import { formatCheckpoint } from '@muster/core/proof/tree-head.ts'
import { grown, LOG } from './signers.ts'

export interface InclusionVector {
  what: string
  checkpoint: string
  entry: string
  proof: { index: number; path: string[]; size?: number }
  answer: { valid: boolean; code?: InclusionBreachCode }
}

const SIX = grown(6)
const stated = (size: number, root: Uint8Array) => formatCheckpoint({ origin: LOG, size, root })
const CHECKPOINT = stated(6, SIX.root)

export function inclusionVectors(): [string, InclusionVector][] {
  const valid = (name: string, what: string, size: number, index: number): [string, InclusionVector] => {
    const { entries, root, pathTo } = grown(size)
    const proof = { index, path: pathTo(index).map(toHex) }
    return [`inclusion/valid/${name}`, { what, checkpoint: stated(size, root), entry: toHex(entries[index] as Uint8Array), proof, answer: { valid: true } }]
  }
  return [
    valid('only-entry', 'a log of one entry: the path is empty', 1, 0),
    valid('first-of-six', 'the first entry', 6, 0),
    valid('last-of-six', 'the last entry of a ragged tree: its path is shorter', 6, 5),
    valid('across-a-tile', 'entry 256 of 257, alone beside a full tile', 257, 256),
    ...invalidVectors(),
  ]
}

function invalidVectors(): [string, InclusionVector][] {
  const invalid = (name: string, code: InclusionBreachCode, what: string, changed: Partial<InclusionVector>): [string, InclusionVector] => {
    const fair = { what, checkpoint: CHECKPOINT, entry: toHex(SIX.entries[0] as Uint8Array), proof: proofOf(0) }
    return [`inclusion/invalid/${name}`, { ...fair, ...changed, answer: { valid: false, code } }]
  }
  const [h0, h1, h2, h3] = SIX.leaves as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  const path = SIX.pathTo(0)
  const bare = SIX.entries.map((entry) => p.sha256(entry))
  const four = innerHash(p, innerHash(p, h0, h1), innerHash(p, h2, h3))
  return [
    invalid(
      'size-lie',
      'inclusion/size-lie',
      'the proof states size 5, which the same path also fits; the checkpoint says 6',
      { proof: { ...proofOf(0), size: 5 } },
    ),
    invalid(
      'path-one-too-long',
      'inclusion/path-length',
      'the root itself is added to the path',
      { proof: { index: 0, path: [...path, SIX.root].map(toHex) } },
    ),
    invalid(
      'path-one-too-short',
      'inclusion/path-length',
      'the last hash of the path is missing',
      { proof: { index: 0, path: path.slice(0, -1).map(toHex) } },
    ),
    invalid('path-reversed', 'inclusion/root', 'the hashes stand from the root down', { proof: { index: 0, path: path.toReversed().map(toHex) } }),
    invalid('index-equals-size', 'inclusion/index', 'index 6 of 6: counting begins at 0', { proof: { index: 6, path: path.map(toHex) } }),
    invalid('other-index', 'inclusion/root', 'the right entry and path under the index of its sibling', { proof: { index: 1, path: path.map(toHex) } }),
    invalid('other-entry', 'inclusion/root', 'the path of entry 0 with another entry', { entry: toHex(utf8('entry x')) }),
    invalid('leaf-without-prefix', 'inclusion/root', 'the tree was built over SHA-256(entry), without the byte 00 before it', {
      checkpoint: stated(6, rootOf(p, bare)),
      proof: { index: 0, path: [bare[1] as Uint8Array, rootOf(p, bare, 2, 4), rootOf(p, bare, 4, 6)].map(toHex) },
    }),
    invalid('inner-hash-as-leaf', 'inclusion/root', 'the entry is two leaf hashes, 64 bytes, and the checkpoint claims size 2 for a tree of 4', {
      checkpoint: stated(2, four),
      entry: toHex(concat(h0, h1)),
      proof: { index: 0, path: [toHex(innerHash(p, h2, h3))] },
    }),
    invalid('leaf-hash-as-entry', 'inclusion/root', 'the leaf hash stands where the entry should', { entry: toHex(h0) }),
  ]
}

function proofOf(index: number): InclusionVector['proof'] {
  return { index, path: SIX.pathTo(index).map(toHex) }
}
