import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Breach } from '../bytes/breach.ts'
import { concat, toBase64, u64, utf8 } from '../bytes/bytes.ts'
import { noble as p } from '../bytes/noble.ts'
import { Refusal } from '../bytes/refusal.ts'
import { subtreeMessage } from './cosignature.ts'
import { formatNote, formatSignatureLine, NOTE_SIGNATURES_MAX, openNote, parseNote, signNote, type NoteSignature } from './note.ts'
import { ED25519, ED25519_COSIGNATURE, formatVkey, MLDSA44, noteKey, parseVkey, type NoteKey } from './vkey.ts'

const EXAMPLE_VKEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
const EXAMPLE_LINE = '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n'
const EXAMPLE = `This is an example message.\n\n${EXAMPLE_LINE}`
const PETER_VKEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const PETER = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`
const TEXT = 'first paragraph\n\n— not a signature\n'

const refusedWith = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code
const breachedWith = (code: string) => (error: unknown) => error instanceof Breach && error.code === code

function signer(name: string, byte: number): { key: NoteKey; sign: (text: string) => NoteSignature } {
  const seed = new Uint8Array(32).fill(byte)
  return { key: noteKey(p, name, ED25519, p.ed25519PublicKey(seed)), sign: (text) => signNote(p, text, name, seed) }
}

const a = signer('a.example', 1)
const b = signer('b.example', 2)
const signed = (...signatures: NoteSignature[]) => formatNote({ text: TEXT, signatures })

test('the published notes of the standard and of Go open under their published keys', () => {
  assert.deepEqual(openNote(p, EXAMPLE, [parseVkey(p, EXAMPLE_VKEY)]).signers, ['example.com/foo'])
  assert.equal(openNote(p, utf8(EXAMPLE), [parseVkey(p, EXAMPLE_VKEY)]).text, 'This is an example message.\n')
  assert.deepEqual(openNote(p, PETER, [parseVkey(p, EXAMPLE_VKEY), parseVkey(p, PETER_VKEY)]).signers, ['PeterNeumann'])
  assert.throws(() => openNote(p, PETER, [parseVkey(p, EXAMPLE_VKEY)]), breachedWith('note/no-known-signature'))
  assert.throws(() => openNote(p, EXAMPLE.replace('an example', 'no example'), [parseVkey(p, EXAMPLE_VKEY)]), breachedWith('note/bad-signature'))
})

test('a note is written and read back to the same bytes, its text ending at the last empty line', () => {
  const note = signed(a.sign(TEXT), b.sign(TEXT))
  assert.equal(parseNote(note).text, TEXT)
  assert.equal(formatNote(parseNote(note)), note)
  assert.equal(formatNote(parseNote(EXAMPLE)), EXAMPLE)
})

test('one line of a known key that fails voids the note, whatever else holds', () => {
  const forged = { ...b.sign(TEXT), signature: a.sign(TEXT).signature }
  assert.throws(() => openNote(p, signed(a.sign(TEXT), forged), [a.key, b.key]), breachedWith('note/bad-signature'))
  assert.throws(() => openNote(p, signed(a.sign(TEXT), { ...a.sign(TEXT), signature: new Uint8Array(64) }), [a.key]), breachedWith('note/bad-signature'))
  assert.throws(() => openNote(p, signed({ ...a.sign(TEXT), signature: Uint8Array.of(1) }), [a.key]), breachedWith('note/bad-signature'))
  assert.deepEqual(openNote(p, signed(a.sign(TEXT), forged), [a.key]).signers, ['a.example'])
})

test('lines that share only the name or only the ID with a known key are ignored', () => {
  const otherId = { ...a.sign(TEXT), id: (a.key.id ^ 1) >>> 0, signature: new Uint8Array(64) }
  const otherName = { ...a.sign(TEXT), name: 'c.example', signature: new Uint8Array(64) }
  assert.deepEqual(openNote(p, signed(otherId, otherName, a.sign(TEXT)), [a.key]).signers, ['a.example'])
  assert.throws(() => openNote(p, signed(otherId, otherName), [a.key]), breachedWith('note/no-known-signature'))
})

test('signers are named once each, in the order of the note', () => {
  const opened = openNote(p, signed(b.sign(TEXT), a.sign(TEXT), b.sign(TEXT)), [a.key, b.key, a.key])
  assert.deepEqual(opened.signers, ['b.example', 'a.example'])
  assert.equal(opened.known.length, 3)
})

test('two different known keys under one name and ID are refused as ambiguous', () => {
  const twin = { ...b.key, name: a.key.name, id: a.key.id }
  assert.throws(() => openNote(p, signed(a.sign(TEXT)), [a.key, twin]), refusedWith('note/ambiguous-key'))
})

test('malformed notes are refused, each for its reason', () => {
  const line = EXAMPLE_LINE
  const cases: [string, string][] = [
    ['', 'note/no-signatures'],
    ['text\n', 'note/no-signatures'],
    ['text\n\n', 'note/no-signatures'],
    [`text\n${line}`, 'note/no-signatures'],
    [`text\n\n${line.slice(0, -1)}`, 'note/no-signatures'],
    [`text\n\n${line}\n`, 'note/no-signatures'],
    [`text\n\n${line}x\n`, 'note/signature-line'],
    [`text\n\n${line.replace('—', '-')}`, 'note/signature-line'],
    [`text\n\n${line.replace(' ', '\u00a0')}`, 'note/signature-line'],
    [`text\n\n${line.replace('/foo', '+foo')}`, 'note/signature-line'],
    [`text\n\n${line.replace('/foo', '\u2003foo')}`, 'note/signature-line'],
    [`text\n\n${line.replace('/foo ', '/foo  ')}`, 'note/signature-line'],
    [`text\n\n${line.replace('M=\n', 'N=\n')}`, 'note/signature-line'],
    [`text\n\n${line.replace('=\n', '\n')}`, 'note/signature-line'],
    ['text\n\n— a.example AAAAAA==\n', 'note/signature-line'],
    ['text\n\n— a.example \n', 'note/signature-line'],
    [`te\txt\n\n${line}`, 'note/control-character'],
    [`text\r\n\n${line}`, 'note/control-character'],
    [`te\u0000xt\n\n${line}`, 'note/control-character'],
    [`te\ud800xt\n\n${line}`, 'note/not-utf-8'],
    [`text\n\n${line.repeat(NOTE_SIGNATURES_MAX + 1)}`, 'note/too-many-signatures'],
    [`${'x'.repeat(1_048_576)}\n\n${line}`, 'note/too-large'],
    [`${'é'.repeat(524_288)}\n\n${line}`, 'note/too-large'],
  ]
  for (const [note, code] of cases) assert.throws(() => parseNote(note), refusedWith(code), `${code}: ${note.slice(0, 60)}`)
  assert.throws(() => parseNote(concat(Uint8Array.of(0xff), utf8(EXAMPLE))), refusedWith('note/not-utf-8'))
  assert.throws(() => parseNote(new Uint8Array(1_048_577)), refusedWith('note/too-large'))
  assert.throws(() => formatNote({ text: 'no newline', signatures: [a.sign(TEXT)] }), refusedWith('note/text'))
  assert.throws(() => formatNote({ text: TEXT, signatures: [] }), refusedWith('note/no-signatures'))
})

test('256 lines are taken, a text may be nothing but a newline or hold any other Unicode', () => {
  assert.equal(parseNote(`text\n\n${EXAMPLE_LINE.repeat(NOTE_SIGNATURES_MAX)}`).signatures.length, NOTE_SIGNATURES_MAX)
  assert.equal(parseNote(`\n\n${EXAMPLE_LINE}`).text, '\n')
  assert.equal(parseNote(`\ufeffтекст\u0085\u007f\n\n${EXAMPLE_LINE}`).text, '\ufeffтекст\u0085\u007f\n')
})

test('verifier keys read back, and one that contradicts itself is refused', () => {
  assert.equal(formatVkey(parseVkey(p, EXAMPLE_VKEY)), EXAMPLE_VKEY)
  const raw = new Uint8Array(1312).fill(7)
  for (const key of [noteKey(p, 'м.example/x', MLDSA44, raw), noteKey(p, 'w', ED25519_COSIGNATURE, raw.subarray(0, 32))]) {
    assert.deepEqual(parseVkey(p, formatVkey(key)), key)
  }
  const cases: [string, string][] = [
    [EXAMPLE_VKEY.replace('530d903a', '530d903b'), 'vkey/id'],
    [EXAMPLE_VKEY.replace('530d903a', '530D903A'), 'vkey/form'],
    [EXAMPLE_VKEY.replace('foo', 'fop'), 'vkey/id'],
    [EXAMPLE_VKEY.replace('example.com/foo', ''), 'vkey/form'],
    [EXAMPLE_VKEY.replace('com/', 'com '), 'vkey/name'],
    [`${EXAMPLE_VKEY}\n`, 'vkey/form'],
    [EXAMPLE_VKEY.replace('+Aek', '+Bek'), 'vkey/type'],
    [EXAMPLE_VKEY.replace('+Aek', '+Aukk'), 'vkey/form'],
    [`a+00000000+${toBase64(Uint8Array.of(2, ...raw.subarray(0, 32)))}`, 'vkey/type'],
    ['a+00000000+', 'vkey/form'],
    [`a+00000000+${toBase64(Uint8Array.of(1, ...raw.subarray(0, 31)))}`, 'vkey/length'],
  ]
  for (const [text, code] of cases) assert.throws(() => parseVkey(p, text), refusedWith(code), `${code}: ${text}`)
  assert.throws(() => noteKey(p, 'n'.repeat(256), MLDSA44, raw), refusedWith('vkey/name'))
})

test('Ed25519 cosignatures verify over time and whole text, extension lines included', () => {
  const seed = new Uint8Array(32).fill(9)
  const key = noteKey(p, 'w.example', ED25519_COSIGNATURE, p.ed25519PublicKey(seed))
  const text = `log.example\n5\n${toBase64(new Uint8Array(32))}\nextension\n`
  const raw = p.ed25519Sign(seed, utf8(`cosignature/v1\ntime 1679315147\n${text}`))
  const line = { name: key.name, id: key.id, signature: concat(u64(1_679_315_147), raw) }
  assert.deepEqual(openNote(p, formatNote({ text, signatures: [line] }), [key]).signers, ['w.example'])
  for (const wrong of [text.replace('extension', 'Extension'), 'no checkpoint\n']) {
    assert.throws(() => openNote(p, formatNote({ text: wrong, signatures: [line] }), [key]), breachedWith('note/bad-signature'))
  }
  const later = { ...line, signature: concat(u64(1_679_315_148), raw) }
  assert.throws(() => openNote(p, formatNote({ text, signatures: [later] }), [key]), breachedWith('note/bad-signature'))
})

test('the bytes under an ML-DSA-44 cosignature are those of the standard, assembled here by hand', () => {
  const root = new Uint8Array(32).fill(0xab)
  const message = subtreeMessage({ cosigner: 'w.example', timestamp: 0x0102030405, origin: 'log', start: 0, end: 0x10000000001, root })
  const expected = Buffer.concat([
    Buffer.from('subtree/v1\n\0', 'latin1'),
    Buffer.from('\x09w.example\0\0\0\x01\x02\x03\x04\x05\x03log', 'latin1'),
    Buffer.from('0000000000000000' + '0000010000000001', 'hex'),
    root,
  ])
  assert.deepEqual(Buffer.from(message), expected)
  const subtree = { cosigner: 'w', timestamp: 0, origin: 'l', start: 4, end: 8, root }
  assert.equal(subtreeMessage(subtree).length, 12 + 2 + 8 + 2 + 16 + 32)
  assert.throws(() => subtreeMessage({ ...subtree, timestamp: 1 }), refusedWith('cosignature/timestamp'))
  assert.throws(() => subtreeMessage({ ...subtree, start: 9 }), refusedWith('cosignature/range'))
  assert.throws(() => subtreeMessage({ ...subtree, cosigner: 'x'.repeat(256) }), refusedWith('cosignature/name'))
  assert.throws(() => subtreeMessage({ ...subtree, origin: '' }), refusedWith('cosignature/origin'))
})

test('a line is written as it is read', () => {
  assert.equal(formatSignatureLine(parseNote(EXAMPLE).signatures[0] as NoteSignature), EXAMPLE_LINE)
})
