import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addCount, differencesOf, isAskedFor, matrixRow, seenSince, STANDINGS, tallyOf, totalsOf, type Addressed, type Standing, type Word } from './call.ts'
import { partOf } from './item.ts'
import { STATUSES } from './status.ts'

const AA = 'AA'
const DUE = '2026-04-01T00:00:00Z'
const BEFORE = '2026-03-20T00:00:00Z'
const AFTER = '2026-04-01T00:00:01Z'
const RECEIPT = '2026-03-02T00:00:00Z'

const counted = (time: string, opened = 1): Word => ({ kind: 'answered', time, counts: [{ class: 'missile', type: null, opened, sealed: 0, records: 0 }] })
const row = (words: readonly Word[], at: string, receipted: string | null = RECEIPT) => matrixRow({ party: AA, issued: '2026-03-01T00:00:00Z', receipted, words } satisfies Addressed, DUE, at)

test('an addressee stands where its receipt and its words put it, before the answer is due and after', () => {
  const acknowledged: Word = { kind: 'acknowledged', time: '2026-03-03T00:00:00Z', expected: null }
  const refused: Word = { kind: 'objected', time: '2026-03-04T00:00:00Z', reason: 'neutrality' }
  const cases: readonly (readonly [readonly Word[], string | null, Standing, Standing])[] = [
    [[], null, 'under-way', 'unreachable'], [[], RECEIPT, 'received', 'silent'], [[acknowledged], RECEIPT, 'acknowledged', 'silent'],
    [[acknowledged, refused], RECEIPT, 'objected', 'objected'], [[{ ...refused, kind: 'declined' }], RECEIPT, 'declined', 'declined'], [[counted(BEFORE)], RECEIPT, 'answered', 'answered'],
  ]
  for (const [words, receipted, before, after] of cases) {
    assert.equal(row(words, BEFORE, receipted).standing, before)
    assert.equal(row(words, AFTER, receipted).standing, after)
  }
  assert.deepEqual(new Set(cases.flatMap(([, , before, after]) => [before, after])), new Set(STANDINGS))
})

test('at the very second when it is due nobody is silent yet, and an answer of that second is in time', () => {
  assert.equal(row([], DUE).standing, 'received')
  assert.equal(row([counted(DUE)], AFTER).late, false)
  assert.equal(row([counted(AFTER)], AFTER).late, true)
})

test('the last word is in force, whatever its sender\'s clock said, and the earlier ones are counted', () => {
  const words: Word[] = [{ kind: 'declined', time: '2026-03-12T00:00:00Z', reason: 'no-means' }, counted('2026-03-10T00:00:00Z', 5), counted('2026-03-08T00:00:00Z', 7)]
  const { standing, earlier, totals, reason } = row(words, AFTER)
  assert.deepEqual({ standing, earlier, totals, reason }, { standing: 'answered', earlier: 2, totals: { opened: 7, sealed: 0, records: 0 }, reason: undefined })
  assert.equal(row(words.toReversed(), AFTER).standing, 'declined')
})

test('the tally counts each addressee once: an objection is a refusal, and who was not reached is not silent', () => {
  const rows = [row([counted(BEFORE)], AFTER), row([{ kind: 'objected', time: BEFORE, reason: 'other' }], AFTER), row([{ kind: 'declined', time: BEFORE, reason: 'other' }], AFTER), row([], AFTER), row([], AFTER, null)]
  assert.deepEqual(tallyOf(rows), { addressed: 5, answered: 1, declined: 2, silent: 1 })
})

test('what was seen before the call, or could not be got at, stands in the records only', () => {
  const since = '2026-03-01T00:00:00Z'
  assert.equal(seenSince(undefined, since), 'records')
  assert.equal(seenSince({ seen: 'opened', at: '2026-02-28T23:59:59Z' }, since), 'records')
  assert.equal(seenSince({ seen: 'not-accessible', at: BEFORE }, since), 'records')
  assert.equal(seenSince({ seen: 'opened', at: since }, since), 'opened')
  assert.equal(seenSince({ seen: 'sealed', at: BEFORE }, since), 'sealed')
})

test('a call asks for what is in hand, of its classes and of its types in either alphabet; a type that is not known is not asked for by name', () => {
  const item = (status: (typeof STATUSES)[number], type: string | undefined, kind = 'missile') => ({ status, identity: { class: kind, maker: partOf(undefined), type: partOf(type), year: partOf(undefined), lot: partOf(undefined), serial: partOf('1') } })
  const asks = { classes: ['missile'], types: ['9М39'] }
  assert.ok(isAskedFor(item('held', '9M39'), asks))
  assert.ok(isAskedFor(item('disputed', '9М39'), asks))
  assert.ok(!isAskedFor(item('held', '9М39', 'gripstock'), asks))
  assert.ok(!isAskedFor(item('held', '9М313'), asks))
  assert.ok(!isAskedFor(item('held', undefined), asks))
  assert.ok(isAskedFor(item('held', undefined, 'sight'), { classes: null, types: null }))
  const inHand = STATUSES.filter((status) => isAskedFor(item(status, '9М39'), asks))
  assert.deepEqual(inHand, ['held', 'issued', 'in-transit', 'disputed'])
})

test('a count beside a declaration differs by class, both ways; what is declared as gone is not in hand, and other classes are not compared', () => {
  const declared: Record<string, number> = {}
  for (const [kind, status, items] of [['missile', 'held', 3], ['missile', 'issued', 1], ['missile', 'destroyed', 9], ['gripstock', 'held', 2], ['sight', 'held', 5]] as const) for (let i = 0; i < items; i++) addCount(declared, kind, status)
  assert.deepEqual(declared, { 'missile held': 3, 'missile issued': 1, 'missile destroyed': 9, 'gripstock held': 2, 'sight held': 5 })
  const counts = [{ class: 'missile', type: '9М39', opened: 2, sealed: 1, records: 0 }, { class: 'missile', type: null, opened: 0, sealed: 0, records: 1 }, { class: 'container', type: null, opened: 1, sealed: 0, records: 0 }]
  assert.deepEqual(differencesOf(counts, declared, ['missile', 'gripstock', 'container']), [{ class: 'container', counted: 1, declared: 0 }, { class: 'gripstock', counted: 0, declared: 2 }])
  assert.deepEqual(differencesOf(counts, declared, ['missile']), [])
  assert.deepEqual(totalsOf(counts), { opened: 3, sealed: 1, records: 1 })
})
