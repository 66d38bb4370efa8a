// `npm run typecheck`: the whole tree, then core under its own library, in which no machine can be named, and the pages and
// their tests under the browser's.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
const results = ['tsconfig.json', 'core/tsconfig.json', 'web/tsconfig.json', 'test/web/tsconfig.json'].map((project) =>
  spawnSync(process.execPath, [compiler, '-p', project, '--pretty', 'false'], { cwd: root, stdio: 'inherit' }).status)
process.exitCode = results.every((status) => status === 0) ? 0 : 1
