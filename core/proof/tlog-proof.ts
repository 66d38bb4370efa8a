// A proof that an entry stands in a log, in one text that verifies offline (C2SP tlog-proof): index, path, checkpoint.

import { fromBase64, fromUtf8, toBase64 } from '../bytes/bytes.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { verifyEntry } from './inclusion.ts'
import { HASH_BYTES, PATH_HASHES_MAX } from './merkle.ts'
import { NOTE_BYTES_MAX, parseNote, type Note } from './note.ts'
import type { Checkpoint } from './tree-head.ts'

export const TLOG_PROOF_EXTRA_BYTES_MAX = 65_536
const HEADER = 'c2sp.org/tlog-proof@v1'
// The lines before the checkpoint: header, extra, index, 64 hashes of 44 characters.
const TLOG_PROOF_BYTES_MAX = NOTE_BYTES_MAX + 2 * TLOG_PROOF_EXTRA_BYTES_MAX + 8_192

export type TlogProofCode =
  | 'tlog-proof/too-large'
  | 'tlog-proof/not-utf-8'
  | 'tlog-proof/header'
  | 'tlog-proof/extra'
  | 'tlog-proof/index'
  | 'tlog-proof/hash'
  | 'tlog-proof/path-too-long'
  | 'tlog-proof/no-checkpoint'

export interface TlogProof {
  /** Opaque and authenticated by nothing. */
  readonly extra?: Uint8Array
  readonly index: number
  readonly path: readonly Uint8Array[]
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string
}

/** Throws a Refusal for what `parseTlogProof` would not read back. */
export function formatTlogProof({ extra, index, path, checkpoint }: TlogProof): string {
  const lines = [HEADER, ...(extra === undefined ? [] : [`extra ${toBase64(extra)}`]), `index ${index}`, ...path.map(toBase64)]
  const text = `${lines.join('\n')}\n\n${checkpoint}`
  parseTlogProof(text)
  return text
}

/** Form only; the checkpoint must be a well-formed note. Throws a Refusal with the number of the line. */
export function parseTlogProof(proof: Uint8Array | string): TlogProof {
  return readTlogProof(proof, fromBase64).proof
}

function readTlogProof(proof: Uint8Array | string, bytesOf64: Primitives['bytesOf64']): { readonly proof: TlogProof, readonly note: Note } {
  if (proof.length > TLOG_PROOF_BYTES_MAX) throw new Refusal<TlogProofCode>('tlog-proof/too-large', `a proof has at most ${TLOG_PROOF_BYTES_MAX} bytes`)
  const text = typeof proof === 'string' ? proof : fromUtf8(proof)
  if (text === undefined) throw new Refusal<TlogProofCode>('tlog-proof/not-utf-8', 'the proof is not UTF-8')
  const gap = text.indexOf('\n\n')
  if (gap < 0) throw new Refusal<TlogProofCode>('tlog-proof/no-checkpoint', 'no empty line and checkpoint follow the path')
  const checkpoint = text.slice(gap + 2)
  const note = parseNote(checkpoint, bytesOf64)
  const lines = text.slice(0, gap).split('\n')
  if (lines[0] !== HEADER) throw new Refusal<TlogProofCode>('tlog-proof/header', `line 1 is not ${HEADER}`, 1)
  const extra = lines[1]?.startsWith('extra ') === true ? parseExtra(lines[1]) : undefined
  const indexAt = extra === undefined ? 1 : 2
  const digits = /^index (0|[1-9]\d{0,15})$/.exec(lines[indexAt] ?? '')?.[1]
  const index = Number(digits ?? NaN)
  if (!Number.isSafeInteger(index)) throw new Refusal<TlogProofCode>('tlog-proof/index', `line ${indexAt + 1} does not read "index <number>"`, indexAt + 1)
  const path = lines.slice(indexAt + 1).map((line, i) => parseHash(line, indexAt + 2 + i))
  if (path.length > PATH_HASHES_MAX) throw new Refusal<TlogProofCode>('tlog-proof/path-too-long', `a path has at most ${PATH_HASHES_MAX} hashes`)
  return { proof: { ...(extra === undefined ? {} : { extra }), index, path, checkpoint }, note }
}

function parseExtra(line: string): Uint8Array {
  const extra = fromBase64(line.slice('extra '.length))
  if (extra === undefined) throw new Refusal<TlogProofCode>('tlog-proof/extra', 'line 2 does not read "extra <base64>"', 2)
  if (extra.length > TLOG_PROOF_EXTRA_BYTES_MAX) {
    throw new Refusal<TlogProofCode>('tlog-proof/extra', `the extra data has at most ${TLOG_PROOF_EXTRA_BYTES_MAX} bytes`, 2)
  }
  return extra
}

function parseHash(line: string, at: number): Uint8Array {
  const hash = fromBase64(line)
  if (hash?.length !== HASH_BYTES) throw new Refusal<TlogProofCode>('tlog-proof/hash', `line ${at} is not the base64 of 32 bytes`, at)
  return hash
}

/**
 * The checkpoint under which the entry stands, and where. `open` verifies the checkpoint's signatures and gives what it states:
 * `verifyLogCheckpoint` under a party's keys, or `verifyUnderPolicy`. The leaf is hashed from the entry; a proof's own leaf hash would
 * let an inner hash pass for one. Throws what `open` throws, a Refusal for form, and the Breach of `verifyEntry`.
 */
export function verifyTlogProof<Opened extends Checkpoint>(
  p: Primitives,
  proof: TlogProof | Uint8Array | string,
  entry: Uint8Array,
  open: (checkpoint: Note) => Opened,
): { readonly index: number; readonly checkpoint: Opened } {
  const { proof: { index, path }, note } = typeof proof === 'string' || proof instanceof Uint8Array ? readTlogProof(proof, p.bytesOf64) : { proof, note: parseNote(proof.checkpoint, p.bytesOf64) }
  const opened = open(note)
  verifyEntry(p, opened, { index, path }, entry)
  return { index, checkpoint: opened }
}
