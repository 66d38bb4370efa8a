// `npm run pictures`: the pictures of the documents, taken of the pages themselves. What they show is the EXERCISE of the vectors.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { makeVerifier } from '../../web/make/verifier.ts'
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
await opened.close()
