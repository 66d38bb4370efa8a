// Makes a cluster: once for a data directory, whole or not at all.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { identity } from './account.ts'
import { program } from './binaries.ts'
import type { MakeEmpty } from './alike.ts'
import type { Cluster } from './cluster.ts'
import { DATABASE, environment, fullDisk, ROLE, SUPERUSER } from './cluster.ts'
import { codeOf, Fault, textOf } from './fault.ts'
import type { Place } from './place.ts'
import { clusterOf, passwordOf } from './place.ts'
import { replaceFile, syncFolder } from './replace.ts'
import { JOURNAL_FILE_BYTES, SIZES } from './settings.ts'

const PROGRAM_MS_MAX = 120_000
const SAID_CHARACTERS_MAX = 2_000

/** Runs one of PostgreSQL's programs to its end, as the account, with `input` on its standard input. */
async function run(cluster: Cluster, name: 'initdb' | 'postgres', args: readonly string[], input = ''): Promise<void> {
  const path = program(cluster.binaries, name)
  const child = spawn(path, args, { ...identity(cluster.account), cwd: '/', env: environment, stdio: ['pipe', 'ignore', 'pipe'], timeout: PROGRAM_MS_MAX })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (said = (said + piece).slice(-SAID_CHARACTERS_MAX)))
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const ended = await new Promise<number | string>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'no status'))
  }).catch((error: unknown) => {
    throw new Fault('engine-refused', `${path} cannot be run here (${textOf(error)}); it is made for glibc on ${process.arch}. Set DATABASE_URL to a PostgreSQL server that you run.`, error)
  })
  if (ended === 0) return
  if (/No space left on device/.test(said)) throw new Fault('disk-full', fullDisk(cluster.place))
  throw new Fault('engine-failed', `${name} ended with ${ended}: ${said.trim().split('\n').slice(-4).join(' ')}`)
}

async function passwordFor(place: Place): Promise<string> {
  try {
    return (await readFile(passwordOf(place), 'utf8')).trim()
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
  const password = randomBytes(24).toString('base64url')
  await replaceFile(passwordOf(place), `${password}\n`)
  return password
}

/**
 * Makes the cluster: UTF8, C locale, data checksums, scram-sha-256, one database owned by an ordinary role. About 0.8 s, its sync of 0.13 s included.
 * Crash order: all of it in a folder of another name, then one rename; what a crash leaves is removed by the next attempt. `makeEmpty` stands for
 * initdb where many clusters are alike.
 */
export async function initCluster(cluster: Cluster, makeEmpty: MakeEmpty = (_, __, initdb) => initdb()): Promise<void> {
  const { place, account } = cluster
  const password = await passwordFor(place)
  const yard = join(place.home, 'init')
  await rm(yard, { recursive: true, force: true })
  await mkdir(yard, { mode: 0o700 })
  const passwordFile = join(yard, 'password')
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' })
  if (!account.self) {
    await chown(passwordFile, account.uid, account.gid)
    await chown(yard, account.uid, account.gid)
  }
  const fresh = join(yard, 'cluster')
  const sizes = Object.entries(SIZES).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  await makeEmpty(fresh, account, () => run(cluster, 'initdb', [
    '-D', fresh, '-U', SUPERUSER, '-E', 'UTF8', '--locale=C', '--data-checksums', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, `--wal-segsize=${JOURNAL_FILE_BYTES / 1024 / 1024}`, '--no-instructions', ...sizes,
  ]))
  const statements = [
    // Of a cluster that was not made just now.
    `ALTER ROLE ${SUPERUSER} PASSWORD '${password}'`,
    `CREATE ROLE ${ROLE} LOGIN PASSWORD '${password}'`,
    `GRANT pg_monitor TO ${ROLE}`,
    `ALTER DATABASE postgres OWNER TO ${ROLE}`,
    `ALTER DATABASE postgres RENAME TO ${DATABASE}`,
  ]
  await run(cluster, 'postgres', ['--single', '-D', fresh, '-c', 'exit_on_error=on', 'template1'], `${statements.join('\n')}\n`)
  await rename(fresh, clusterOf(place))
  await syncFolder(place.home)
  await rm(yard, { recursive: true, force: true })
}
