// Lines of COPY in one growing block of bytes, handed over whole: no string of a million rows is ever held or flattened.

const FIRST_BYTES = 1 << 20
/** Bytes of one UTF-16 unit in UTF-8, at most. */
const UTF8_BYTES_MAX = 3

export interface LineBuffer {
  readonly add: (text: string) => void
  /** Bytes since the last `take`. */
  readonly length: () => number
  /** All that was added since the last call, in memory of its own, which may be transferred. */
  readonly take: () => Uint8Array<ArrayBuffer>
}

export function openLines(firstBytes = FIRST_BYTES): LineBuffer {
  let bytes = Buffer.allocUnsafeSlow(firstBytes)
  let at = 0
  return {
    add: (text) => {
      if (at + text.length * UTF8_BYTES_MAX > bytes.length) {
        const grown = Buffer.allocUnsafeSlow(Math.max(bytes.length * 2, at + text.length * UTF8_BYTES_MAX))
        grown.set(bytes.subarray(0, at))
        bytes = grown
      }
      at += bytes.write(text, at, 'utf8')
    },
    length: () => at,
    take: () => {
      const taken = new Uint8Array(bytes.buffer, 0, at)
      bytes = Buffer.allocUnsafeSlow(bytes.length)
      at = 0
      return taken
    },
  }
}
