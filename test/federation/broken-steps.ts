// Breaking an act at one of its durable steps: a file put in its place by rename, a transaction committed. Each can fail before it is
// persisted, fail although it was, or be the last thing that a process does.
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'
import type { Database } from '@muster/registry/store/database.ts'

export type How = 'not persisted' | 'persisted, reported failed' | 'killed after'

/** `step` counts from 1; `how` is what happens there. */
export interface BreakAt { readonly step: number, readonly how: How }

export interface Steps {
  /** Names of the steps taken, in order, the broken one included. */
  readonly taken: string[]
  readonly db: Database
  readonly end: () => void
}

class Broken extends Error {
  readonly code: string
  constructor(step: string, code: string) {
    super(`broken at ${step}`)
    this.code = code
  }
}

/** From now on every rename in this process and every COMMIT on `db` is a step. */
export function countSteps(db: Database, at: BreakAt | undefined): Steps {
  const taken: string[] = []
  const step = async <T>(name: string, code: string, act: () => Promise<T>): Promise<T> => {
    taken.push(name)
    if (taken.length !== at?.step) return act()
    if (at.how === 'not persisted') throw new Broken(name, code)
    await act()
    if (at.how === 'killed after') process.kill(process.pid, 'SIGKILL')
    throw new Broken(name, code)
  }
  const { rename } = fs
  fs.rename = (from, to) => step(`file ${basename(String(to))}`, 'EIO', () => rename(from, to))
  syncBuiltinESMExports()
  const session: Database['session'] = (act) => db.session((client) => act(new Proxy(client, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown
      if (typeof value !== 'function') return value
      if (name !== 'query') return value.bind(target) as unknown
      return (...args: [string]) => args[0] === 'COMMIT' ? step('commit', 'ECONNRESET', () => target.query(args[0])) : (value as (...all: unknown[]) => unknown).apply(target, args)
    },
  })))
  return {
    taken, db: { ...db, session },
    end: () => {
      fs.rename = rename
      syncBuiltinESMExports()
    },
  }
}
