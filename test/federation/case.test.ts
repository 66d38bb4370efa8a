// A case between what was found and what may explain it: real registries, real files, and what a hostile hand may do to them.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { canonicalBytes, parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { agreementBytes } from '@muster/core/rules/agreement.ts'
import { foldCase, type CaseId } from '@muster/core/rules/case.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { verifyCaseFile } from '@muster/core/wire/case-file.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { caseFile } from '@muster/registry/case-file.ts'
import { declare } from '@muster/registry/log/declare.ts'
import { catchUp, collectReaders, sequence } from '@muster/registry/main.ts'
import { auditStore } from '@muster/registry/store/audit.ts'
import { actInCase, caseActs } from '@muster/registry/store/case-acts.ts'
import { openCase } from '@muster/registry/store/cases.ts'
import type { Finding } from '@muster/registry/store/finding.ts'
import { withSnapshot } from '@muster/registry/store/snapshot.ts'
import { traceFind } from '@muster/registry/trace/trace.ts'
import { caseTold } from '../../cli/case/sheets.ts'
import { pageOf } from '../../cli/page.ts'
import { servedRegistries, type Served } from './served.ts'
import { clock, enter } from './two.ts'

const TWO = { by: 'A. Petrova', and: 'B. Karimov' }
const ONE = { by: 'A. Petrova', and: null }
const CLAIM = { about: 'How many were found?', date: '2026-03', unit: 'launchers', figure: null, standing: 'said', by: null } as const
let served: Served
let finds: ItemId[] = []
let id: CaseId
const home = () => served.of('AA').home()
const hall = () => served.of('AA').hall()
const codeOf = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code
const act = (kind: string, data: unknown, people: { readonly by: string, readonly and: string | null } = ONE, document?: Parameters<typeof actInCase>[4]) => actInCase(home().register, id, { kind, ...people, data }, timeOf(clock()), document)
const file = async () => foldCase(await caseActs(home().register.db, home().register.secrets, id))

async function declares(party: string, serials: readonly string[]): Promise<void> {
  const member = served.of(party)
  if (serials.length > 0) await enter(member.side(), 'baseline', serials.map((serial) => ({ type: '9М39', serial })))
  await declare(member.hall().log, clock())
  await sequence(member.home(), member.hall())
  await collectReaders(member.home(), member.hall(), { late_ms: 500 })
}

before(async () => {
  served = await servedRegistries(['AA', 'BB'], { quorum: 2, openOneIn: 1_000 })
  for (const party of ['BB', 'AA']) await served.of(party).up()
  finds = await enter(served.of('AA').side(), 'seized', ['5101', '5102'].map((serial) => ({ type: '9М39', serial })))
  await declares('AA', [])
  await declares('BB', ['9001'])
  id = (await openCase(home().register, 'Launchers at the northern range', TWO.by, TWO.and, timeOf(clock()))).id
})
after(() => served.remove())

test('a case ties recoveries, incidents, documents and claims; two sources disagree and both stay, side by side', async () => {
  await act('recovery-added', { id: 'r-1', items: [finds[0]] })
  await act('recovery-added', { id: 'r-2', items: [finds[1]] })
  await act('incident-added', { id: 'attack', kind: 'attack', when: '2026-03', region: 'North', what: 'an aircraft was hit', source: 'Agency A' })
  await act('claim-added', { ...CLAIM, id: 'c-1', source: 'Agency A', value: 'several', figure: { least: 3 } })
  await act('claim-added', { ...CLAIM, id: 'c-2', source: 'Agency B', value: 118 })
  await act('claim-added', { ...CLAIM, id: 'c-3', source: 'Agency C', value: 'at least 119', figure: { least: 119 } })
  const bytes = Buffer.from('%PDF-1.7 a report')
  const document = { id: 'report', title: 'A report', sha256: createHash('sha256').update(bytes).digest('hex'), mediaType: 'application/pdf', bytes: bytes.length, date: '2026-03-02', source: 'Agency A', marking: { level: 'exercise', caveats: [] } }
  await assert.rejects(act('document-added', document), codeOf('case/document'))
  await assert.rejects(act('document-added', { ...document, sha256: '11'.repeat(32) }, ONE, { bytes, mediaType: 'application/pdf' }), codeOf('case/document'))
  await act('document-added', document, ONE, { bytes, mediaType: 'application/pdf' })
  await act('explained', { id: 'stolen', what: 'stolen from a store', for: [{ says: 'so many at once', rests: 'c-2' }], against: [] })
  await act('explained', { id: 'own', what: 'from our own store', for: [], against: [{ says: 'our count is whole', rests: 'report' }] })
  const held = await file()
  assert.deepEqual([held?.recoveries.length, held?.incidents.length, held?.documents.length, held?.claims.map(({ value }) => value)], [2, 1, 1, ['several', 118, 'at least 119']])
  for (const lang of ['en', 'ru'] as const) {
    const { title, parts } = caseTold(await caseActs(home().register.db, home().register.secrets, id), true, lang)
    assert.match(title, /^(EXERCISE|УЧЕНИЕ) · /)
    const matter = parts.find((part) => part.id === 'sides')?.sheets[0]
    assert.deepEqual([matter?.columns, matter?.rows[0]], [['Agency A', 'Agency B', 'Agency C'], ['several launchers', '118 launchers', 'at least 119 launchers']])
    assert.equal(matter?.notes.length, 1)
    assert.match(matter?.notes[0] ?? '', /118 launchers.+at least 119 launchers/)
  }
})

test('an act that may not stand is refused, and nothing of it is kept', async () => {
  const before = await caseActs(home().register.db, home().register.secrets, id)
  const [baseline] = await enter(served.of('AA').side(), 'baseline', [{ type: '9М39', serial: '7001' }]) as [ItemId]
  await assert.rejects(act('recovery-added', { id: 'r-3', items: [baseline] }), codeOf('case/no-find'))
  await assert.rejects(act('claim-added', { ...CLAIM, id: 'c-1', source: 'Agency D', value: 5 }), codeOf('case/id-twice'))
  await assert.rejects(act('fact-added', { explanation: 'stolen', side: 'for', fact: { says: 'x', rests: 'nothing' } }), codeOf('case/no-such-id'))
  await assert.rejects(act('incident-added', { id: 'i-2', kind: 'strike', when: '2026', region: 'North', what: 'x', source: 'y' }), codeOf('case/shape'))
  await assert.rejects(act('incident-added', { id: 'i-2', kind: 'attack', when: '2026-02-30', region: 'North', what: 'x', source: 'y' }), codeOf('case/shape'))
  await assert.rejects(act('closed', { because: 'done' }), codeOf('two-people/second-missing'))
  await assert.rejects(actInCase(home().register, '00000000-0000-4000-8000-000000000000' as CaseId, { kind: 'closed', ...TWO, data: { because: 'done' } }, timeOf(clock())), codeOf('case/unknown'))
  assert.deepEqual(await caseActs(home().register.db, home().register.secrets, id), before)
})

test('acts by two officers at one moment both stand, one after the other', async () => {
  const before = (await caseActs(home().register.db, home().register.secrets, id)).length
  await Promise.all(['d-1', 'd-2', 'd-3'].map((name) => act('claim-added', { ...CLAIM, id: name, source: `Agency ${name}`, about: 'What was it?', value: 'a launcher', unit: null })))
  assert.deepEqual((await caseActs(home().register.db, home().register.secrets, id)).map(({ seq }) => seq), Array.from({ length: before + 3 }, (_, i) => i))
})

test('what a later declaration brings of a recovery on watch is a fact of its case, also where the case is closed, and of one that takes the recovery in later', async () => {
  const group = await sodiumGroup()
  for (const item of finds) await traceFind({ home: home(), hall: hall(), group, own: served.of('AA').answering().message }, item, { wait_ms: 20_000, untilSilent: false })
  await declares('BB', ['5101'])
  await catchUp(home(), hall())
  const [told] = (await file())?.watched ?? []
  assert.deepEqual([told?.item, told?.party, told?.what, told?.sequence], [finds[0], 'BB', 'appeared', 1])
  await act('fact-added', { explanation: 'stolen', side: 'for', fact: { says: 'BB holds one of that number', rests: told?.id } })
  await act('closed', { because: 'settled' }, TWO)
  await assert.rejects(act('claim-added', { ...CLAIM, id: 'late', source: 'Agency A', value: 3 }), codeOf('case/not-open'))
  await declares('BB', ['5102'])
  await catchUp(home(), hall())
  assert.ok((await file())?.watched.some(({ item }) => item === finds[1]))
  const later = (await openCase(home().register, 'The same, taken up again', TWO.by, TWO.and, timeOf(clock()))).id
  await actInCase(home().register, later, { kind: 'recovery-added', ...ONE, data: { id: 'r-1', items: [finds[0]] } }, timeOf(clock()))
  const taken = foldCase(await caseActs(home().register.db, home().register.secrets, later))
  assert.ok((taken?.watched.length ?? 0) > 0 && taken?.watched.every(({ item }) => item === finds[0]))
})

test('the file of a case is proven against the log of its keeper once every act is bound, and refused where one is another, left out or put in', async () => {
  const agreed = agreementBytes(served.agreement)
  const early = await caseFile(home(), hall(), id)
  assert.ok(early.verification.bound < early.verification.acts.length)
  assert.equal(verifyCaseFile(p, early.bytes, agreed, clock()).verdict, 'consistent')
  await sequence(home(), hall())
  const { bytes } = await caseFile(home(), hall(), id)
  const verified = verifyCaseFile(p, bytes, agreed, clock())
  assert.ok(verified.verdict === 'proven', JSON.stringify(verified.findings))
  assert.deepEqual([verified.party, verified.file.claims.length, verified.file.open], ['AA', 6, false])
  assert.equal(verifyCaseFile(p, bytes, undefined, clock()).verdict, 'consistent')
  type Members = Record<string, Json>
  const whole = parseJson(bytes) as Members
  const acts = whole['acts'] as Members[]
  const at = acts.findIndex(({ act: text }) => (text as string).includes('at least 119'))
  const changed = (change: (all: Members[]) => Members[]): Members => ({ ...whole, acts: change([...acts]) })
  const forged: readonly (readonly [string, Members])[] = [
    ['inclusion/root', changed((all) => all.with(at, { ...all[at], act: (all[at]?.['act'] as string).replace('at least 119', 'at most 119') }))],
    ['inclusion/root', changed((all) => all.toSpliced(at, 1))],
    ['inclusion/root', { ...whole, opened: { ...whole['opened'] as Members, and: 'C. Other' } }],
    ['case/id-twice', changed((all) => [...all.slice(0, at + 1), all[at] as Members, ...all.slice(at + 1)])],
    ['case/act', changed((all) => all.with(at, { ...all[at], act: ` ${all[at]?.['act'] as string}` }))],
    ['case/order', changed((all) => all.with(-1, { ...all.at(-1), written: '2020-01-01T00:00:00Z' }))],
    ['case/not-a-party', { ...whole, party: 'ZZ' }], ['case/shape', { ...whole, exercise: false }],
  ]
  for (const [code, forgery] of forged) {
    const { verdict, findings } = verifyCaseFile(p, canonicalBytes(forgery), agreed, clock())
    assert.deepEqual([verdict, findings[0]?.code], ['refused', code])
  }
  // An act without its way is shown as not bound, never as proven.
  assert.equal(verifyCaseFile(p, canonicalBytes(changed((all) => all.with(at, { ...all[at], way: null }))), agreed, clock()).verdict, 'consistent')
})

test('a page of a case carries what sources said as text and never as markup', async () => {
  const other = (await openCase(home().register, '<script>alert(1)</script>', TWO.by, TWO.and, timeOf(clock()))).id
  await actInCase(home().register, other, { kind: 'claim-added', ...ONE, data: { ...CLAIM, id: 'c', source: '<img src=x>', value: '" onload="x' } }, timeOf(clock()))
  const acts = await caseActs(home().register.db, home().register.secrets, other)
  const page = pageOf((lang) => caseTold(acts, true, lang), 'ru')
  assert.ok(page.includes('УЧЕНИЕ') && page.includes('EXERCISE') && page.includes('&lt;img src=x&gt;'))
  assert.ok(!page.includes('<script') && !page.includes('<img'))
})

test('after all of it the audit finds nothing', async () => {
  const { register } = home()
  const found: Finding[] = []
  await withSnapshot(register.db, (snapshot) => auditStore(snapshot, register, (finding) => found.push(finding), { onTotal: () => undefined, onRows: () => undefined }))
  assert.deepEqual(found, [])
})
