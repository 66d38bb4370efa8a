import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printable, tableLines, widthOf, wrap } from './table.ts'

test('widths are columns of a terminal: Cyrillic one, Chinese two, combining marks none', () => {
  assert.deepEqual(['9П516 № 0123', '飞弩-6', 'й', 'й', ''].map(widthOf), [12, 6, 1, 1, 0])
})

test('columns align whatever the alphabet', () => {
  const lines = tableLines([{ title: 'Mark' }, { title: 'n', align: 'right' }], [['9П516', 1], ['飞弩-6', 22], [undefined, 333]], 80)
  assert.deepEqual(lines, ['Mark      n', '──────  ───', '9П516     1', '飞弩-6   22', '–       333'])
})

test('a cell that does not fit wraps at spaces, and nothing is lost', () => {
  const text = 'несколько десятков пусковых установок с заводскими номерами'
  for (const width of [6, 10, 17, 59, 60]) {
    const lines = wrap(text, width)
    assert.ok(lines.every((line) => widthOf(line) <= width), `${width}: ${lines.join('|')}`)
    assert.equal(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''))
  }
})

test('a table keeps to the room that it has', () => {
  const long = 'word '.repeat(40).trim()
  for (const room of [30, 80, 200]) assert.ok(tableLines([{ title: 'a' }, { title: 'b' }, { title: 'c' }], [[long, long, 'x']], room).every((line) => widthOf(line) <= room), String(room))
})

test('a foreign text cannot move the cursor or turn the line around', () => {
  assert.equal(printable('a\u001b[2Jb\u202ec\nd'), 'a\ufffd[2Jb\ufffdc\ufffdd')
  assert.ok(tableLines([{ title: 'x' }], [['\u001b]0;evil\u0007']], 40).every((line) => !/[\u0000-\u001f]/.test(line)))
})
