// The console's files, for whoever opens the registry in a browser. The page is made anew for each response, with a nonce of its own; script and style are named by
// it and by nothing else, and it may ask no other origin.
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Env, Hono, MiddlewareHandler } from 'hono'
import { compress } from 'hono/compress'

const NONCE_BYTES = 16
const FILES: Readonly<Record<string, string>> = { 'console.js': 'text/javascript; charset=utf-8', 'console.css': 'text/css; charset=utf-8' }
/** The verifier has a policy of its own in it; here it gets an origin of nobody's as well, so that it reads no cookie and asks for nothing. */
const VERIFIER = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': "sandbox allow-scripts allow-forms; frame-ancestors 'none'" } as const
const FOR_ALL = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin' } as const

/** Nothing from elsewhere, nothing inline without the nonce, nothing framed. `data:` is the empty icon. */
const policyOf = (nonce: string): string =>
  `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** Serves what `npm run console` made in this folder: the page at every path that a page has, its two files, and the verifier of dossiers. Read once. */
export async function openConsole(folder: string): Promise<<G extends Env>(hono: Hono<G>) => void> {
  const shell = await readFile(join(folder, 'shell.html'), 'utf8')
  const files = new Map(await Promise.all(Object.entries(FILES).map(async ([name, type]) => [name, { type, bytes: await readFile(join(folder, name)) }] as const)))
  const page: MiddlewareHandler = () => {
    const nonce = randomBytes(NONCE_BYTES).toString('base64')
    return Promise.resolve(new Response(shell.replace('{{nonce}}', nonce), { headers: { ...FOR_ALL, 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', 'content-security-policy': policyOf(nonce) } }))
  }
  const verifier = await readFile(join(folder, 'verify.html'))
  return (hono) => {
    hono.get('/console/*', compress())
    for (const [name, { type, bytes }] of files) hono.get(`/console/${name}`, () => new Response(bytes, { headers: { ...FOR_ALL, 'content-type': type, 'cache-control': 'no-cache' } }))
    hono.get('/console/verify.html', () => new Response(verifier, { headers: { ...FOR_ALL, ...VERIFIER, 'cache-control': 'no-cache' } }))
    for (const path of ['/', '/item/:id', '/desk', '/call/:id', '/call/:from/:id', '/request/:id', '/cases', '/case/:id', '/trust', '/waiting', '/people']) hono.get(path, page)
  }
}
