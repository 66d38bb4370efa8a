import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as bytes from './bytes.ts'

/** A small seeded generator, so that a failure can be run again. */
function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

test('hex and base64 agree with Node for random bytes of every length up to 200', () => {
  const random = seeded(1)
  for (let length = 0; length <= 200; length++) {
    const sample = Uint8Array.from({ length }, () => random(256))
    assert.equal(bytes.toHex(sample), Buffer.from(sample).toString('hex'))
    assert.equal(bytes.toBase64(sample), Buffer.from(sample).toString('base64'))
    assert.deepEqual(bytes.fromHex(bytes.toHex(sample)), sample)
    assert.deepEqual(bytes.fromBase64(bytes.toBase64(sample)), sample)
  }
})

test('only canonical hex and base64 are read', () => {
  for (const text of ['0', 'AB', '0g', ' 00', '00\n', '0x00', '٠٠']) assert.equal(bytes.fromHex(text), undefined, text)
  const wrong = ['A', 'AA', 'AAA', 'AB==', 'AAB=', 'AA=A', '====', 'A===', 'AAAA\n', 'AA A', '_-AA', 'AAAA====', '=AAA', 'AA==AA==', 'AAA\u0141']
  for (const text of wrong) assert.equal(bytes.fromBase64(text), undefined, text)
  assert.deepEqual(bytes.fromBase64(''), new Uint8Array(0))
})

test('every character of Unicode goes through UTF-8 and back as TextEncoder does it', () => {
  const encoder = new TextEncoder()
  for (let start = 0; start < 0x110000; start += 0x1000) {
    if (start >= 0xd800 && start < 0xe000) continue
    let text = ''
    for (let point = start; point < start + 0x1000; point++) if (point < 0xd800 || point > 0xdfff) text += String.fromCodePoint(point)
    const encoded = bytes.utf8(text)
    assert.deepEqual(Buffer.from(encoded), Buffer.from(encoder.encode(text)))
    assert.equal(bytes.fromUtf8(encoded), text)
  }
  assert.throws(() => bytes.utf8('a\ud800'), RangeError)
  assert.throws(() => bytes.utf8('\udc00\ud800'), RangeError)
  assert.equal(bytes.fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), '\ufeffa')
})

test('bytes that TextDecoder calls fatal are not UTF-8, and no others', () => {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const random = seeded(2)
  const edges = [0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff]
  let refused = 0
  for (let round = 0; round < 60_000; round++) {
    const sample = Uint8Array.from({ length: 1 + random(5) }, () => edges[random(edges.length)] as number)
    let expected: string | undefined
    try {
      expected = decoder.decode(sample)
    } catch {
      refused++
    }
    assert.equal(bytes.fromUtf8(sample), expected, bytes.toHex(sample))
  }
  assert.ok(refused > 10_000 && refused < 59_000)
})

test('integers are big-endian, and eight bytes beyond 2^53 - 1 are not read', () => {
  for (const value of [0, 1, 255, 256, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 48 + 5, Number.MAX_SAFE_INTEGER]) {
    const written = Buffer.alloc(8)
    written.writeBigUInt64BE(BigInt(value))
    assert.deepEqual(bytes.u64(value), new Uint8Array(written))
    assert.equal(bytes.readU64(Uint8Array.of(9, ...bytes.u64(value)), 1), value)
  }
  assert.equal(bytes.readU64(Uint8Array.of(0, 0x20, 0, 0, 0, 0, 0, 0), 0), undefined)
  assert.deepEqual(bytes.u16(0xfffe), Uint8Array.of(0xff, 0xfe))
  assert.equal(bytes.readU16(Uint8Array.of(1, 2, 3), 1), 0x0203)
  for (const value of [-1, 0.5, NaN, 65_536]) assert.throws(() => bytes.u16(value), RangeError)
  for (const value of [-1, 0.5, NaN, 2 ** 53]) assert.throws(() => bytes.u64(value), RangeError)
})

test('bytes are ordered as labels are: byte by byte, a prefix before what it begins', () => {
  const random = seeded(3)
  for (let round = 0; round < 5_000; round++) {
    const a = Uint8Array.from({ length: random(4) }, () => random(3) * 127)
    const b = Uint8Array.from({ length: random(4) }, () => random(3) * 127)
    assert.equal(Math.sign(bytes.compare(a, b)), Buffer.compare(a, b))
    assert.equal(bytes.equal(a, b), Buffer.compare(a, b) === 0)
  }
  assert.deepEqual(bytes.concat(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)), Uint8Array.of(1, 2, 3))
})

test('long texts decode as short ones do, wherever characters beyond ASCII stand in them', () => {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const random = seeded(4)
  const pieces = ['a'.repeat(900), '—', 'Ж', '\ud83d\ude80', '\ufeff', '\n', 'é€', 'z'.repeat(40)]
  for (let round = 0; round < 300; round++) {
    let text = ''
    while (text.length < 5_000) text += pieces[random(pieces.length)] as string
    const whole = bytes.utf8(text)
    assert.equal(bytes.fromUtf8(whole), text)
    const broken = whole.slice()
    broken[random(broken.length)] = [0x80, 0xc3, 0xed, 0xf5, 0x41][random(5)] as number
    let expected: string | undefined
    try {
      expected = decoder.decode(broken)
    } catch {
      expected = undefined
    }
    assert.equal(bytes.fromUtf8(broken), expected)
  }
})
