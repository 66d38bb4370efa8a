import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Breach } from '../bytes/breach.ts'
import { concat, toBase64, u64, utf8 } from '../bytes/bytes.ts'
import { noble as p } from '../bytes/noble.ts'
import { Refusal } from '../bytes/refusal.ts'
import { logKeysOf, signCheckpoint, verifyLogCheckpoint } from './checkpoint.ts'
import { signCosignature, subtreeMessage } from './cosignature.ts'
import { countCosigners } from './cosigners.ts'
import { emptyRoot, leafHash } from './merkle.ts'
import { formatNote, parseNote, signNote, type NoteSignature } from './note.ts'
import { formatCheckpoint, parseCheckpoint, readTreeHead } from './tree-head.ts'
import { ED25519_COSIGNATURE, MLDSA44, noteKey } from './vkey.ts'

const seed = (byte: number) => new Uint8Array(32).fill(byte)
const TIME = 1_790_000_000
const LOG = 'qx.example/muster/exercise'
const secrets = { name: LOG, ed25519Seed: seed(1), mldsa44Seed: seed(2) }
const keys = logKeysOf(p, secrets)
const checkpoint = { origin: LOG, size: 5, root: leafHash(p, utf8('root')) }
const note = signCheckpoint(p, checkpoint, secrets, TIME)
const text = formatCheckpoint(checkpoint)

const refusedWith = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code
const breachedWith = (code: string) => (error: unknown) => error instanceof Breach && error.code === code && typeof error.evidence['note'] === 'string'

test('what is signed verifies, and says when', () => {
  const verified = verifyLogCheckpoint(p, note, LOG, keys)
  assert.deepEqual([verified.origin, verified.size, verified.root, verified.timestamp], [LOG, 5, checkpoint.root, TIME])
  assert.equal(parseNote(note).text, text)
})

test('a declaration is signed under the name of its log and has an origin of its own', () => {
  const origin = `${LOG}/d/${'ab'.repeat(32)}`
  const declaration = signCheckpoint(p, { ...checkpoint, origin }, secrets, TIME)
  assert.equal(verifyLogCheckpoint(p, declaration, origin, keys).origin, origin)
  assert.ok(declaration.includes(`\n— ${LOG} `))
  assert.throws(() => verifyLogCheckpoint(p, declaration, LOG, keys), breachedWith('checkpoint/wrong-origin'))
  assert.throws(() => verifyLogCheckpoint(p, note, origin, keys), breachedWith('checkpoint/wrong-origin'))
})

test('either signature stripped, or only foreign ones, is not enough', () => {
  const { signatures } = parseNote(note)
  const only = (...kept: (NoteSignature | undefined)[]) => formatNote({ text, signatures: kept.filter((line) => line !== undefined) })
  assert.throws(() => verifyLogCheckpoint(p, only(signatures[0]), LOG, keys), breachedWith('checkpoint/mldsa44-missing'))
  assert.throws(() => verifyLogCheckpoint(p, only(signatures[1]), LOG, keys), breachedWith('checkpoint/ed25519-missing'))
  assert.throws(() => verifyLogCheckpoint(p, only(signNote(p, text, LOG, seed(7))), LOG, keys), breachedWith('note/no-known-signature'))
  assert.equal(verifyLogCheckpoint(p, only(signatures[1], signNote(p, text, 'other', seed(7)), signatures[0]), LOG, keys).size, 5)
})

test('no single byte of a signed checkpoint can be changed', () => {
  const bytes = utf8(note)
  // Every byte of the text and the head of each line; of the long base64 every 97th.
  for (let i = 0; i < bytes.length; i += i < 400 ? 1 : 97) {
    const changed = bytes.slice()
    changed[i] = (changed[i] as number) ^ 1
    assert.throws(() => verifyLogCheckpoint(p, changed, LOG, keys), (error) => error instanceof Refusal || error instanceof Breach, `byte ${i}`)
  }
})

test('a checkpoint has exactly three lines, each in its one form', () => {
  const root = toBase64(checkpoint.root)
  const cases: [string, string][] = [
    [`${text}extension\n`, 'checkpoint/extension-line'],
    [`${LOG}\n5\n`, 'checkpoint/lines'],
    [`${LOG}\n5\n${root}`, 'checkpoint/lines'],
    [`\n5\n${root}\n`, 'checkpoint/lines'],
    [`${LOG}\n\n5\n${root}\n`, 'checkpoint/lines'],
    [`${LOG}\r\n5\n${root}\n`, 'checkpoint/lines'],
    [`${LOG}\n05\n${root}\n`, 'checkpoint/size'],
    [`${LOG}\n+5\n${root}\n`, 'checkpoint/size'],
    [`${LOG}\n5 \n${root}\n`, 'checkpoint/size'],
    [`${LOG}\n9007199254740992\n${root}\n`, 'checkpoint/size'],
    [`${LOG}\n5\n${root.slice(4)}\n`, 'checkpoint/root'],
    [`${LOG}\n5\n${root.replace('=', '')}\n`, 'checkpoint/root'],
  ]
  for (const [wrong, code] of cases) assert.throws(() => parseCheckpoint(wrong), refusedWith(code), wrong)
  assert.equal(parseCheckpoint(`${LOG}\n9007199254740991\n${root}\n`).size, Number.MAX_SAFE_INTEGER)
  assert.deepEqual(readTreeHead(`${text}x\n`), { ...checkpoint, extensions: ['x'] })
  assert.throws(() => formatCheckpoint({ ...checkpoint, origin: 'two\nlines' }), refusedWith('checkpoint/origin'))
  assert.throws(() => formatCheckpoint({ ...checkpoint, size: -1 }), refusedWith('checkpoint/size'))
  assert.throws(() => formatCheckpoint({ ...checkpoint, root: new Uint8Array(31) }), refusedWith('checkpoint/root'))
})

test('an extension line under honest signatures is refused: ML-DSA-44 does not cover it', () => {
  const extended = `${text}extension\n`
  const signatures = [signNote(p, extended, LOG, secrets.ed25519Seed), signCosignature(p, checkpoint, LOG, secrets.mldsa44Seed, TIME)]
  assert.throws(() => verifyLogCheckpoint(p, formatNote({ text: extended, signatures }), LOG, keys), refusedWith('checkpoint/extension-line'))
})

test('an empty tree has the empty root, and a log gives its time', () => {
  const empty = { origin: LOG, size: 0, root: emptyRoot(p) }
  assert.equal(verifyLogCheckpoint(p, signCheckpoint(p, empty, secrets, TIME), LOG, keys).size, 0)
  const lie = signCheckpoint(p, { ...empty, root: checkpoint.root }, secrets, TIME)
  assert.throws(() => verifyLogCheckpoint(p, lie, LOG, keys), breachedWith('checkpoint/empty-root'))
  assert.throws(() => signCheckpoint(p, checkpoint, secrets, 0), refusedWith('cosignature/timestamp'))
  const untimed = formatNote({ text, signatures: [signNote(p, text, LOG, secrets.ed25519Seed), rawCosignature(LOG, secrets.mldsa44Seed, 0)] })
  assert.throws(() => verifyLogCheckpoint(p, untimed, LOG, keys), breachedWith('checkpoint/timestamp-zero'))
})

/** What `signCosignature` will not make. */
function rawCosignature(name: string, secret: Uint8Array, timestamp: number, start = 0): NoteSignature {
  const { origin, size, root } = checkpoint
  const message = subtreeMessage({ cosigner: name, timestamp, origin, start, end: size, root })
  const { id } = noteKey(p, name, MLDSA44, p.mldsa44PublicKey(secret))
  return { name, id, signature: concat(u64(timestamp), p.mldsa44Sign(secret, message)) }
}

const w1 = noteKey(p, 'w1.example/witness', MLDSA44, p.mldsa44PublicKey(seed(11)))
const w2 = noteKey(p, 'w2.example/witness', MLDSA44, p.mldsa44PublicKey(seed(12)))
const sign1 = (time = TIME) => signCosignature(p, checkpoint, w1.name, seed(11), time)
const sign2 = (time = TIME) => signCosignature(p, checkpoint, w2.name, seed(12), time)
const cosigned = (...lines: NoteSignature[]) => formatNote({ text, signatures: [...parseNote(note).signatures, ...lines] })

test('cosigners are counted once each, with their times shown', () => {
  assert.deepEqual(countCosigners(p, note, [w1, w2]), { names: [], lines: [] })
  assert.deepEqual(countCosigners(p, cosigned(sign2(), sign1()), [w1, w2]).names, [w2.name, w1.name])
  const twice = countCosigners(p, cosigned(sign1(), sign1(TIME + 60)), [w1, w2])
  assert.deepEqual(twice.names, [w1.name])
  assert.deepEqual(twice.lines.map(({ timestamp, uncounted }) => [timestamp, uncounted]), [[TIME, undefined], [TIME + 60, 'repeated']])
})

test('a cosigner with two keys under one name counts once, one key under two names is refused', () => {
  const renewed = noteKey(p, w1.name, MLDSA44, p.mldsa44PublicKey(seed(12)))
  const line = signCosignature(p, checkpoint, w1.name, seed(12), TIME)
  assert.deepEqual(countCosigners(p, cosigned(sign1(), line), [w1, renewed]).names, [w1.name])
  assert.throws(() => countCosigners(p, note, [w2, renewed]), refusedWith('cosigners/duplicate-key'))
})

test('time 0 and Ed25519 are shown and do not count', () => {
  const ed = noteKey(p, 'old.example', ED25519_COSIGNATURE, p.ed25519PublicKey(seed(13)))
  const raw = p.ed25519Sign(seed(13), utf8(`cosignature/v1\ntime ${TIME}\n${text}`))
  const edLine = { name: ed.name, id: ed.id, signature: concat(u64(TIME), raw) }
  const count = countCosigners(p, cosigned(rawCosignature(w1.name, seed(11), 0), edLine, sign2()), [w1, w2, ed])
  assert.deepEqual(count.names, [w2.name])
  assert.deepEqual(count.lines.map(({ key, uncounted }) => [key.name, uncounted]), [[w1.name, 'timestamp-zero'], ['old.example', 'ed25519'], [w2.name, undefined]])
})

test('a cosignature of another checkpoint, of a subtree or under another name voids the note', () => {
  const other = signCosignature(p, { ...checkpoint, size: 6 }, w1.name, seed(11), TIME)
  const subtree = rawCosignature(w1.name, seed(11), 0, 4)
  const moved = { ...signCosignature(p, checkpoint, 'r1.example/reader', seed(11), TIME), name: w1.name, id: w1.id }
  for (const line of [other, subtree, moved]) assert.throws(() => countCosigners(p, cosigned(line), [w1]), breachedWith('note/bad-signature'))
})

test('a witness is no reader: its line is foreign to the list of readers', () => {
  const reader = noteKey(p, 'w1.example/reader', MLDSA44, p.mldsa44PublicKey(seed(21)))
  assert.deepEqual(countCosigners(p, cosigned(sign1()), [reader]).names, [])
  assert.throws(() => countCosigners(p, cosigned(sign1()).replace(text, `${text}x\n`), [w1]), refusedWith('checkpoint/extension-line'))
})
