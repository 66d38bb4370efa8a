// The question `declaration` of the conformance door (DESIGN section 9): a declaration as files, its head, and the one before it.
// No agreement is at hand, so signatures are not checked and the step is the smallest there is, 256.

import { fromBase64, fromHex, toHex } from '@muster/core/bytes/bytes.ts'
import { parseJson } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { DeclarationTree } from '@muster/core/proof/absence.ts'
import { checkDeclaration, type DeclarationProblem } from '@muster/core/proof/declaration.ts'
import { parseDeclarationOrigin } from '@muster/core/proof/declaration-origin.ts'
import type { FileReader, StoredDeclaration } from '@muster/core/proof/label-walk.ts'
import { NOTE_BYTES_MAX } from '@muster/core/proof/note.ts'
import { TILE_WIDTH } from '@muster/core/proof/tile.ts'
import { parseCheckpoint, type Checkpoint } from '@muster/core/proof/tree-head.ts'
import { parseLogOrigin, STEP_UNIT } from '@muster/core/rules/agreement.ts'
import { HEAD_BYTES_MAX, HEAD_VERSION, readHead } from '@muster/core/wire/head.ts'
import { nodePrimitives } from '../primitives.ts'
import { readFileAtMost } from '../read-file.ts'
import { CHECKPOINT_FILE, folderReader } from './files.ts'

export type FolderCode =
  | 'checkpoint-missing'
  | 'checkpoint-malformed'
  | 'head-missing'
  | 'head-malformed'
  /** The origin does not end in the hash of this head, or is not of the head's party and agreement. */
  | 'origin-not-of-head'
  | 'size-not-of-head'
  | 'root-not-of-head'
  /** The previous folder has no readable checkpoint of a declaration, or its files do not give the root there. */
  | 'previous-checkpoint'
  | 'previous-of-another-log'
  /** The head names another declaration as the previous one. */
  | 'previous-not-of-head'

export interface FolderProblem {
  readonly code: DeclarationProblem['code'] | FolderCode
  readonly index?: number
  readonly file?: string
}

export type DeclarationAnswer = { readonly valid: boolean; readonly problems: readonly FolderProblem[] } | { readonly valid: false; readonly error: 'malformed' }

/** Reads `dir`, `head` and `previous` (null or absent: a first declaration) from disk. Faults of the disk reject. */
export function answerDeclaration(request: Readonly<Record<string, unknown>>): DeclarationAnswer {
  const { dir, head, previous = null } = request
  if (!isPath(dir) || !isPath(head) || !(previous === null || isPath(previous))) return { valid: false, error: 'malformed' }
  const headBytes = readFileAtMost(head, HEAD_BYTES_MAX)
  const problems = checkFolder(folderReader(dir), headBytes, previous === null ? undefined : folderReader(previous))
  return { valid: problems.length === 0, problems }
}

/** The same over any reader of files. */
function checkFolder(read: FileReader, headBytes: Uint8Array | undefined, readPrevious?: FileReader): FolderProblem[] {
  if (headBytes === undefined) return [{ code: 'head-missing' }]
  const head = statedBy(headBytes)
  if (head === undefined) return [{ code: 'head-malformed' }]
  const checkpoint = checkpointIn(read)
  if (typeof checkpoint === 'string') return [{ code: checkpoint, file: CHECKPOINT_FILE }]
  const problems: FolderProblem[] = []
  const named = parseDeclarationOrigin(checkpoint.origin)
  if (named?.headHash !== toHex(nodePrimitives.sha256(headBytes)) || head.of?.(named.logOrigin) === false) problems.push({ code: 'origin-not-of-head' })
  if (head.size !== checkpoint.size) problems.push({ code: 'size-not-of-head' })
  if (toHex(head.root) !== toHex(checkpoint.root)) problems.push({ code: 'root-not-of-head' })
  // Another declaration than the head's: its entries are nobody's to hash.
  if (named === undefined || problems.length > 0) return problems
  const previous = readPrevious === undefined ? undefined : previousIn(readPrevious, named.logOrigin, head.previous)
  if (previous !== undefined && 'code' in previous) return [previous]
  return checkDeclaration(nodePrimitives, checkpoint, STEP_UNIT, read, previous)
}

interface Stated extends DeclarationTree {
  /** Hash of the head before, lower-case hex; null for a first head, undefined where the head says nothing. */
  readonly previous: string | null | undefined
  /** Whether a log origin is of the head's party and agreement. */
  readonly of?: (logOrigin: string) => boolean
}

/** What a head states. A head that names its version is read by that version's rules; of another only size, root and previous are taken. */
function statedBy(bytes: Uint8Array): Stated | undefined {
  const value = jsonOf(bytes)
  if (value === undefined) return undefined
  if (!Object.hasOwn(value, 'v')) return plainly(value)
  const read = value['v'] === HEAD_VERSION ? readHead(nodePrimitives, bytes) : undefined
  if (read === undefined || read instanceof Refusal) return undefined
  const { head } = read
  const of = (logOrigin: string): boolean => {
    const log = parseLogOrigin(logOrigin)
    return log?.party === head.party && log.agreement === head.agreement
  }
  return { size: head.size, root: fromBase64(head.root) as Uint8Array, previous: head.previous, of }
}

function plainly(value: Readonly<Record<string, unknown>>): Stated | undefined {
  const { size, root, previous } = value
  const bytes = typeof root === 'string' ? (root.length === 64 ? fromHex(root) : fromBase64(root)) : undefined
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || bytes?.length !== 32) return undefined
  return { size, root: bytes, previous: typeof previous === 'string' && /^[0-9a-f]{64}$/.test(previous) ? previous : undefined }
}

function jsonOf(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = parseJson(bytes, { bytes: HEAD_BYTES_MAX, depth: 8 })
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

function checkpointIn(read: FileReader): Checkpoint | 'checkpoint-missing' | 'checkpoint-malformed' {
  const bytes = read(CHECKPOINT_FILE, NOTE_BYTES_MAX)
  if (bytes === undefined) return 'checkpoint-missing'
  const text = bytes.length > NOTE_BYTES_MAX ? undefined : Buffer.from(bytes).toString('utf8')
  const gap = text?.indexOf('\n\n') ?? -1
  try {
    return parseCheckpoint(gap < 0 ? (text ?? '') : (text as string).slice(0, gap + 1))
  } catch (error) {
    if (error instanceof Refusal) return 'checkpoint-malformed'
    throw error
  }
}

/** The previous declaration, its own files checked against its own checkpoint: labels that vanished must have been there. */
function previousIn(read: FileReader, logOrigin: string, hash: string | null | undefined): StoredDeclaration | FolderProblem {
  const checkpoint = checkpointIn(read)
  const named = typeof checkpoint === 'string' ? undefined : parseDeclarationOrigin(checkpoint.origin)
  if (typeof checkpoint === 'string' || named === undefined) return { code: 'previous-checkpoint' }
  if (named.logOrigin !== logOrigin) return { code: 'previous-of-another-log' }
  if (hash !== undefined && hash !== named.headHash) return { code: 'previous-not-of-head' }
  const [fault] = checkDeclaration(nodePrimitives, checkpoint, TILE_WIDTH, read)
  return fault === undefined ? { size: checkpoint.size, read } : { code: 'previous-checkpoint', ...(fault.file === undefined ? {} : { file: fault.file }) }
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('\0')
}
