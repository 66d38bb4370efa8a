// Vectors of signed notes: a text, its lines, and the keys that the reader knows.
import { toBase64, utf8 } from '@muster/core/bytes/bytes.ts'
import { noble as p } from '@muster/core/bytes/noble.ts'
import { formatNote, signNote, type NoteSignature } from '@muster/core/proof/note.ts'
import { ED25519, formatVkey, noteKey, type NoteKey } from '@muster/core/proof/vkey.ts'
import { secretOf } from './signers.ts'

/** `signers`: names of the known keys that signed, each once; null where the note is refused, for what `code` says. */
export type NoteVector = { what: string, note: string, vkeys: string[], signers: string[] | null, code: string | null }

const TEXT = 'EXERCISE\nseven launchers counted\n'
const key = (name: string, secret = name): NoteKey => noteKey(p, name, ED25519, p.ed25519PublicKey(secretOf(secret)))
const line = (name: string, text = TEXT, secret = name): NoteSignature => signNote(p, text, name, secretOf(secret))
const noteOf = (...signatures: NoteSignature[]) => formatNote({ text: TEXT, signatures })
const vkeys = (...keys: NoteKey[]) => keys.map((each) => formatVkey(each))

const A = 'aa.example/exercise'
const B = 'bb.example/exercise'
const signed = noteOf(line(A))

function valid(name: string, what: string, note: string, known: string[], signers: string[]): [string, NoteVector] {
  return [`note/valid/${name}`, { what, note, vkeys: known, signers, code: null }]
}

function invalid(name: string, what: string, note: string, known: string[], code: string): [string, NoteVector] {
  return [`note/invalid/${name}`, { what, note, vkeys: known, signers: null, code }]
}

export function noteVectors(): [string, NoteVector][] {
  const changed = { ...line(A), signature: line(A, 'another text\n').signature }
  return [
    valid('one-line', 'one known key', signed, vkeys(key(A)), [A]),
    valid('two-lines', 'two known keys', noteOf(line(A), line(B)), vkeys(key(A), key(B)), [A, B]),
    valid('unknown-line', 'a line of a key that nobody here knows is ignored, whatever it holds', noteOf(line(B, 'another text\n'), line(A)), vkeys(key(A)), [A]),
    valid('same-name-other-key', 'a known name with the ID of another key is another key', noteOf(line(A, TEXT, 'other'), line(A)), vkeys(key(A)), [A]),
    valid('signed-twice', 'a key whose line stands there twice is one signer', noteOf(line(A), line(A)), vkeys(key(A)), [A]),
    valid('empty-line-inside', 'the last empty line divides', formatNote({ text: 'a\n\nb\n', signatures: [line(A, 'a\n\nb\n')] }), vkeys(key(A)), [A]),
    invalid('text-changed', 'one letter of the text', signed.replace('seven', 'eleven'), vkeys(key(A)), 'note/bad-signature'),
    invalid('second-line-fails', 'a good line and a bad one of one known key void the note', noteOf(line(A), changed), vkeys(key(A)), 'note/bad-signature'),
    invalid('no-known-key', 'a note that only others signed', signed, vkeys(key(B)), 'note/no-known-signature'),
    invalid('no-signatures', 'a text alone', `${TEXT}\n`, vkeys(key(A)), 'note/no-signatures'),
    invalid('no-last-newline', 'the last line without its newline', signed.slice(0, -1), vkeys(key(A)), 'note/no-signatures'),
    invalid('hyphen-for-dash', 'a hyphen where the em dash stands', signed.replace('— ', '- '), vkeys(key(A)), 'note/signature-line'),
    invalid('base64-with-a-spare-bit', 'base64 whose last bits are not zero', signed.replace(/([A-Za-z0-9+/])==?\n$/, '$1\n'), vkeys(key(A)), 'note/signature-line'),
    invalid('unknown-line-malformed', 'also a line of an unknown key must have its form', `${signed}— ${B} ${toBase64(utf8('abc'))}\n`, vkeys(key(A)), 'note/signature-line'),
    invalid('control-character', 'a tab in the text', signed.replace('seven', '\tseven'), vkeys(key(A)), 'note/control-character'),
    invalid('small-order-key', 'a key of small order, under which one signature fits every text', smallOrder(), [formatVkey(noteKey(p, A, ED25519, IDENTITY))], 'note/bad-signature'),
  ]
}

/** The neutral element of Ed25519: y = 1. */
const IDENTITY = new Uint8Array(32).map((_, i) => i === 0 ? 1 : 0)

function smallOrder(): string {
  const { name, id } = noteKey(p, A, ED25519, IDENTITY)
  return formatNote({ text: TEXT, signatures: [{ name, id, signature: new Uint8Array(64).map((_, i) => i === 0 ? 1 : 0) }] })
}
