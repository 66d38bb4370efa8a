// Memory of processes as their proportional set size: pages that several share are counted in parts, so that the sum is what the machine
// gives up for all of them. Where other programs run the same Node or PostgreSQL they carry a part of its pages too, and the sum looks
// smaller than it would be without them; so pages of files are counted here as if only the measured processes ran. Linux only.

import { readdirSync, readFileSync } from 'node:fs'

const KIBIBYTES_A_MEGABYTE = 1000 / 1.024

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** These processes and all that descend from them. */
export function withDescendants(roots: readonly number[]): number[] {
  const parents = new Map(readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name): [number, number][] => {
    const stat = read(`/proc/${name}/stat`)
    return stat === undefined ? [] : [[Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])]]
  }))
  const found = new Set(roots)
  for (let before = -1; before !== found.size;) {
    before = found.size
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid)
  }
  return [...found]
}

export interface Memory {
  /** Proportional set size as the kernel tells it, in MB (10^6 bytes). */
  readonly told: number
  /** The same with no other program on the machine. */
  readonly alone: number
}

/** Undefined where one of the processes may not be read. */
export function memoryOf(pids: readonly number[]): Memory | undefined {
  let told = 0
  let own = 0
  /** Of each stretch of a mapped file, the most that one process has in memory and has not changed. */
  const shared = new Map<string, number>()
  for (const pid of pids) {
    const mappings = read(`/proc/${pid}/smaps`)?.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
    if (mappings === undefined) return undefined
    for (const mapping of mappings) {
      const kibibytes = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(mapping)?.[1] ?? 0)
      const [, , offset, , inode, path] = mapping.slice(0, mapping.indexOf('\n')).split(/\s+/)
      told += kibibytes('Pss')
      if (inode === '0' || path === undefined) own += kibibytes('Pss')
      else {
        const changed = kibibytes('Private_Dirty')
        own += changed
        const key = `${path} ${offset ?? ''}`
        shared.set(key, Math.max(shared.get(key) ?? 0, kibibytes('Rss') - changed))
      }
    }
  }
  for (const kibibytes of shared.values()) own += kibibytes
  return { told: told / KIBIBYTES_A_MEGABYTE, alone: own / KIBIBYTES_A_MEGABYTE }
}
