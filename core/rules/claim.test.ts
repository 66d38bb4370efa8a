import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refusal } from '../bytes/refusal.ts'
import { byStanding, disagreements, exclude, readClaims, sideBySide, STANDINGS, type Claim } from './claim.ts'

const sources = new Set(['a', 'b', 'c'])
const questions = new Set(['helicopter', 'defence'])

const entry = (id: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  id, question: 'helicopter', date: '2002-08', text: { en: id, ru: id }, standing: 'reported', reported: [{ source: 'a', date: null }], basis: [id], ...more,
})

function read(...entries: readonly Record<string, unknown>[]): readonly Claim[] {
  const claims = readClaims(entries, sources, questions)
  if (claims instanceof Refusal) throw claims
  return claims
}

const codeOf = (...entries: readonly Record<string, unknown>[]): string | undefined => {
  const claims = readClaims(entries, sources, questions)
  return claims instanceof Refusal ? claims.code : undefined
}

const three = read(entry('more-than-100', { figure: { least: 101 } }), entry('at-least-119', { figure: { least: 119 } }), entry('118', { figure: { least: 118, most: 118 } }))

test('three figures for one loss all stay, in the order in which they were given', () => {
  assert.deepEqual(sideBySide(three).get('helicopter')?.map(({ id }) => id), ['more-than-100', 'at-least-119', '118'])
})

test('118 and at least 119 exclude one another; more than 100 excludes neither', () => {
  assert.deepEqual(disagreements(three).map((pair) => pair.map(({ id }) => id)), [['at-least-119', '118']])
  assert.equal(exclude({ least: 101 }, { least: 118, most: 118 }), false)
  assert.equal(exclude({ most: 99 }, { least: 100 }), true)
  assert.equal(exclude({ most: 100 }, { least: 100 }), false)
  assert.equal(exclude({}, { least: 0, most: 0 }), false)
})

test('figures that answer different questions never disagree', () => {
  const apart = read(entry('one', { figure: { most: 1 } }), entry('two', { figure: { least: 2 }, question: 'defence' }))
  assert.deepEqual(disagreements(apart), [])
})

test('what was discussed stays discussed when another report says that it was agreed', () => {
  const said = read(entry('early', { standing: 'discussed', question: 'defence' }), entry('late', { standing: 'agreed', question: 'defence', date: '2003' }))
  const by = byStanding(said)
  assert.deepEqual(by.get('discussed')?.map(({ id }) => id), ['early'])
  assert.deepEqual(by.get('agreed')?.map(({ id }) => id), ['late'])
  assert.equal([...by.values()].flat().length, said.length)
})

test('every word for how far a matter got is accepted, and no other', () => {
  for (const standing of STANDINGS) assert.equal(codeOf(entry('x', { standing })), undefined)
  for (const standing of ['kept', 'implemented', 'Agreed', '', 'in-force']) assert.equal(codeOf(entry('x', { standing })), 'claim/shape', standing)
})

test('a claim without anybody who reported it is refused', () => {
  assert.equal(codeOf(entry('x', { reported: [] })), 'claim/shape')
  assert.equal(codeOf(entry('x', { basis: [] })), 'claim/shape')
})

test('unknown sources and questions, ids used twice and crossed bounds are refused by name', () => {
  assert.equal(codeOf(entry('x', { reported: [{ source: 'nobody', date: null }] })), 'claim/no-such-source')
  assert.equal(codeOf(entry('x', { question: 'weather' })), 'claim/no-such-question')
  assert.equal(codeOf(entry('x'), entry('x')), 'claim/id-twice')
  assert.equal(codeOf(entry('x', { figure: { least: 2, most: 1 } })), 'claim/bounds-crossed')
})

test('dates are as exact as a report is, and real', () => {
  for (const date of ['2002', '2002-11', '2002-11-20', null]) assert.equal(codeOf(entry('x', { date })), undefined, String(date))
  for (const date of ['2002-13', '2002-02-30', '20.11.2002', 'autumn', '', 2002]) assert.equal(codeOf(entry('x', { date })), 'claim/shape', String(date))
})
