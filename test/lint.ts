// `npm run lint`: ESLint over the whole tree; arguments are passed on (`npm run lint -- --fix`, `npm run lint -- core`).
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const eslint = join(dirname(createRequire(import.meta.url).resolve('eslint/package.json')), 'bin', 'eslint.js')
const told = process.argv.slice(2)
const places = told.some((word) => !word.startsWith('-')) ? told : [...told, '.']
process.exitCode = spawnSync(process.execPath, [eslint, '--max-warnings', '0', ...places], { cwd: root, stdio: 'inherit' }).status ?? 1
