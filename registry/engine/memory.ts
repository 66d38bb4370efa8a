// Memory of a server with its children, as the kernel shares it out: proportional set size counts a shared page once over all who hold it.
import { readFileSync } from 'node:fs'

function pss(pid: number): number {
  const found = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))
  return Number(found?.[1] ?? 0) * 1024
}

function childrenOf(pid: number): number[] {
  const direct = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  return [...direct, ...direct.flatMap(childrenOf)]
}

/** Bytes of a process and all below it; undefined where the system does not tell (anything but Linux, or another user's process). */
export function memoryOf(pid: number): number | undefined {
  try {
    return [pid, ...childrenOf(pid)].map(pss).reduce((sum, bytes) => sum + bytes, 0)
  } catch {
    return undefined
  }
}
