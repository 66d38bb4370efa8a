import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findRows, measureAll, type Measured } from './measure.ts'
import { missed, page, table } from './report.ts'

const measured = (name: string, median: number, met = true): Measured => ({
  name, claim: `what ${name} says`, seconds: 1,
  result: { name, unit: 's', median, samples: [median], peers: [{ name: 'a peer', median: 4 }, { name: 'an absent one', median: NaN }], limits: [{ text: 'seconds <= 6', met }] },
})

test('every file with a default export is a row of the name of its file, and programs beside them are not loaded', async () => {
  const rows = await findRows()
  assert.ok(rows.length >= 3)
  for (const { file, row } of rows) {
    assert.ok(file.endsWith(`/${row.name}.ts`), `${file} calls itself ${row.name}`)
    assert.ok(row.limit.length > 0 && row.claim !== '')
  }
  assert.ok(!rows.some(({ file }) => file.endsWith('declaration-child.ts')))
})

test('a row that is not measured again keeps its section of the page, and one that is gets a new one', () => {
  const first = page('', [measured('b', 3), measured('a', 2)], 'on Monday')
  const second = page(first, [measured('b', 5)], 'on Tuesday')
  assert.match(second, /## a\n[^#]*\*\*2 s\*\*[^#]*on Monday\n\n## b\n[^#]*\*\*5 s\*\*[^#]*on Tuesday/)
  assert.equal(page(second, [{ name: 'a', claim: 'x', seconds: 1, error: 'it failed' }], 'on Wednesday'), second)
})

test('the table shows the median, the ratio to each peer, a missed limit and why a row is missing', () => {
  const text = table([measured('a', 2, false), { name: 'b', claim: 'x', seconds: 1, error: 'at x\nno database' }], 500).join('\n')
  assert.match(text, /a +2 s +MISSED: seconds <= 6 +a peer: 4 s \(ratio 0\.5\) · an absent one: not measured/)
  assert.match(text, /b +not measured .*no database/)
  assert.ok(missed(measured('a', 2, false)) && !missed(measured('a', 2)))
})

test('what does not fit into the time is reported as not measured, and each row is handed over as it is done', async () => {
  const rows = (await findRows()).filter(({ row }) => row.name === 'labels')
  const told: string[] = []
  const kept: Measured[] = []
  const [none] = await measureAll(rows, 'quick', 1_000, (line) => told.push(line), (row) => kept.push(row))
  assert.match(none?.error ?? '', /not begun/)
  assert.match(told[0] ?? '', /^1\/1 labels: about/)
  const [stopped] = await measureAll(rows, 'quick', 4_500, () => undefined, (row) => kept.push(row))
  assert.match(stopped?.error ?? '', /stopped/)
  assert.deepEqual(kept, [none, stopped])
})
