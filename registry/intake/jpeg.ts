// JPEG (ITU-T T.81): the segments that decoding needs and no other. Application data goes, but for the two that say how colours are meant
// (JFIF's density header, Adobe's transform flag), rebuilt without thumbnail; of Exif the orientation alone stays, in a segment of our own,
// since a mark lying on its side is misread.
import { checkSides, PhotoRefused, type Picture } from './picture.ts'

const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda
const DHT = 0xc4
const JPG = 0xc8
const DAC = 0xcc
const DQT = 0xdb
/** Quantization tables, number of lines, restart interval, hierarchical progression, expansion. */
const TABLES = new Set([DQT, 0xdc, 0xdd, 0xde, 0xdf, DHT, DAC])
/** Scans of a progressive picture; cameras write about ten, and each makes a decoder go over the whole picture. */
export const SCANS_MAX = 200

export function stripJpeg(bytes: Uint8Array): Picture {
  const kept: Uint8Array[] = [Uint8Array.of(0xff, SOI)]
  let at = 2
  let frame: { width: number, height: number } | undefined
  let scans = 0
  let orientation = 1
  for (;;) {
    const { marker, next } = markerAt(bytes, at)
    at = next
    if (marker === EOI) break
    if (marker === SOI || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) throw new PhotoRefused('damaged', `marker ${marker.toString(16)} out of place`)
    const length = lengthAt(bytes, at)
    const body = bytes.subarray(at + 2, at + length)
    at += length
    if (isFrame(marker)) {
      if (frame !== undefined) throw new PhotoRefused('damaged', 'two pictures in one')
      frame = frameOf(body)
      checkSides(frame)
      kept.push(segment(marker, body))
    } else if (marker === SOS) {
      if (frame === undefined || ++scans > SCANS_MAX) throw new PhotoRefused('damaged', 'too many scans, or one before its frame')
      const end = scanEnd(bytes, at)
      kept.push(segment(marker, body), bytes.subarray(at, end))
      at = end
    } else if (TABLES.has(marker)) {
      checkTable(marker, body)
      kept.push(segment(marker, body))
    } else if (marker === 0xe1) orientation = orientationOf(body) ?? orientation
    else {
      const meant = colourSegment(marker, body)
      if (meant !== undefined && scans === 0) kept.push(meant)
    }
  }
  if (frame === undefined || scans === 0) throw new PhotoRefused('truncated', 'no picture before its end')
  if (orientation > 1) kept.splice(1, 0, orientationSegment(orientation))
  // What stands behind the end marker is dropped: a second file, or a second picture.
  return { copy: Buffer.concat([...kept, Uint8Array.of(0xff, EOI)]), ...frame }
}

/** Start of frame: C0 to CF but for the three that are tables or reserved. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== DHT && marker !== JPG && marker !== DAC
}

function markerAt(bytes: Uint8Array, at: number): { marker: number, next: number } {
  if (at >= bytes.length) throw new PhotoRefused('truncated', `no end marker after byte ${at}`)
  if (bytes[at] !== 0xff) throw new PhotoRefused('damaged', `no marker at byte ${at}`)
  let next = at + 1
  while (bytes[next] === 0xff) next += 1
  const marker = bytes[next]
  if (marker === undefined) throw new PhotoRefused('truncated', `no end marker after byte ${at}`)
  if (marker === 0) throw new PhotoRefused('damaged', `no marker at byte ${at}`)
  return { marker, next: next + 1 }
}

function lengthAt(bytes: Uint8Array, at: number): number {
  const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  if (at + 2 > bytes.length || at + length > bytes.length) throw new PhotoRefused('truncated', `segment at byte ${at}`)
  if (length < 2) throw new PhotoRefused('damaged', `segment at byte ${at}`)
  return length
}

function frameOf(body: Uint8Array): { width: number, height: number } {
  if (body.length < 6) throw new PhotoRefused('damaged', 'short frame header')
  const view = new DataView(body.buffer, body.byteOffset, body.length)
  return { height: view.getUint16(1), width: view.getUint16(3) }
}

/** A table holds its entries and nothing behind them. */
function checkTable(marker: number, body: Uint8Array): void {
  let at = 0
  if (marker === DQT) while (at < body.length) at += (body[at] as number) >> 4 === 0 ? 65 : 129
  else if (marker === DHT) while (at < body.length) at += 17 + body.subarray(at + 1, at + 17).reduce((sum, count) => sum + count, 0)
  else if (marker === DAC) at = body.length - (body.length % 2)
  else at = marker === 0xdf ? 1 : marker === 0xde ? body.length : 2
  if (at !== body.length) throw new PhotoRefused('damaged', `table ${marker.toString(16)} has another length`)
}

/** Entropy-coded bytes end at a marker; stuffed zeros and restart markers belong to them. */
function scanEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1]
    if (next === undefined) break
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at
  }
  throw new PhotoRefused('truncated', 'the picture does not end')
}

function segment(marker: number, body: Uint8Array): Uint8Array {
  const length = body.length + 2
  return Buffer.concat([Uint8Array.of(0xff, marker, length >> 8, length & 0xff), body])
}

function colourSegment(marker: number, body: Uint8Array): Uint8Array | undefined {
  const text = Buffer.from(body.subarray(0, 5)).toString('latin1')
  // JFIF: version, units and densities, then a thumbnail, which is left off.
  if (marker === 0xe0 && text === 'JFIF\0' && body.length >= 14) return segment(marker, Buffer.concat([body.subarray(0, 12), Uint8Array.of(0, 0)]))
  // Adobe: version, flags and the colour transform; without it CMYK and RGB pictures are shown in wrong colours.
  if (marker === 0xee && text === 'Adobe' && body.length >= 12) return segment(marker, Buffer.concat([body.subarray(0, 7), Uint8Array.of(0, 0, 0, 0), body.subarray(11, 12)]))
  return undefined
}

const ORIENTATION_TAG = 0x0112

/** The orientation (1 to 8) that Exif states in its first directory; undefined for none or nonsense. */
function orientationOf(body: Uint8Array): number | undefined {
  if (Buffer.from(body.subarray(0, 6)).toString('latin1') !== 'Exif\0\0' || body.length < 20) return undefined
  const tiff = new DataView(body.buffer, body.byteOffset + 6, body.length - 6)
  const little = tiff.getUint16(0) === 0x4949
  const directory = tiff.getUint32(4, little)
  if (directory + 2 > tiff.byteLength) return undefined
  const count = tiff.getUint16(directory, little)
  for (let entry = 0; entry < count; entry++) {
    const at = directory + 2 + entry * 12
    if (at + 12 > tiff.byteLength) return undefined
    if (tiff.getUint16(at, little) !== ORIENTATION_TAG) continue
    const value = tiff.getUint16(at + 8, little)
    return value >= 1 && value <= 8 ? value : undefined
  }
  return undefined
}

/** An Exif segment with one entry, the orientation. */
function orientationSegment(orientation: number): Uint8Array {
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, ORIENTATION_TAG >> 8, ORIENTATION_TAG & 0xff, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]
  return segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), Uint8Array.from(tiff)]))
}
