import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { bytesOfPieces, type CourierVector } from '../../test/vectors/couriers.ts'
import { vectorsIn } from '../../test/vectors/read-vectors.ts'
import { AA, AGREEMENT, BB, messageKeys, payload, sealed } from '../../test/vectors/three-parties.ts'
import { utf8 } from '../bytes/bytes.ts'
import { canonical } from '../bytes/canonical.ts'
import { Refusal } from '../bytes/refusal.ts'
import { COURIER_BYTES_MAX, COURIER_BYTES_MIN, COURIER_MESSAGES_MAX, courierBytes, parseCourier, type Courier } from './courier.ts'
import { openEnvelope, parseEnvelope, type Envelope, type Message } from './message.ts'

const envelopeOf = ({ envelope }: Message): Envelope => JSON.parse(Buffer.from(envelope).toString()) as Envelope
const FIRST = sealed(payload(AA, BB, 0, null))
const SECOND = sealed(payload(AA, BB, 1, FIRST.id, { body: { note: 'a second one, ещё одна' } }))

function courier(changes: Partial<Courier> = {}): Courier {
  return { v: 'muster/courier/1', agreement: AGREEMENT, exercise: true, from: AA, to: BB, made: '2026-03-01T13:00:00Z', messages: [FIRST, SECOND].map(envelopeOf), ...changes }
}

function parsed(bytes: Uint8Array): Courier {
  const read = parseCourier(bytes, p.textOf)
  assert.ok(!(read instanceof Refusal))
  return read
}

const refusalOf = (bytes: Uint8Array): readonly unknown[] => {
  const read = parseCourier(bytes, p.textOf)
  return read instanceof Refusal ? [read.code, read.at] : ['taken']
}

for (const folder of ['courier/valid', 'courier/invalid']) {
  for (const [name, { pieces, messages, code, at }] of vectorsIn<CourierVector>(folder)) {
    test(`the vector ${folder}/${name} is judged as it says, by core alone and by the runtime's own text`, () => {
      const bytes = bytesOfPieces(pieces)
      for (const textOf of [undefined, p.textOf]) {
        const read = parseCourier(bytes, textOf)
        if (read instanceof Refusal) assert.deepEqual([read.code, read.at ?? null], [code, at], read.message)
        else {
          assert.deepEqual([code, read.messages.length], [null, messages])
          assert.deepEqual(courierBytes(read, textOf === undefined ? undefined : p.utf8), bytes, 'written back')
        }
      }
    })
  }
}

test('messages come out of a courier as they were signed, whatever the order of its members in memory', () => {
  const read = parsed(courierBytes(courier()))
  assert.deepEqual(read, courier())
  for (const [i, message] of [FIRST, SECOND].entries()) {
    const opened = openEnvelope(p, read.messages[i] as Envelope, messageKeys)
    assert.ok(!(opened instanceof Error))
    assert.deepEqual([opened.id, opened.payload], [message.id, message.payload])
    assert.ok(!(parseEnvelope(p, utf8(canonical(read.messages[i] as Envelope)), messageKeys) instanceof Error), 'as the envelope that was sent')
  }
})

test('a courier does not judge its envelopes: a message under a false signature is for the receiver\'s door', () => {
  const forged = { ...envelopeOf(FIRST), signatures: envelopeOf(SECOND).signatures }
  assert.deepEqual(parsed(courierBytes(courier({ messages: [forged] }))).messages, [forged])
})

test('couriers of one message and of twelve small ones have one length', () => {
  const one = courierBytes(courier({ messages: [envelopeOf(FIRST)] }))
  const twelve = courierBytes(courier({ messages: Array.from({ length: 12 }, () => envelopeOf(SECOND)) }))
  assert.deepEqual([one.length, twelve.length], [COURIER_BYTES_MIN, COURIER_BYTES_MIN])
})

test('a byte of padding that is not zero is found wherever it stands', () => {
  const bytes = courierBytes(courier())
  const end = bytes.indexOf(0)
  for (const at of [end + 1, end + 2, end + 4096, bytes.length - 2, bytes.length - 1]) {
    for (const byte of [1, 0x20, 0xff]) assert.deepEqual(refusalOf(bytes.with(at, byte)), ['courier/padding', at])
  }
})

test('bytes that are no UTF-8 are refused at their place', () => {
  const bytes = courierBytes(courier())
  assert.deepEqual(refusalOf(bytes.with(14, 0xff)), ['courier/json', 14])
})

test('what does not fit is not written: no messages, too many, to oneself, another version', () => {
  const wrong: [Partial<Courier>, string][] = [
    [{ messages: [] }, 'messages'], [{ messages: Array.from({ length: COURIER_MESSAGES_MAX + 1 }, () => envelopeOf(FIRST)) }, 'messages'], [{ to: AA }, 'to'],
    [{ v: 'muster/courier/2' as Courier['v'] }, 'v'], [{ made: '2026-03-01' }, 'made'],
  ]
  for (const [changes, at] of wrong) assert.throws(() => courierBytes(courier(changes)), (error) => error instanceof Refusal && error.code === 'courier/shape' && error.at === at, at)
})

test('the largest messages: 47 fit into one file, and 48 are refused', () => {
  const large = envelopeOf(sealed(payload(AA, BB, 0, null, { body: { note: 'n'.repeat(1_048_000) } })))
  const messages = Array.from({ length: 47 }, () => large)
  const bytes = courierBytes(courier({ messages }), p.utf8)
  assert.equal(bytes.length, COURIER_BYTES_MAX)
  assert.equal(parsed(bytes).messages.length, 47)
  for (const count of [48, COURIER_MESSAGES_MAX]) {
    const all = courier({ messages: Array.from({ length: count }, () => large) })
    assert.throws(() => courierBytes(all, p.utf8), (error) => error instanceof Refusal && error.code === 'courier/too-long' && /several files/.test(error.message))
  }
})

test('a flood of small values or of escapes is refused before it is parsed; commas and quotes within a text are none', () => {
  const padded = (text: string): Uint8Array => {
    const bytes = new Uint8Array(2 ** Math.ceil(Math.log2(text.length)))
    bytes.set(utf8(text))
    return bytes
  }
  for (const value of ['{}', '[]', '0', '""', '{"a":0}', '"\\",\\\\"']) {
    assert.deepEqual(refusalOf(padded(`{"messages":[${`${value},`.repeat(100_000)}${value}]}`)), ['courier/shape', 'messages'], value)
  }
  for (const escape of ['\\u0041', '\\"', '\\n']) assert.deepEqual(refusalOf(padded(`{"v":"${escape.repeat(100_000)}"}`)), ['courier/shape', 'messages'], escape)
  assert.deepEqual(refusalOf(padded(`{"v":"${','.repeat(100_000)}"}`)), ['courier/shape', 'agreement'])
})

test('a payload of letters that are no base64 is not written', () => {
  for (const payload_ of ['"', '\\', ',', '\n', 'é', '\ud800']) {
    const wrong = courier({ messages: [envelopeOf(FIRST), { ...envelopeOf(FIRST), payload: payload_ }] })
    assert.throws(() => courierBytes(wrong), (error) => error instanceof Refusal && error.code === 'courier/shape' && error.at === 'messages[1].payload', payload_)
  }
})
