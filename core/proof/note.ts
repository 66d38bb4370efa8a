// Signed notes (C2SP signed-note): a text, an empty line, and a line for each signature.

import { concat, equal, fromBase64, fromUtf8, toBase64, utf8 } from '../bytes/bytes.ts'
import { Breach } from '../bytes/breach.ts'
import type { Primitives, Signing } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { verifyCosignature } from './cosignature.ts'
import { ED25519, hasControl, idBytes, isKeyName, noteKey, type NoteKey } from './vkey.ts'

export const NOTE_BYTES_MAX = 1_048_576
/** The standard demands 16; a checkpoint of 200 parties carries a witness's line of most of them. */
export const NOTE_SIGNATURES_MAX = 256
const ID_BYTES = 4
const LINE_START = '— '
/** Bytes of one UTF-16 unit. */
const UTF8_BYTES_MAX = 3

export type NoteCode =
  | 'note/too-large'
  | 'note/not-utf-8'
  | 'note/control-character'
  | 'note/no-signatures'
  | 'note/signature-line'
  | 'note/too-many-signatures'
  | 'note/text'
  | 'note/ambiguous-key'

export type NoteBreachCode = 'note/bad-signature' | 'note/no-known-signature'

/** One signature line; `signature` is what follows the key ID. */
export interface NoteSignature {
  readonly name: string
  readonly id: number
  readonly signature: Uint8Array
}

/** `text` ends in a newline. */
export interface Note {
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** A signature that verified, and the key it verified under. */
export interface KnownSignature {
  readonly key: NoteKey
  readonly signature: Uint8Array
}

export interface OpenedNote {
  readonly text: string
  /** Names of the keys that signed, each once, in the order of the note. */
  readonly signers: readonly string[]
  /** Every line of a known key, in the order of the note. */
  readonly known: readonly KnownSignature[]
}

/**
 * Strict: UTF-8, no control characters, at least one and at most 256 well-formed lines in canonical base64. Throws a Refusal.
 * `bytesOf64`: canonical base64, the runtime's own where there is one.
 */
export function parseNote(note: Uint8Array | string, bytesOf64: Primitives['bytesOf64'] = fromBase64): Note {
  const text = typeof note === 'string' ? note : noteText(note)
  const gap = text.lastIndexOf('\n\n')
  const lines = text.slice(gap + 2, -1).split('\n')
  demandForm(text, lines.length)
  return { text: text.slice(0, gap + 1), signatures: lines.map((line, i) => parseSignatureLine(line, i + 1, bytesOf64)) }
}

function demandForm(text: string, lines: number): void {
  if (!text.isWellFormed()) throw new Refusal<NoteCode>('note/not-utf-8', 'the note holds a lone surrogate')
  if (text.length > NOTE_BYTES_MAX || (UTF8_BYTES_MAX * text.length > NOTE_BYTES_MAX && utf8(text).length > NOTE_BYTES_MAX)) throw tooLarge()
  if (hasControl(text)) throw new Refusal<NoteCode>('note/control-character', 'a note holds no control characters but newlines')
  const gap = text.lastIndexOf('\n\n')
  if (gap < 0 || !text.endsWith('\n') || gap + 2 === text.length) {
    throw new Refusal<NoteCode>('note/no-signatures', 'a note is a text, an empty line and at least one signature line, each ending in a newline')
  }
  if (lines > NOTE_SIGNATURES_MAX) throw new Refusal<NoteCode>('note/too-many-signatures', `the note has ${lines} signature lines, the most is ${NOTE_SIGNATURES_MAX}`)
}

function noteText(bytes: Uint8Array): string {
  if (bytes.length > NOTE_BYTES_MAX) throw tooLarge()
  const text = fromUtf8(bytes)
  if (text === undefined) throw new Refusal<NoteCode>('note/not-utf-8', 'the note is not UTF-8')
  return text
}

function tooLarge(): Refusal<NoteCode> {
  return new Refusal('note/too-large', `a note has at most ${NOTE_BYTES_MAX} bytes`)
}

/** One line without its newline, as a witness answers it; `at` is its number for the message. */
export function parseSignatureLine(line: string, at: number, bytesOf64: Primitives['bytesOf64'] = fromBase64): NoteSignature {
  const space = line.startsWith(LINE_START) ? line.indexOf(' ', LINE_START.length) : -1
  const bytes = space < 0 ? undefined : bytesOf64(line.slice(space + 1))
  const name = line.slice(LINE_START.length, space)
  if (bytes === undefined || bytes.length <= ID_BYTES || !isKeyName(name)) {
    throw badLine(at)
  }
  const id = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  return { name, id, signature: bytes.slice(ID_BYTES) }
}

function badLine(at: number): Refusal<NoteCode> {
  return new Refusal('note/signature-line', `signature line ${at} does not read "— <key name> <base64 of key ID and signature>"`, at)
}

/** The line with its newline. */
export function formatSignatureLine({ name, id, signature }: NoteSignature): string {
  return `— ${name} ${toBase64(concat(idBytes(id), signature))}\n`
}

/** The note's text form; throws a Refusal for what `parseNote` would not read back. */
export function formatNote({ text, signatures }: Note): string {
  if (!text.endsWith('\n')) throw new Refusal<NoteCode>('note/text', 'the text of a note ends in a newline')
  const whole = `${text}\n${signatures.map(formatSignatureLine).join('')}`
  demandForm(whole, signatures.length)
  signatures.forEach(({ name, signature }, i) => {
    if (!isKeyName(name) || signature.length === 0) throw badLine(i + 1)
  })
  return whole
}

/** A plain Ed25519 signature (type 01) over the text. */
export function signNote(p: Primitives & Signing, text: string, name: string, seed: Uint8Array): NoteSignature {
  const key = noteKey(p, name, ED25519, p.ed25519PublicKey(seed))
  return { name, id: key.id, signature: p.ed25519Sign(seed, utf8(text)) }
}

/**
 * The note when at least one known key signed it and no line of a known key fails; a line of an unknown key is ignored, also where it
 * shares the name or the ID, but not both, with a known one. Throws a Refusal for a malformed note, a Breach with the note and the
 * key's name for signatures. C2SP signed-note, "Signatures".
 */
export function openNote(p: Primitives, note: Note | Uint8Array | string, keys: readonly NoteKey[]): OpenedNote {
  const parsed = typeof note === 'string' || note instanceof Uint8Array ? parseNote(note, p.bytesOf64) : note
  const known = knownSignatures(p, parsed, keys)
  if (known.length === 0) {
    const evidence = { note: formatNote(parsed), known: keys.map((key) => key.name) }
    throw new Breach<NoteBreachCode>('note/no-known-signature', 'no known key has signed the note', evidence)
  }
  return { text: parsed.text, signers: [...new Set(known.map(({ key }) => key.name))], known }
}

/** The lines of known keys, none perhaps. Throws a Breach where one does not verify: such a note is void as a whole. */
export function knownSignatures(p: Primitives, { text, signatures }: Note, keys: readonly NoteKey[]): KnownSignature[] {
  const known: KnownSignature[] = []
  for (const { name, id, signature } of signatures) {
    const key = knownKey(keys, name, id)
    if (key === undefined) continue
    if (!verifySignature(p, key, text, signature)) {
      const evidence = { note: formatNote({ text, signatures }), name }
      throw new Breach<NoteBreachCode>('note/bad-signature', `the signature of ${name} does not verify; the whole note is void`, evidence)
    }
    known.push({ key, signature })
  }
  return known
}

function knownKey(keys: readonly NoteKey[], name: string, id: number): NoteKey | undefined {
  const [first, ...others] = keys.filter((key) => key.id === id && key.name === name)
  if (others.some((key) => key.type !== first?.type || !equal(key.publicKey, first.publicKey))) {
    throw new Refusal<NoteCode>('note/ambiguous-key', `two different known keys are both named ${name} and share a key ID; leave one out`)
  }
  return first
}

export function verifySignature(p: Primitives, key: NoteKey, text: string, signature: Uint8Array): boolean {
  return key.type === ED25519 ? p.ed25519Verify(key.publicKey, utf8(text), signature) : verifyCosignature(p, key, text, signature)
}
