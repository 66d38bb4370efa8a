// PNG (W3C, third edition): the chunks that decoding and true colours need and no other. Text, time, Exif, animation and private chunks go,
// and so does whatever stands behind the end.
import { crc32, createInflate } from 'node:zlib'
import { Readable } from 'node:stream'
import { checkSides, PhotoRefused, type Picture } from './picture.ts'

const SIGNATURE_BYTES = 8
const HEADER_BYTES = 13
/** Length, type and checksum around a chunk's bytes. */
const FRAME_BYTES = 12
/** Bytes that each kept chunk has at most; a longer one hides something and is left off. An embedded profile (iCCP) carries names and dates. */
const KEPT: Readonly<Record<string, number>> = { IHDR: 13, PLTE: 768, IDAT: Infinity, IEND: 0, tRNS: 256, gAMA: 4, cHRM: 32, sRGB: 1, sBIT: 4, bKGD: 6, pHYs: 9, cICP: 4 }
const CRITICAL = new Set(['IHDR', 'PLTE', 'IDAT', 'IEND'])
export const CHUNKS_MAX = 100_000

/** Throws PhotoRefused. */
export async function stripPng(bytes: Uint8Array): Promise<Picture> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const kept: Uint8Array[] = [bytes.subarray(0, SIGNATURE_BYTES)]
  const seen = new Set<string>()
  const data: Uint8Array[] = []
  let header: Head | undefined
  let dataEnded = false
  for (let at = SIGNATURE_BYTES, count = 0; ; count++) {
    if (at + FRAME_BYTES > bytes.length) throw new PhotoRefused('truncated', `chunk at byte ${at}`)
    if (count > CHUNKS_MAX) throw new PhotoRefused('damaged', `more than ${CHUNKS_MAX} chunks`)
    const length = view.getUint32(at)
    const end = at + FRAME_BYTES + length
    const type = Buffer.from(bytes.subarray(at + 4, at + 8)).toString('latin1')
    if (end > bytes.length) throw new PhotoRefused('truncated', `chunk ${JSON.stringify(type)} at byte ${at}`)
    if (!/^[A-Za-z]{4}$/.test(type)) throw new PhotoRefused('damaged', `no chunk at byte ${at}`)
    if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) throw new PhotoRefused('damaged', `checksum of ${type} at byte ${at}`)
    if ((count === 0) !== (type === 'IHDR')) throw new PhotoRefused('damaged', 'its header is not first')
    if (type === 'IHDR') {
      if (length !== HEADER_BYTES) throw new PhotoRefused('damaged', 'its header has another length')
      header = { width: view.getUint32(at + 8), height: view.getUint32(at + 12), depth: view.getUint8(at + 16), colour: view.getUint8(at + 17), interlaced: view.getUint8(at + 20) === 1 }
      checkSides(header)
    }
    if (isCritical(type) && !CRITICAL.has(type)) throw new PhotoRefused('damaged', `unknown chunk ${type}`)
    if (type === 'IDAT' && dataEnded) throw new PhotoRefused('damaged', 'its data is in two places')
    if (type !== 'IDAT' && seen.has('IDAT')) dataEnded = true
    if (type !== 'IDAT' && type in KEPT && seen.has(type)) throw new PhotoRefused('damaged', `two chunks ${type}`)
    if (length <= (KEPT[type] ?? -1)) kept.push(bytes.subarray(at, end))
    if (type === 'IDAT') data.push(bytes.subarray(at + 8, end - 4))
    seen.add(type)
    if (type === 'IEND') break
    at = end
  }
  if (header === undefined || !seen.has('IDAT')) throw new PhotoRefused('truncated', 'no picture before its end')
  await checkData(data, unpackedBytes(header))
  return { copy: Buffer.concat(kept), width: header.width, height: header.height }
}

type Head = { readonly width: number, readonly height: number, readonly depth: number, readonly colour: number, readonly interlaced: boolean }

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }
/** Adam7: first column, first row, column step, row step. */
const PASSES = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]] as const

/** Bytes of all lines, each with its filter byte. */
function unpackedBytes({ width, height, depth, colour, interlaced }: Head): number {
  const channels = CHANNELS[colour]
  if (channels === undefined || ![1, 2, 4, 8, 16].includes(depth)) throw new PhotoRefused('damaged', `colour type ${colour}, depth ${depth}`)
  const lines = (columns: number, rows: number): number => (columns <= 0 || rows <= 0 ? 0 : rows * (1 + Math.ceil((columns * channels * depth) / 8)))
  if (!interlaced) return lines(width, height)
  return PASSES.reduce((sum, [x, y, dx, dy]) => sum + lines(Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)), 0)
}

/** Unpacks the picture without keeping it: exactly as many bytes as its sides need, and none behind the packed stream. */
async function checkData(data: readonly Uint8Array[], expected: number): Promise<void> {
  const inflate = createInflate()
  const packed = data.reduce((sum, piece) => sum + piece.length, 0)
  let unpacked = 0
  try {
    for await (const piece of Readable.from(data.filter((part) => part.length > 0)).pipe(inflate)) {
      unpacked += (piece as Buffer).length
      if (unpacked > expected) break
    }
  } catch (cause) {
    throw new PhotoRefused(cause instanceof Error && cause.message === 'unexpected end of file' ? 'truncated' : 'damaged', 'its data cannot be unpacked')
  }
  if (unpacked < expected) throw new PhotoRefused('truncated', `${unpacked} of ${expected} bytes of picture`)
  if (unpacked > expected || inflate.bytesWritten < packed) throw new PhotoRefused('damaged', 'more bytes than its sides need')
}

/** Bit 5 of the first letter: a decoder must know such a chunk. */
function isCritical(type: string): boolean {
  return type.charAt(0) === type.charAt(0).toUpperCase()
}
