// Locks between processes that end with the process that holds them, however it ends.
// Node gives no lock on files of its own; its SQLite takes one (fcntl byte ranges on Linux and macOS, LockFileEx on Windows), and the kernel drops it
// when the holder dies. The files stay empty for ever: nothing is ever written through SQLite, they are only locked.
// A lock file must never be opened and closed by other means in a process that may hold it: POSIX drops every lock of a process on the first close.
import { closeSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { DatabaseSync } from 'node:sqlite'
import { codeOf, Fault, textOf } from './fault.ts'

const SQLITE_BUSY = 5
const RETRY_MS_MIN = 5
const RETRY_MS_MAX = 40

export interface Held {
  /** Gives the lock up; a second call does nothing. */
  readonly release: () => void
}

// Without a reference the collector would close a connection and with it the lock.
const held = new Set<DatabaseSync>()

function lockError(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  return error.errcode & 0xff
}

function makeFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

/** One attempt: `alone` excludes every other holder, `shared` only those that are alone. Undefined where another process (or another holder in this one) is in the way. */
export function tryHold(path: string, mode: 'alone' | 'shared'): Held | undefined {
  makeFile(path)
  const file = new DatabaseSync(path, { timeout: 0 })
  try {
    // Without it an exclusive transaction on an empty file begins a journal beside it, which a full disk would refuse.
    file.exec('PRAGMA journal_mode = MEMORY')
    if (mode === 'alone') file.exec('BEGIN EXCLUSIVE')
    else file.exec('BEGIN; SELECT count(*) FROM sqlite_schema')
  } catch (error) {
    file.close()
    if (lockError(error) === SQLITE_BUSY) return undefined
    throw new Fault('engine-refused', `${path} cannot be locked (${textOf(error)}): the data directory must lie on a file system that supports locks, such as a local disk.`, error)
  }
  held.add(file)
  return {
    release: () => {
      if (held.delete(file)) file.close()
    },
  }
}

/** Tries until the lock is had; undefined after `wait_ms`. Retries are spread at random, so that twenty waiters do not march in step. */
export async function hold(path: string, mode: 'alone' | 'shared', wait_ms: number): Promise<Held | undefined> {
  const until = performance.now() + wait_ms
  for (;;) {
    const lock = tryHold(path, mode)
    if (lock !== undefined) return lock
    if (performance.now() >= until) return undefined
    await sleep(RETRY_MS_MIN + Math.random() * (RETRY_MS_MAX - RETRY_MS_MIN))
  }
}
