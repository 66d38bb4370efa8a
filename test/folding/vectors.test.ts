import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { toHex } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { fit } from '@muster/core/bytes/shape.ts'
import { identity } from '@muster/core/rules/item.ts'
import { ladderOf, type Ladder, type MarkQuery } from '@muster/core/rules/ladder.ts'
import { readingsOf } from '@muster/core/rules/mark.ts'
import { markKeys, sameWriting } from '@muster/core/rules/mark-keys.ts'
import { keysOfItem } from '@muster/core/rules/match-key.ts'

const VECTORS = new URL('../../spec/vectors/mark/', import.meta.url)
function rows<T>(name: string, member: string): T[] {
  const list = (JSON.parse(readFileSync(new URL(name, VECTORS), 'utf8')) as Record<string, T[]>)[member]
  assert.ok(list !== undefined && list.length > 0, name)
  return list
}
interface Pair { one: string, other: string, rung: string }
type Query = Partial<MarkQuery> & { serial: string }
const ask = (query: Query): Ladder => ladderOf({ maker: undefined, type: undefined, year: undefined, lot: undefined, classes: [], script: 'unknown', condition: 'unknown', ...query })

test('vectors: pairs that are one writing are one on the rung stated, either way round', () => {
  for (const { one, other, rung } of rows<Pair>('valid/same-writing.json', 'pairs')) {
    assert.equal(sameWriting(one, other), rung, `${one} ${other}`)
    assert.equal(sameWriting(other, one), rung, `${other} ${one}`)
  }
})

test('vectors: pairs that are not one writing share no key on any rung but wildcard', () => {
  for (const { one, other } of rows<Pair>('invalid/not-the-same-writing.json', 'pairs')) assert.equal(sameWriting(one, other), undefined, `${one} ${other}`)
})

test('vectors: pairs that are not one shape share no folded reading', () => {
  for (const { one, other } of rows<Pair>('invalid/not-one-shape.json', 'pairs')) {
    assert.ok(!readingsOf(one).folded.some((reading) => readingsOf(other).folded.includes(reading)), `${one} ${other}`)
  }
})

test('vectors: readings and keys of a mark', () => {
  for (const { mark, ...readings } of rows<{ mark: string }>('valid/readings.json', 'marks')) assert.deepEqual({ ...readingsOf(mark) }, readings, mark)
  for (const { mark, keys } of rows<{ mark: string, keys: unknown }>('valid/keys.json', 'marks')) assert.deepEqual(markKeys(mark).filter(({ rung }) => rung !== 'wildcard'), keys, mark)
})

test('vectors: match keys of an item, byte for byte', () => {
  for (const row of rows<{ identity: unknown, keys: unknown }>('valid/match-keys.json', 'items')) {
    const fitted = fit(identity, row.identity)
    assert.ok('value' in fitted)
    assert.deepEqual(keysOfItem(fitted.value).map(({ kind, bytes }) => ({ kind, key: toHex(bytes) })), row.keys)
  }
})

test('vectors: candidates of a query in order, byte for byte', () => {
  for (const { query, candidates } of rows<{ query: Query, candidates: unknown }>('valid/ladder.json', 'queries')) {
    const ladder = ask(query)
    assert.ok(ladder.verdict === 'readable', query.serial)
    assert.deepEqual(ladder.candidates.map(({ rung, kind, reading, mandatory, key }) => ({ rung, kind, reading, mandatory, key: toHex(key) })), candidates)
  }
})

test('vectors: what is refused is refused with its code, what is unreadable says why', () => {
  for (const { text, times, code } of rows<{ text: string, times: number, code: string }>('invalid/refused.json', 'marks')) {
    assert.throws(() => markKeys(text.repeat(times)), (thrown) => thrown instanceof Refusal && thrown.code === code)
  }
  for (const { query, reason } of rows<{ query: Query, reason: string }>('invalid/unreadable.json', 'queries')) {
    const ladder = ask(query)
    assert.equal(ladder.verdict === 'unreadable' && ladder.reason, reason, query.serial)
  }
})
