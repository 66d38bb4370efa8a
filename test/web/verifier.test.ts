// The verifier's one file in a real browser, opened from a disk: every dossier of the vectors, and what it does where it is given anything else.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { makeVerifier, sha256Of, statedIn, VERIFIER_BYTES_MAX } from '../../web/make/verifier.ts'
import { textOfVector, type DossierVector } from '../vectors/dossiers.ts'
import { vectorAt } from '../vectors/read-vectors.ts'
import { openBrowser, violations } from './browser.ts'

const VECTORS = new URL('../../spec/vectors/', import.meta.url)
const TRUE = 'dossier/valid/last-holder'
const FILE_BYTES_MAX = 64 * 1_048_576
const MS = 1_000
const folder = mkdtempSync(join(tmpdir(), 'muster-verifier-'))
const file = join(folder, 'verify.html')
const bytes = await makeVerifier()
writeFileSync(file, bytes)
const opened = await openBrowser()
after(async () => {
  await opened.close()
  rmSync(folder, { recursive: true, force: true })
})

const textOf = (path: string): string => textOfVector(vectorAt<DossierVector>(path), textOf)
const json = (name: string, text: string) => ({ name, mimeType: 'application/json', buffer: Buffer.from(text) })

async function verifierPage(options: Parameters<typeof opened.page>[0] = {}, hash = '#en') {
  const { page, wrong } = await opened.page({ viewport: { width: 360, height: 780 }, ...options })
  await page.goto(`${pathToFileURL(file).href}${hash}`)
  return { page, wrong }
}

async function choose(page: Page, dossier: string, agreement: string | null): Promise<void> {
  await page.setInputFiles('#dossier', json('dossier.json', dossier))
  await page.setInputFiles('#agreement', agreement === null ? [] : json('agreement.json', agreement))
}

const verdictOf = async (page: Page): Promise<string> => {
  await page.click('button[type=submit]')
  return await page.locator('.verdict').getAttribute('class') ?? ''
}

test('the file is below its limit, the same sources give the same bytes, and docs/verifier.md states their hash', async () => {
  assert.ok(bytes.length < VERIFIER_BYTES_MAX, `${bytes.length} bytes`)
  assert.deepEqual(await makeVerifier(), bytes)
  assert.equal(statedIn(readFileSync(new URL('../../docs/verifier.md', import.meta.url), 'utf8')), sha256Of(bytes), 'npm run verifier -- --write puts it there')
})

test('every dossier of the vectors has in the browser the verdict and the findings that it is due', async () => {
  const names = ['valid', 'invalid'].flatMap((kind) => readdirSync(new URL(`dossier/${kind}/`, VECTORS)).map((name) => `dossier/${kind}/${name.replace('.json', '')}`))
  assert.ok(names.length > 40)
  const { page, wrong } = await verifierPage()
  for (const name of names) {
    const { agreement, now, verdict, findings } = vectorAt<DossierVector>(name)
    await page.clock.setFixedTime(new Date(now * MS))
    await choose(page, textOf(name), agreement)
    assert.equal(await verdictOf(page), `verdict ${verdict}`, name)
    const told = await page.locator('main').innerText()
    for (const { code, party } of findings) assert.ok(told.includes(`${code}${party === null ? '' : ` · ${party}`}`), `${name}: ${code} is not told in ${told}`)
  }
  assert.deepEqual(wrong, [])
})

test('what a true dossier shows: the verdict first, the last holder, the chain with its gap, and the proof of each answer in words', async () => {
  const { agreement } = vectorAt<DossierVector>(TRUE)
  const { page, wrong } = await verifierPage()
  await choose(page, textOf(TRUE), agreement)
  await verdictOf(page)
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Proven')
  const chain = await page.locator('.chain').innerText()
  assert.match(chain, /made in QN[^]*last record of QN[^]*Gap: reported as lost, stolen or missing: QN[^]*23 months[^]*found by QM 9П516 № Б-240420\s*intact/)
  assert.match(await page.locator('main').innerText(), /EXERCISE: nothing here happened[^]*Last lawful holder: QN/)
  await page.click('.answers > li:first-child > details > summary')
  assert.match(await page.locator('.answers > li:first-child').innerText(), /None of 4 spellings[^]*two neighbours between which it would have to stand/)
  assert.ok((await page.locator('main').innerText()).includes(sha256Of(Buffer.from(textOf(TRUE)))))
  await page.click('a[lang=ru]')
  await page.locator('html[lang=ru]').waitFor()
  assert.match(await page.locator('main').innerText(), /Доказано[^]*Последний законный держатель: QN/)
  assert.equal(await page.evaluate(() => `${document.documentElement.lang} ${document.title}`), 'ru Muster: проверка досье')
  assert.deepEqual(wrong, [])
})

test('nobody who cannot see it, has no mouse, or holds a phone is left out, in either language, light or dark', async () => {
  const { agreement } = vectorAt<DossierVector>(TRUE)
  for (const [hash, colorScheme] of [['#en', 'light'], ['#ru', 'dark']] as const) {
    const { page, wrong } = await verifierPage({ colorScheme }, hash)
    assert.deepEqual(await violations(page), [], `${hash} ${colorScheme}, empty`)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'dossier')
    await choose(page, textOf(TRUE), agreement)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.locator('.verdict').waitFor()
    for (const summary of await page.locator('.answers > li > details > summary').all()) await summary.press('Enter')
    await page.locator('.answers details details > summary').first().press('Enter')
    assert.deepEqual(await violations(page), [], `${hash} ${colorScheme}, with a result`)
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), 'nothing is wider than a phone')
    assert.deepEqual(wrong, [])
  }
})

test('it sends nothing: what tries to is refused by the file itself, and a server that waits hears nothing', async () => {
  let heard = 0
  const server = createServer((_, response) => {
    heard++
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const { page } = await verifierPage()
  const refused = await page.evaluate(async (target) => {
    const directives: string[] = []
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => { directives.push(effectiveDirective) })
    const tried = await fetch(target).then(() => 'sent', () => 'refused')
    const made = (name: 'img' | 'script' | 'iframe', source: string) => document.body.append(Object.assign(document.createElement(name), { src: source }))
    for (const name of ['img', 'script', 'iframe'] as const) made(name, target)
    document.body.append(Object.assign(document.createElement('script'), { textContent: 'globalThis.ran = true' }))
    navigator.sendBeacon(target, 'x')
    await new Promise((resolve) => { setTimeout(resolve, 300) })
    return { tried, ran: 'ran' in globalThis, directives: [...new Set(directives)].sort() }
  }, url)
  server.close()
  assert.deepEqual(refused, { tried: 'refused', ran: false, directives: ['connect-src', 'frame-src', 'img-src', 'script-src-elem'] })
  assert.equal(heard, 0)
})

test('files dropped on the page find their places, and what is none of them is refused in words', async () => {
  const { agreement, now } = vectorAt<DossierVector>(TRUE)
  const { page, wrong } = await verifierPage()
  await page.clock.setFixedTime(new Date(now * MS))
  await page.click('button[type=submit]')
  assert.match(await page.locator('[role=alert]').innerText(), /Choose the dossier first/)
  const files = await page.evaluateHandle((given) => {
    const transfer = new DataTransfer()
    for (const [name, text] of given) transfer.items.add(new File([text as string], name as string))
    return transfer
  }, [['some.json', JSON.stringify(JSON.parse(agreement ?? ''), null, 2)], ['other.json', textOf(TRUE)]])
  await page.dispatchEvent('main', 'drop', { dataTransfer: files })
  await page.locator('#agreement-file.chosen').waitFor()
  await page.locator('#dossier-file.chosen').waitFor()
  assert.equal(await verdictOf(page), 'verdict proven')
  for (const [text, code] of [['', 'dossier/json'], ['\u0000\u0001', 'dossier/json'], ['{"a":1}', 'dossier/shape'], [textOf(TRUE).slice(0, -40), 'dossier/json'], [JSON.stringify(JSON.parse(textOf(TRUE)), null, 1), 'dossier/json']] as const) {
    await choose(page, text, agreement)
    assert.equal(await verdictOf(page), 'verdict refused', text.slice(0, 20))
    assert.match(await page.locator('.findings').innerText(), new RegExp(code))
  }
  await choose(page, '{"v":"muster/evidence/1"}', agreement)
  assert.match(`${await verdictOf(page)} ${await page.locator('.verdict').innerText()}`, /consistent[^]*muster verify dossier\.json --agreement FILE/)
  const long = join(folder, 'long.json')
  writeFileSync(long, '{')
  truncateSync(long, FILE_BYTES_MAX + 1)
  await page.setInputFiles('#dossier', long)
  await page.click('button[type=submit]')
  assert.match(await page.locator('[role=alert]').innerText(), /long\.json is longer than any such file may be/)
  assert.deepEqual(wrong, [])
})

test('a verdict on a file is not shown once another one is chosen', async () => {
  const { agreement, now } = vectorAt<DossierVector>(TRUE)
  const { page, wrong } = await verifierPage()
  await page.clock.setFixedTime(new Date(now * MS))
  await choose(page, textOf(TRUE), agreement)
  await page.click('button[type=submit]')
  await page.setInputFiles('#dossier', json('another.json', '{}'))
  await page.waitForTimeout(MS)
  assert.equal(await page.locator('.verdict').count(), 0)
  assert.equal(await verdictOf(page), 'verdict refused')
  assert.deepEqual(wrong, [])
})

test('a name that would turn the line or break out of the page is shown as what it is', async () => {
  const { page, wrong } = await verifierPage()
  await page.setInputFiles('#dossier', json('<img src=x onerror=alert(1)>\u202egnp.json', '{"<script>alert(1)</script>":1}'))
  await page.click('button[type=submit]')
  await page.locator('.verdict').waitFor()
  assert.match(await page.locator('#dossier-file').innerText(), /^<img src=x onerror=alert\(1\)>\ufffdgnp\.json$/)
  assert.equal(await page.locator('main img, main script').count(), 0)
  assert.deepEqual(wrong, [])
})
