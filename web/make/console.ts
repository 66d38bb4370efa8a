// The console's files: one script, one style and the page that names them, and the verifier of dossiers beside them. Made once for these sources, and again when they change.
import { createHash } from 'node:crypto'
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { makeVerifier } from './verifier.ts'

const WEB = fileURLToPath(new URL('..', import.meta.url))
const FOLDER = join(WEB, 'dist', 'console')
const STAMP = 'sources'
/** What the pages are made of: their own files, the law and the words of core, and which packages are installed. */
const SOURCES = ['console', 'ui', 'make', 'verify', 'dossier', ...['bytes', 'oprf', 'proof', 'rules', 'wire', 'words'].map((name) => `../core/${name}`)].map((name) => join(WEB, name))

async function stampOf(): Promise<string> {
  const hash = createHash('sha256').update(await readFile(join(WEB, '../package-lock.json')))
  for (const folder of SOURCES) {
    for (const name of (await readdir(folder)).toSorted()) hash.update(`${name}\n`).update(await readFile(join(folder, name)))
  }
  return hash.digest('hex')
}

/** Resolves to the folder. */
export async function makeConsole(): Promise<string> {
  const stamp = await stampOf()
  if (await readFile(join(FOLDER, STAMP), 'utf8').catch(() => '') === stamp) return FOLDER
  await build({
    root: join(WEB, 'console'), configFile: false, logLevel: 'error', base: '/console/', define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      outDir: FOLDER, emptyOutDir: true, target: 'es2024', modulePreload: false, cssCodeSplit: false, assetsInlineLimit: 0,
      rolldownOptions: { input: join(WEB, 'console', 'main.tsx'), output: { entryFileNames: 'console.js', assetFileNames: 'console[extname]', codeSplitting: false } },
    },
  })
  await mkdir(FOLDER, { recursive: true })
  await copyFile(join(WEB, 'console', 'shell.html'), join(FOLDER, 'shell.html'))
  await writeFile(join(FOLDER, 'verify.html'), await makeVerifier())
  await writeFile(join(FOLDER, STAMP), stamp)
  return FOLDER
}
