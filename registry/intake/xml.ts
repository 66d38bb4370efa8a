// XML of a workbook, in pieces and without memory of its own: no document type (so no entity of the file's own making), no namespace
// tricks, bounded depth and bounded distance between two tags.
import { SaxesParser } from 'saxes'
import { SheetRefused } from './reasons.ts'

/** Elements within elements; workbooks need fewer than twenty. */
export const DEPTH_MAX = 64
/** Bytes between two events of the parser: one attribute, text or comment. */
export const TOKEN_BYTES_MAX = 1 << 23

export type XmlEvents = {
  /** Local name, attributes by the names as written. */
  open(name: string, attributes: Readonly<Record<string, string>>): void
  close?(name: string): void
  text?(text: string): void
}

/** A reader of one XML part: `write` for each piece of its bytes, `end` after the last. Throws SheetRefused, `part` named. */
export function openXml(part: string, events: XmlEvents): { write(bytes: Uint8Array): void, end(): void } {
  const parser = new SaxesParser<{ position: false, xmlns: false }>({ position: false, xmlns: false })
  let decoder: InstanceType<typeof TextDecoder> | undefined
  let depth = 0
  let quiet = 0
  const refuse = (problem: string, cause?: unknown): never => { throw new SheetRefused('xml-refused', `${part}: ${problem}`, { cause }) }
  parser.on('error', (error) => refuse(error.message))
  parser.on('doctype', () => refuse('it declares a document type'))
  parser.on('xmldecl', (declaration) => {
    const encoding = declaration.encoding?.toLowerCase() ?? 'utf-8'
    if (!['utf-8', 'utf8', 'utf-16', 'utf-16le', 'us-ascii'].includes(encoding)) refuse(`its encoding is ${encoding}`)
  })
  parser.on('opentag', (tag) => {
    quiet = 0
    depth += 1
    if (depth > DEPTH_MAX) refuse(`it is nested more than ${DEPTH_MAX} deep`)
    events.open(localName(tag.name), tag.attributes)
  })
  parser.on('closetag', (tag) => {
    quiet = 0
    depth -= 1
    events.close?.(localName(tag.name))
  })
  const text = (piece: string): void => {
    quiet = 0
    events.text?.(piece)
  }
  parser.on('text', text)
  parser.on('cdata', text)
  const feed = (piece: string): void => {
    quiet += piece.length
    parser.write(piece)
    if (quiet > TOKEN_BYTES_MAX) refuse('it holds one text of more than 8 MiB')
  }
  const decode = (bytes?: Uint8Array): string => {
    decoder ??= new TextDecoder(bytes?.[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes?.[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8', { fatal: true })
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
    } catch (cause) {
      return refuse('its bytes are no text', cause)
    }
  }
  return {
    write: (bytes) => { feed(decode(bytes)) },
    end: () => {
      feed(decode())
      parser.close()
    },
  }
}

function localName(name: string): string {
  const colon = name.indexOf(':')
  return colon < 0 ? name : name.slice(colon + 1)
}
