// The conformance door (DESIGN section 9, spec/conformance.md): one JSON request a line in, one JSON answer a line out, in order. Whatever
// a line holds, it gets an answer, and the next line is read.
import { fromUtf8 } from '@muster/core/bytes/bytes.ts'
import { parseJson } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { answerAbsence, answerOpen } from '@muster/core/proof/lookup-door.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { answerDeclaration } from '@muster/fast/declaration/door.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { answerDossier } from './dossier.ts'
import { linesOf } from './lines.ts'
import { answerLog } from './log-folder.ts'
import { answerMark } from './mark.ts'
import { answerMerkle } from './merkle.ts'
import { answerNote } from './note.ts'
import { answerOprf } from './oprf.ts'
import type { DoorCode, Request } from './request.ts'

/** Room for one section of 1 MiB in hex, a note of 1 MiB escaped, four lists of 1,024 elements with their inputs. */
export const LINE_BYTES_MAX = 8 * 1_048_576
const REQUEST_DEPTH_MAX = 16

export const OPS = ['mark', 'merkle', 'note', 'oprf', 'log', 'absence', 'open', 'declaration', 'dossier'] as const
export type Op = (typeof OPS)[number]
/** Questions whose answer says `valid`, also where the request cannot be read. */
const SAYS_VALID: ReadonlySet<unknown> = new Set<Op>(['merkle', 'note', 'log', 'absence', 'open', 'declaration'])

type Ask = (request: Request) => unknown

/** Group and clock come in: the POSIX seconds that a dossier's date is held against. */
export function openDoor(group: Group, now: () => number): (line: Uint8Array | undefined) => unknown {
  const ask: Readonly<Record<Op, Ask>> = {
    mark: answerMark, merkle: answerMerkle, note: answerNote, log: answerLog, declaration: answerDeclaration,
    absence: (request) => answerAbsence(nodePrimitives, request),
    open: (request) => answerOpen(nodePrimitives, request),
    oprf: (request) => answerOprf(group, request),
    dossier: (request) => answerDossier(group, request, now()),
  }
  return (line) => {
    if (line === undefined) return refused(undefined, 'line-too-long')
    const read = requestIn(line)
    if ('code' in read) return refused(read.op, read.code)
    const op = opOf(read.request)
    if (op === undefined) return refused(undefined, 'unknown-op')
    try {
      return ask[op](read.request)
    } catch (thrown) {
      return refused(op, isOfTheDisk(thrown) ? 'unreadable' : 'fault')
    }
  }
}

/** Every line of the input answered by one line, until the input ends. `write` resolves when there is room for the next. */
export async function serveDoor(answer: (line: Uint8Array | undefined) => unknown, input: AsyncIterable<Uint8Array>, write: (line: string) => Promise<void> | void): Promise<void> {
  for await (const line of linesOf(input, LINE_BYTES_MAX)) {
    const waiting = write(JSON.stringify(answer(line)))
    if (waiting !== undefined) await waiting
  }
}

function refused(op: unknown, error: DoorCode): { readonly valid?: false, readonly error: DoorCode } {
  return SAYS_VALID.has(op) ? { valid: false, error } : { error }
}

const opOf = (request: Request): Op | undefined => OPS.find((op) => Object.hasOwn(request, 'op') && request['op'] === op)

/** A line as a request, or why it is none; then `op` as far as a lenient reading finds it, so that the answer has that op's form. */
function requestIn(line: Uint8Array): { readonly request: Request } | { readonly op: unknown, readonly code: DoorCode } {
  try {
    const request = parseJson(line, { bytes: LINE_BYTES_MAX, depth: REQUEST_DEPTH_MAX })
    if (isObject(request)) return { request }
    return { op: undefined, code: 'malformed' }
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    return { op: leniently(line), code: thrown.code === 'json/number-range' ? 'out-of-range' : 'malformed' }
  }
}

function leniently(line: Uint8Array): unknown {
  const text = fromUtf8(line)
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value['op'] : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Request => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Errors that the operating system reports; any other is a bug, and the door still answers. */
function isOfTheDisk(thrown: unknown): boolean {
  return thrown instanceof Error && typeof (thrown as NodeJS.ErrnoException).errno === 'number'
}
