// Which office a message finds, at every moment of a week and beyond the ends of what a directory says.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fit } from '../bytes/shape.ts'
import { addSeconds } from '../bytes/time.ts'
import { MESSAGE_KINDS } from '../wire/message-kind.ts'
import { directoryShape, officeFor, SUBJECTS, type Directory, type Office } from './office.ts'

const WEEK: Office['hours'] = [{ days: [1, 2, 3, 4, 5], from: '09:00', until: '17:00' }]
const ALWAYS: Office['hours'] = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', until: '24:00' }]
const office = (code: string, changes: Partial<Office> = {}): Office => ({ code, names: { en: code }, subjects: ['trace'], hours: WEEK, closed: [], from: null, until: null, otherwise: null, ...changes })
const of = (...offices: Office[]): Directory => ({ offices })
/** 2026-03-02 is a Monday. */
const MONDAY = '2026-03-02T09:00:00Z'

test('the subjects are the families of all kinds of message but the receipt', () => {
  assert.deepEqual([...SUBJECTS].sort(), [...new Set(Object.keys(MESSAGE_KINDS).map((kind) => kind.split('/')[0]))].filter((family) => family !== 'receipt').sort())
})

test('hours begin at their minute and end before it, on their days, and not on a day that is closed', () => {
  const directory = of(office('tracing', { closed: [{ from: '2026-03-09', until: '2026-03-10' }] }))
  const by = (at: string) => officeFor(directory, 'trace', at).by
  assert.deepEqual([by(MONDAY), by('2026-03-02T16:59:59Z'), by('2026-03-02T08:59:59Z'), by('2026-03-02T17:00:00Z'), by('2026-03-07T12:00:00Z'), by('2026-03-10T12:00:00Z')], ['hours', 'hours', 'closed', 'closed', 'closed', 'closed'])
  assert.deepEqual(officeFor(directory, 'trace', '2026-03-06T17:00:00Z'), { by: 'closed', office: 'tracing', opens: '2026-03-11T09:00:00Z' })
  assert.equal(officeFor(of(office('tracing', { hours: ALWAYS })), 'trace', '2026-03-08T23:59:59Z').by, 'hours')
  assert.equal(by('1969-12-29T09:00:00Z'), 'hours')
})

test('outside its hours a deputy answers, or the deputy of that one, whatever its own subjects; two that stand in for one another end in a stated gap', () => {
  const directory = of(office('tracing', { otherwise: 'deputy' }), office('deputy', { subjects: [], otherwise: 'duty' }), office('duty', { subjects: [], hours: ALWAYS }))
  assert.deepEqual(officeFor(directory, 'trace', '2026-03-07T03:00:00Z'), { by: 'deputy', office: 'duty', instead: 'tracing' })
  const mutual = of(office('tracing', { otherwise: 'deputy' }), office('deputy', { subjects: [], hours: [{ days: [1], from: '08:00', until: '09:00' }], otherwise: 'tracing' }))
  assert.deepEqual(officeFor(mutual, 'trace', '2026-03-07T03:00:00Z'), { by: 'closed', office: 'tracing', opens: '2026-03-09T08:00:00Z' })
})

test('the first that is open answers; one of another day, and a subject of nobody, are gaps', () => {
  const directory = of(office('old', { until: '2026-03-01' }), office('night', { hours: [{ days: [1], from: '17:00', until: '24:00' }] }), office('tracing'), office('second'))
  assert.deepEqual(officeFor(directory, 'trace', MONDAY), { by: 'hours', office: 'tracing' })
  assert.deepEqual(officeFor(directory, 'call', MONDAY), { by: 'no-office', office: null })
  assert.deepEqual(officeFor(of(office('old', { until: '2026-03-01' })), 'trace', MONDAY), { by: 'no-office', office: null })
  assert.deepEqual(officeFor(undefined, 'trace', MONDAY), { by: 'no-directory', office: null })
})

test('at every half hour of three weeks there is one answer, and what is said to open does open', () => {
  const directory = of(office('tracing', { otherwise: 'deputy' }), office('deputy', { subjects: ['call'], hours: [{ days: [6], from: '10:30', until: '11:00' }], closed: [{ from: '2026-03-07', until: '2026-03-07' }], otherwise: 'tracing' }))
  for (let i = 0, at = MONDAY; i < 21 * 48; i++, at = addSeconds(at, 1800)) {
    const placed = officeFor(directory, 'trace', at)
    if (placed.by !== 'closed') assert.ok(placed.by === 'hours' || placed.by === 'deputy', at)
    else {
      assert.ok(placed.opens !== null && placed.opens > at, at)
      assert.notEqual(officeFor(directory, 'trace', placed.opens).by, 'closed', at)
      assert.equal(officeFor(directory, 'trace', addSeconds(placed.opens, -1)).by, 'closed', at)
    }
  }
})

test('a directory that names one office twice, none, or a deputy that it does not have is refused at its place', () => {
  const place = (directory: unknown) => {
    const fitted = fit(directoryShape, directory)
    return 'misfit' in fitted ? fitted.misfit.at : null
  }
  assert.equal(place(of(office('tracing'), office('duty'))), null)
  assert.equal(place(of(office('tracing'), office('tracing'))), 'offices[1]')
  assert.equal(place(of()), 'offices')
  for (const otherwise of ['nobody', 'tracing']) assert.equal(place(of(office('tracing', { otherwise }))), 'offices[0].otherwise')
  assert.equal(place(of(office('tracing', { names: {} }))), 'offices[0].names')
  assert.equal(place(of(office('tracing', { hours: [{ days: [1], from: '09:00', until: '09:00' }] }))), 'offices[0].hours[0].until')
  assert.equal(place(of(office('tracing', { from: '2026-03-02', until: '2026-03-01' }))), 'offices[0].until')
})
