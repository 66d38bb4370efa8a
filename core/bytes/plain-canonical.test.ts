import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromUtf8, utf8 } from './bytes.ts'
import { canonicalBytes, JSON_LIMITS, parseCanonical, parseJson, type Json } from './canonical.ts'
import { plainCanonical, plainText } from './plain-canonical.ts'
import { Refusal } from './refusal.ts'

const DEPTH = JSON_LIMITS.depth
/** The value by the long road; undefined where the bytes are not canonical. */
function longRoad(bytes: Uint8Array): Json | undefined {
  try {
    const value = parseJson(bytes)
    return Buffer.compare(canonicalBytes(value), bytes) === 0 ? value : undefined
  } catch (thrown) {
    if (thrown instanceof Refusal) return undefined
    throw thrown
  }
}

const SAMPLES = [
  '{"a":1,"b":[true,false,null,"x"],"c":{"d":-1.5}}', '[]', '"ж"', '0', '{"__proto__":{"x":1},"a":2}', '{"\\n":1,"é":"\\u001f€"}', '{"10":1,"9":2}', '[9007199254740991,1e-7,0.1]', '["a[[[","]"]',
]

test('what the short road gives, the long one gives too, at every byte that is changed', () => {
  let plain = 0
  for (const sample of SAMPLES) {
    const bytes = Buffer.from(sample)
    for (let at = 0; at < bytes.length; at++) {
      for (const byte of [bytes[at] as number, 0x20, 0x22, 0x2c, 0x30, 0x5b, 0x5d, 0x5c, 0x7b, 0x80, 0xc3, 0xff]) {
        const changed = new Uint8Array(bytes)
        changed[at] = byte
        const short = plainCanonical(changed, DEPTH)
        if (short === undefined) continue
        plain++
        assert.deepEqual(short, longRoad(changed), Buffer.from(changed).toString())
      }
    }
  }
  assert.ok(plain > 100)
})

test('what only looks canonical takes the long road and is refused there', () => {
  const wrong: readonly (readonly [string, string])[] = [
    ['{"a":1,"a":1}', 'json/duplicate-key'], ['{"b":1,"a":1}', 'json/not-canonical'], ['"\\ud800"', 'json/lone-surrogate'], ['[9007199254740993]', 'json/number-range'],
    ['[1e+21]', 'json/number-range'], ['[-0]', 'json/not-canonical'], ['[1.0]', 'json/not-canonical'], [' 1', 'json/not-canonical'], ['{"9":1,"10":2}', 'json/not-canonical'],
    [`${'['.repeat(65)}${']'.repeat(65)}`, 'json/too-deep'], ['[1]x', 'json/trailing'], ['', 'json/syntax'], ['\ufeff1', 'json/syntax'],
  ]
  for (const [text, code] of wrong) {
    assert.equal(plainCanonical(utf8(text), DEPTH), undefined, text)
    assert.throws(() => parseCanonical(utf8(text)), (thrown) => thrown instanceof Refusal && thrown.code === code, text)
  }
  assert.throws(() => parseCanonical(Uint8Array.of(0x22, 0xc3, 0x22)), (thrown) => thrown instanceof Refusal && thrown.code === 'json/not-utf-8')
})

test('the short road out gives the text of the long one, or leaves it the value', () => {
  for (const value of SAMPLES.map((sample) => JSON.parse(sample) as Json)) assert.equal(plainText(value) ?? fromUtf8(canonicalBytes(value)), fromUtf8(canonicalBytes(value)))
  for (const value of [{ a: [1, -0, 'ж🚀\n"\\'], b: { c: null, d: true } }, '', [], {}]) assert.equal(plainText(value), fromUtf8(canonicalBytes(value)))
  const closer: unknown[] = [{ b: 1, a: 2 }, [{ b: 1, a: 2 }], '\ud800', { '\udc00': 1 }, NaN, Infinity, 2 ** 53, { a: undefined }, [undefined], undefined, () => 1, 1n, [Symbol.iterator]]
  for (const value of closer) assert.equal(plainText(value as Json), undefined)
})

test('sixteen million brackets cost one look each', () => {
  const deep = new Uint8Array(16 * 1_048_576).fill(0x5b)
  assert.equal(plainCanonical(deep, DEPTH), undefined)
  assert.throws(() => parseCanonical(deep), (thrown) => thrown instanceof Refusal && thrown.code === 'json/too-deep')
})
