import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { utf8 } from './bytes.ts'
import { canonical, canonicalBytes, parseCanonical, parseJson, type Json, type JsonCode } from './canonical.ts'
import { Refusal } from './refusal.ts'

const RFC8785 = join(import.meta.dirname, '../../../shared/data/vectors/rfc8785')
const skip = existsSync(RFC8785) ? false : `${RFC8785} is absent`

function refused(run: () => unknown, code: JsonCode, at?: number): void {
  assert.throws(run, (error) => error instanceof Refusal && error.code === code && (at === undefined || error.at === at), `${code} at ${at ?? 'any byte'}`)
}

test('the published RFC 8785 inputs become the published bytes', { skip }, () => {
  const names = readdirSync(join(RFC8785, 'input'))
  assert.equal(names.length, 6)
  for (const name of names) {
    const input = readFileSync(join(RFC8785, 'input', name))
    const output = readFileSync(join(RFC8785, 'output', name))
    assert.deepEqual(Buffer.from(canonicalBytes(JSON.parse(input.toString()) as Json)), output, name)
    if (name === 'values.json') refused(() => parseJson(input), 'json/number-range', input.indexOf('1E30'))
    else {
      assert.deepEqual(Buffer.from(canonicalBytes(parseJson(input))), output, name)
      assert.deepEqual(parseCanonical(output), parseJson(input), name)
      refused(() => parseCanonical(input), 'json/not-canonical')
    }
  }
})

test('the first 10,000 numbers of the RFC 8785 sequence have the published digest', { skip }, () => {
  const readme = readFileSync(join(RFC8785, 'README.md'), 'utf8')
  const listed = (readme.split('staticU64s')[1] ?? '').split('])')[0] ?? ''
  const words = [...listed.matchAll(/0x([0-9a-f]{16})n/g)].map((match) => BigInt(`0x${match[1] ?? ''}`))
  for (let i = 0n; i < 2000n; i++) words.push(0x0010000000000000n + i)
  const digest = createHash('sha256')
  let block = createHash('sha256').update(Buffer.alloc(32)).digest()
  let left: bigint[] = []
  const view = new DataView(new ArrayBuffer(8))
  for (let line = 0; line < 10_000; ) {
    let word = words[line]
    if (word === undefined) {
      if (left.length === 0) {
        left = [0, 8, 16, 24].map((at) => block.readBigUInt64LE(at))
        block = createHash('sha256').update(block).digest()
      }
      word = left.shift() ?? 0n
    }
    view.setBigUint64(0, word)
    const value = view.getFloat64(0)
    if (line >= words.length && (value === 0 || !Number.isFinite(value))) continue
    digest.update(`${word.toString(16)},${canonical(value)}\n`)
    line++
  }
  assert.equal(digest.digest('hex'), 'b9f7a8e75ef22a835685a52ccba7f7d6bdc99e34b010992cbc5864cd12be6892')
})

test('members are sorted by UTF-16 code units at every depth', () => {
  const value = { '\ufb33': 1, '\ud83d\ude02': 2, b: { z: [], a: {} }, a: [{ y: 1, x: 2 }], '': null }
  assert.equal(canonical(value), '{"":null,"a":[{"x":2,"y":1}],"b":{"a":{},"z":[]},"\ud83d\ude02":2,"\ufb33":1}')
})

test('every kind of character is written as JSON.stringify and UTF-8 write it, in values and in names', () => {
  const odd = Array.from({ length: 0x100 }, (_, code) => String.fromCharCode(code)).join('') + '\u07ff\u0800\ud7ff\ue000\uffff\ud800\udc00\udbff\udfff9П516 № 0123'
  for (const text of [odd, ...odd.match(/./gsu) ?? [], 'x'.repeat(10_000), odd.repeat(40)]) {
    assert.equal(Buffer.from(canonicalBytes([text, { [text]: text.length }])).toString(), JSON.stringify([text, { [text]: text.length }]))
    assert.deepEqual(parseCanonical(canonicalBytes(text)), text)
  }
  const members = { 10: 'ten', 9: 'nine', b: [1.5, -0, 1e21, 1e-7], a: false }
  assert.equal(canonical(members), '{"10":"ten","9":"nine","a":false,"b":[1.5,0,1e+21,1e-7]}')
  for (const half of ['\ud800', 'a\ud800b', '\udc00', '\udc00\ud800', '\ud83d\ud83d\ude02']) refused(() => canonical([half]), 'json/lone-surrogate')
})

test('what JSON cannot say exactly is refused on the way out', () => {
  for (const value of [NaN, Infinity, -Infinity]) refused(() => canonical([value]), 'json/number-range')
  refused(() => canonical('\ud800'), 'json/lone-surrogate')
  refused(() => canonical({ '\udc00': 1 }), 'json/lone-surrogate')
  refused(() => canonical({ a: undefined } as unknown as Json), 'json/not-json')
  refused(() => canonical([() => 1] as unknown as Json), 'json/not-json')
  assert.equal(canonical(-0), '0')
})

test('strict parsing refuses, naming the byte', () => {
  const cases: [string, JsonCode, number][] = [
    ['{"a":1,"a":2}', 'json/duplicate-key', 7],
    ['{"a":1,"\\u0061":2}', 'json/duplicate-key', 7],
    ['{"é":[{"b":1,"c":0,"b":1}]}', 'json/duplicate-key', 20],
    ['["\\ud800"]', 'json/lone-surrogate', 2],
    ['["\\udc00\\ud800"]', 'json/lone-surrogate', 2],
    ['["\\ud800\\u0041"]', 'json/lone-surrogate', 2],
    ['[9007199254740992]', 'json/number-range', 1],
    ['[-9007199254740992]', 'json/number-range', 1],
    ['[1e400]', 'json/number-range', 1],
    ['[9007199254740991.5]', 'json/number-range', 1],
    ['[01]', 'json/syntax', 1],
    ['[-]', 'json/syntax', 2],
    ['[1.]', 'json/syntax', 3],
    ['[.5]', 'json/syntax', 1],
    ['[1e+]', 'json/syntax', 4],
    ['[+1]', 'json/syntax', 1],
    ['[0x10]', 'json/syntax', 2],
    ['[NaN]', 'json/syntax', 1],
    ['[truE]', 'json/syntax', 1],
    ['[1,]', 'json/syntax', 3],
    ['[1 2]', 'json/syntax', 3],
    ['{"a":1,}', 'json/syntax', 7],
    ['{a:1}', 'json/syntax', 1],
    ["{'a':1}", 'json/syntax', 1],
    ['{"a" 1}', 'json/syntax', 5],
    ['["\\x"]', 'json/syntax', 2],
    ['["\\u12g4"]', 'json/syntax', 4],
    ['["\t"]', 'json/syntax', 2],
    ['["a', 'json/syntax', 3],
    ['[', 'json/syntax', 1],
    ['', 'json/syntax', 0],
    ['\ufeff{}', 'json/syntax', 0],
    ['{} {}', 'json/trailing', 3],
    ['1 // one', 'json/trailing', 2],
    ['\u00a0{}', 'json/syntax', 0],
  ]
  for (const [text, code, at] of cases) {
    refused(() => parseJson(utf8(text)), code, at)
    if (text !== '' && code !== 'json/syntax') refused(() => parseCanonical(utf8(text)), code)
  }
})

test('bytes that are not UTF-8 are refused at the first bad byte', () => {
  const cases: [number[], number][] = [
    [[0x22, 0x61, 0xff, 0x22], 2],
    [[0x22, 0xc3, 0xa9, 0xed, 0xa0, 0x80, 0x22], 3],
    [[0x22, 0x61, 0x62, 0xc0, 0x80, 0x22], 3],
    [[0x22, 0xf0, 0x9f, 0x98, 0x82, 0xf0, 0x9f, 0x98, 0x22], 5],
  ]
  for (const [bytes, at] of cases) refused(() => parseJson(Uint8Array.from(bytes)), 'json/not-utf-8', at)
})

test('size and depth end where the limits say', () => {
  const nested = (depth: number) => utf8('['.repeat(depth) + ']'.repeat(depth))
  assert.deepEqual(parseJson(nested(3), { bytes: 6, depth: 3 }), [[[]]])
  refused(() => parseJson(nested(4), { bytes: 100, depth: 3 }), 'json/too-deep', 3)
  refused(() => parseJson(nested(3), { bytes: 5, depth: 3 }), 'json/too-large', 5)
  refused(() => parseJson(utf8('['.repeat(1_000_000))), 'json/too-deep', 64)
})

test('a member named __proto__ is a member like any other', () => {
  const value = parseJson(utf8('{"__proto__":{"admin":true},"constructor":1}')) as { [key: string]: Json }
  assert.equal(Object.getPrototypeOf(value), Object.prototype)
  assert.equal((value as { admin?: unknown }).admin, undefined)
  assert.equal(canonical(value), '{"__proto__":{"admin":true},"constructor":1}')
  refused(() => parseJson(utf8('{"__proto__":1,"__proto__":2}')), 'json/duplicate-key', 15)
})

test('of ten thousand damaged documents, what is taken means the same to JSON.parse, and one byte form is taken as canonical', () => {
  const document = utf8('{"a":[1,-2.5e-3,"é\\n\\u20ac\\ud83d\\ude02"],"b":{"c":null,"d":[true,false,{}]},"e":"\\\\\\"/"}')
  const pieces = utf8('{}[]",:\\u0de1.-+ \n')
  let state = 7
  const random = (below: number) => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) % below
  let taken = 0
  for (let round = 0; round < 10_000; round++) {
    const damaged = document.slice()
    for (let n = random(3) + 1; n > 0; n--) damaged[random(damaged.length)] = pieces[random(pieces.length)] as number
    let value: Json
    try {
      value = parseJson(damaged)
    } catch (error) {
      assert.ok(error instanceof Refusal && typeof error.at === 'number' && error.at <= damaged.length)
      continue
    }
    taken++
    assert.deepEqual(JSON.parse(Buffer.from(damaged).toString()), value)
    assert.deepEqual(parseCanonical(canonicalBytes(value)), parseJson(canonicalBytes(value)))
  }
  assert.ok(taken > 100, `${taken} taken`)
})
