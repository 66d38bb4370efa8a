// JSON lines over a pipe, each with a bound: a line that is longer is dropped whole and told as such, and the next one is read.

/** An envelope at its largest, twice in base64, and the members around it. */
export const LINE_BYTES_MAX = 2_097_152
const LINE_FEED = 0x0a
export const TOO_LONG = Symbol('a line beyond its bound')

/** Lines of a stream, without their line feeds; what stands after the last line feed is not a line. */
export async function* linesOf(stream: AsyncIterable<Uint8Array>, bytesMax: number = LINE_BYTES_MAX): AsyncGenerator<string | typeof TOO_LONG> {
  let parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of stream) {
    let from = 0
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      length += end - from
      yield length > bytesMax ? TOO_LONG : Buffer.concat([...parts, chunk.subarray(from, end)]).toString('utf8')
      parts = []
      length = 0
      from = end + 1
    }
    length += chunk.length - from
    if (length <= bytesMax) parts.push(chunk.subarray(from))
    else parts = []
  }
}
