// Collecting cosignatures (C2SP tlog-witness): each party's witness for the own log, each party's reader for the own declarations. Who does
// not answer is asked again with the next checkpoint; a proof shows its k of n.

import { Refusal } from '@muster/core/bytes/refusal.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { verifyCosignature } from '@muster/core/proof/cosignature.ts'
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
const WITNESS_MS_MAX = 10_000
/** A reader reads a whole declaration before it answers. */
const READER_MS_MAX = 120_000

/** Sizes that each witness said it last cosigned; starts empty, a 409 tells. */
export type WitnessSizes = Map<PartyId, number>

function submission(oldSize: number, path: readonly Uint8Array[], note: string): string {
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
function withCosignatures(note: string, lines: readonly NoteSignature[]): string {
  const parsed = parseNote(note)
  const fresh = lines.filter(({ name, id }) => !parsed.signatures.some((held) => held.name === name && held.id === id))
  return fresh.length === 0 ? note : formatNote({ text: parsed.text, signatures: [...parsed.signatures, ...fresh] })
}

/** A submission to one witness, by wire or within this registry. */
export type Submit = (body: string) => Promise<{ readonly status: number, readonly body: string }>

/** Asks one witness; undefined where it gave no valid cosignature. */
async function askWitness(submit: Submit, key: NoteKey, note: string, folder: string, party: PartyId, sizes: WitnessSizes): Promise<NoteSignature | undefined> {
  const { size } = parseCheckpoint(parseNote(note).text)
  for (let tries = 0; tries < 2; tries++) {
    const old = Math.min(sizes.get(party) ?? 0, size)
    const path = old === 0 || old === size ? [] : consistencyFromTiles(p, old, size, tilesIn(folder))
    const { status, body } = await submit(submission(old, path, note))
    if (status === 200) {
      sizes.set(party, size)
      return lineOf(body, key, note)
    }
    const held = status === 409 && /^\d{1,15}\n$/.test(body) ? Number(body) : undefined
    if (held === undefined || held > size) return undefined
    sizes.set(party, held)
  }
  return undefined
}

function overWire(url: string): Submit {
  return async (body) => {
    const answer = await ask(`${url}/witness/add-checkpoint`, { method: 'POST', body, bytesMax: LINES_BYTES_MAX, ms_max: WITNESS_MS_MAX, retries: 0 })
    return { status: answer.status, body: answer.body.toString('utf8') }
  }
}

/** Cosignatures of all reachable witnesses for the log's checkpoint in `folder`. `own`: this registry's own witness, asked without a network. */
export async function witnessed(joined: Joined, self: PartyId, note: string, folder: string, sizes: WitnessSizes, own: Submit): Promise<string> {
  const held = new Set(parseNote(note).signatures.map(({ name }) => name))
  const asked = [...joined.trust.parties.values()].map(async ({ party, witness }) => {
    const url = joined.urls.get(party)
    const submit = party === self ? own : url === undefined ? undefined : overWire(url)
    return submit === undefined || held.has(witness.name) ? undefined : askWitness(submit, witness, note, folder, party, sizes).catch(quiet)
  })
  return withCosignatures(note, (await Promise.all(asked)).filter((line) => line !== undefined))
}

/** Cosignatures of all reachable readers for a declaration's checkpoint. */
export async function readBy(joined: Joined, self: PartyId, note: string, own: () => Promise<NoteSignature>): Promise<string> {
  const held = new Set(parseNote(note).signatures.map(({ name }) => name))
  const asked = [...joined.trust.parties.values()].map(async ({ party, reader }) => {
    if (held.has(reader.name)) return undefined
    if (party === self) return own()
    const url = joined.urls.get(party)
    if (url === undefined) return undefined
    return ask(`${url}/reader/add-checkpoint`, { method: 'POST', body: submission(0, [], note), bytesMax: LINES_BYTES_MAX, ms_max: READER_MS_MAX, retries: 0 })
      .then(({ status, body }) => (status === 200 ? lineOf(body.toString('utf8'), reader, note) : undefined), quiet)
  })
  return withCosignatures(note, (await Promise.all(asked)).filter((line) => line !== undefined))
}

/** A witness that cannot be reached, or answers rubbish, gives no cosignature; that is seen in the k of n. */
function quiet(error: unknown): undefined {
  if (error instanceof Unreachable || error instanceof Breach || error instanceof Refusal) return undefined
  throw error
}

