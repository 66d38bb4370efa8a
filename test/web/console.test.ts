// The console in a real browser, before a served registry: an officer's day in both languages, an act of two in two browsers, and what a hostile neighbour tries.
import assert from 'node:assert/strict'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { TOTP } from 'otpauth'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { WHOLE, type Role } from '@muster/core/rules/rights.ts'
import { serveHome, type Serving } from '@muster/registry/main.ts'
import { invite, makePerson } from '@muster/registry/store/persons.ts'
import { makeConsole } from '../../web/make/console.ts'
import { oneRegistry, type One } from '../federation/one.ts'
import { enter } from '../federation/two.ts'
import { openBrowser, violations, type Opened } from './browser.ts'

const TWO = { by: 'D. Rahimi', and: 'G. Sokol' }
const PASSWORD = 'correct horse 7'
const SCRIPT_BYTES_MAX = 250_000
/** What an attacker would have somebody read. */
const HOSTILE = '<img src=x onerror=alert(1)>"\'><script>alert(2)</script>'
const SCREENS = join(import.meta.dirname, '../../.cache/screens')
const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 740 } }

let one: One
let serving: Serving
let opened: Opened
let folder: string
let items: readonly string[]

before(async () => {
  folder = await makeConsole()
  one = await oneRegistry()
  items = await enter(one.side(), 'baseline', [{ type: '9М39', serial: '01234' }, { type: '9М39', serial: '01235' }, { type: '9М39', serial: HOSTILE }])
  serving = await serveHome(one.home(), { port: 0, host: '127.0.0.1', message: () => Promise.resolve({ status: 503, body: '{}' }), api: { port: 0, host: '127.0.0.1', console: folder } })
  opened = await openBrowser()
  await mkdir(SCREENS, { recursive: true })
})
after(async () => {
  await opened.close()
  await serving.close()
  await one.remove()
})

const digitsOf = (secret: string): string => new TOTP({ secret, digits: 6, period: 30 }).generate({ timestamp: one.home().now() * 1_000 })
const url = (path = '/'): string => `${serving.api ?? ''}${path}`

/** Takes up an invitation by the page itself and signs in; the page is the register's. */
async function begin(person: string, role: Role, options: BrowserContextOptions = {}): Promise<{ readonly page: Page, readonly wrong: string[] }> {
  await makePerson(one.home().register, { person, rights: { roles: [role], scope: WHOLE } }, TWO, one.home().now())
  const { code } = await invite(one.home().register, person, TWO, one.home().now())
  const { page, wrong } = await opened.page({ locale: 'en-GB', ...options })
  await page.goto(url())
  const words = options.locale === 'ru-RU' ? RU : EN
  await page.getByRole('button', { name: words.have }).click()
  await page.getByLabel(words.code).fill(code)
  await page.getByRole('button', { name: words.open }).click()
  const secret = await page.locator('code').innerText()
  await page.getByLabel(words.choose).fill(PASSWORD)
  await page.getByLabel(words.digits).fill(digitsOf(secret))
  await page.getByRole('button', { name: words.finish }).click()
  await page.getByRole('status').waitFor()
  one.later(30)
  await page.getByLabel(words.name).fill(person)
  await page.getByLabel(words.password).fill(PASSWORD)
  await page.getByLabel(words.digits).fill(digitsOf(secret))
  await page.getByRole('button', { name: words.enter, exact: true }).click()
  await page.getByRole('table').waitFor()
  return { page, wrong }
}

const EN = { have: 'I have an invitation', code: 'The code that you were given', open: 'Open it', choose: /Choose a password/, digits: /Six digits/, finish: 'Finish', name: /^Name/, password: /^Password/, enter: 'Sign in' }
const RU: typeof EN = { have: 'У меня есть приглашение', code: 'Код, который вам передали', open: 'Открыть', choose: /Придумайте пароль/, digits: /Шесть цифр/, finish: 'Готово', name: /^Имя/, password: /^Пароль/, enter: 'Войти' }

/** Not that nobody is signed in yet, nor that a page was left while it still read. */
const unexpected = (told: string): boolean => !told.includes('401') && !told.includes('net::ERR_ABORTED')

const shot = (page: Page, name: string) => page.screenshot({ path: join(SCREENS, `${name}.png`), fullPage: true })
/** Nothing is wider than the window, and axe finds nothing. */
async function wellMade(page: Page, name: string): Promise<void> {
  await shot(page, name)
  assert.deepEqual(await violations(page), [], name)
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name} is wider than its window`)
}

test('the first page has less than 250 kB of script, and a policy with a nonce that no two responses share', async () => {
  assert.ok(gzipSync(await readFile(join(folder, 'console.js'))).length < SCRIPT_BYTES_MAX)
  const [first, second] = await Promise.all([fetch(url()), fetch(url())])
  const [policy, other] = [first, second].map(({ headers }) => headers.get('content-security-policy') ?? '') as [string, string]
  assert.notEqual(policy, other)
  assert.ok(!policy.includes('unsafe'), policy)
  assert.ok((await first.text()).includes(/'nonce-([^']+)'/.exec(policy)?.[1] ?? 'none'))
  assert.deepEqual([(await fetch(url('/console/console.js'))).status, (await fetch(url('/console/shell.html'))).status, (await fetch(url('/console/..%2fshell.html'))).status, (await fetch(url('/nowhere'))).status], [200, 401, 401, 401])
})

test('an officer takes up an invitation, signs in, finds an item by a mark in either alphabet, reads its chain and records a count', async () => {
  const { page, wrong } = await begin('A. Petrova', 'stockpile-officer')
  assert.equal(await page.locator('.exercise').count(), 1)
  await wellMade(page, 'register-en')
  await page.getByLabel('Search by a mark').fill('9M39 0123?')
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await page.getByText('A serial number alone never proves identity.').waitFor()
  assert.match(page.url(), /mark=9M39/)
  await wellMade(page, 'search-en')
  await page.getByRole('link', { name: '01234', exact: true }).click()
  await page.getByRole('heading', { name: 'Chain of custody' }).waitFor()
  await wellMade(page, 'item-en')
  await page.getByRole('button', { name: 'found', exact: true }).hover()
  await page.getByText('found: not possible while it is held').waitFor()
  await page.getByRole('button', { name: 'counted', exact: true }).click()
  await page.getByLabel('Reason, in words').fill('yearly count')
  await wellMade(page, 'record-en')
  await page.getByRole('button', { name: 'Record it' }).click()
  await page.getByText('yearly count').waitFor()
  assert.equal(await page.locator('.chain li').count(), 2)
  const [row] = await one.home().register.db.read<{ done_by: string }>("SELECT done_by FROM event_batch WHERE act LIKE 'event counted%'")
  assert.equal(row?.done_by, 'A. Petrova')
  await page.getByRole('button', { name: 'A. Petrova' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
  await wellMade(page, 'sign-in-en')
  await page.goBack()
  await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
  assert.deepEqual(wrong.filter(unexpected), [])
})

test('what takes two waits in the other browser exactly as it was asked; who asked cannot approve; the other does, in Russian, on a phone, in the dark', async () => {
  const first = await begin('B. Karimov', 'stockpile-officer')
  await first.page.goto(url(`/item/${items[1] ?? ''}`))
  await first.page.getByRole('button', { name: 'destroyed', exact: true }).click()
  await first.page.getByText('Takes two people').waitFor()
  await first.page.getByLabel('Reason, in words').fill('cut up after the fire')
  await first.page.getByLabel('Number of the document').fill('A-17')
  await first.page.getByLabel('Date of the document').fill('2026-03-01')
  await first.page.getByRole('button', { name: 'Record it' }).click()
  await first.page.getByText('It is done when a second person approves it.').waitFor()
  await first.page.getByRole('link', { name: 'For a second person' }).click()
  await first.page.getByText('You asked for it: another person approves.').waitFor()
  await first.page.getByRole('button', { name: 'Approve' }).click({ force: true })
  const second = await begin('Ч. Орлова', 'stockpile-officer', { ...PHONE, locale: 'ru-RU', colorScheme: 'dark' })
  await wellMade(second.page, 'register-ru-phone-dark')
  await second.page.getByRole('link', { name: 'Ждут второго лица' }).click()
  await second.page.getByText('cut up after the fire').waitFor()
  await wellMade(second.page, 'waiting-ru-phone-dark')
  await second.page.getByRole('button', { name: 'Подтвердить' }).click()
  await second.page.getByText('Выполнено.').waitFor()
  await second.page.goto(url(`/item/${items[1] ?? ''}`))
  await second.page.getByText('уничтожено', { exact: true }).first().waitFor()
  await second.page.getByText('B. Karimov, Ч. Орлова').waitFor()
  await wellMade(second.page, 'item-ru-phone-dark')
  await second.page.getByRole('link', { name: 'Люди' }).click()
  await second.page.getByText('весь реестр').first().waitFor()
  await wellMade(second.page, 'people-ru-phone-dark')
  for (const { wrong } of [first, second]) assert.deepEqual(wrong.filter(unexpected), [])
})

test('a stored script is shown as the text that it is, in every list and field', async () => {
  const { page, wrong } = await begin('E. Careful', 'auditor')
  page.on('dialog', () => { wrong.push('a dialog opened') })
  await page.getByRole('link', { name: HOSTILE }).click()
  await page.getByRole('heading', { name: 'Chain of custody' }).waitFor()
  assert.equal(await page.locator('img, main script').count(), 0)
  await page.getByRole('link', { name: 'To the register' }).focus()
  await page.keyboard.press('Tab')
  await page.getByText('Your roles do not reach so far; this is for: stockpile officer').first().waitFor()
  assert.deepEqual(wrong.filter(unexpected), [])
})

test('a page of another origin neither reads the registry nor acts in the session of whoever opens it', async () => {
  const { page } = await begin('F. Visited', 'stockpile-officer')
  const evil = await page.context().newPage()
  await evil.goto(url().replace('127.0.0.1', 'localhost'))
  const tried = await evil.evaluate(async (target) => {
    const asked = async (init: RequestInit) => fetch(`${target}api/acts/event/event`, { method: 'POST', credentials: 'include', body: '{}', ...init }).then(({ status }) => status, () => 'refused')
    return [await asked({ mode: 'no-cors' }), await asked({ headers: { 'content-type': 'application/json' } }), await fetch(`${target}api/items/items`, { credentials: 'include' }).then(({ status }) => status, () => 'refused')]
  }, url())
  assert.deepEqual(tried, ['refused', 'refused', 'refused'], 'its own policy lets it ask no other origin')
  const cookies = await page.context().cookies(url())
  assert.deepEqual(cookies.map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite })), [{ name: 'muster-AA', httpOnly: true, sameSite: 'Strict' }])
  assert.equal(await page.evaluate(() => document.cookie), '')
})

test('what was entered is still there when the registry dies in the middle of saving it, and is saved once when it is back', async () => {
  const { page } = await begin('H. Patient', 'stockpile-officer')
  await page.goto(url(`/item/${items[2] ?? ''}`))
  await page.getByRole('button', { name: 'missing', exact: true }).click()
  await page.getByLabel('Reason, in words').fill('not on its shelf')
  // The registry does it, and its answer is lost on the way.
  await page.route('**/api/acts/**', async (route) => { await route.fetch(); await route.abort() }, { times: 1 })
  await page.getByRole('button', { name: 'Record it' }).click()
  await page.getByText('The registry does not answer.').waitFor()
  assert.equal(await page.getByLabel('Reason, in words').inputValue(), 'not on its shelf')
  await page.getByRole('button', { name: 'Record it' }).click()
  await page.getByText('not on its shelf').waitFor()
  assert.equal(await page.locator('.chain li').count(), 2)
})
