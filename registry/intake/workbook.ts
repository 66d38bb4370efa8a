// What stands beside the sheets of a workbook: which sheets there are, the texts that cells share, and which number formats show dates
// (ECMA-376 part 1, SpreadsheetML; part 2, packages and relationships).
import type { Archive } from './archive.ts'
import { CELL_CHARACTERS_MAX } from './cells.ts'
import { numberLook, type NumberLook } from './number.ts'
import { SheetRefused } from './reasons.ts'
import { openXml, type XmlEvents } from './xml.ts'

export const SHEETS_MAX = 256
export const SHARED_STRINGS_MAX = 1 << 23
/** Characters of all shared texts together, the one part of a workbook that must be held in memory. */
export const SHARED_CHARACTERS_MAX = 1 << 27
/** Bytes of a part that lists sheets, relations or styles. */
export const PART_BYTES_MAX = 1 << 24
const STYLES_MAX = 1 << 16

export type SheetEntry = { readonly name: string, readonly part: string, readonly visible: boolean }

export type Workbook = {
  readonly sheets: readonly SheetEntry[]
  readonly since1904: boolean
  /** Texts by index; one that is longer than a cell may be ends one character past the limit. */
  readonly texts: readonly string[]
  /** By the cell's style index. */
  readonly looks: readonly NumberLook[]
}

/** Reads everything of a workbook but its sheets. Throws SheetRefused. */
export async function openWorkbook(archive: Archive): Promise<Workbook> {
  const root = await relations(archive, '')
  const main = root.find((relation) => relation.type.endsWith('/officeDocument'))?.part ?? 'xl/workbook.xml'
  if (!archive.has(main) || !main.toLowerCase().endsWith('.xml')) throw new SheetRefused('not-a-sheet', kindOfPackage(archive, main))
  const related = await relations(archive, main)
  const sheets: SheetEntry[] = []
  let since1904 = false
  let foreign = true
  await readPart(archive, main, PART_BYTES_MAX, {
    open: (name, attributes) => {
      if (name === 'workbook') foreign = false
      if (name === 'workbookPr') since1904 = attributes.date1904 === '1' || attributes.date1904 === 'true'
      if (name !== 'sheet') return
      const id = Object.entries(attributes).find(([key]) => key === 'id' || key.endsWith(':id'))?.[1]
      const relation = related.find((candidate) => candidate.id === id)
      // Chart and dialogue sheets hold no table.
      if (relation?.type.endsWith('/worksheet') !== true) return
      sheets.push({ name: attributes.name ?? '', part: relation.part, visible: (attributes.state ?? 'visible') === 'visible' })
      if (sheets.length > SHEETS_MAX) throw new SheetRefused('archive-bomb', `more than ${SHEETS_MAX} sheets`)
    },
  })
  if (foreign) throw new SheetRefused('not-a-sheet', kindOfPackage(archive, main))
  const part = (kind: string): string | undefined => related.find((relation) => relation.type.endsWith(kind))?.part
  return { sheets, since1904, texts: await sharedTexts(archive, part('/sharedStrings')), looks: await styleLooks(archive, part('/styles')) }
}

function kindOfPackage(archive: Archive, main: string): string {
  if (archive.has('xl/workbook.bin')) return 'a binary workbook (.xlsb)'
  if (archive.has('content.xml') && archive.has('mimetype')) return 'an OpenDocument file (.ods)'
  return archive.has('word/document.xml') || main.startsWith('word/') ? 'a text document' : 'an archive of other files'
}

/** The bytes of a part through the XML door, at most `bytesMax` of them. */
async function readPart(archive: Archive, part: string, bytesMax: number, events: XmlEvents): Promise<void> {
  const xml = openXml(part, events)
  let bytes = 0
  for await (const chunk of archive.read(part)) {
    bytes += chunk.length
    if (bytes > bytesMax) throw new SheetRefused('archive-bomb', `${part} is larger than ${bytesMax / 2 ** 20} MiB`)
    xml.write(chunk)
  }
  xml.end()
}

type Relation = { readonly id: string, readonly type: string, readonly part: string }

/** What a part refers to, within the package. References to the outside are never followed. */
async function relations(archive: Archive, part: string): Promise<readonly Relation[]> {
  const slash = part.lastIndexOf('/')
  const file = `${part.slice(0, slash + 1)}_rels/${part.slice(slash + 1)}.rels`
  const found: Relation[] = []
  if (!archive.has(file)) return found
  await readPart(archive, file, PART_BYTES_MAX, {
    open: (name, attributes) => {
      if (name !== 'Relationship' || attributes.TargetMode === 'External') return
      found.push({ id: attributes.Id ?? '', type: attributes.Type ?? '', part: resolvePart(part, attributes.Target ?? '') })
    },
  })
  return found
}

/** The entry that a reference from `part` names; one that climbs out of the package is refused. */
export function resolvePart(part: string, target: string): string {
  const segments = target.startsWith('/') ? [] : part.split('/').slice(0, -1)
  for (const segment of target.split('/')) {
    if (segment === '..' && segments.pop() === undefined) throw new SheetRefused('archive-lies', `${part} refers to ${target}`)
    if (segment !== '' && segment !== '.' && segment !== '..') segments.push(segment)
  }
  return segments.join('/')
}

async function sharedTexts(archive: Archive, part: string | undefined): Promise<readonly string[]> {
  const texts: string[] = []
  if (part === undefined || !archive.has(part)) return texts
  let characters = 0
  const gather = gatherText('si', (text) => {
    texts.push(text)
    characters += text.length
    if (texts.length > SHARED_STRINGS_MAX || characters > SHARED_CHARACTERS_MAX) throw new SheetRefused('archive-bomb', 'its shared texts are too many')
  })
  await readPart(archive, part, 2 ** 31, gather)
  return texts
}

/** Events that hand over the text of each element `outer`: its `t` elements joined, without the phonetic hints (`rPh`). */
function gatherText(outer: string, done: (text: string) => void): XmlEvents {
  let text = ''
  let inText = false
  let hints = 0
  return {
    open: (name) => {
      if (name === outer) text = ''
      else if (name === 'rPh') hints += 1
      else if (name === 't') inText = hints === 0
    },
    text: (piece) => {
      if (inText && text.length <= CELL_CHARACTERS_MAX) text = (text + piece).slice(0, CELL_CHARACTERS_MAX + 1)
    },
    close: (name) => {
      if (name === 't') inText = false
      else if (name === 'rPh') hints -= 1
      else if (name === outer) done(ownText(unescapeText(text)))
    },
  }
}

/** `_x000D_` and its like stand for characters that XML cannot hold (ECMA-376 part 1, 22.9.2.19). */
export function unescapeText(text: string): string {
  return text.includes('_x') ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))) : text
}

/** A copy of its own: a slice would keep the whole piece of XML in memory that it was cut from. */
function ownText(text: string): string {
  return text.length < 13 ? text : Buffer.from(text, 'utf16le').toString('utf16le')
}

async function styleLooks(archive: Archive, part: string | undefined): Promise<readonly NumberLook[]> {
  const looks: NumberLook[] = []
  if (part === undefined || !archive.has(part)) return looks
  const codes = new Map<number, string>()
  let inCellFormats = false
  await readPart(archive, part, PART_BYTES_MAX, {
    open: (name, attributes) => {
      if (name === 'numFmt') codes.set(Number(attributes.numFmtId), (attributes.formatCode ?? '').slice(0, 256))
      else if (name === 'cellXfs') inCellFormats = true
      else if (name === 'xf' && inCellFormats && looks.length < STYLES_MAX) {
        const id = Number(attributes.numFmtId ?? 0)
        looks.push(numberLook(id, codes.get(id)))
      }
    },
    close: (name) => {
      if (name === 'cellXfs') inCellFormats = false
    },
  })
  return looks
}
