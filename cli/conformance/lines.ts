// Lines of a byte stream, bounded: a line beyond the limit is skipped to its end and told as `undefined`, so that no input, however long
// its lines, takes more memory than one line.

const NEWLINE = 0x0a

/** Every line without its newline, in order; `undefined` for one longer than `bytesMax`. A last line without a newline counts if it has a byte. */
export async function* linesOf(input: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Uint8Array | undefined> {
  let parts: Uint8Array[] = []
  let held = 0
  const take = (): Uint8Array | undefined => {
    const line = held > bytesMax ? undefined : parts.length === 1 ? parts[0] : Buffer.concat(parts, held)
    parts = []
    held = 0
    return line
  }
  const keep = (part: Uint8Array): void => {
    held += part.length
    if (held > bytesMax) parts = []
    else if (part.length > 0) parts.push(part)
  }
  for await (const chunk of input) {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      keep(chunk.subarray(from, end))
      yield take()
      from = end + 1
    }
    keep(chunk.subarray(from))
  }
  if (held > 0) yield take()
}
