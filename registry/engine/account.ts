// Whose process PostgreSQL is. It refuses to run as root, so root lends it an account that exists and may do little; anyone else runs it as himself.
import { spawnSync } from 'node:child_process'
import { userInfo } from 'node:os'
import { Fault } from './fault.ts'

export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
  /** True where the caller and PostgreSQL are the same user: no change of user is asked of the system. */
  readonly self: boolean
}

/** In order of preference; neither is made by Muster. `nobody` is shared with other programs, `postgres` is not. */
const ACCOUNTS = ['postgres', 'nobody'] as const

const SHELL = '/bin/sh'
const PROBE_MS_MAX = 10_000
const USE_A_SERVER = 'or set DATABASE_URL to a PostgreSQL server that you run'

function idOf(name: string, what: '-u' | '-g'): number | undefined {
  const { status, stdout } = spawnSync('id', [what, name], { encoding: 'utf8', timeout: PROBE_MS_MAX })
  const id = Number.parseInt(stdout ?? '', 10)
  return status === 0 && Number.isSafeInteger(id) ? id : undefined
}

/** The spawn options that make a child this account's; libuv drops the caller's further groups with it. */
export function identity(account: Account): { uid?: number; gid?: number } {
  return account.self ? {} : { uid: account.uid, gid: account.gid }
}

function shellAs(account: Account, script: string, path: string): boolean {
  const { status, error } = spawnSync(SHELL, ['-c', script, path], { ...identity(account), cwd: '/', env: {}, stdio: 'ignore', timeout: PROBE_MS_MAX })
  return error === undefined && status === 0
}

/** Asks the system and not the mode bits, so that access lists, mounts and every folder above count: can the account enter this folder, or run this file? */
export function canUse(account: Account, path: string, how: 'enter' | 'run'): boolean {
  return how === 'enter' ? shellAs(account, 'cd -- "$0"', path) : shellAs(account, 'test -r "$0" && test -x "$0"', path)
}

/** An existing account by its name; undefined where the system knows none or it is root's. */
export function accountNamed(name: string): Account | undefined {
  const uid = idOf(name, '-u')
  const gid = idOf(name, '-g')
  return uid === undefined || gid === undefined || uid === 0 ? undefined : { name, uid, gid, self: false }
}

function caller(): Account {
  try {
    const { username, uid, gid } = userInfo()
    return { name: username, uid, gid, self: true }
  } catch {
    throw new Fault('engine-refused', `PostgreSQL cannot run as user id ${process.getuid?.() ?? -1}: the system has no name for it (no line in /etc/passwd). Give it one, ${USE_A_SERVER}.`)
  }
}

/**
 * The account for a new cluster: the caller, or for root the first of `names` that exists and that the system lets root become.
 * Fault `engine-refused` says why each was passed over.
 */
export function chooseAccount(names: readonly string[] = ACCOUNTS): Account {
  if (process.platform === 'win32') {
    throw new Fault('engine-refused', 'Muster opens no network port for its database, and on Windows Node can reach PostgreSQL by no other way: run Muster in WSL, or set DATABASE_URL to a PostgreSQL server that you run.')
  }
  if (process.getuid?.() !== 0) return caller()
  const reasons: string[] = []
  for (const name of names) {
    const account = accountNamed(name)
    if (account === undefined) reasons.push(`${name}: no such account`)
    else if (!shellAs(account, ':', '')) reasons.push(`${name}: this system does not let root run ${SHELL} as user id ${account.uid}`)
    else return account
  }
  throw new Fault(
    'engine-refused',
    `PostgreSQL refuses to run as root and there is no account that it could run under (${reasons.join('; ') || 'none was named'}). Make one (useradd --system postgres), run Muster as an ordinary user, ${USE_A_SERVER}.`,
  )
}

/** The account that owns an existing cluster, whoever calls; Fault `engine-refused` where the caller cannot become it. */
export function accountOwning(path: string, owner: { uid: number; gid: number }): Account {
  const uid = process.getuid?.()
  if (uid === owner.uid && uid !== 0) return caller()
  if (uid === 0 && owner.uid !== 0) return { name: `user id ${owner.uid}`, uid: owner.uid, gid: owner.gid, self: false }
  throw new Fault('engine-refused', `${path} belongs to user id ${owner.uid} and you are user id ${uid ?? -1}: run the command as that user${owner.uid === 0 ? '; a cluster that root owns cannot be started' : ' or as root'}.`)
}
