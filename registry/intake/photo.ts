// Photographs of marks. The hash of the original is kept; the copy that may leave the machine holds the picture and nothing else: no place,
// no time, no camera, no thumbnail, no comment, and nothing hidden behind the picture's end.
import { createHash } from 'node:crypto'
import { stripJpeg } from './jpeg.ts'
import { PhotoRefused } from './picture.ts'
import { stripPng } from './png.ts'

export const PHOTO_BYTES_MAX = 1 << 25
export type Photo = {
  readonly mediaType: 'image/jpeg' | 'image/png'
  /** SHA-256 of the file as it came, 32 bytes. */
  readonly originalSha256: Uint8Array
  /** The picture without metadata; stripping it again changes nothing. */
  readonly copy: Uint8Array
  /** SHA-256 of the copy, 32 bytes. */
  readonly copySha256: Uint8Array
  readonly width: number
  readonly height: number
}

/** Takes a photo in; rejects with PhotoRefused. The original itself is not kept. */
export async function takePhoto(original: Uint8Array): Promise<Photo> {
  if (original.length > PHOTO_BYTES_MAX) throw new PhotoRefused('too-large', `${original.length} bytes`)
  const isJpeg = original[0] === 0xff && original[1] === 0xd8 && original[2] === 0xff
  const isPng = Buffer.from(original.subarray(0, 8)).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))
  if (!isJpeg && !isPng) throw new PhotoRefused('not-a-photo', 'its first bytes are of another format')
  const picture = isJpeg ? stripJpeg(original) : await stripPng(original)
  return { mediaType: isJpeg ? 'image/jpeg' : 'image/png', originalSha256: sha256(original), copySha256: sha256(picture.copy), ...picture }
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}
