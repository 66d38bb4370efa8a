// The zip container of a workbook. Everything that a hostile file could make expensive is bounded before a byte is unpacked, and what the
// central directory says is held against the local headers and against the bytes themselves: sizes, names, methods, CRC, overlaps.
import { crc32 } from 'node:zlib'
import { openPromise, type Entry, type ZipFile } from 'yauzl'
import { SheetRefused } from './reasons.ts'

export const ENTRIES_MAX = 4096
/** All entries together, unpacked. */
export const EXPANDED_BYTES_MAX = 2 ** 31
/** Unpacked to packed, of one entry; sheets of one repeated value reach about 150. */
export const RATIO_MAX = 256
/** Entries that unpack to less may exceed the ratio: they cost little, and one cell of a megabyte is to be refused by its place. */
const RATIO_FREE_BYTES = 1 << 25
const ENCRYPTED_FLAG = 0x1
const DESCRIPTOR_FLAG = 0x8

export type Archive = {
  has(name: string): boolean
  /** Bytes of one entry, in pieces; throws SheetRefused where they are not what the directory promised. */
  read(name: string): AsyncIterable<Uint8Array>
  close(): void
}

/** Opens a zip file for reading by entry name; nothing is ever written to disk. Throws SheetRefused. */
export async function openArchive(path: string): Promise<Archive> {
  const zip = await openPromise(path, { autoClose: false, strictFileNames: true, validateEntrySizes: true }).catch((cause: unknown) => {
    throw new SheetRefused('archive-damaged', words(cause), { cause })
  })
  try {
    const entries = await directory(zip)
    await checkLocalHeaders(zip, entries)
    return {
      has: (name) => entries.has(name.toLowerCase()),
      read: (name) => contents(zip, entries, name),
      close: () => { zip.close() },
    }
  } catch (error) {
    zip.close()
    throw error
  }
}

function words(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'unreadable'
}

/** Names in a package are compared without case (ECMA-376 part 2, 6.3.5), so keys are lower case. */
async function directory(zip: ZipFile): Promise<ReadonlyMap<string, Entry>> {
  if (zip.entryCount > ENTRIES_MAX) throw new SheetRefused('archive-bomb', `${zip.entryCount} entries`)
  const entries = new Map<string, Entry>()
  let expanded = 0
  try {
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName.toLowerCase()
      if ((entry.generalPurposeBitFlag & ENCRYPTED_FLAG) !== 0) throw new SheetRefused('encrypted')
      if (entries.has(name)) throw new SheetRefused('archive-lies', `two entries ${entry.fileName}`)
      expanded += entry.uncompressedSize
      if (expanded > EXPANDED_BYTES_MAX) throw new SheetRefused('archive-bomb', `more than ${EXPANDED_BYTES_MAX / 2 ** 30} GiB`)
      if (entry.uncompressedSize > RATIO_FREE_BYTES && entry.uncompressedSize > entry.compressedSize * RATIO_MAX) {
        throw new SheetRefused('archive-bomb', `${entry.fileName} is packed ${Math.round(entry.uncompressedSize / entry.compressedSize)} times`)
      }
      entries.set(name, entry)
    }
  } catch (cause) {
    if (cause instanceof SheetRefused) throw cause
    const problem = words(cause)
    // yauzl refuses absolute names, `..` and backslashes before the entry is seen.
    throw new SheetRefused(/path|characters in fileName/i.test(problem) ? 'archive-lies' : 'archive-damaged', problem, { cause })
  }
  return entries
}

/** A local header that says otherwise than the directory is how one file is made to look like another to two readers. */
async function checkLocalHeaders(zip: ZipFile, entries: ReadonlyMap<string, Entry>): Promise<void> {
  const spans: { name: string, from: number, to: number }[] = []
  for (const entry of entries.values()) {
    const local = await zip.readLocalFileHeaderPromise(entry, { minimal: false }).catch((cause: unknown) => {
      throw new SheetRefused('archive-damaged', `${entry.fileName}: ${words(cause)}`, { cause })
    })
    const described = (local.generalPurposeBitFlag & DESCRIPTOR_FLAG) !== 0
    const wide = local.compressedSize === 0xffff_ffff || local.uncompressedSize === 0xffff_ffff
    const sameSizes = local.compressedSize === entry.compressedSize && local.uncompressedSize === entry.uncompressedSize && local.crc32 === entry.crc32
    if (!described && !wide && !sameSizes) throw new SheetRefused('archive-lies', `two sizes of ${entry.fileName}`)
    if (described && local.compressedSize !== 0 && !wide && !sameSizes) throw new SheetRefused('archive-lies', `two sizes of ${entry.fileName}`)
    if (local.compressionMethod !== entry.compressionMethod) throw new SheetRefused('archive-lies', `two methods of ${entry.fileName}`)
    if (!local.fileName.equals(entry.fileNameRaw)) throw new SheetRefused('archive-lies', `two names of ${entry.fileName}`)
    if ((local.generalPurposeBitFlag & ENCRYPTED_FLAG) !== 0) throw new SheetRefused('encrypted')
    spans.push({ name: entry.fileName, from: entry.relativeOffsetOfLocalHeader, to: local.fileDataStart + entry.compressedSize })
  }
  spans.sort((a, b) => a.from - b.from)
  for (let i = 1; i < spans.length; i++) {
    const [before, after] = [spans[i - 1], spans[i]]
    if (before !== undefined && after !== undefined && after.from < before.to) throw new SheetRefused('archive-lies', `${after.name} lies within ${before.name}`)
  }
}

async function* contents(zip: ZipFile, entries: ReadonlyMap<string, Entry>, name: string): AsyncIterable<Uint8Array> {
  const entry = entries.get(name.toLowerCase())
  if (entry === undefined) throw new SheetRefused('archive-damaged', `${name} is missing`)
  if (!entry.canDecodeFileData()) throw new SheetRefused('archive-damaged', `${name} is packed by method ${entry.compressionMethod}`)
  let sum = 0
  try {
    const stream = await zip.openReadStreamPromise(entry)
    for await (const chunk of stream) {
      sum = crc32(chunk as Buffer, sum)
      yield chunk as Buffer
    }
  } catch (cause) {
    if (cause instanceof SheetRefused) throw cause
    const problem = words(cause)
    throw new SheetRefused(/bytes in the stream/.test(problem) ? 'archive-lies' : 'archive-damaged', `${name}: ${problem}`, { cause })
  }
  if (sum !== entry.crc32) throw new SheetRefused('archive-damaged', `${name} has another checksum`)
}
