// The desk of the point of contact in a real browser: what another state asks, an answer previewed, asked for, and approved by a second person; a call and its
// matrix; logs, cosigners and what the asker could know. Two real registers; what they say to each other is signed and admitted as over the wire.
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { timeOf } from '@muster/core/bytes/time.ts'
import { daysToKnowAll, knownAtMost } from '@muster/core/rules/known.ts'
import type { CaseAct, WrittenAct } from '@muster/core/rules/case.ts'
import { WHOLE, type Role } from '@muster/core/rules/rights.ts'
import { traceBody } from '@muster/core/wire/trace-body.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { acknowledgeCall, issueCall } from '@muster/registry/call/act.ts'
import { callsReceived } from '@muster/registry/call/matrix.ts'
import { openHome, serveHome, type Home, type Serving } from '@muster/registry/main.ts'
import { previewRequest } from '@muster/registry/peer/waiting-request.ts'
import { formalRequests } from '@muster/registry/request/view.ts'
import { actInCase, caseActs } from '@muster/registry/store/case-acts.ts'
import { openCase } from '@muster/registry/store/cases.ts'
import { makePass, makePerson } from '@muster/registry/store/persons.ts'
import { makeConsole } from '../../web/make/console.ts'
import { ask, findOf, formalOf, hand, openDoor, question } from '../federation/asked.ts'
import { clock, enter, twoRegisters, type Side, type Two } from '../federation/two.ts'
import type { DossierVector } from '../vectors/dossiers.ts'
import { vectorAt } from '../vectors/read-vectors.ts'
import { openBrowser, violations, type Opened } from './browser.ts'

const HOSTILE = '<img src=x onerror=alert(1)><script>alert(2)</script>'
const TWO = { by: 'D. Rahimi', and: 'G. Sokol' }
const SCREENS = join(import.meta.dirname, '../../.cache/screens')
const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 740 }, locale: 'ru-RU', colorScheme: 'dark' }
const DAY = 86_400

let two: Two
let home: Home
let serving: Serving
let opened: Opened
let elements = 0
const at = ({ register, joined }: Side) => ({ register, joined })

/** A find of AA that BB is asked about, formally, and a call of each that the other has. */
async function prepare(): Promise<void> {
  const group = await sodiumGroup()
  await enter(two.bb, 'baseline', [{ type: '9M39', serial: '77123' }, { type: '9M39', serial: '77124' }, { type: '9M39', serial: '77125' }])
  const { head } = await two.declare(two.bb)
  const [seized = ''] = await enter(two.aa, 'seized', [{ type: '9M39', serial: '77123' }])
  await two.period(two.aa)
  const [door, back] = [openDoor(two.bb, group), openDoor(two.aa, group)] as const
  const find = await findOf(two.aa, seized)
  const asked = await question(group, two.aa, two.bb, door, head, [find])
  elements = traceBody('evaluation/request', asked.request.payload.body).elements.length
  await ask(two.aa, door, formalOf(asked, find))
  const call = { reason: 'exercise', classes: ['missile'], types: null, seen: 'opened', asOf: timeOf(clock()), due: timeOf(clock() + DAY), remind: [], note: 'after the find at the range' } as const
  for (const [side, to] of [[two.aa, door], [two.bb, back]] as const) {
    const other = side === two.aa ? two.bb : two.aa
    for (const message of (await issueCall(at(side), { ...call }, [other.party], 'A. Petrova', clock())).messages) await hand(side, to, message)
  }
  const [received] = await callsReceived(at(two.aa))
  await hand(two.aa, door, await acknowledgeCall(at(two.aa), received?.body.call ?? '', { office: null, expected: null, by: 'A. Petrova' }, clock()))
  await door.evaluator.close()
  await back.evaluator.close()
}

before(async () => {
  const folder = await makeConsole()
  two = await twoRegisters({ standing: null })
  await prepare()
  home = await openHome(two.bb.register.dataDir)
  serving = await serveHome(home, { port: 0, host: '127.0.0.1', message: () => Promise.resolve({ status: 503, body: '{}' }), api: { port: 0, host: '127.0.0.1', console: folder } })
  opened = await openBrowser()
  await mkdir(SCREENS, { recursive: true })
})
after(async () => {
  await opened.close()
  await serving.close()
  await home.close()
  await two.remove()
})

async function begin(person: string, role: Role, path: string, options: BrowserContextOptions = { locale: 'en-GB' }): Promise<{ readonly page: Page, readonly wrong: string[] }> {
  await makePerson(home.register, { person, rights: { roles: [role], scope: WHOLE } }, TWO, clock())
  const { code } = await makePass(home.register, person, TWO, clock())
  const { page, wrong } = await opened.page(options)
  await page.goto(`${serving.api ?? ''}${path}#pass=${code}`)
  await page.getByRole('button', { name: person }).waitFor()
  return { page, wrong }
}

async function wellMade(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(SCREENS, `${name}.png`), fullPage: true })
  assert.deepEqual(await violations(page), [], name)
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name} is wider than its window`)
}
const json = (text: string) => ({ name: 'dossier.json', mimeType: 'application/json', buffer: Buffer.from(text) })
const unexpected = (told: string): boolean => !told.includes('401') && !told.includes('net::ERR_ABORTED')

test('an officer sees what is asked and by when, previews exactly what would leave, asks for it; a second one approves, in Russian, on a phone; what left is what was shown', async () => {
  const first = await begin('A. Petrova', 'point-of-contact', '/desk')
  await first.page.getByRole('cell', { name: '77123' }).waitFor()
  await first.page.getByText('waits for you').waitFor()
  await wellMade(first.page, 'desk-en')
  const [request] = await formalRequests(at(two.bb), clock())
  const id = request?.message.id ?? ''
  await first.page.getByRole('link', { name: id.slice(0, 12) }).click()
  await first.page.getByRole('checkbox', { name: 'its status' }).check()
  await first.page.getByRole('checkbox', { name: 'its marks' }).check()
  await first.page.getByText('with this answer so does AA').waitFor()
  await first.page.getByRole('heading', { name: /Exactly this would leave: items 1/ }).waitFor()
  await wellMade(first.page, 'request-en')
  const shown = await previewRequest({ ...at(two.bb), group: await sodiumGroup() }, id, ['status', 'marks'], clock())
  assert.deepEqual(await formalRequests(at(two.bb), clock()).then(([each]) => each?.answer), undefined, 'to look is to say nothing')
  await first.page.getByRole('button', { name: 'Ask for this answer' }).click()
  await first.page.getByText('It is done when a second person approves it.').waitFor()
  const second = await begin('Ч. Орлова', 'point-of-contact', '/waiting', PHONE)
  await second.page.getByText('request/approve').waitFor()
  await second.page.getByRole('button', { name: 'Подтвердить' }).click()
  await second.page.getByText('Выполнено.').waitFor()
  const [answered] = await formalRequests(at(two.bb), clock())
  const body = traceBody('trace/answer', answered?.answer?.payload.body ?? {})
  assert.deepEqual(body.hits.map(({ items }) => items), shown.hits.map(({ items }) => items))
  await second.page.goto(`${serving.api ?? ''}/request/${id}`)
  await second.page.getByText('дан ответ').first().waitFor()
  await wellMade(second.page, 'request-ru-phone-dark')
  await second.page.goto(`${serving.api ?? ''}/desk`)
  await second.page.getByText('ждёт вас').waitFor()
  await wellMade(second.page, 'desk-ru-phone-dark')
  for (const { wrong } of [first, second]) assert.deepEqual(wrong.filter(unexpected), [])
})

test('a call that was sent shows its matrix, one that was received is acknowledged at the desk, and a refusal of it takes two', async () => {
  const { page, wrong } = await begin('B. Karimov', 'point-of-contact', '/desk')
  await page.getByRole('region', { name: 'Calls to count that we sent' }).getByRole('link').click()
  await page.getByRole('list', { name: 'Matrix of answers' }).waitFor()
  assert.match(await page.getByRole('listitem').innerText(), /AA/)
  await page.getByRole('cell', { name: 'being seen to' }).waitFor()
  await wellMade(page, 'matrix-en')
  await page.getByRole('link', { name: 'To the desk' }).click()
  await page.getByRole('row', { name: /waits for you/ }).getByRole('link').click()
  await page.getByText('after the find at the range').waitFor()
  await wellMade(page, 'call-en')
  await page.getByRole('button', { name: 'Say that it is seen to' }).click()
  await page.getByText('Signed; it leaves with the next delivery.').waitFor()
  await page.getByText('being seen to').waitFor()
  await page.getByRole('button', { name: 'Ask for the refusal' }).click()
  await page.getByText('It is done when a second person approves it.').waitFor()
  assert.deepEqual(wrong.filter(unexpected), [])
})

test('trust is seen: each log with its cosigners, and how many items the asker could know of at most by what it asked', async () => {
  const { page, wrong } = await begin('E. Careful', 'auditor', '/trust')
  await page.getByRole('rowheader', { name: 'BB (ours)' }).waitFor()
  await page.getByText('2 of 2').waitFor()
  await page.getByText('nothing of it is here').waitFor()
  const row = page.getByRole('region', { name: 'What do they know of us' }).getByRole('row', { name: /^AA/ })
  assert.match(await row.innerText(), new RegExp(`^AA\\s+${elements}\\s+${elements} / 4096\\s+3 / 3\\s+100%\\s+by now`))
  await wellMade(page, 'trust-en')
  const phone = await begin('Э. Внимательный', 'auditor', '/trust', PHONE)
  await phone.page.getByText('Что они знают о нас').waitFor()
  await wellMade(phone.page, 'trust-ru-phone-dark')
  for (const each of [wrong, phone.wrong]) assert.deepEqual(each.filter(unexpected), [])
  assert.deepEqual([knownAtMost(1_000_000, elements), daysToKnowAll(1_000_000, 0, { elements: 4096, windowSeconds: DAY }), daysToKnowAll(3, 0, { elements: 0, windowSeconds: DAY })], [elements, 245, null])
})

test('a case shows what competes side by side; a fact is added to an explanation, closing waits for a second person, and a script stays the text that it is', async () => {
  const { id } = await openCase(home.register, HOSTILE, 'A. Petrova', 'B. Karimov', timeOf(clock()))
  const say = (act: Pick<CaseAct, 'kind' | 'data'>) => actInCase(home.register, id, { by: 'A. Petrova', and: null, ...act }, timeOf(clock()))
  const claim = { about: 'launchers seized', date: '2026-03', unit: null, figure: null, standing: 'reported', by: null } as const
  await say({ kind: 'incident-added', data: { id: 'find', kind: 'seizure', when: '2026-03-01', region: 'range', what: HOSTILE, source: 'exercise' } })
  await say({ kind: 'claim-added', data: { ...claim, id: 'several', source: 'first report', value: 4 } })
  await say({ kind: 'claim-added', data: { ...claim, id: 'dozens', source: 'second report', value: 36 } })
  await say({ kind: 'explained', data: { id: 'stolen', what: 'stolen from a depot', for: [{ says: 'the seals were broken', rests: 'find' }], against: [] } })
  const { page, wrong } = await begin('G. Seeker', 'investigator', '/cases')
  page.on('dialog', () => { wrong.push('a dialog opened') })
  assert.equal(await page.getByRole('link', { name: 'Register', exact: true }).count(), 0, 'an investigator sees no stock')
  await page.goto(`${serving.api ?? ''}/`)
  await page.getByRole('heading', { name: 'What we owe' }).waitFor()
  await page.getByRole('link', { name: 'Cases' }).click()
  await page.getByRole('link', { name: HOSTILE }).click()
  await page.getByText('These cannot both be so; both stay:').waitFor()
  await page.getByRole('combobox', { name: 'Explanation' }).click()
  await page.getByRole('option', { name: 'stolen from a depot' }).click()
  await page.getByRole('combobox', { name: 'It speaks' }).click()
  await page.getByRole('option', { name: 'against' }).click()
  await page.getByLabel(/^In words/).fill('the depot counted them in May')
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByText('the depot counted them in May').waitFor()
  await page.getByLabel(/^Because/).fill('it was played')
  await page.getByRole('button', { name: 'Ask to close the case' }).click()
  await page.getByText('It is done when a second person approves it.').waitFor()
  await wellMade(page, 'case-en')
  assert.equal(await page.locator('main img, main script').count(), 0)
  const { by, data } = (await caseActs(home.register.db, home.register.secrets, id)).at(-1) as WrittenAct
  assert.deepEqual([by, (data as { readonly side?: string }).side], ['G. Seeker', 'against'])
  const phone = await begin('Г. Искатель', 'investigator', `/case/${id}`, PHONE)
  await phone.page.getByText('Не могут быть верны одновременно').waitFor()
  await wellMade(phone.page, 'case-ru-phone-dark')
  for (const each of [wrong, phone.wrong]) assert.deepEqual(each.filter(unexpected), [])
})

test('the registry hands out the verifier, which has the origin of nobody there: it verifies, and reads neither cookie nor register', async () => {
  const { page } = await begin('H. Checker', 'investigator', '/cases')
  const [checking] = await Promise.all([page.waitForEvent('popup'), page.getByRole('link', { name: 'Verify a dossier' }).click()])
  const { dossier, agreement } = vectorAt<DossierVector>('dossier/valid/last-holder')
  await checking.setInputFiles('#dossier', json(dossier ?? ''))
  await checking.setInputFiles('#agreement', json(agreement ?? ''))
  await checking.click('button[type=submit]')
  await checking.locator('.verdict').waitFor()
  assert.match(await checking.locator('.verdict').innerText(), /^Proven/)
  assert.deepEqual(await checking.evaluate(() => [location.pathname, self.origin, (() => { try { return document.cookie } catch { return 'refused' } })()]), ['/console/verify.html', 'null', 'refused'])
  assert.equal(await checking.evaluate(() => fetch('/api/me').then(({ status }) => String(status), () => 'refused')), 'refused')
})

test('who may not see a request is told so by the registry and is shown no link to it', async () => {
  const { page } = await begin('F. Stores', 'stockpile-officer', '/desk')
  await page.getByRole('heading', { name: 'What we owe' }).waitFor()
  assert.equal(await page.getByRole('heading', { name: 'Formal requests' }).count(), 0)
  assert.equal(await page.getByRole('link', { name: 'Trust' }).count(), 0)
  const seeker = await begin('S. Seeker', 'investigator', '/desk')
  const [request] = await formalRequests(at(two.bb), clock())
  assert.equal(await seeker.page.evaluate((id) => fetch(`/api/request/preview/${id}?section=history`).then(({ status }) => status), request?.message.id ?? ''), 403, 'an investigator sees no stock, by no way round')
  const statuses = await page.evaluate(() => Promise.all(['/api/request/list', '/api/call/list', '/api/trust/trust'].map((path) => fetch(path).then(({ status }) => status))))
  assert.deepEqual(statuses, [403, 403, 403])
})
