// For tests: zip files and workbooks written byte by byte, so that every kind of lie can be told in them.
import { crc32, deflateRawSync } from 'node:zlib'

export type ForgedEntry = {
  readonly name: string
  readonly bytes: Uint8Array | string
  readonly stored?: boolean
  /** What the local header says instead of the truth. */
  readonly local?: { readonly name?: string, readonly packed?: number, readonly unpacked?: number, readonly method?: number }
  /** What the central directory says instead of the truth. */
  readonly central?: { readonly packed?: number, readonly unpacked?: number, readonly crc?: number, readonly flags?: number, readonly offset?: number }
}

function fields(...values: readonly (readonly [bytes: 2 | 4, value: number])[]): Buffer {
  const parts = values.map(([bytes, value]) => {
    const part = Buffer.alloc(bytes)
    if (bytes === 2) part.writeUInt16LE(value)
    else part.writeUInt32LE(value)
    return part
  })
  return Buffer.concat(parts)
}

export function forgeZip(entries: readonly ForgedEntry[]): Buffer {
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const plain = Buffer.from(entry.bytes as string)
    const packed = entry.stored === true ? plain : deflateRawSync(plain)
    const method = entry.stored === true ? 0 : 8
    const crc = crc32(plain)
    const localName = Buffer.from(entry.local?.name ?? entry.name)
    const file = Buffer.concat([
      fields([4, 0x04034b50], [2, 20], [2, 0], [2, entry.local?.method ?? method], [2, 0], [2, 33], [4, crc], [4, entry.local?.packed ?? packed.length], [4, entry.local?.unpacked ?? plain.length], [2, localName.length], [2, 0]),
      localName, packed,
    ])
    const name = Buffer.from(entry.name)
    directory.push(Buffer.concat([
      fields([4, 0x02014b50], [2, 20], [2, 20], [2, entry.central?.flags ?? 0], [2, method], [2, 0], [2, 33], [4, entry.central?.crc ?? crc], [4, entry.central?.packed ?? packed.length], [4, entry.central?.unpacked ?? plain.length]),
      fields([2, name.length], [2, 0], [2, 0], [2, 0], [2, 0], [4, 0], [4, entry.central?.offset ?? offset]), name,
    ]))
    files.push(file)
    offset += file.length
  }
  const listed = Buffer.concat(directory)
  return Buffer.concat([...files, listed, fields([4, 0x06054b50], [2, 0], [2, 0], [2, entries.length], [2, entries.length], [4, listed.length], [4, offset], [2, 0])])
}

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const REL = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'

export type ForgedBook = {
  /** XML within `sheetData`, by sheet. */
  readonly sheets: readonly { readonly name: string, readonly data: string, readonly after?: string, readonly state?: string }[]
  /** XML within `sst`. */
  readonly shared?: string
  /** XML within `styleSheet`. */
  readonly styles?: string
  readonly since1904?: boolean
}

/** The parts of a workbook as spreadsheet programs write them. */
export function forgeParts(book: ForgedBook): ForgedEntry[] {
  const relation = (id: string, type: string, target: string): string => `<Relationship Id="${id}" Type="${REL}/${type}" Target="${target}"/>`
  const relations = (inner: string): string => `<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${inner}</Relationships>`
  const ids = book.sheets.map((_, index) => `rId${index + 1}`)
  return [
    { name: '_rels/.rels', bytes: relations(relation('rId1', 'officeDocument', 'xl/workbook.xml')) },
    {
      name: 'xl/workbook.xml',
      bytes: `<workbook xmlns="${MAIN}" xmlns:r="${REL}"><workbookPr${book.since1904 === true ? ' date1904="1"' : ''}/><sheets>${book.sheets.map((sheet, index) => `<sheet name="${sheet.name}" sheetId="${index + 1}"${sheet.state === undefined ? '' : ` state="${sheet.state}"`} r:id="${ids[index] ?? ''}"/>`).join('')}</sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      bytes: relations(book.sheets.map((_, index) => relation(ids[index] ?? '', 'worksheet', `worksheets/sheet${index + 1}.xml`)).join('') + relation('s', 'sharedStrings', 'sharedStrings.xml') + relation('t', 'styles', '/xl/styles.xml')),
    },
    { name: 'xl/sharedStrings.xml', bytes: `<sst xmlns="${MAIN}">${book.shared ?? ''}</sst>` },
    { name: 'xl/styles.xml', bytes: `<styleSheet xmlns="${MAIN}">${book.styles ?? ''}</styleSheet>` },
    ...book.sheets.map((sheet, index) => ({ name: `xl/worksheets/sheet${index + 1}.xml`, bytes: `<?xml version="1.0"?><worksheet xmlns="${MAIN}"><sheetData>${sheet.data}</sheetData>${sheet.after ?? ''}</worksheet>` })),
  ]
}

export function forgeWorkbook(book: ForgedBook): Buffer {
  return forgeZip(forgeParts(book))
}
