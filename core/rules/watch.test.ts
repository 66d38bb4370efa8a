import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newsOf, watchState, type WatchedLabel } from './watch.ts'

const labels: WatchedLabel[] = [{ element: 0, label: '11'.repeat(32), present: false }, { element: 1, label: '22'.repeat(32), present: true }, { element: 2, label: '33'.repeat(32), present: false }]
const [first, second, third] = labels as [WatchedLabel, WatchedLabel, WatchedLabel]

test('what was not declared and is now has appeared, what was and is not has vanished, and each is told once', () => {
  const now = (...declared: WatchedLabel[]) => (label: string) => declared.some((each) => each.label === label)
  assert.deepEqual(newsOf(labels, new Set(), now(second)), [])
  assert.deepEqual(newsOf(labels, new Set(), now(first, second)).map(({ label, what }) => [label.element, what]), [[0, 'appeared']])
  assert.deepEqual(newsOf(labels, new Set(), now(third)).map(({ label, what }) => [label.element, what]), [[1, 'vanished'], [2, 'appeared']])
  assert.deepEqual(newsOf(labels, new Set([first.label]), now(first, second)), [])
})

test('a watch is over when it was ended or its find taken back, and stale under another key', () => {
  const open = { ended: false, corrected: false, oprf: 'a', newestOprf: 'a' }
  assert.equal(watchState(open), 'watching')
  assert.equal(watchState({ ...open, newestOprf: undefined }), 'watching')
  assert.equal(watchState({ ...open, newestOprf: 'b' }), 'stale')
  assert.equal(watchState({ ...open, newestOprf: 'b', corrected: true }), 'corrected')
  assert.equal(watchState({ ...open, corrected: true, ended: true }), 'ended')
})
