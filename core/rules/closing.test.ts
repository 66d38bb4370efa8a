import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closedUntil, closingOf, refuseClosed, refuseClosing, type ClosingAct } from './closing.ts'

const NOW = '2026-06-01T00:00:00Z'
const end = (year: number) => `${year}-12-31T23:59:59Z`
function act(kind: ClosingAct['kind'], until: string, by: string, and: string): ClosingAct {
  const made = closingOf({ kind, until, by, and, reason: 'exercise', sources: kind === 'opening' ? ['book of 2023'] : [], questions: [], rows: [] })
  if (made instanceof Error) throw made
  return made
}
const code = (before: readonly ClosingAct[], next: ClosingAct): string | undefined => refuseClosing(before, next, NOW)?.code

test('books are opened once, closed ever later, and never up to a time to come', () => {
  const opened = act('opening', end(2023), 'A', 'B')
  const closed = act('closed', end(2024), 'A', 'B')
  assert.equal(code([], opened), undefined)
  assert.equal(code([opened], closed), undefined)
  assert.equal(closedUntil([opened, closed]), end(2024))
  assert.equal(code([opened, closed], act('opening', end(2025), 'A', 'B')), 'closing/opened-already')
  assert.equal(code([opened, closed], act('closed', end(2024), 'A', 'B')), 'closing/not-later')
  assert.equal(code([opened, closed], act('closed', end(2026), 'A', 'B')), 'closing/to-come')
  assert.equal(code([], act('closed', end(2024), 'A', 'a')), 'two-people/same-person')
})

test('what was closed is opened again by two others only, also where several closings lie above, and not beyond what is closed', () => {
  const acts = [act('opening', end(2022), 'A', 'B'), act('closed', end(2023), 'A', 'C'), act('closed', end(2024), 'D', 'E')]
  assert.equal(code(acts, act('reopened', end(2023), 'F', 'D')), 'closing/own-closing')
  assert.equal(code(acts, act('reopened', end(2023), 'F', 'e')), 'closing/own-closing')
  assert.equal(code(acts, act('reopened', end(2023), 'A', 'C')), undefined, 'they closed nothing of what is opened')
  assert.equal(code(acts, act('reopened', end(2022), 'A', 'F')), 'closing/own-closing', 'here they did')
  assert.equal(code(acts, act('reopened', end(2024), 'F', 'G')), 'closing/nothing-closed')
  assert.equal(code([], act('reopened', end(2024), 'F', 'G')), 'closing/nothing-closed')
  const open = [...acts, act('reopened', end(2022), 'F', 'G')]
  assert.equal(closedUntil(open), end(2022))
  assert.equal(code(open, act('closed', end(2024), 'F', 'G')), undefined)
})

test('of a closed period only corrections are written; its last second belongs to it', () => {
  const at = (kind: 'moved' | 'corrected', happened: string) => refuseClosed(end(2024), { kind, happened })?.code
  assert.equal(at('moved', end(2024)), 'closing/closed')
  assert.equal(at('moved', '2025-01-01T00:00:00Z'), undefined)
  assert.equal(at('corrected', end(2023)), undefined)
  assert.equal(refuseClosed(undefined, { kind: 'moved', happened: end(2023) }), undefined)
})

test('an opening balance names a source; no other act has one, and what is reopened has no rows', () => {
  const said = { kind: 'closed', until: end(2024), by: 'A', and: 'B', reason: 'x', sources: [], questions: [], rows: [{ class: 'missile', type: null, items: 3, uncounted: 0 }] }
  const refused = (changes: Record<string, unknown>): boolean => closingOf({ ...said, ...changes }) instanceof Error
  assert.deepEqual([refused({}), refused({ kind: 'opening' }), refused({ kind: 'opening', sources: ['a book'] }), refused({ sources: ['a book'] }), refused({ questions: ['why'] }), refused({ kind: 'reopened' }), refused({ kind: 'reopened', rows: [] })], [false, true, false, true, true, true, false])
})
