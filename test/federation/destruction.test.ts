// Production and destruction between real registries: numbers made once, the returns of a licensed maker and what is missing of them; items destroyed by
// number, certified once, and witnessed by another party.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import type { DestructionCertificate } from '@muster/core/wire/destruction-body.ts'
import { verifyCorrespondence } from '@muster/core/wire/correspondence.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { dutiesOf } from '@muster/registry/agreement/duties.ts'
import { issueCertificate } from '@muster/registry/certificate/act.ts'
import { correspondenceFile } from '@muster/registry/correspondence.ts'
import { certifyDestruction, recordDestroyed, witnessDestruction, type Certifying } from '@muster/registry/destruction/act.ts'
import { destructionBy, destructions } from '@muster/registry/destruction/view.ts'
import { stateTerms } from '@muster/registry/directory/act.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { recordProduction, stateReturn } from '@muster/registry/production/act.ts'
import { productionReturns } from '@muster/registry/production/view.ts'
import { writeMessages } from '@muster/registry/store/messages.ts'
import { itemState, recordEvent } from '@muster/registry/store/record-event.ts'
import { dispatchItems } from '@muster/registry/transfer/act.ts'
import { command } from './command.ts'
import { servedRegistries, type Member, type Served } from './served.ts'
import { clock } from './two.ts'

const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
const ONE = { by: 'C. Orlova', and: null }
const MAKER = 'Exercise works 1'
const PERIOD = { from: '2025-01-01T00:00:00Z', until: '2025-07-01T00:00:00Z' }
let served: Served
let made: readonly ItemId[] = []
const of = (party: string): Member => served.of(party)
const at = (party: string) => ({ register: of(party).home().register, joined: of(party).hall().joined })
const codeOf = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code
const send = async (party: string) => { await deliverOnce(of(party).home(), of(party).hall(), undefined) }
const day = () => timeOf(clock()).slice(0, 10)

function produce(serials: readonly string[], { lot = '4', type = '9М39', happened = '2025-03-01T00:00:00Z' } = {}) {
  return recordProduction(of('AA').home().register, { identity: { class: 'missile', type: { is: type }, maker: { is: MAKER }, year: { is: '2025' }, lot: { is: lot } }, serials, site: 'unknown', happened, reason: 'manufactured' }, ONE, clock())
}

/** What the door of a party says to a message that another signs behind its own law. */
async function offered(from: string, to: string, kind: 'production/return' | 'destruction/certify' | 'destruction/witnessed', body: object): Promise<string | undefined> {
  const [message] = await writeMessages(of(from).home().register, of(from).hall().joined, [{ to: of(to).party, kind, body: body as never }], clock())
  const { body: told } = await of(to).answering().message(of(to).home(), of(to).hall(), message?.envelope ?? new Uint8Array())
  return (JSON.parse(told) as { code?: string }).code
}

before(async () => {
  const term = { maker: MAKER, class: 'missile', from: '2024-01-01T00:00:00Z', everyMonths: 6, dueDays: 30 }
  served = await servedRegistries(['AA', 'BB', 'CC'], { quorum: 2, licensedProduction: [
    { ...term, licensor: 'BB', licensee: 'AA', type: '9М39', serials: true }, { ...term, licensor: 'CC', licensee: 'AA', type: '9М310', serials: false },
  ] as never })
  for (const party of ['AA', 'BB', 'CC']) await of(party).up()
})
after(() => served.remove())

test('numbers are recorded at manufacture, each once, all or none, also by two people at one moment', async () => {
  made = await produce(['0101', '0102', '0103'])
  assert.equal((await itemState(of('AA').home().register, made[0] as ItemId)).events[0]?.kind, 'manufactured')
  await assert.rejects(produce([]), codeOf('production/no-numbers'))
  await assert.rejects(produce(['0110', '0110']), codeOf('production/number-made'))
  await assert.rejects(produce(['0111', '0103']), codeOf('production/number-made'))
  const both = await Promise.allSettled([produce(['0120'], { lot: '5' }), produce(['0120'], { lot: '5' })])
  assert.deepEqual(both.filter(({ status }) => status === 'fulfilled').length, 1)
  await produce(['0001', '0002'], { type: '9М310' })
})

test('a licensed maker states what it made of each lot, with the numbers where they are disclosed, and a period that it passed over stays late on both sides', async () => {
  await assert.rejects(stateReturn(at('BB'), { type: '9М39', note: null }, ONE, clock()), codeOf('production/no-such-term'))
  const { body } = await stateReturn(at('AA'), { type: '9М39', until: PERIOD.until, note: null }, ONE, clock())
  assert.deepEqual(body.rows.map(({ lot, made: count, opened }) => [lot, count, opened?.serials]), [['4', 3, ['0101', '0102', '0103']], ['5', 1, ['0120']]])
  const closed = (await stateReturn(at('AA'), { type: '9М310', until: PERIOD.until, note: null }, ONE, clock())).body
  assert.deepEqual(closed.rows.map(({ made: count, opened }) => [count, opened]), [[2, undefined]])
  await send('AA')
  assert.deepEqual((await productionReturns(at('BB'))).map(({ direction, with: party, body: told }) => [direction, party, told.type]), [['in', 'AA', '9М39']])
  for (const party of ['AA', 'BB']) {
    const owed = (await dutiesOf(at(party), clock())).filter(({ what, to }) => what === 'production/return' && to === 'BB')
    assert.deepEqual(owed.filter(({ about }) => about.endsWith(`${PERIOD.from}/${PERIOD.until}`)).map(({ state }) => state), ['done-late'], party)
    assert.ok(owed.filter(({ state }) => state === 'late').length >= 2, `${party}: the periods before it were passed over`)
  }
  assert.ok((await dutiesOf(at('BB'), clock())).every(({ what, to }) => what !== 'production/return' || to === 'BB'), 'nobody is told of a duty between two others')
  // Another list behind a binding, lists that are not due, another period, and returns that nobody owes.
  const rows = body.rows.map((row, i) => i === 0 ? { ...row, opened: { salt: '00'.repeat(32), serials: ['0101', '0102', '0103'] } } : row)
  assert.equal(await offered('AA', 'BB', 'production/return', { ...body, rows }), 'production/other-list')
  assert.equal(await offered('AA', 'BB', 'production/return', { ...body, rows: body.rows.map(({ opened: _, ...row }) => row) }), 'production/list-missing')
  assert.equal(await offered('AA', 'CC', 'production/return', { ...body, type: '9М310' }), 'production/not-disclosed')
  assert.equal(await offered('AA', 'BB', 'production/return', { ...body, until: '2025-06-01T00:00:00Z' }), 'production/not-scheduled')
  assert.equal(await offered('CC', 'BB', 'production/return', body), 'production/not-its-part')
  const { verification } = await correspondenceFile(at('AA'), closed.return)
  assert.deepEqual([verification.affair.kind, verification.letters.length], ['production', 1])
})

const certify = (changes: Partial<Certifying> = {}, people: { by: string, and: string | null } = TWO) => certifyDestruction(at('AA'), {
  number: 'D-1', date: day(), region: 'North', method: 'cutting', witnesses: [{ party: of('BB').party, name: 'D. Sokol', office: 'Inspector' }, { party: of('AA').party, name: 'E. Lind', office: 'Head of store' }], note: null, ...changes,
}, people, clock())
const destroy = (items: readonly ItemId[], number: string) => recordDestroyed(of('AA').home().register, { items, number, happened: timeOf(clock()), reason: 'surplus' }, TWO, clock())

test('what is certified as destroyed is destroyed, under that number, on that day, by two people, and stands in one certificate', async () => {
  const [first, second, third] = made as [ItemId, ItemId, ItemId]
  await assert.rejects(certify(), codeOf('destruction/no-items'))
  await assert.rejects(certify({ items: [first] }), codeOf('destruction/not-destroyed'))
  await assert.rejects(recordDestroyed(of('AA').home().register, { items: [first], number: 'D-1', happened: timeOf(clock()), reason: 'surplus' }, ONE, clock()), codeOf('two-people/second-missing'))
  assert.equal(await destroy([first, second], 'D-1'), 2)
  await assert.rejects(certify({}, ONE), codeOf('two-people/second-missing'))
  await assert.rejects(certify({ items: [first], number: 'D-2' }), codeOf('destruction/other-certificate'))
  await assert.rejects(certify({ items: [first], date: '2026-01-01' }), codeOf('destruction/other-date'))
  await assert.rejects(certify({ to: ['ZZ' as never] }), codeOf('destruction/no-party'))
  const both = await Promise.allSettled([certify(), certify()])
  assert.deepEqual(both.flatMap((each) => each.status === 'rejected' ? [(each.reason as Refusal).code] : []), ['destruction/number-used'])
  await destroy([third], 'D-3')
  await recordEvent(of('AA').home().register, { item: first, at: timeOf(clock()), request: { kind: 'corrected', happened: timeOf(clock()), ...TWO, reason: 'wrong number', documents: [],
    data: { of: 1, how: 'incorrect-data', instead: { kind: 'destroyed', happened: timeOf(clock()), documents: [{ series: null, number: 'D-3', date: day() }], data: { certificate: 'D-3' } } } } })
  await assert.rejects(certify({ number: 'D-3' }), codeOf('destruction/certified-already'))
  await send('AA')
  const held = await destructionBy(at('BB'), 'D-1', 'in')
  assert.deepEqual([held.body.counts, held.body.items.length, held.witnesses.map(({ word }) => word)], [[{ class: 'missile', type: '9М39', items: 2 }], 2, ['waiting', 'own']])
  assert.equal((await destructions(at('CC'))).length, 1, 'every party is told')
})

test('a witness of another party gives its word once and under its name, and the certificate with it is verified by anybody', async () => {
  const held = await destructionBy(at('BB'), 'D-1', 'in')
  await assert.rejects(witnessDestruction(at('BB'), 'D-1', 'E. Lind', { kind: 'destruction/witnessed' }, null, ONE, clock()), codeOf('destruction/no-such-witness'))
  await assert.rejects(witnessDestruction(at('CC'), 'D-1', 'D. Sokol', { kind: 'destruction/witnessed' }, null, ONE, clock()), codeOf('destruction/no-such-witness'))
  const request = (await destructionBy(at('CC'), 'D-1', 'in')).messages[0]?.id ?? ''
  assert.equal(await offered('CC', 'AA', 'destruction/witnessed', { destruction: held.body.destruction, request, witness: 'D. Sokol', note: null }), 'destruction/no-such-witness')
  await witnessDestruction(at('BB'), 'D-1', 'D. Sokol', { kind: 'destruction/not-witnessed', reason: 'fewer-items' }, null, ONE, clock())
  await assert.rejects(witnessDestruction(at('BB'), 'D-1', 'D. Sokol', { kind: 'destruction/witnessed' }, null, ONE, clock()), codeOf('destruction/answered-already'))
  await send('BB')
  assert.deepEqual((await destructionBy(at('AA'), 'D-1', 'out')).witnesses.map(({ word, reason }) => [word, reason]), [['not-witnessed', 'fewer-items'], ['own', null]])
  const { bytes, verification } = await correspondenceFile(at('AA'), held.body.destruction)
  assert.deepEqual([verification.affair.kind, verification.letters.map(({ kind }) => kind).toSorted()], ['destruction', ['destruction/certify', 'destruction/certify', 'destruction/not-witnessed']])
  assert.equal(verifyCorrespondence(p, await fastGroup(), bytes, at('CC').joined.trust.bytes).verdict, 'proven')
})

test('a certificate of somebody else\'s destruction, of a number or an item that was certified, is refused at the door', async () => {
  const { body } = await destructionBy(at('BB'), 'D-1', 'in')
  const other: DestructionCertificate = { ...body, destruction: '0d'.repeat(16), number: 'D-9' }
  assert.equal(await offered('AA', 'BB', 'destruction/certify', { ...other, number: 'D-1' }), 'destruction/used-already')
  assert.equal(await offered('AA', 'BB', 'destruction/certify', other), 'destruction/certified-already')
  assert.equal(await offered('CC', 'BB', 'destruction/certify', other), 'destruction/not-its-part')
})

test('numbers that come from a sheet of the works are counted in the return of their period, and once', async () => {
  const dir = at('AA').register.dataDir
  const [sheet, map] = [join(dir, 'works.csv'), join(dir, 'works.json')]
  await writeFile(map, JSON.stringify({ format: 'muster-mapping/1', title: 'works', item: { class: 'class', type: 'type', maker: 'maker', year: 'year', lot: 'lot' }, marks: [{ column: 'serial' }], circumstances: { when: { column: 'made', dates: ['DD.MM.YYYY'] } } }))
  await writeFile(sheet, `class;type;maker;year;lot;serial;made\n${['0201;30.06.2025', '0202;01.07.2025'].map((each) => `missile;9М39;${MAKER};2025;8;${each}`).join('\n')}\n`)
  const load = () => command(dir, `import ${sheet} --as production --map ${map} --by Orlova`)
  assert.equal((await load()).json.accepted, 2)
  assert.deepEqual([(await load()).json.accepted, (await load()).json.already], [0, 2])
  await command(dir, `production return --type 9М39 --until ${PERIOD.until} --by Orlova`)
  const [newest] = ((await command(dir, 'production list')).json.returns as { type: string, until: string, restated: boolean, rows: { lot: string, made: number, opened: { serials: string[] } }[] }[]).filter(({ type, until, restated }) => type === '9М39' && until === PERIOD.until && !restated)
  assert.deepEqual(newest?.rows.map(({ lot, made: count, opened }) => [lot, count, opened.serials]), [['4', 3, ['0101', '0102', '0103']], ['5', 1, ['0120']], ['8', 1, ['0201']]], 'what was made after the period is of the next')
  await assert.rejects(produce(['0202'], { lot: '9' }), codeOf('production/number-made'))
})

test('beside a return, a destruction, a transfer and a certificate stands what the other party stated of a designation, and it decides nothing', async () => {
  const dir = (party: string) => at(party).register.dataDir
  const term = (code: string) => ({ code, text: code })
  const said = (own: string, theirs: string | null, relation: 'same' | 'narrower' | 'none') => ({ what: 'designation' as const, own: term(own), theirs: theirs === null ? null : term(theirs), relation, note: null })
  const shown = async (party: string, line: string) => (await command(dir(party), line)).json.designations as { with: string, here: { code: string } | null, there: { code: string } | null, standing: string }[]
  const words = async (party: string, line: string) => (await shown(party, line)).map((each) => [each.with, each.here?.code ?? null, each.there?.code ?? null, each.standing])
  const destroyed = `destruction show ${(await destructionBy(at('BB'), 'D-1', 'in')).body.destruction}`
  assert.deepEqual(await words('AA', destroyed), [], 'nothing was stated')
  await stateTerms(at('AA'), of('BB').party, { rows: [said('9М39', 'R-7', 'same'), said('9М310', 'R-8', 'same')] }, ONE, clock())
  await send('AA')
  const [item] = await produce(['0130'], { lot: '6' })
  const { transfer } = await dispatchItems(at('AA'), { to: of('BB').party, items: [item as ItemId], documents: [{ series: null, number: 'ORDER-1', date: day() }], due: timeOf(clock() + 3_600), reason: 'an order', note: null }, TWO, clock())
  await issueCertificate(at('AA'), of('BB').party, { number: 'EUC-1', date: day(), until: timeOf(clock() + 86_400), endUser: 'Ministry', endUse: 'training', items: [{ class: 'missile', type: 'R-7', quantity: 2 }], undertakings: [], note: null }, TWO, clock())
  await send('AA')
  const papers = [destroyed, `transfer show ${transfer}`, 'certificate show EUC-1']
  for (const paper of papers) assert.deepEqual([await words('AA', paper), await words('BB', paper)], [[['BB', '9М39', 'R-7', 'one']], [['AA', 'R-7', '9М39', 'one']]], paper)
  // What the other side says since is shown beside, agreeing or not; another party's designations are not shown to it.
  await stateTerms(at('BB'), of('AA').party, { rows: [said('R-7', '9М39', 'narrower'), said('R-8', null, 'none')] }, ONE, clock())
  await send('BB')
  for (const paper of papers) assert.deepEqual([await words('AA', paper), await words('BB', paper)], [[['BB', '9М39', 'R-7', 'contradict']], [['AA', 'R-7', '9М39', 'contradict']]], paper)
  assert.deepEqual(await words('CC', destroyed), [])
  const returns = (await command(dir('BB'), 'production list')).json.returns as { type: string, designations: { standing: string }[] }[]
  assert.deepEqual(returns.filter(({ type }) => type === '9М39').flatMap(({ designations }) => designations.map(({ standing }) => standing)), ['contradict', 'contradict'])
  for (const [lang, expected] of [['en', /R-7.+narrower.+same.+9М39.+CONTRADICT/], ['ru', /R-7.+narrower.+same.+9М39.+ПРОТИВОРЕЧАТ/]] as const) {
    for (const paper of [...papers, 'production list']) assert.match((await command(dir('BB'), paper, { lang, json: false })).out, expected, paper)
  }
  // A return in the other party's word is a return of another type still.
  await assert.rejects(stateReturn(at('AA'), { type: 'R-7', until: PERIOD.until, note: null }, ONE, clock()), codeOf('production/no-such-term'))
})
