import assert from 'node:assert/strict'
import { test } from 'node:test'
import { barLine, clock, startProgress } from './progress.ts'

function terminal(columns: number | undefined): { written: string[], time: { ms: number }, start: (total?: number) => ReturnType<typeof startProgress> } {
  const written: string[] = []
  const time = { ms: 0 }
  return { written, time, start: (total) => startProgress('rows', total, { write: (text) => { written.push(text) }, columns }, () => time.ms) }
}

test('work of a second or less shows nothing', () => {
  const { written, time, start } = terminal(80)
  const bar = start(100)
  time.ms = 999
  bar.at(99)
  bar.end()
  assert.deepEqual(written, [])
})

test('work over a second shows a bar, redraws it ten times a second at most, and takes it back', () => {
  const { written, time, start } = terminal(80)
  const bar = start(1000)
  time.ms = 1_500
  for (let row = 0; row < 100; row += 1) bar.add(1)
  assert.equal(written.length, 1)
  time.ms = 1_601
  bar.at(500)
  assert.equal(written.length, 2)
  assert.match(written[1] ?? '', /50 %/)
  bar.end()
  bar.end()
  bar.at(1000)
  assert.deepEqual(written.slice(2), ['\r\u001b[2K'])
})

test('without a terminal nothing is written at all', () => {
  const { written, time, start } = terminal(undefined)
  const bar = start(10)
  time.ms = 60_000
  bar.at(5)
  bar.end()
  assert.deepEqual(written, [])
})

test('the time left is told only where the whole takes over ten seconds', () => {
  assert.doesNotMatch(barLine('rows', 50, 100, 4_000, 80), /−/)
  assert.match(barLine('rows', 50, 100, 30_000, 80), /50 % {2}50\/100 {2}−0:30$/)
  assert.match(barLine('rows', 7, undefined, 61_000, 80), /^rows {2}7 {2}1:01$/)
})

test('a line never exceeds the terminal, and more than all is all', () => {
  assert.ok(barLine('a label that is long', 120, 100, 20_000, 30).length <= 30)
  assert.match(barLine('rows', 120, 100, 2_000, 80), /100 %/)
})

test('a clock of hours has hours', () => {
  assert.deepEqual([0, 59_400, 75_000, 3_600_000, 7_265_000].map(clock), ['0:00', '0:59', '1:15', '1:00:00', '2:01:05'])
})
