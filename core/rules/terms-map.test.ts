import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fit } from '../bytes/shape.ts'
import { designationsOf, INVERSE, RELATIONS, sideBySide, termsShape, type Relation, type TermRow } from './terms-map.ts'

const row = (own: string, theirs: string | null, relation: Relation, what: TermRow['what'] = 'designation'): TermRow => ({ what, own: { code: own, text: own }, theirs: theirs === null ? null : { code: theirs, text: theirs }, relation, note: null })
const standings = (left: readonly TermRow[], right: readonly TermRow[]) => sideBySide(left, right).map(({ here, there, standing }) => [here?.code ?? null, there?.code ?? null, standing])

test('a relation and its inverse agree, every other two contradict, whichever side reads', () => {
  for (const mine of RELATIONS) {
    for (const yours of RELATIONS) {
      const expected = yours === INVERSE[mine] ? 'agree' : 'contradict'
      assert.equal(sideBySide([row('a', 'x', mine)], [row('x', 'a', yours)])[0]?.standing, expected, `${mine} ${yours}`)
      assert.equal(sideBySide([row('x', 'a', yours)], [row('a', 'x', mine)])[0]?.standing, expected, `${yours} ${mine}`)
    }
    assert.equal(INVERSE[INVERSE[mine]], mine)
  }
})

test('what one says alone stands so; a term that the other says has no counterpart contradicts whoever gives it one', () => {
  assert.deepEqual(standings([row('a', 'x', 'same')], []), [['a', 'x', 'one']])
  assert.deepEqual(standings([], [row('x', 'a', 'same')]), [['a', 'x', 'one']])
  assert.deepEqual(standings([row('a', 'x', 'same')], [row('x', null, 'none')]), [['a', 'x', 'contradict'], [null, 'x', 'contradict']])
  assert.deepEqual(standings([row('a', null, 'none')], [row('x', 'a', 'broader')]), [['a', null, 'contradict'], ['a', 'x', 'contradict']])
  assert.deepEqual(standings([row('a', null, 'none')], [row('x', null, 'none')]), [['a', null, 'one'], [null, 'x', 'one']])
})

test('one code is another term as a designation than as a form, and in other letters', () => {
  assert.deepEqual(standings([row('a', 'x', 'same')], [row('x', 'a', 'same', 'form')]), [['a', 'x', 'one'], ['a', 'x', 'one']])
  assert.deepEqual(standings([row('9М39', 'x', 'same')], [row('x', '9M39', 'same')]), [['9М39', 'x', 'one'], ['9M39', 'x', 'one']])
})

test('a pair said twice, a counterpart of a term that has none, and a relation to nothing are refused at their place', () => {
  const place = (...rows: TermRow[]) => {
    const fitted = fit(termsShape, { rows })
    return 'misfit' in fitted ? fitted.misfit.at : null
  }
  assert.equal(place(row('a', 'x', 'same'), row('a', 'y', 'overlaps'), row('a', 'x', 'same', 'form')), null)
  assert.equal(place(row('a', null, 'none'), row('a', 'x', 'none')), null)
  assert.equal(place(row('a', 'x', 'same'), row('a', 'x', 'narrower')), 'rows[1]')
  assert.equal(place(row('a', null, 'none'), row('a', 'x', 'same')), 'rows[1]')
  assert.equal(place(row('a', null, 'same')), 'rows[0].relation')
  assert.equal(place(), 'rows')
})

test('a type finds the designations that name it on either side, as they are written, and no form or category', () => {
  const rows = sideBySide([row('a', 'x', 'same'), row('b', null, 'none'), row('a', 'y', 'none', 'form')], [row('z', 'a', 'broader'), row('a', null, 'none')])
  const found = (...types: string[]) => designationsOf(rows, types).map(({ here, there }) => [here?.code ?? null, there?.code ?? null])
  assert.deepEqual(found('a'), [['a', 'x'], ['a', 'z'], [null, 'a']])
  assert.deepEqual([found('x'), found('b'), found('y'), found('A'), found()], [[['a', 'x']], [['b', null]], [], [], []])
})
