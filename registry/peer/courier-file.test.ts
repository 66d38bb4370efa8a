import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { Encrypter, generateHybridIdentity, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { COURIER_BYTES_MIN, courierBytes, type Courier } from '@muster/core/wire/courier.ts'
import { openEnvelope, type Envelope, type Message } from '@muster/core/wire/message.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { AA, AGREEMENT, BB, messageKeys, payload, sealed } from '../../test/vectors/three-parties.ts'
import { Fault } from '../engine/fault.ts'
import { COURIER_FILE_BYTES_MAX, openCourier, sealCourier } from './courier-file.ts'

const HEADER_BYTES = 1627
const NONCE_BYTES = 16
const CHUNK_BYTES = 65_536 + 16
const CONTENTS_AT = HEADER_BYTES + NONCE_BYTES

const envelopeOf = ({ envelope }: Message): Envelope => JSON.parse(Buffer.from(envelope).toString()) as Envelope
const FIRST = sealed(payload(AA, BB, 0, null))

function courier(count: number, note = 'one launcher found'): Courier {
  const messages = [envelopeOf(FIRST)]
  for (let previous = FIRST; messages.length < count; messages.push(envelopeOf(previous))) previous = sealed(payload(AA, BB, messages.length, previous.id, { body: { note } }))
  return { v: 'muster/courier/1', agreement: AGREEMENT, exercise: true, from: AA, to: BB, made: '2026-03-01T13:00:00Z', messages }
}

let [identity, recipient] = ['', '']
/** One chunk, and four of them. */
let small: Uint8Array
let large: Uint8Array
before(async () => {
  identity = await generateHybridIdentity()
  recipient = await identityToRecipient(identity)
  small = await sealCourier(recipient, courier(2))
  large = await sealCourier(recipient, courier(2, 'n'.repeat(120_000)))
})

async function codeOf(bytes: Uint8Array, by = identity): Promise<string> {
  const opened = await openCourier([by], bytes)
  return opened instanceof Refusal ? opened.code : 'opened'
}

/** A file of any bytes, rightly encrypted. */
async function encrypted(contents: Uint8Array, ...to: string[]): Promise<Uint8Array> {
  const encrypter = new Encrypter()
  for (const each of to) encrypter.addRecipient(each)
  return encrypter.encrypt(contents)
}

test('a courier is opened by its receiver, as often as one likes, with the messages that were signed', async () => {
  const sent = courier(5)
  const file = await sealCourier(recipient, sent)
  const kept = file.slice()
  const within = Buffer.concat([Buffer.alloc(10_000), file, Buffer.alloc(100)]).subarray(10_000, 10_000 + file.length)
  for (const bytes of [file, file, Buffer.from(file), within]) {
    const opened = await openCourier([identity], bytes)
    assert.ok(!(opened instanceof Refusal))
    assert.deepEqual(opened, sent)
    for (const each of opened.messages) assert.ok(!(openEnvelope(p, each, messageKeys) instanceof Error))
  }
  assert.deepEqual(file, kept, 'the file is only read')
})

test('two files of one courier have no byte in common but what says that it is age', async () => {
  const [one, two] = [await sealCourier(recipient, courier(1)), await sealCourier(recipient, courier(1))]
  const alike = one.slice(CONTENTS_AT).filter((byte, i) => byte === two[CONTENTS_AT + i]).length
  assert.ok(alike < one.length / 128, `${alike} of ${one.length} bytes are alike`)
  assert.ok(!Buffer.from(one).includes(AGREEMENT))
})

test('files of different numbers of small messages have one size, and it is that of their padding', async () => {
  const sizes = await Promise.all([1, 2, 7, 12].map(async (count) => (await sealCourier(recipient, courier(count))).length))
  assert.deepEqual(sizes, [1, 2, 7, 12].map(() => CONTENTS_AT + CHUNK_BYTES))
  assert.deepEqual([small.length, large.length], [CONTENTS_AT + CHUNK_BYTES, CONTENTS_AT + 4 * CHUNK_BYTES])
})

test('a file that was cut off anywhere is refused whole', async () => {
  const edges = [CONTENTS_AT, CONTENTS_AT + 16, CONTENTS_AT + 17, CONTENTS_AT + CHUNK_BYTES, CONTENTS_AT + 2 * CHUNK_BYTES, CONTENTS_AT + 3 * CHUNK_BYTES].flatMap((edge) => [edge - 1, edge, edge + 1])
  for (const length of [22, 23, 50, 1000, HEADER_BYTES - 45, HEADER_BYTES - 1, HEADER_BYTES, HEADER_BYTES + 1, ...edges, 100_000, 200_000, large.length - 17, large.length - 16, large.length - 1]) {
    assert.equal(await codeOf(large.subarray(0, length)), 'courier/damaged', `${length} bytes`)
  }
  for (let length = 22; length < small.length; length += 1801) assert.equal(await codeOf(small.subarray(0, length)), 'courier/damaged', `${length} bytes`)
  for (const length of [0, 1, 10, 21]) assert.equal(await codeOf(small.subarray(0, length)), 'courier/not-age', `${length} bytes`)
})

test('a file with more behind it, or with chunks in another order or left out, is refused whole', async () => {
  const chunk = (i: number) => large.subarray(CONTENTS_AT + i * CHUNK_BYTES, CONTENTS_AT + (i + 1) * CHUNK_BYTES)
  const beginning = large.subarray(0, CONTENTS_AT)
  const files = [
    [large, Uint8Array.of(0)], [large, chunk(3)], [large, large], [beginning, chunk(1), chunk(0), chunk(2), chunk(3)], [beginning, chunk(0), chunk(1), chunk(3)], [beginning, chunk(3)], [beginning],
    [small.subarray(0, CONTENTS_AT), chunk(3)],
  ]
  for (const [i, parts] of files.entries()) assert.equal(await codeOf(Buffer.concat(parts)), 'courier/damaged', `file ${i}`)
})

test('a changed byte of the header is found, wherever it stands; in the stanza it looks like another receiver\'s', async () => {
  const ends = [...Array.from({ length: 45 }, (_, i) => i), ...Array.from({ length: 52 }, (_, i) => HEADER_BYTES - 52 + i)]
  for (const at of [...ends, ...Array.from({ length: 52 }, (_, i) => 45 + 29 * i)]) {
    const code = await codeOf(small.with(at, (small[at] as number) ^ 1))
    const due = at < 22 ? ['courier/not-age'] : at >= HEADER_BYTES - 48 ? ['courier/damaged'] : ['courier/damaged', 'courier/other-receiver']
    assert.ok(due.includes(code), `byte ${at}: ${code}`)
  }
})

test('a changed byte of the nonce or of the body is found, wherever it stands', async () => {
  for (let at = HEADER_BYTES; at < CONTENTS_AT; at++) assert.equal(await codeOf(small.with(at, (small[at] as number) ^ 0x80)), 'courier/damaged', `byte ${at}`)
  for (let at = CONTENTS_AT; at < small.length; at += 1301) assert.equal(await codeOf(small.with(at, (small[at] as number) ^ 1)), 'courier/damaged', `byte ${at}`)
  for (const at of [CONTENTS_AT, CONTENTS_AT + CHUNK_BYTES - 1, CONTENTS_AT + CHUNK_BYTES, CONTENTS_AT + 2 * CHUNK_BYTES + 7, large.length - 1]) {
    assert.equal(await codeOf(large.with(at, (large[at] as number) ^ 1)), 'courier/damaged', `byte ${at} of the long one`)
  }
})

test('a file for another key is refused and says whom to hand it to, also one for X25519 alone', async () => {
  const refused = await openCourier([await generateHybridIdentity()], small)
  assert.ok(refused instanceof Refusal)
  assert.equal(refused.code, 'courier/other-receiver')
  assert.match(refused.message, /hand it to the party that it is for/)
  const classic = await identityToRecipient(await generateX25519Identity())
  assert.equal(await codeOf(await encrypted(courierBytes(courier(1)), classic)), 'courier/other-receiver')
  const passphrase = new Encrypter()
  passphrase.setScryptWorkFactor(2)
  passphrase.setPassphrase('not a secret')
  assert.equal(await codeOf(await passphrase.encrypt(courierBytes(courier(1)))), 'courier/other-receiver')
})

test('a file that another maker addressed to us and to an archive of its own is opened', async () => {
  const other = await identityToRecipient(await generateHybridIdentity())
  assert.equal(await codeOf(await encrypted(courierBytes(courier(1)), other, recipient)), 'opened')
})

test('a header of more stanzas than are tried is refused before any is tried', async () => {
  const [crowd, began] = [await encrypted(courierBytes(courier(1)), ...Array.from({ length: 6 }, () => recipient)), performance.now()]
  assert.equal(await codeOf(crowd), 'courier/damaged')
  const endless = Buffer.concat([small.subarray(0, 22), Buffer.alloc(32 * 1_048_576, '-> mlkem768x25519 A\nA\n')])
  assert.equal(await codeOf(endless), 'courier/damaged')
  assert.ok(performance.now() - began < 5_000)
})

test('what is no age file is refused as such: nothing, a text, an armoured file, a later version', async () => {
  const texts = ['', '\n', 'serial,model\n1,Igla\n', '-----BEGIN AGE ENCRYPTED FILE-----\n', 'age-encryption.org/v2\n-> X25519 A\n', ' age-encryption.org/v1\n', JSON.stringify(courier(1))]
  for (const text of texts) assert.equal(await codeOf(Buffer.from(text)), 'courier/not-age', text.slice(0, 40))
})

test('a file above the limit is refused before anything of it is decrypted', async () => {
  const long = new Uint8Array(COURIER_FILE_BYTES_MAX + 1)
  long.set(small)
  assert.equal(await codeOf(long), 'courier/too-long')
  assert.equal(await codeOf(long.subarray(0, COURIER_FILE_BYTES_MAX)), 'courier/damaged')
})

test('a rightly encrypted file of something else is refused for what is wrong with it', async () => {
  const contents = courierBytes(courier(1))
  const other: [Uint8Array, string][] = [
    [new Uint8Array(0), 'courier/padded-length'], [contents.subarray(0, 5000), 'courier/padded-length'], [new Uint8Array(COURIER_BYTES_MIN).fill(0x20), 'courier/json'],
    [contents.with(COURIER_BYTES_MIN - 1, 1), 'courier/padding'], [Buffer.concat([contents, new Uint8Array(COURIER_BYTES_MIN)]), 'courier/padding'],
    [contents.with(0, 0x5b), 'courier/json'],
  ]
  for (const [i, [bytes, code]] of other.entries()) assert.equal(await codeOf(await encrypted(bytes, recipient)), code, `contents ${i}`)
})

const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
/** The recipient with its X25519 part all zero: well formed, and no secret can be agreed with it. */
function withoutX25519(whole: string): string {
  const words = [...whole.slice('age1pq1'.length, -6)].map((letter) => BECH32.indexOf(letter))
  // 1,184 bytes of ML-KEM-768, then 32 of X25519: word 1,894 begins with the last two bits of the former.
  const zeroed = words.map((word, i) => i < 1894 ? word : i === 1894 ? word & 0b11000 : 0)
  const prefix = [...'age1pq'].map((letter) => letter.charCodeAt(0))
  let check = 1
  for (const value of [...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...zeroed, 0, 0, 0, 0, 0, 0]) {
    const top = check >>> 25
    check = ((check & 0x1ffffff) << 5) ^ value
    for (const [i, generator] of [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].entries()) if (((top >> i) & 1) === 1) check ^= generator
  }
  const checksum = Array.from({ length: 6 }, (_, i) => ((check ^ 1) >> (5 * (5 - i))) & 31)
  return `age1pq1${[...zeroed, ...checksum].map((word) => BECH32[word]).join('')}`
}

test('a courier key that is not hybrid, is cut off, or that nothing can be encapsulated to is refused before anything is written', async () => {
  const classic = await identityToRecipient(await generateX25519Identity())
  const keys = [classic, identity, '', 'age1pq1', recipient.slice(0, -1), `${recipient.slice(0, -1)}${recipient.endsWith('q') ? 'p' : 'q'}`, recipient.toUpperCase(), withoutX25519(recipient)]
  for (const [i, key] of keys.entries()) {
    await assert.rejects(sealCourier(key, courier(1)), (error) => error instanceof Refusal && error.code === 'courier/no-hybrid-key' && error.message.length < 200, `key ${i}`)
  }
  await assert.rejects(sealCourier(recipient, { ...courier(1), messages: [] }), (error) => error instanceof Refusal && error.code === 'courier/shape')
})

test('our own key that is none is a fault, and its secret is not told', async () => {
  for (const key of [await generateX25519Identity(), recipient, '', identity.slice(0, -1), identity.replace(/.$/, (last) => last === 'Q' ? 'P' : 'Q')]) {
    await assert.rejects(openCourier([key], small), (error) => error instanceof Fault && error.code === 'kept-damaged' && !/1[A-Z0-9]{20}/.test(error.message) && error.cause === undefined)
  }
})
