// The text of a checkpoint (C2SP tlog-checkpoint): origin, size and root on a line each, then extension lines if any.

import { fromBase64, toBase64 } from '../bytes/bytes.ts'
import { Refusal } from '../bytes/refusal.ts'
import { HASH_BYTES } from './merkle.ts'
import { hasControl } from './vkey.ts'

/** What a checkpoint states: `size` leaves under `root`, in the log named `origin`. */
export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
}

export type TreeHeadCode = 'checkpoint/lines' | 'checkpoint/origin' | 'checkpoint/size' | 'checkpoint/root' | 'checkpoint/extension-line'

/** Three lines, each ending in a newline. Throws a Refusal for values that no checkpoint can state. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  if (origin === '' || origin.includes('\n') || hasControl(origin) || !origin.isWellFormed()) {
    throw new Refusal<TreeHeadCode>('checkpoint/origin', 'an origin is one non-empty line without control characters', 1)
  }
  if (!Number.isSafeInteger(size) || size < 0) throw new Refusal<TreeHeadCode>('checkpoint/size', `${size} is no tree size`, 2)
  if (root.length !== HASH_BYTES) throw new Refusal<TreeHeadCode>('checkpoint/root', `a root has ${HASH_BYTES} bytes, not ${root.length}`, 3)
  return `${origin}\n${size}\n${toBase64(root)}\n`
}

/** Reads the three lines and any extension lines; a Refusal, with the number of the line, is returned and not thrown. */
export function readTreeHead(text: string): (Checkpoint & { readonly extensions: readonly string[] }) | Refusal<TreeHeadCode> {
  const lines = text.split('\n')
  if (lines.pop() !== '' || lines.length < 3 || lines.includes('') || hasControl(text)) {
    return new Refusal('checkpoint/lines', 'a checkpoint is at least three non-empty lines, each ending in a newline')
  }
  const [origin, sizeText, rootText, ...extensions] = lines as [string, string, string, ...string[]]
  const size = /^(0|[1-9]\d{0,15})$/.test(sizeText) ? Number(sizeText) : NaN
  if (!Number.isSafeInteger(size)) return new Refusal('checkpoint/size', 'line 2 is not a tree size: decimal digits, no leading zero, at most 2^53 - 1', 2)
  const root = fromBase64(rootText)
  if (root?.length !== HASH_BYTES) return new Refusal('checkpoint/root', 'line 3 is not the base64 of 32 bytes', 3)
  return { origin, size, root, extensions }
}

/** Exactly three lines: an extension line is covered by no ML-DSA-44 signature, so none is taken. Throws a Refusal. */
export function parseCheckpoint(text: string): Checkpoint {
  const head = readTreeHead(text)
  if (head instanceof Refusal) throw head
  const { origin, size, root, extensions } = head
  if (extensions.length > 0) throw new Refusal<TreeHeadCode>('checkpoint/extension-line', 'a line follows the root; a checkpoint has exactly three', 4)
  return { origin, size, root }
}
