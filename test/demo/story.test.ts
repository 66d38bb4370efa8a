// What the demo promises of its story, before any registry is started.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkHistory } from '@muster/core/rules/lawful.ts'
import { TRACE_OUTCOMES } from '@muster/core/rules/chain.ts'
import { enter } from '@muster/core/rules/holding-change.ts'
import { known } from '@muster/core/rules/item.ts'
import { paddedSize } from '@muster/core/oprf/batch.ts'
import { ladderOfFind, recordedFind } from '@muster/core/rules/recovered-mark.ts'
import { ASKER_ELEMENTS } from './agreement.ts'
import { inventoryOf } from './inventory.ts'
import { concluded, finds, registerOf, searchable } from './rehearsal.ts'
import { sheetBytes } from './sheet.ts'
import { declares, STATES } from './states.ts'
import { COMPONENTS } from './story.ts'

const WRITTEN = '2026-03-02T10:00:00Z'
const registers = await Promise.all(STATES.map((state) => registerOf(state, WRITTEN)))
const found = await finds('2026-02-27', WRITTEN)

test('thirty-six components are seized, their marks intact, partly legible, painted over, altered and erased', () => {
  assert.equal(COMPONENTS.length, 36)
  assert.equal(new Set(COMPONENTS.map(({ id }) => id)).size, 36)
  const conditions = new Set([...found.values()].map((event) => enter(event)?.marks[0]?.condition))
  for (const condition of ['intact', 'partly-legible', 'painted-over', 'altered', 'erased']) assert.ok(conditions.has(condition as 'intact'), condition)
})

test('every outcome that the story names is expected of some component', () => {
  const expected = new Set(COMPONENTS.map((component) => component.expected))
  for (const outcome of TRACE_OUTCOMES) assert.equal(expected.has(outcome), outcome !== 'unanswered', outcome)
})

test('ten states declare two thousand items or more, one as large declines, one is silent', () => {
  assert.equal(STATES.length, 12)
  assert.equal(registers.filter(({ state }) => declares(state)).length, 10)
  for (const { state, items } of registers) assert.ok(state.part === 'silent' ? items.length === 0 : items.length >= 2000, `${state.party}: ${items.length}`)
})

test('each sheet is read whole: what is refused is its line of totals, and nothing else', () => {
  for (const { state, refused } of registers) assert.deepEqual(refused.map(({ reason }) => reason), state.part === 'silent' ? [] : ['out-of-scope'], state.party)
})

test('the sheets hold the mess of real records', () => {
  for (const { state, items } of registers.filter(({ state: { part } }) => part !== 'silent')) {
    const holdings = items.map(([first]) => enter(first as NonNullable<typeof first>)).filter((holding) => holding !== undefined)
    assert.ok(holdings.filter(({ identity }) => identity.year === 'unknown').length > 200, 'years are missing')
    assert.ok(holdings.filter(({ quantity }) => typeof quantity === 'number' && quantity > 1).length >= 20, 'lots are counted without numbers')
    assert.ok(holdings.some(({ identity }) => identity.serial === 'unreadable') && holdings.some(({ identity }) => identity.serial === 'nil'), 'numbers are lost or were never there')
    const serials = new Map<string, Set<string>>()
    for (const { identity } of holdings) serials.set(known(identity.serial) ?? '', (serials.get(known(identity.serial) ?? '') ?? new Set()).add(identity.class))
    serials.delete('')
    assert.ok([...serials.values()].some((classes) => classes.size > 1), `${state.party}: a number stands on two kinds of item`)
  }
  assert.deepEqual(new Set(STATES.map((state) => inventoryOf(state).encoding)), new Set(['windows-1251', 'utf-8', 'cp866', 'utf-16le']))
})

test('a state\'s sheet is the same bytes in every run', () => {
  for (const state of STATES) assert.deepEqual(sheetBytes(inventoryOf(state)), sheetBytes(inventoryOf(state)))
})

test('every history is one that the law of custody accepts', () => {
  for (const { items } of registers) for (const events of items.filter(({ length }) => length > 1)) assert.equal(checkHistory(events), undefined)
})

const searched = new Map(registers.map((register) => [register.state.party as string, searchable(register)]))
for (const [component, event] of found) {
  test(`${component.id}, read as "${component.read}", ends in ${component.expected}`, () => {
    const conclusion = concluded(event, searched)
    assert.equal(conclusion.outcome, component.expected, JSON.stringify(conclusion))
    assert.equal(conclusion.lastHolder, component.holder)
  })
}

test('the asker\'s quota is enough for all components with room for three questions, and for no more than twelve', () => {
  const sizes = [...found.values()].map((event) => ladderOfFind(recordedFind(event)?.queries ?? [])).map((ladder) => ladder.verdict === 'readable' ? paddedSize(ladder.candidates.length) ?? Infinity : 0)
  const [all, largest] = [sizes.reduce((sum, size) => sum + size, 0), Math.max(...sizes)]
  assert.ok(all + 3 * largest <= ASKER_ELEMENTS && ASKER_ELEMENTS < all + 12 * largest, `${all} ${largest}`)
})

test('the chain of k04 is whole: made, delivered twice, held, ended', () => {
  const [, event] = [...found].find(([{ id }]) => id === 'k04') as NonNullable<[unknown, Parameters<typeof concluded>[0]]>
  const { chain, gaps } = concluded(event, searched)
  assert.deepEqual(chain.map(({ step, party }) => `${step} ${party}`), ['made QN', 'held QN', 'delivered QN', 'held QR', 'delivered QR', 'held QT', 'ended QT'])
  assert.deepEqual(gaps.map(({ gap }) => gap), ['lost-reported'])
})
