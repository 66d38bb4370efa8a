// Photos named on the command line.
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { toHex } from '@muster/core/bytes/bytes.ts'
import { PhotoRefused } from '@muster/registry/intake/picture.ts'
import { PHOTO_BYTES_MAX, takePhoto, type Photo } from '@muster/registry/intake/photo.ts'
import { usage } from './errors.ts'
import type { Context } from './verb.ts'

/** Photos without their metadata, each with the hash of its original in hex. A file that is no photo is refused by name. */
export async function photosAt(context: Context, paths: readonly string[]): Promise<{ readonly photo: Photo, readonly hash: string }[]> {
  const photos: { readonly photo: Photo, readonly hash: string }[] = []
  for (const path of paths) {
    const whole = resolve(path)
    if ((await stat(whole)).size > PHOTO_BYTES_MAX) throw usage(context.say({ en: `--photo ${path}: more than ${PHOTO_BYTES_MAX} bytes`, ru: `--photo ${path}: больше ${PHOTO_BYTES_MAX} байт` }))
    try {
      const photo = await takePhoto(await readFile(whole))
      photos.push({ photo, hash: toHex(photo.originalSha256) })
    } catch (error) {
      if (!(error instanceof PhotoRefused)) throw error
      throw Object.assign(new Error(`${path}: ${error.message}`), { kind: 'refusal', code: 'photo' })
    }
  }
  return photos
}

interface Marked { readonly marks?: Json, readonly entry?: Json }

/** The event's data with the photos named by its marks in their order: those of the entry first, else the event's own. */
export function withPhotos(data: Json, hashes: readonly string[]): Json {
  if (hashes.length === 0) return data
  const members = data as Marked
  const entry = members.entry as Marked | undefined
  const marks = entry?.marks ?? members.marks
  if (!Array.isArray(marks) || marks.length < hashes.length) throw usage(`--photo: ${hashes.length} > ${Array.isArray(marks) ? marks.length : 0} (data.marks)`, 'name a mark for each photo')
  const named = (marks as readonly { readonly [name: string]: Json }[]).map((mark, i): Json => hashes[i] === undefined ? mark : { ...mark, photo: hashes[i] })
  return (entry?.marks === undefined ? { ...members, marks: named } : { ...members, entry: { ...entry, marks: named } })
}
