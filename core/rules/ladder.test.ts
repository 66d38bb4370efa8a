import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toHex } from '../bytes/bytes.ts'
import { candidatesTried, CLASSES_MAX, gradeOf, ladderOf, LADDER_LIMITS, type Candidate, type MarkQuery } from './ladder.ts'
import { keysOfItem } from './match-key.ts'
import { RUNGS } from './mark.ts'

const base: MarkQuery = { serial: '', classes: ['missile'], type: undefined, maker: undefined, year: undefined, lot: undefined, script: 'unknown', condition: 'intact' }
const ask = (serial: string, more: Partial<MarkQuery> = {}, limits = LADDER_LIMITS) => ladderOf({ ...base, serial, ...more }, limits)
function candidates(serial: string, more: Partial<MarkQuery> = {}, limits = LADDER_LIMITS): readonly Candidate[] {
  const ladder = ask(serial, more, limits)
  assert.ok(ladder.verdict === 'readable', `${serial}: ${ladder.verdict === 'unreadable' ? ladder.reason : ''}`)
  return ladder.candidates
}
const reason = (serial: string, more: Partial<MarkQuery> = {}): string => {
  const ladder = ask(serial, more)
  return ladder.verdict === 'unreadable' ? ladder.reason : 'readable'
}
const declared = (serial: string): string => toHex(keysOfItem({ class: 'missile', maker: 'unknown', type: 'unknown', year: 'unknown', lot: 'unknown', serial: { is: serial } })[0]?.bytes ?? new Uint8Array(0))
const rungOf = (asked: string, held: string): string | undefined => candidates(asked).find(({ key }) => toHex(key) === declared(held))?.rung

test('a hit has the rung of the reading that found it', () => {
  assert.equal(rungOf('4417', '4417'), 'written')
  assert.equal(rungOf('44-17', '4417'), 'written')
  assert.equal(rungOf('О417', '0417'), 'zeros')
  assert.equal(rungOf('4О17', '4017'), 'folded')
  assert.equal(rungOf('4417Б', '4417B'), 'transliterated')
  assert.equal(rungOf('4417B', '4417Б'), 'transliterated')
  assert.equal(rungOf('004417', '4417'), 'zeros')
  assert.equal(rungOf('4417', '004417'), 'written', 'the class key of the register has lost its zeros')
  assert.equal(rungOf('4417', '4411'), 'wildcard')
  assert.equal(rungOf('4417', '4427'), undefined)
})

test('each key stands there once, on its best rung, in the order of the rungs', () => {
  const all = candidates('00B417O', { type: '9М39', classes: ['missile', 'container'] })
  assert.equal(new Set(all.map(({ key }) => toHex(key))).size, all.length)
  const order = all.map(({ rung }) => RUNGS.indexOf(rung))
  assert.deepEqual(order, [...order].sort((a, b) => a - b))
})

test('every class that the mark can belong to is among the candidates', () => {
  const classes = ['missile', 'gripstock', 'power-unit']
  assert.deepEqual(new Set(candidates('4417', { classes }).filter(({ rung }) => rung === 'written').map((each) => each.class)), new Set(classes))
})

test('single characters easily taken for others are tried but not mandatory', () => {
  const readings = (serial: string): string[] => candidates(serial).filter(({ rung }) => rung === 'wildcard').map(({ reading }) => reading).sort()
  assert.deepEqual(readings('40151'), ['40157', '401S1', '40751'])
  assert.deepEqual(readings('4836'), ['43' + '36', '4B36', '4' + '8' + '86', '48B6', '4839', '483G'].sort())
  assert.ok(candidates('40151').every(({ rung, mandatory }) => mandatory === (rung !== 'wildcard')))
  assert.ok(candidates('40151', {}, { ...LADDER_LIMITS, confusions: false }).every(({ rung }) => rung !== 'wildcard'))
})

test('illegible characters are filled in, and that is mandatory, as there is no other reading', () => {
  const filled = candidates('44?7')
  assert.equal(filled.length, 10)
  assert.ok(filled.every(({ rung, mandatory }) => rung === 'wildcard' && mandatory))
  assert.ok(filled.some(({ key }) => toHex(key) === declared('4427')))
  assert.deepEqual(candidates('44[38]7').map(({ reading }) => reading), ['4437', '4487'])
  assert.equal(candidates('44??7').length, 100)
  assert.ok(candidates('A?B447').some(({ reading }) => reading === 'AKB447'), 'between letters it is a letter')
  assert.ok(candidates('A?447').every(({ reading }) => /^A[0-9]/.test(reading)), 'elsewhere a digit')
  assert.ok(candidates('Б44?').some(({ reading }) => reading === 'B447'), 'a Cyrillic mark is also spelt in Latin letters')
})

test('where the keys with type would be too many, the class keys alone are tried', () => {
  const both = candidates('44??7', { type: '9М39' })
  assert.deepEqual(new Set(both.map(({ kind }) => kind)), new Set(['type', 'class']))
  const alone = candidates('447???', { type: '9М39' })
  assert.equal(alone.length, 1000)
  assert.ok(alone.every(({ kind }) => kind === 'class'))
})

test('a mark that no candidate can be made of says why', () => {
  assert.equal(reason(''), 'no-mark')
  assert.equal(reason('', { condition: 'erased' }), 'erased')
  assert.equal(reason('1?', { condition: 'erased' }), 'erased')
  assert.equal(reason('4417', { condition: 'erased' }), 'readable', 'made readable again')
  assert.equal(reason('44'), 'too-few-legible')
  assert.equal(reason('4 - 4'), 'too-few-legible')
  assert.equal(reason('44????'), 'too-few-legible')
  assert.equal(reason('RASPADO'), 'no-digit')
  assert.equal(reason('KOI'), 'no-digit', 'an O is no digit though it looks like one')
  assert.equal(reason('447????'), 'too-many-candidates')
  assert.equal(reason('447???', { classes: ['missile', 'gripstock'] }), 'too-many-candidates')
  assert.equal(reason('447', { classes: Array.from({ length: CLASSES_MAX + 1 }, (_, i) => `c${i}`) }), 'too-many-candidates')
  assert.equal(reason('447', { classes: [] }), 'no-key')
  assert.equal(reason('7'.repeat(300)), 'too-long')
  assert.equal(reason('447?'.repeat(20)), 'too-many-candidates')
})

test('there are never more candidates than the largest batch; confusions go first', () => {
  const classes = Array.from({ length: CLASSES_MAX }, (_, i) => `class-${i}`)
  const ladder = ask('8386183861838618386', { classes })
  assert.ok(ladder.verdict === 'readable' && ladder.confusionsLeftOut && ladder.candidates.every(({ mandatory }) => mandatory))
  for (const serial of ['PBYE1PBYE1PBYE1', 'blЫЮ1blЫЮ', 'NO8386183861838618386', 'SHCHSHCHSHCH1']) assert.ok(candidates(serial, { classes, type: 'Igla' }).length <= LADDER_LIMITS.candidatesMax, serial)
})

test('the same mark gives the same ladder', () => {
  const once = JSON.stringify(candidates('ПВ0417', { type: '9П516' }))
  assert.equal(JSON.stringify(candidates('ПВ0417', { type: '9П516' })), once)
})

test('the grade of several hits is the best, by rung and then by key', () => {
  const hits = [{ rung: 'zeros', kind: 'class' }, { rung: 'folded', kind: 'class' }, { rung: 'folded', kind: 'type' }] as const
  assert.deepEqual(gradeOf(hits), { rung: 'folded', kind: 'type' })
  assert.equal(gradeOf([]), undefined)
})

test('candidates tried are those of the rung and of all better ones', () => {
  const all = candidates('О4417')
  assert.equal(candidatesTried(all, 'wildcard'), all.length)
  assert.equal(candidatesTried(all, 'written'), all.filter(({ rung }) => rung === 'written').length)
  assert.ok(candidatesTried(all, 'zeros') < all.length)
})
