// Vectors of absence: true neighbours, and what a liar would show in their place.

import { compare, concat, toHex } from '@muster/core/bytes/bytes.ts'
import { noble as p } from '@muster/core/bytes/noble.ts'
import type { LookupProblem } from '@muster/core/proof/absence.ts'
import { LABEL_BYTES } from '@muster/core/proof/leaf.ts'
import { inclusionPath, leafHash } from '@muster/core/proof/merkle.ts'
import { checkpointOf, declare, drawn, FIRST, headHash, LOG, SECOND, type Declared } from './declared.ts'

export interface AbsenceRequest { op: 'absence'; checkpoint: string; label: string; index: number; leaves: [string, string]; paths: [string[], string[]] }
export interface AbsenceVector { what: string; request: AbsenceRequest; answer: { valid: boolean; error?: string }; problem: LookupProblem | 'malformed' | null }

const ABSENT = drawn('a label that nobody declared')

function pathTo(declared: Declared, index: number): string[] {
  return inclusionPath(p, declared.entries.map((entry) => leafHash(p, entry)), index).map(toHex)
}

/** Index of the last entry below the label. */
function below(declared: Declared, label: Uint8Array): number {
  return declared.entries.findLastIndex((entry) => compare(entry.subarray(0, LABEL_BYTES), label) < 0)
}

/** The entries at two indexes as a proof for `label`, stated as the first index. */
function shown(declared: Declared, label: Uint8Array, first: number, second = first + 1): AbsenceRequest {
  const leaves = [first, second].map((i) => toHex(declared.entries[i] as Uint8Array)) as [string, string]
  return { op: 'absence', checkpoint: declared.checkpoint, label: toHex(label), index: first, leaves, paths: [pathTo(declared, first), pathTo(declared, second)] }
}

/** A label just above the given one. */
function justAbove(label: Uint8Array): Uint8Array {
  const next = label.slice()
  next[LABEL_BYTES - 1] = (next[LABEL_BYTES - 1] as number) ^ 1
  return compare(next, label) > 0 ? next : concat(label.subarray(0, LABEL_BYTES - 2), Uint8Array.of(((label[LABEL_BYTES - 2] as number) + 1) & 0xff, 0))
}

export function absenceVectors(): [string, AbsenceVector][] {
  const valid = (name: string, what: string, request: AbsenceRequest): [string, AbsenceVector] => [`absence/valid/${name}`, { what, request, answer: { valid: true }, problem: null }]
  const lowest = new Uint8Array(LABEL_BYTES)
  lowest[LABEL_BYTES - 1] = 1
  const highest = new Uint8Array(LABEL_BYTES).fill(0xff)
  highest[LABEL_BYTES - 1] = 0xfe
  return [
    valid('between-neighbours', 'a label between two entries that follow one another', shown(FIRST, ABSENT, below(FIRST, ABSENT))),
    valid('above-the-first-sentinel', 'the smallest label there is', shown(FIRST, lowest, 0)),
    valid('below-the-last-sentinel', 'the largest label there is', shown(FIRST, highest, FIRST.entries.length - 2)),
    valid('two-bundles', 'neighbours on either side of a bundle\'s edge', shown(SECOND, justAbove((SECOND.entries[255] as Uint8Array).subarray(0, LABEL_BYTES)), 255)),
    ...invalidVectors(),
  ]
}

function invalidVectors(): [string, AbsenceVector][] {
  const invalid = (name: string, problem: LookupProblem, what: string, request: AbsenceRequest): [string, AbsenceVector] =>
    [`absence/invalid/${name}`, { what, request, answer: { valid: false }, problem }]
  const malformed = (name: string, what: string, request: AbsenceRequest): [string, AbsenceVector] =>
    [`absence/invalid/${name}`, { what, request, answer: { valid: false, error: 'malformed' }, problem: 'malformed' }]
  const i = below(FIRST, ABSENT)
  const fair = shown(FIRST, ABSENT, i)
  const declared = (FIRST.entries[i + 1] as Uint8Array).subarray(0, LABEL_BYTES)
  const second = shown(SECOND, ABSENT, below(SECOND, ABSENT))
  const headless = declare(FIRST.entries.slice(1).concat(FIRST.entries.slice(-1)), 0, null)
  const tailless = declare(FIRST.entries.slice(0, 1).concat(FIRST.entries.slice(0, -1)), 0, null)
  const highest = new Uint8Array(LABEL_BYTES).fill(0xff)
  highest[LABEL_BYTES - 1] = 0xfe
  const loud = declare(FIRST.entries.with(0, concat(new Uint8Array(LABEL_BYTES), drawn('a binding'))), 0, null)
  const lowest = new Uint8Array(LABEL_BYTES)
  lowest[LABEL_BYTES - 1] = 1
  return [
    invalid('not-adjacent', 'path', 'the label is declared, and the entries around it are shown as neighbours', shown(FIRST, declared, i, i + 2)),
    invalid('equal-to-neighbour', 'equal-to-neighbour', 'the label is the second of the two entries', shown(FIRST, declared, i)),
    invalid('equal-to-first-neighbour', 'equal-to-neighbour', 'the label is the first of the two entries', shown(FIRST, declared, i + 1)),
    invalid('neighbours-from-two-heads', 'path', 'the second entry is that of another declaration', { ...fair, leaves: [fair.leaves[0], second.leaves[1]], paths: [fair.paths[0], second.paths[1]] }),
    invalid('missing-sentinel', 'sentinel', 'a declaration that does not begin with the sentinel', shown(headless, justAbove((headless.entries[0] as Uint8Array).subarray(0, LABEL_BYTES)), 0)),
    invalid('missing-last-sentinel', 'not-between', 'a label above the last entry of a declaration that does not end with the sentinel', shown(tailless, highest, tailless.entries.length - 2)),
    invalid('sentinel-with-binding', 'sentinel', 'the first sentinel has a binding', shown(loud, lowest, 0)),
    invalid('not-between', 'not-between', 'true neighbours elsewhere', shown(FIRST, ABSENT, i + 2)),
    invalid('index-of-the-second', 'path', 'true neighbours under the index of the second', { ...fair, index: i + 1 }),
    invalid('index-last', 'index', 'the index of the last entry, which has no neighbour after it', { ...fair, index: FIRST.entries.length - 1 }),
    invalid('size-lie', 'path', 'a checkpoint of the same root and twice the size', { ...fair, checkpoint: checkpointOf(`${LOG}/d/${headHash(FIRST.head)}`, 512, FIRST.root) }),
    invalid('checkpoint-of-another-declaration', 'path', 'the proof of one declaration under the checkpoint of the next', { ...fair, checkpoint: SECOND.checkpoint }),
    malformed('entry-of-63-bytes', 'an entry without its last byte', { ...fair, leaves: [fair.leaves[0].slice(0, -2), fair.leaves[1]] }),
    malformed('leaf-hash-for-entry', 'leaf hashes where entries belong', { ...fair, leaves: [i, i + 1].map((n) => toHex(leafHash(p, FIRST.entries[n] as Uint8Array))) as [string, string] }),
  ]
}
