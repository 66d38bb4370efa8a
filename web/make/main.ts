// `npm run verifier`: writes the verifier's one file and says its SHA-256.
//   npm run verifier                    to web/dist/verify.html            npm run verifier -- FILE
//   npm run verifier -- --write         puts the hash of these sources into docs/verifier.md, where a test looks for it
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { argv, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { makeVerifier, sha256Of, statedIn } from './verifier.ts'

const { values, positionals } = parseArgs({ args: argv.slice(2), options: { write: { type: 'boolean' } }, allowPositionals: true })
const file = positionals[0] ?? fileURLToPath(new URL('../dist/verify.html', import.meta.url))
const bytes = await makeVerifier()
mkdirSync(dirname(file), { recursive: true })
writeFileSync(file, bytes)
stdout.write(`${file}\n${bytes.length} bytes, SHA-256 ${sha256Of(bytes)}\n`)
if (values.write === true) {
  const page = new URL('../../docs/verifier.md', import.meta.url)
  const text = readFileSync(page, 'utf8')
  writeFileSync(page, text.replace(statedIn(text) ?? '', sha256Of(bytes)))
}
