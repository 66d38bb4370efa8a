// The questions `absence` and `open` of the conformance door (DESIGN section 9), from a parsed JSON request to its answer. Unknown members
// are ignored; a missing one, or a value out of range, is answered with its code and never thrown.

import { fromHex } from '../bytes/bytes.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { fit, hex, integer, list, misfit, object, verbatim, type Shape } from '../bytes/shape.ts'
import { verifyAbsent } from './absence.ts'
import { DIGEST_BYTES, ENTRY_BYTES, SALT_BYTES, SECTION_BYTES_MAX } from './leaf.ts'
import { HASH_BYTES, PATH_HASHES_MAX } from './merkle.ts'
import { verifyOpening } from './opening.ts'
import { parseCheckpoint } from './tree-head.ts'

const CHECKPOINT_CHARACTERS_MAX = 1_048_576
const SECTION_NAME_CHARACTERS_MAX = 64
const DIGESTS_MAX = 64

export interface DoorAnswer {
  readonly valid: boolean
  readonly error?: 'malformed' | 'checkpoint'
}

const MALFORMED: DoorAnswer = { valid: false, error: 'malformed' }

const path = list(hex(HASH_BYTES), 0, PATH_HASHES_MAX)
const absence = object({
  checkpoint: verbatim(CHECKPOINT_CHARACTERS_MAX),
  label: hex(HASH_BYTES),
  index: integer(0, Number.MAX_SAFE_INTEGER),
  leaves: list(hex(ENTRY_BYTES), 2, 2),
  paths: list(path, 2, 2),
})
const opening = object({
  leaf: hex(ENTRY_BYTES),
  section: verbatim(SECTION_NAME_CHARACTERS_MAX),
  salt: hex(SALT_BYTES),
  bytes: hexUpTo(SECTION_BYTES_MAX),
  digests: list(hex(DIGEST_BYTES), 0, DIGESTS_MAX),
})

/** Size and root come from the checkpoint, whose signatures and origin are not this question's. */
export function answerAbsence(p: Primitives, request: Readonly<Record<string, unknown>>): DoorAnswer {
  const fitted = fit(absence, only(request, ['checkpoint', 'label', 'index', 'leaves', 'paths']))
  if (!('value' in fitted)) return MALFORMED
  const { checkpoint, label, index, leaves, paths } = fitted.value
  const tree = treeOf(checkpoint)
  if (tree === undefined) return { valid: false, error: 'checkpoint' }
  const [before, after] = leaves.map(bytesOf) as [Uint8Array, Uint8Array]
  const [pathBefore, pathAfter] = paths.map((each) => each.map(bytesOf)) as [Uint8Array[], Uint8Array[]]
  return { valid: verifyAbsent(p, tree, bytesOf(label), { index, entries: [before, after], paths: [pathBefore, pathAfter] }) === undefined }
}

export function answerOpen(p: Primitives, request: Readonly<Record<string, unknown>>): DoorAnswer {
  const fitted = fit(opening, only(request, ['leaf', 'section', 'salt', 'bytes', 'digests']))
  if (!('value' in fitted)) return MALFORMED
  const { leaf, section, salt, bytes, digests } = fitted.value
  const opened = { section, salt: bytesOf(salt), bytes: bytesOf(bytes) }
  return { valid: verifyOpening(p, bytesOf(leaf), opened, digests.map(bytesOf)) === undefined }
}

function only(request: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(request, name)).map((name) => [name, request[name]]))
}

/** The three lines, with or without the signature lines behind them. */
function treeOf(checkpoint: string): { size: number; root: Uint8Array } | undefined {
  const gap = checkpoint.indexOf('\n\n')
  try {
    return parseCheckpoint(gap < 0 ? checkpoint : checkpoint.slice(0, gap + 1))
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

function hexUpTo(bytesMax: number): Shape<string> {
  return (value, at) =>
    typeof value === 'string' && value.length <= 2 * bytesMax && fromHex(value) !== undefined ? value : misfit(at, `at most ${bytesMax} bytes in lower-case hex`)
}

function bytesOf(text: string): Uint8Array {
  return fromHex(text) as Uint8Array
}
