import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Breach } from '../bytes/breach.ts'
import { concat, fromUtf8, toBase64, utf8 } from '../bytes/bytes.ts'
import { noble as p } from '../bytes/noble.ts'
import { Refusal } from '../bytes/refusal.ts'
import { logKeysOf, signCheckpoint, verifyLogCheckpoint } from './checkpoint.ts'
import { signCosignature } from './cosignature.ts'
import { inclusionPath, leafHash, rootOf } from './merkle.ts'
import { formatNote, parseNote } from './note.ts'
import { formatPolicy, parsePolicy, quorumHolds, verifyUnderPolicy } from './policy.ts'
import { formatTlogProof, parseTlogProof, TLOG_PROOF_EXTRA_BYTES_MAX, verifyTlogProof } from './tlog-proof.ts'
import { ED25519, ED25519_COSIGNATURE, formatVkey, MLDSA44, noteKey, type NoteKey } from './vkey.ts'

const seed = (byte: number) => new Uint8Array(32).fill(byte)
const TIME = 1_790_000_000
const LOG = 'qx.example/muster/exercise'
const secrets = { name: LOG, ed25519Seed: seed(1), mldsa44Seed: seed(2) }
const keys = logKeysOf(p, secrets)
const entries = Array.from({ length: 6 }, (_, i) => utf8(`entry ${i}`))
const leaves = entries.map((entry) => leafHash(p, entry))
const head = { origin: LOG, size: 6, root: rootOf(p, leaves) }
const checkpoint = signCheckpoint(p, head, secrets, TIME)
const proof = { index: 4, path: inclusionPath(p, leaves, 4), checkpoint }
const open = (note: Parameters<typeof verifyLogCheckpoint>[1]) => verifyLogCheckpoint(p, note, LOG, keys)

const refusedWith = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code
const breachedWith = (code: string) => (error: unknown) => error instanceof Breach && error.code === code

test('a proof is written, read back to the same value and verified from its text', () => {
  for (const extra of [undefined, new Uint8Array(0), utf8('context')]) {
    const text = formatTlogProof({ ...proof, ...(extra === undefined ? {} : { extra }) })
    assert.deepEqual(parseTlogProof(text), { ...(extra === undefined ? {} : { extra }), ...proof })
    assert.deepEqual(parseTlogProof(utf8(text)), parseTlogProof(text))
    const verified = verifyTlogProof(p, text, entries[4] as Uint8Array, open)
    assert.deepEqual([verified.index, verified.checkpoint.size, verified.checkpoint.timestamp], [4, 6, TIME])
  }
})

test('another entry, index, path or checkpoint breaches', () => {
  const breaches = (changed: typeof proof, entry: Uint8Array, code: string) => assert.throws(() => verifyTlogProof(p, formatTlogProof(changed), entry, open), breachedWith(code))
  const entry = entries[4] as Uint8Array
  breaches(proof, entries[3] as Uint8Array, 'inclusion/root')
  breaches({ ...proof, index: 5 }, entry, 'inclusion/root')
  breaches({ ...proof, index: 6 }, entry, 'inclusion/index')
  breaches({ ...proof, index: 3 }, entry, 'inclusion/path-length')
  breaches({ ...proof, path: [...proof.path, head.root] }, entry, 'inclusion/path-length')
  breaches({ ...proof, checkpoint: signCheckpoint(p, { ...head, size: 5 }, secrets, TIME) }, entry, 'inclusion/path-length')
  breaches({ ...proof, checkpoint: signCheckpoint(p, head, { ...secrets, mldsa44Seed: seed(3) }, TIME) }, entry, 'checkpoint/mldsa44-missing')
})

test('any other writing of a proof is refused', () => {
  const text = formatTlogProof(proof)
  const cases: [string, string][] = [
    [text.replace('@v1', '@v2'), 'tlog-proof/header'],
    [text.replace('index 4', 'index 04'), 'tlog-proof/index'],
    [text.replace('index 4', 'index -4'), 'tlog-proof/index'],
    [text.replace('index 4', 'index 9007199254740992'), 'tlog-proof/index'],
    [text.replace('index 4\n', ''), 'tlog-proof/index'],
    [text.replace('index 4', 'extra A\nindex 4'), 'tlog-proof/extra'],
    [text.replace('index 4', 'index 4\nextra AAAA'), 'tlog-proof/hash'],
    [text.replace('index 4', `extra ${toBase64(new Uint8Array(TLOG_PROOF_EXTRA_BYTES_MAX + 1))}\nindex 4`), 'tlog-proof/extra'],
    [text.replace('index 4\n', 'index 4\nAAAA\n'), 'tlog-proof/hash'],
    [text.replace('index 4\n', `index 4\n${`${toBase64(head.root)}\n`.repeat(63)}`), 'tlog-proof/path-too-long'],
    [text.slice(0, text.indexOf('\n\n')), 'tlog-proof/no-checkpoint'],
    [text.replace('\n\n', '\n\n\n'), 'checkpoint/lines'],
    ['x'.repeat(2_000_000), 'tlog-proof/too-large'],
  ]
  for (const [wrong, code] of cases) assert.throws(() => verifyTlogProof(p, wrong, entries[4] as Uint8Array, open), refusedWith(code), code)
  assert.throws(() => parseTlogProof(Uint8Array.of(0xff)), refusedWith('tlog-proof/not-utf-8'))
})

const cosigner = (name: string, byte: number) => noteKey(p, name, MLDSA44, p.mldsa44PublicKey(seed(byte)))
const witnesses = [11, 12, 13].map((byte) => cosigner(`w${byte}.example`, byte))
const cosignedBy = (...bytes: number[]) =>
  formatNote({ text: parseNote(checkpoint).text, signatures: [...parseNote(checkpoint).signatures, ...bytes.map((byte) => signCosignature(p, head, `w${byte}.example`, seed(byte), TIME))] })

test('a policy made from an agreement is read back and demands its quorum', () => {
  const policy = parsePolicy(p, formatPolicy(p, [keys.ed25519, keys.mldsa44], witnesses, 2))
  assert.deepEqual(verifyUnderPolicy(p, policy, cosignedBy(11, 13)).cosigners.names, ['w11.example', 'w13.example'])
  assert.throws(() => verifyUnderPolicy(p, policy, cosignedBy(12)), breachedWith('policy/quorum-missed'))
  assert.throws(() => verifyUnderPolicy(p, policy, cosignedBy(12, 12)), breachedWith('policy/quorum-missed'))
  assert.throws(() => verifyUnderPolicy(p, policy, signCheckpoint(p, { ...head, origin: 'other' }, secrets, TIME)), breachedWith('policy/unknown-log'))
  assert.equal(verifyTlogProof(p, { ...proof, checkpoint: cosignedBy(11, 12, 13) }, entries[4] as Uint8Array, (note) => verifyUnderPolicy(p, policy, note)).index, 4)
  const none = parsePolicy(p, formatPolicy(p, [keys.mldsa44], [], 0))
  assert.equal(verifyUnderPolicy(p, none, checkpoint).size, 6)
  assert.throws(() => formatPolicy(p, [], witnesses, 4), refusedWith('policy/threshold'))
})

test('a witness whose two keys share a name fills one place of the quorum', () => {
  const renewed = noteKey(p, 'w11.example', MLDSA44, p.mldsa44PublicKey(seed(14)))
  const policy = parsePolicy(p, formatPolicy(p, [keys.mldsa44], [witnesses[0] as NoteKey, renewed], 2))
  assert.throws(() => verifyUnderPolicy(p, policy, cosignedBy(11)), breachedWith('policy/quorum-missed'))
})

const vkey = (type: NoteKey['type'], byte: number) => formatVkey(noteKey(p, `k${byte}`, type, new Uint8Array(type === MLDSA44 ? 1312 : 32).fill(byte)))

test('the groups of the published example hold as it says', () => {
  const lines = [`log ${vkey(ED25519, 1)} https://log.example/`, '', '# two groups', '  # indented']
  const types = [MLDSA44, ED25519_COSIGNATURE] as const
  const witness = (name: string, byte: number) => `\twitness  ${name}\t${vkey(types[byte % 2] as NoteKey['type'], byte)} `
  lines.push(witness('X1', 21), witness('X2', 22), witness('X3', 23), 'group X-witnesses 2 X1 X2 X3')
  lines.push(witness('Y1', 24), witness('Y2', 25), witness('Y3', 26), 'group Y-witnesses any Y1 Y2 Y3')
  lines.push('group X-and-Y all X-witnesses Y-witnesses', 'quorum X-and-Y')
  const policy = parsePolicy(p, utf8(lines.map((line) => `${line}\n`).join('')))
  assert.equal(policy.witnesses.size, 6)
  assert.equal(policy.logs[0]?.url, 'https://log.example/')
  const holds = (...names: string[]) => quorumHolds(policy, new Set(names))
  assert.ok(holds('X1', 'X3', 'Y2'))
  assert.ok(holds('X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3'))
  for (const names of [['X1', 'X2'], ['X1', 'Y1', 'Y2', 'Y3'], [], ['X-witnesses', 'Y-witnesses'], ['X-and-Y']]) assert.ok(!holds(...names), names.join())
})

test('a policy that breaks a rule of the standard is refused by its line', () => {
  const a = `witness a ${vkey(MLDSA44, 1)}\n`
  const b = `witness b ${vkey(MLDSA44, 2)}\n`
  const cases: [string, string, number | undefined][] = [
    [a, 'policy/quorum', undefined],
    ['quorum none\nquorum none\n', 'policy/quorum', 2],
    ['quorum a\n' + a, 'policy/name', 1],
    ['quorum none', 'policy/line', 1],
    ['Quorum none\n', 'policy/line', 1],
    ['quorum none x\n', 'policy/line', 1],
    [`${a}${a}quorum none\n`, 'policy/name', 2],
    [`${a}${a.replace('witness a', 'witness c')}quorum none\n`, 'policy/duplicate', 2],
    [a.replace('witness a', 'witness none'), 'policy/name', 1],
    [`witness a ${vkey(ED25519, 1)}\n`, 'policy/key', 1],
    [`log ${vkey(ED25519_COSIGNATURE, 1)}\n`, 'policy/key', 1],
    [`log ${vkey(ED25519, 1)}\nlog ${vkey(ED25519, 1)}\n`, 'policy/duplicate', 2],
    [`${a}${b}group g 3 a b\n`, 'policy/threshold', 3],
    [`${a}${b}group g 0 a b\n`, 'policy/threshold', 3],
    [`${a}${b}group g 01 a b\n`, 'policy/threshold', 3],
    [`${a}${b}group g any\n`, 'policy/line', 3],
    [`${a}${b}group g any a a\n`, 'policy/duplicate', 3],
    [`${a}${b}group g any a\ngroup h any a b\n`, 'policy/duplicate', 4],
    [`${a}group g any g\n`, 'policy/name', 2],
    [`${a}group g any none\n`, 'policy/name', 2],
    [`${a}group a any a\n`, 'policy/name', 2],
    ['quorum none\r\n', 'policy/character', 11],
    ['log nonsense\n', 'vkey/form', undefined],
  ]
  for (const [text, code, at] of cases) {
    assert.throws(() => parsePolicy(p, utf8(text)), (error) => error instanceof Refusal && error.code === code && error.at === at, `${code}: ${text.replaceAll(/A{9,}|[\w/+]{90,}/g, '…')}`)
  }
  const opaque = parsePolicy(p, concat(utf8('# '), Uint8Array.of(0xff, 0x0a), utf8('witness '), Uint8Array.of(0xe2, 0x20), utf8(`${vkey(MLDSA44, 1)}\nquorum `), Uint8Array.of(0xe2, 0x0a)))
  assert.deepEqual([...opaque.witnesses.keys()], ['\u00e2'])
  assert.ok(fromUtf8(formatPolicy(p, [], [], 0)) === 'quorum none\n')
  const chain = [a, 'group g0 1 a\n', ...Array.from({ length: 8_000 }, (_, i) => `group g${i + 1} 1 g${i}\n`), 'quorum g8000\n'].join('')
  assert.ok(quorumHolds(parsePolicy(p, utf8(chain)), new Set(['a'])))
})
