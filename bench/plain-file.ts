// What a declaration is measured beside: the same entries sorted and written as one plain file, and that file's sha256sum.

import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'

/** Sorts `count` random entries of 64 bytes, writes and syncs them, and lets sha256sum read the file. */
export function plainSortedWrite(path: string, count: number): number {
  const bytes = randomBytes(count * 64)
  return seconds(() => {
    const entries = Array.from({ length: count }, (_, i) => bytes.subarray(i * 64, i * 64 + 64)).sort((a, b) => a.compare(b))
    const file = openSync(path, 'w')
    writeSync(file, Buffer.concat(entries))
    fsyncSync(file)
    closeSync(file)
    execFileSync('sha256sum', [path])
  })
}

/** Reads the file whole and lets sha256sum read it once more. */
export function plainRead(path: string): number {
  return seconds(() => {
    readFileSync(path)
    execFileSync('sha256sum', [path])
  })
}

function seconds(work: () => void): number {
  const began = performance.now()
  work()
  return (performance.now() - began) / 1000
}
