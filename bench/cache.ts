// Where the bench keeps what is costly to make: set-ups that take more than a minute, peers that it installs, how long each row took.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir, platform } from 'node:os'
import { join } from 'node:path'

/** A folder of the bench's own under the system's folder for caches; made where it is missing. Everything in it can be deleted. */
export function cacheFolder(...names: readonly string[]): string {
  const home = homedir()
  const caches = platform() === 'darwin' ? join(home, 'Library', 'Caches')
    : platform() === 'win32' ? process.env.LOCALAPPDATA ?? join(home, 'AppData', 'Local')
      : process.env.XDG_CACHE_HOME ?? join(home, '.cache')
  const folder = join(caches, 'muster-bench', ...names)
  mkdirSync(folder, { recursive: true })
  return folder
}

export type Speed = 'full' | 'quick'
type Durations = Readonly<Record<string, Readonly<Partial<Record<Speed, number>>>>>

/** Seconds that each row took the last time on this machine; empty where nothing was measured. */
export function durations(): Durations {
  try {
    return JSON.parse(readFileSync(join(cacheFolder(), 'durations.json'), 'utf8')) as Durations
  } catch {
    return {}
  }
}

export function keepDuration(name: string, speed: Speed, seconds: number): void {
  const known = durations()
  writeFileSync(join(cacheFolder(), 'durations.json'), JSON.stringify({ ...known, [name]: { ...known[name], [speed]: seconds } }))
}
