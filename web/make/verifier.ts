// The verifier as one HTML file: page, style and the worker with the law of core, all inside. It works from a disk with no network, and its own policy forbids it
// every connection. The same sources give the same bytes, so whoever has the sources can make the file and compare the hash.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const FOLDER = new URL('../verify/', import.meta.url)
/** The issue's own limit for the file. */
export const VERIFIER_BYTES_MAX = 500_000
const SOURCE = '{{'
/** The components are React's; in this file they run on Preact, a twentieth of its size and read in an evening. */
const SMALL = [
  { find: 'react/jsx-runtime', replacement: 'preact/jsx-runtime' }, { find: 'react-dom/client', replacement: 'preact/compat/client' },
  { find: /^react$/, replacement: 'preact/compat' },
]

/** One script without imports, from an entry of ../verify/. */
async function scriptOf(entry: string): Promise<string> {
  const built = await build({
    root: fileURLToPath(FOLDER), configFile: false, logLevel: 'error', define: { 'process.env.NODE_ENV': '"production"' }, resolve: { alias: SMALL },
    build: { write: false, target: 'es2024', modulePreload: false, lib: { entry: fileURLToPath(new URL(entry, FOLDER)), formats: ['iife'], name: 'muster', fileName: 'script' }, minify: true },
  })
  const [whole] = Array.isArray(built) ? built : [built]
  const chunks = whole === undefined || !('output' in whole) ? [] : whole.output.filter((each) => each.type === 'chunk')
  if (chunks.length !== 1) throw new Error(`${entry}: ${chunks.length} scripts came of it where one is due`)
  return (chunks[0] as (typeof chunks)[number]).code.trim()
}

/** Text in a script element ends at the first `</script`, and a comment opens at `<!--`: neither may stand in it. */
function inScript(code: string): string {
  return code.replace(/<\/(script)/gi, '<\\/$1').replaceAll('<!--', '<\\!--')
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The hash that docs/verifier.md states; undefined where it states none. */
export function statedIn(page: string): string | undefined {
  return /\b[0-9a-f]{64}\b/.exec(page)?.[0]
}

/** The file's bytes. */
export async function makeVerifier(): Promise<Buffer> {
  const [page, law] = (await Promise.all([scriptOf('main.tsx'), scriptOf('law.ts')])).map(inScript) as [string, string]
  const style = readFileSync(new URL('style.css', FOLDER), 'utf8').replace(/\/\*[^]*?\*\//g, '').replace(/\s+/g, ' ').trim()
  const policy = `default-src 'none'; script-src ${hashOf(page)}; style-src ${hashOf(style)}; worker-src blob:; base-uri 'none'; form-action 'none'`
  const parts: Readonly<Record<string, string>> = { policy, style, law, page }
  const shell = readFileSync(new URL('shell.html', FOLDER), 'utf8')
  const html = shell.split(SOURCE).map((piece, i) => {
    const [, name = '', rest = ''] = i === 0 ? [] : /^(\w+)\}\}([^]*)$/.exec(piece) ?? []
    return i === 0 ? piece : `${parts[name] ?? ''}${rest}`
  }).join('')
  return Buffer.from(html)
}
