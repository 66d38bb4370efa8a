// A file read within a bound.

/** Without an import: the module of `node:fs` takes 9 ms of each process, for the getters that it evaluates. */
const { closeSync, constants, fstatSync, openSync, readSync } = process.getBuiltinModule('node:fs')

/** Undefined where there is no such regular file; of a longer file one byte more than `bytesMax`, so that its length shows. */
export function readFileAtMost(path: string, bytesMax: number): Uint8Array | undefined {
  let descriptor: number
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) return undefined
    const bytes = Buffer.allocUnsafeSlow(Math.min(stat.size, bytesMax + 1))
    let at = 0
    while (at < bytes.length) {
      const read = readSync(descriptor, bytes, at, bytes.length - at, at)
      if (read === 0) break
      at += read
    }
    return bytes.subarray(0, at)
  } finally {
    closeSync(descriptor)
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'ENOENT' || code === 'ENOTDIR'
}
