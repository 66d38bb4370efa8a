import test from 'node:test'
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'
import { takePhoto, PHOTO_BYTES_MAX } from './photo.ts'
import { PhotoRefused, type PhotoReason } from './picture.ts'

const SECRET = 'N 55.7558 E 37.6173 Ivanov'

const part = (marker: number, body: Uint8Array): Buffer => Buffer.concat([Buffer.from([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 0xff]), body])
const SOI = Buffer.from([0xff, 0xd8])
const EOI = Buffer.from([0xff, 0xd9])
const JFIF = part(0xe0, Buffer.from('JFIF\0\x01\x01\x00\x00\x01\x00\x01\x00\x00', 'latin1'))
const DQT = part(0xdb, Buffer.concat([Buffer.of(0), Buffer.alloc(64, 1)]))
const SOF = part(0xc0, Buffer.from([8, 0, 8, 0, 8, 1, 1, 0x11, 0]))
const ONE_CODE = Buffer.from([1, ...Array.from({ length: 15 }, () => 0), 0])
const DHT = part(0xc4, Buffer.concat([Buffer.of(0), ONE_CODE, Buffer.of(0x10), ONE_CODE]))
const SCAN = Buffer.concat([part(0xda, Buffer.from([1, 1, 0, 0, 63, 0])), Buffer.from([0x3f])])
const JPEG = Buffer.concat([SOI, JFIF, DQT, SOF, DHT, SCAN, EOI])

const chunk = (type: string, body: Uint8Array): Buffer => {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), body])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(body.length)
  frame.writeUInt32BE(crc32(typed), 4)
  return Buffer.concat([frame.subarray(0, 4), typed, frame.subarray(4)])
}
const head = (width: number, height: number, interlace = 0): Buffer => {
  const body = Buffer.alloc(13)
  body.writeUInt32BE(width)
  body.writeUInt32BE(height, 4)
  body.set([8, 2, 0, 0, interlace], 8)
  return chunk('IHDR', body)
}
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const LINES = deflateSync(Buffer.alloc(2 * (1 + 3 * 3), 7))
const IEND = chunk('IEND', Buffer.alloc(0))
const PNG = Buffer.concat([SIGNATURE, head(3, 2), chunk('IDAT', LINES), IEND])

async function refused(bytes: Uint8Array, reason: PhotoReason): Promise<void> {
  await assert.rejects(takePhoto(bytes), (error) => error instanceof PhotoRefused && error.reason === reason, reason)
}

test('a picture without metadata comes back byte for byte, with the hash of the original', async () => {
  for (const [bytes, mediaType, width] of [[JPEG, 'image/jpeg', 8], [PNG, 'image/png', 3]] as const) {
    const photo = await takePhoto(bytes)
    assert.equal(photo.mediaType, mediaType)
    assert.equal(photo.width, width)
    assert.deepEqual(Buffer.from(photo.copy), bytes)
    assert.deepEqual(Buffer.from(photo.originalSha256), createHash('sha256').update(bytes).digest())
  }
})

test('place, time, comments, thumbnails and private data are gone from a JPEG copy, and the picture is unchanged', async () => {
  const told = Buffer.concat([
    SOI, part(0xe1, Buffer.from(`Exif\0\0MM\0*${SECRET}`, 'latin1')), part(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${SECRET}`)), JFIF,
    part(0xe0, Buffer.from(`JFXX\0\x10${SECRET}`, 'latin1')), part(0xe2, Buffer.from(`ICC_PROFILE\0\x01\x01${SECRET}`, 'latin1')), part(0xed, Buffer.from(`Photoshop 3.0\0${SECRET}`)),
    part(0xfe, Buffer.from(SECRET)), DQT, SOF, DHT, SCAN, part(0xfe, Buffer.from(SECRET)), EOI,
  ])
  const photo = await takePhoto(told)
  assert.deepEqual(Buffer.from(photo.copy), JPEG)
  assert.deepEqual(Buffer.from((await takePhoto(photo.copy)).copy), Buffer.from(photo.copy))
})

test('the thumbnail within a JFIF header is cut off', async () => {
  const withThumb = part(0xe0, Buffer.concat([Buffer.from('JFIF\0\x01\x01\x00\x00\x01\x00\x01\x01\x01', 'latin1'), Buffer.from('abc')]))
  assert.deepEqual(Buffer.from((await takePhoto(Buffer.concat([SOI, withThumb, DQT, SOF, DHT, SCAN, EOI]))).copy), JPEG)
})

test('of Exif only the orientation stays', async () => {
  for (const little of [false, true]) {
    const tiff = Buffer.alloc(38 + SECRET.length)
    tiff.write(little ? 'II' : 'MM', 'latin1')
    const u16 = (value: number, at: number): void => { if (little) tiff.writeUInt16LE(value, at); else tiff.writeUInt16BE(value, at) }
    const u32 = (value: number, at: number): void => { if (little) tiff.writeUInt32LE(value, at); else tiff.writeUInt32BE(value, at) }
    u16(42, 2)
    u32(8, 4)
    u16(2, 8)
    u16(0x0132, 10)
    u16(0x0112, 22)
    u16(3, 24)
    u32(1, 26)
    u16(6, 30)
    tiff.write(SECRET, 38)
    const photo = await takePhoto(Buffer.concat([SOI, part(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff])), JFIF, DQT, SOF, DHT, SCAN, EOI]))
    assert.equal(Buffer.from(photo.copy).includes(SECRET), false)
    assert.equal(photo.copy.length, JPEG.length + 36)
    assert.deepEqual(Buffer.from((await takePhoto(photo.copy)).copy), Buffer.from(photo.copy), 'the orientation survives a second time')
  }
})

test('text, time, Exif, profiles and private chunks are gone from a PNG copy', async () => {
  const told = Buffer.concat([
    SIGNATURE, head(3, 2), chunk('iCCP', Buffer.from(SECRET)), chunk('tEXt', Buffer.from(SECRET)), chunk('zTXt', deflateSync(SECRET)), chunk('iTXt', Buffer.from(SECRET)), chunk('eXIf', Buffer.from(SECRET)),
    chunk('prVt', Buffer.from(SECRET)), chunk('tRNS', Buffer.alloc(5000, 65)), chunk('IDAT', LINES.subarray(0, 4)), chunk('IDAT', LINES.subarray(4)), chunk('tIME', Buffer.alloc(7)), IEND,
  ])
  assert.deepEqual(Buffer.from((await takePhoto(told)).copy), Buffer.concat([SIGNATURE, head(3, 2), chunk('IDAT', LINES.subarray(0, 4)), chunk('IDAT', LINES.subarray(4)), IEND]))
})

test('an archive hidden behind the end of a picture is dropped', async () => {
  const hidden = Buffer.from('PK\x03\x04 an archive <script>', 'latin1')
  for (const bytes of [JPEG, PNG]) assert.deepEqual(Buffer.from((await takePhoto(Buffer.concat([bytes, hidden]))).copy), bytes)
})

test('bytes hidden within the picture data or a table are refused', async () => {
  await refused(Buffer.concat([SIGNATURE, head(3, 2), chunk('IDAT', Buffer.concat([LINES, Buffer.from(SECRET)])), IEND]), 'damaged')
  await refused(Buffer.concat([SIGNATURE, head(3, 1), chunk('IDAT', LINES), IEND]), 'damaged')
  await refused(Buffer.concat([SOI, part(0xdb, Buffer.concat([Buffer.of(0), Buffer.alloc(64, 1), Buffer.from(SECRET)])), SOF, DHT, SCAN, EOI]), 'damaged')
})

test('every truncation of a picture is refused', async () => {
  for (const bytes of [JPEG, PNG]) {
    for (let length = 8; length < bytes.length; length++) await assert.rejects(takePhoto(bytes.subarray(0, length)), PhotoRefused, String(length))
  }
  await refused(JPEG.subarray(0, -2), 'truncated')
  await refused(PNG.subarray(0, -12), 'truncated')
  await refused(Buffer.concat([SIGNATURE, head(3, 2), chunk('IDAT', LINES.subarray(0, 6)), IEND]), 'truncated')
})

test('a flipped bit of a PNG is refused by its checksum', async () => {
  for (let at = 8; at < PNG.length; at++) {
    const bytes = Buffer.from(PNG)
    bytes[at] = (bytes[at] as number) ^ 0x10
    await assert.rejects(takePhoto(bytes), PhotoRefused, String(at))
  }
})

test('an interlaced PNG is measured pass by pass', async () => {
  // 3 by 2 pixels under Adam7: passes of 1x1, 0, 0, 1x1, 0, 1x1, 3x1 pixels.
  const lines = deflateSync(Buffer.alloc(3 * (1 + 3) + (1 + 9)))
  const photo = await takePhoto(Buffer.concat([SIGNATURE, head(3, 2, 1), chunk('IDAT', lines), IEND]))
  assert.equal(photo.height, 2)
})

test('pictures of absurd size are refused before they are unpacked', async () => {
  await refused(Buffer.alloc(PHOTO_BYTES_MAX + 1), 'too-large')
  await refused(Buffer.concat([SIGNATURE, head(1_000_000, 1), chunk('IDAT', LINES), IEND]), 'too-large')
  await refused(Buffer.concat([SOI, DQT, part(0xc0, Buffer.from([8, 0xff, 0xff, 0xff, 0xff, 1, 1, 0x11, 0])), DHT, SCAN, EOI]), 'too-large')
  await refused(Buffer.concat([SOI, DQT, SOF, DHT, ...Array.from({ length: 300 }, () => SCAN), EOI]), 'damaged')
})

test('other formats are refused whatever they are called', async () => {
  for (const text of ['GIF89a', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'RIFF\0\0\0\0WEBP', '%PDF-1.7', '']) await refused(Buffer.from(text), 'not-a-photo')
})
