// `npm run pictures`: the pictures of the documents, taken of the pages themselves. What they show is the EXERCISE of the vectors.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { alike } from '@muster/registry/engine/alike.ts'
import { removeDataDirectory } from '@muster/registry/engine/lease.ts'
import { openHome, serveHome } from '@muster/registry/main.ts'
import { makeConsole } from '../../web/make/console.ts'
import { makeVerifier } from '../../web/make/verifier.ts'
import { openConsoles } from '../demo/consoles.ts'
import { found, stock } from '../demo/party.ts'
import { STATES } from '../demo/states.ts'
import { textOfVector, type DossierVector } from '../vectors/dossiers.ts'
import { vectorAt } from '../vectors/read-vectors.ts'
import { openBrowser } from './browser.ts'

const DOCS = fileURLToPath(new URL('../../docs/pictures/', import.meta.url))
const TRUE = 'dossier/valid/last-holder'
const FILE = fileURLToPath(new URL('../../web/dist/verify.html', import.meta.url))
const SHOTS = [
  { name: 'verifier-en', hash: '#en', options: { viewport: { width: 760, height: 900 }, colorScheme: 'light' } },
] as const

const { agreement } = vectorAt<DossierVector>(TRUE)
const dossier = textOfVector(vectorAt<DossierVector>(TRUE), () => '')
await mkdir(DOCS, { recursive: true })
await mkdir(join(FILE, '..'), { recursive: true })
await writeFile(FILE, await makeVerifier())
const opened = await openBrowser()
for (const { name, hash, options } of SHOTS) {
  const { page } = await opened.page(options)
  await page.goto(`${pathToFileURL(FILE).href}${hash}`)
  for (const [id, text] of [['dossier', dossier], ['agreement', agreement ?? '']] as const) await page.setInputFiles(`#${id}`, { name: `${id}-EXERCISE.json`, mimeType: 'application/json', buffer: Buffer.from(text) })
  await page.click('button[type=submit]')
  await page.locator('.verdict').waitFor()
  const result = page.locator('main > div').last()
  await result.evaluate((element) => { element.style.padding = '1rem' })
  await result.screenshot({ path: join(DOCS, `${name}.png`) })
}
await consolePictures()
await opened.close()

/** Of one state of the exercise, loaded as the demo loads it, and closed into one period of its log. */
async function consolePictures(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-pictures-'))
  const state = STATES.find(({ party }) => party === 'QN') as (typeof STATES)[number]
  const { register, dir } = await found(folder, state, alike())
  await stock(folder, { state, register })
  const ports = new Map(STATES.map(({ party }) => [party, 0]))
  const { consoles: [first] } = await openConsoles(folder, [{ state, register }], ports)
  await register.close()
  const home = await openHome(dir)
  const serving = await serveHome(home, { port: 0, host: '127.0.0.1', message: () => Promise.resolve({ status: 503, body: '{}' }), api: { port: 0, host: '127.0.0.1', console: await makeConsole() } })
  try {
    const { page } = await opened.page({ viewport: { width: 1000, height: 820 }, colorScheme: 'light', locale: 'en-GB' })
    await page.goto(`${serving.api ?? ''}/${new URL(first?.url ?? '').hash}`)
    await page.getByRole('table').waitFor()
    await page.getByLabel('Search by a mark').fill('П-15580?')
    await page.getByRole('button', { name: 'Search', exact: true }).click()
    await page.getByText('A serial number alone').waitFor()
    await page.screenshot({ path: join(DOCS, 'console-search-en.png'), clip: { x: 0, y: 0, width: 1000, height: 520 } })
    await page.goto(`${serving.api ?? ''}/?status=released`)
    await page.locator('.serial').first().click()
    await page.locator('.chain').waitFor()
    await page.screenshot({ path: join(DOCS, 'console-en.png') })
  } finally {
    await serving.close()
    await home.close()
    await removeDataDirectory(dir)
    await rm(folder, { recursive: true, force: true })
  }
}
