// Collecting cosignatures (C2SP tlog-witness): each party's witness for the own log, each party's reader for the own declarations. Who does
// not answer is asked again with the next checkpoint; a proof shows its k of n.
import { setTimeout as sleep } from 'node:timers/promises'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { timestampOf, verifyCosignature } from '@muster/core/proof/cosignature.ts'
import { formatNote, parseNote, parseSignatureLine, type NoteSignature } from '@muster/core/proof/note.ts'
import { consistencyFromTiles } from '@muster/core/proof/tile.ts'
import { parseCheckpoint } from '@muster/core/proof/tree-head.ts'
import type { NoteKey } from '@muster/core/proof/vkey.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { toBase64 } from '@muster/core/bytes/bytes.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import type { Joined } from '../store/agreements.ts'
import { tilesIn } from '../store/tiles.ts'
import { ask, Unreachable } from './client.ts'

const LINES_BYTES_MAX = 65_536
/** A reader reads a whole declaration before it answers. */
const MS_MAX = { witness: 10_000, reader: 120_000 } as const

/** Once a quorum has answered, how much longer the others hold up the caller; what comes later is told to it. */
const LATE_MS = 1_000

/** What is known of the witnesses of one log, and who is being asked. */
export interface Witnesses {
  /** Size that each witness said it last cosigned; a 409 tells. */
  readonly sizes: Map<string, number>
  /** Asked and not answered: a witness that hangs is not asked twice at once. */
  readonly asking: Set<PartyId>
}

export function noWitnesses(): Witnesses {
  return { sizes: new Map(), asking: new Set() }
}

/** The body of add-checkpoint (C2SP tlog-witness). */
export function formatSubmission(oldSize: number, path: readonly Uint8Array[], note: string): string {
  return `old ${oldSize}\n${path.map((hash) => `${toBase64(hash)}\n`).join('')}\n${note}`
}

/** The line of that key in the answer, when it verifies over the checkpoint; lines of unknown keys are ignored. */
function lineOf(text: string, key: NoteKey, note: string): NoteSignature | undefined {
  for (const [i, line] of text.split('\n').entries()) {
    if (line === '') continue
    try {
      const signature = parseSignatureLine(line, i + 1)
      if (signature.name === key.name && signature.id === key.id && verifyCosignature(p, key, parseNote(note).text, signature.signature)) return signature
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown
    }
  }
  return undefined
}

/** The note with further signature lines; one that stands already is not added again. */
export function withCosignatures(note: string, lines: readonly NoteSignature[]): string {
  const parsed = parseNote(note)
  const fresh = lines.filter(({ name, id }) => !parsed.signatures.some((held) => held.name === name && held.id === id))
  return fresh.length === 0 ? note : formatNote({ text: parsed.text, signatures: [...parsed.signatures, ...fresh] })
}

/** Whether a key has its line in a note. */
export function bearsLineOf(note: string, key: NoteKey): boolean {
  return parseNote(note).signatures.some(({ name, id }) => name === key.name && id === key.id)
}

/** A submission to one cosigner, by wire or within this registry. */
export type Submit = (body: string) => Promise<{ readonly status: number, readonly body: string }>

/** A witness that cosigned more entries than this log has: it says so, and a registry restored from an older copy learns it here. */
class Ahead extends Error {
  constructor(party: string, held: number, size: number) {
    super(`${party} says that it cosigned ${held} entries of this log, which has ${size}: if that is so, this registry was restored from an older copy. Stop it and restore a newer one; two histories would convict this party.`)
  }
}

/** Asks one witness; undefined where it gave no valid cosignature. */
export async function askWitness(submit: Submit, key: NoteKey, note: string, folder: string, party: string, sizes: Map<string, number>): Promise<NoteSignature | undefined> {
  const { size } = parseCheckpoint(parseNote(note).text)
  for (let tries = 0; tries < 2; tries++) {
    const old = Math.min(sizes.get(party) ?? 0, size)
    const path = old === 0 || old === size ? [] : consistencyFromTiles(p, old, size, tilesIn(folder))
    const { status, body } = await submit(formatSubmission(old, path, note))
    if (status === 200) {
      sizes.set(party, size)
      return lineOf(body, key, note)
    }
    const held = status === 409 && /^\d{1,15}\n$/.test(body) ? Number(body) : undefined
    if (held === undefined) return undefined
    if (held > size) throw new Ahead(party, held, size)
    sizes.set(party, held)
  }
  return undefined
}

/** Asks one reader; undefined where it gave no valid cosignature, as one that is still reading. */
export async function askReader(submit: (body: string) => Promise<{ readonly status: number, readonly body: string } | 'reading'>, key: NoteKey, note: string): Promise<NoteSignature | undefined> {
  const answer = await submit(formatSubmission(0, [], note))
  return answer !== 'reading' && answer.status === 200 ? lineOf(answer.body, key, note) : undefined
}

/** The cosigner of a registry by HTTP. */
export function overWire(url: string, cosigner: 'witness' | 'reader', signal: AbortSignal | undefined): Submit {
  return submitTo(`${url}/${cosigner}`, MS_MAX[cosigner], signal)
}

/** `prefix`: the submission prefix of tlog-witness. */
function submitTo(prefix: string, ms_max: number, signal: AbortSignal | undefined): Submit {
  return async (body) => {
    const answer = await ask(`${prefix}/add-checkpoint`, { method: 'POST', body, bytesMax: LINES_BYTES_MAX, ms_max, retries: 0, signal })
    return { status: answer.status, body: answer.body.toString('utf8') }
  }
}

export interface Witnessing {
  readonly witnesses: Witnesses
  /** The own witness, asked without a network. */
  readonly own: Submit
  /** Hears the note with the lines that came after this was over. */
  readonly late: (note: string) => void
  readonly report: (what: string) => void
  readonly signal?: AbortSignal | undefined
}

/**
 * The checkpoint of the log in `folder` with the cosignatures of all witnesses that answer: when all have, or shortly after a quorum has. One that
 * cannot be reached, hangs or answers rubbish gives none and holds up nobody for long.
 */
export async function witnessed(joined: Joined, self: PartyId, note: string, folder: string, { witnesses, own, late, report, signal }: Witnessing): Promise<string> {
  const { sizes, asking } = witnesses
  const parties = [...joined.trust.parties.values()]
  // What a witness from outside the agreement cosigned is in no quorum, and a key that was replaced is asked for no more.
  const held = new Set(parties.flatMap(({ party, witness }) => bearsLineOf(note, witness) ? [party] : []))
  const lines: NoteSignature[] = []
  let over = false
  const enough = Promise.withResolvers<void>()
  const one = async (party: PartyId, key: NoteKey, submit: Submit): Promise<void> => {
    asking.add(party)
    try {
      const line = await askWitness(submit, key, note, folder, party, sizes)
      if (line === undefined) return
      if (over) late(withCosignatures(note, [line]))
      else lines.push(line)
      if (held.size + lines.length >= joined.agreement.quorum) enough.resolve()
    } catch (error) {
      // The own witness may refuse for a reason of its own; the others' cosignatures are taken all the same.
      if (!isQuiet(error)) report(error instanceof Error ? error.message : String(error))
    } finally {
      asking.delete(party)
    }
  }
  const asked = parties.flatMap(({ party, witness }) => {
    const url = joined.urls.get(party)
    const submit = party === self ? own : url === undefined ? undefined : overWire(url, 'witness', signal)
    return submit === undefined || held.has(party) || asking.has(party) ? [] : [one(party, witness, submit)]
  })
  await Promise.race([Promise.all(asked), enough.promise.then(() => sleep(LATE_MS, undefined, { ref: false }))])
  over = true
  return withCosignatures(note, lines)
}

/**
 * The line of a witness from outside the agreement over the checkpoint of the log in `folder`; undefined where it gave none that holds: one that cannot be
 * reached, refuses, signs another thing or under another key, or dates its line 0 or after `latest` (POSIX seconds). It is believed in nothing else: what size
 * it says it holds is only where the next proof begins.
 */
export async function foreignLine({ url, key }: { readonly url: string, readonly key: NoteKey }, note: string, folder: string, sizes: Map<string, number>, latest: number, signal?: AbortSignal): Promise<NoteSignature | undefined> {
  try {
    const line = await askWitness(submitTo(url, MS_MAX.witness, signal), key, note, folder, `${url} ${key.name} ${key.id}`, sizes)
    const time = line === undefined ? 0 : timestampOf(line.signature) ?? 0
    return time > 0 && time <= latest ? line : undefined
  } catch (error) {
    if (isQuiet(error) || error instanceof Ahead) return undefined
    throw error
  }
}

/** One reader's cosignature of a declaration's checkpoint; undefined where it gave none: it may still be reading. */
export async function readerLine(joined: Joined, party: PartyId, note: string, signal?: AbortSignal): Promise<NoteSignature | undefined> {
  const [url, trust] = [joined.urls.get(party), joined.trust.parties.get(party)]
  if (url === undefined || trust === undefined) return undefined
  try {
    return await askReader(overWire(url, 'reader', signal), trust.reader, note)
  } catch (error) {
    if (isQuiet(error)) return undefined
    throw error
  }
}

/** A cosigner that cannot be reached, or answers rubbish, gives no cosignature; that is seen in the k of n. */
function isQuiet(error: unknown): boolean {
  return error instanceof Unreachable || error instanceof Breach || error instanceof Refusal
}
