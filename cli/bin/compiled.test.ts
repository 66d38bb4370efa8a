// What the launcher keeps of compiled code, and where it keeps nothing: kept code is run unread.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getuid } from 'node:process'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'muster-compiled-'))
after(() => { rmSync(folder, { recursive: true, force: true }) })
chmodSync(folder, 0o755)

const OLD = 'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.0.0"}})'
const ROADS = { 'a Node that is new enough': [], 'an older Node': ['--import', OLD] } as const
const NOBODY = 65_534
const STRANGER = 4_321
const script = join(folder, 'where.ts')
writeFileSync(script, 'import module from "node:module"\nconst kept: string | undefined = module.getCompileCacheDir()\nprocess.stdout.write(kept ?? "nowhere")\n')
writeFileSync(join(folder, 'package.json'), '{"type":"module"}')

/** An installation of the launcher alone: its file, and a node_modules with the Node 24 that npm brings. */
function installation(name: string): { readonly launcher: string, readonly modules: string, readonly cache: string } {
  const [bin, modules] = [join(folder, name, 'cli', 'bin'), join(folder, name, 'node_modules')]
  mkdirSync(bin, { recursive: true })
  mkdirSync(modules)
  copyFileSync(here('muster.js'), join(bin, 'muster.mjs'))
  for (const each of readdirSync(here('../../node_modules')).filter((other) => /^node-(linux|darwin|win)-/.test(other))) symlinkSync(here(`../../node_modules/${each}`), join(modules, each))
  return { launcher: join(bin, 'muster.mjs'), modules, cache: join(modules, '.cache', 'muster') }
}

interface Told { readonly kept: string, readonly debug: string }

/** Runs the script through the launcher; `user` is another account, where this one may become another. */
function run(launcher: string, flags: readonly string[], more: Readonly<Record<string, string>> = {}, user?: number): Told {
  const { NODE_COMPILE_CACHE: _, NODE_DISABLE_COMPILE_CACHE: __, NODE_V8_COVERAGE: ___, ...rest } = process.env
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, launcher, '--run', script], {
    encoding: 'utf8', env: { ...rest, NODE_DEBUG_NATIVE: 'COMPILE_CACHE', ...more }, ...(user === undefined ? {} : { uid: user, gid: user }),
  })
  assert.equal(status, 0, stderr)
  return { kept: stdout.split('\n').filter((line) => !line.startsWith('[compile cache]')).join('').trim(), debug: stdout + stderr }
}

const withoutModes = getuid === undefined ? 'this platform has no modes of files to go by' : false
const asRoot = getuid?.() === 0 ? false : 'only root can give a folder to another account'

for (const [name, flags] of Object.entries(ROADS)) {
  test(`${name}: what one command compiled the next one takes from the project's own node_modules`, { skip: withoutModes }, () => {
    const { launcher, cache } = installation(`kept by ${name}`)
    assert.ok(run(launcher, flags).kept.startsWith(cache))
    assert.equal(statSync(cache).mode & 0o777, 0o700)
    assert.match(run(launcher, flags).debug, /where\.ts was accepted/)
  })

  test(`${name}: a folder that others can write to, or that leads elsewhere, is not used`, { skip: withoutModes }, () => {
    for (const [i, spoil] of ([
      ({ cache }) => { chmodSync(cache, 0o777) },
      ({ cache }) => { chmodSync(cache, 0o770) },
      ({ modules }) => { chmodSync(join(modules, '.cache'), 0o707) },
      ({ cache, modules }) => {
        rmSync(cache, { recursive: true })
        mkdirSync(join(modules, 'elsewhere'), { mode: 0o700 })
        symlinkSync(join(modules, 'elsewhere'), cache)
      },
      ({ cache }) => {
        rmSync(cache, { recursive: true })
        writeFileSync(cache, '')
      },
    ] satisfies ((made: ReturnType<typeof installation>) => void)[]).entries()) {
      const made = installation(`spoiled ${i} for ${name}`)
      mkdirSync(made.cache, { recursive: true, mode: 0o700 })
      spoil(made)
      assert.equal(run(made.launcher, flags).kept, 'nowhere', `way ${i}`)
    }
  })

  test(`${name}: a folder of another account is not used`, { skip: withoutModes === false ? asRoot : withoutModes }, () => {
    const { launcher, cache } = installation(`of another for ${name}`)
    mkdirSync(cache, { recursive: true, mode: 0o755 })
    chownSync(cache, STRANGER, STRANGER)
    assert.equal(run(launcher, flags).kept, 'nowhere')
  })

  test(`${name}: where nothing can be written the command runs all the same`, { skip: withoutModes }, () => {
    const { launcher, modules, cache } = installation(`read-only for ${name}`)
    const user = getuid?.() === 0 ? NOBODY : undefined
    chmodSync(modules, 0o555)
    assert.equal(run(launcher, flags, {}, user).kept, 'nowhere')
    chmodSync(modules, 0o755)
    mkdirSync(cache, { recursive: true, mode: 0o755 })
    chmodSync(cache, 0o555)
    assert.equal(run(launcher, flags, {}, user).kept, 'nowhere')
    chmodSync(cache, 0o755)
  })

  test(`${name}: what the environment says about compiled code stands`, () => {
    const { launcher, cache } = installation(`told ${name}`)
    const own = join(folder, `own for ${name}`)
    assert.ok(run(launcher, flags, { NODE_COMPILE_CACHE: own }).kept.startsWith(own))
    assert.equal(run(launcher, flags, { NODE_DISABLE_COMPILE_CACHE: '1' }).kept, 'nowhere')
    assert.equal(existsSync(cache), false)
  })
}
