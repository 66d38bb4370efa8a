// Photographs of marks in the register: the copy without metadata, under the hash of the original, which events name.
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import type { Photo } from '../intake/photo.ts'
import { Fault } from '../engine/fault.ts'
import type { Reader, Transaction } from './database.ts'
import { bound, macHolds } from './row-mac.ts'
import type { Secrets } from './secrets.ts'

type PhotoRow = { original_sha256: Buffer, copy_sha256: Buffer, media_type: string, copy: Buffer, taken_by: string, written: string, row_mac: Buffer }

/** Stores photos; one that is there already stays as it is. */
export async function storePhotos(tx: Transaction, secrets: Secrets, photos: readonly Photo[], by: string, written: string): Promise<void> {
  for (const photo of photos) {
    const row = bound(secrets, 'photo', {
      original_sha256: Buffer.from(photo.originalSha256), copy_sha256: Buffer.from(photo.copySha256), media_type: photo.mediaType, copy: Buffer.from(photo.copy), taken_by: by, written,
    })
    await tx.write('INSERT INTO photo (original_sha256, copy_sha256, media_type, copy, taken_by, written, row_mac) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (original_sha256) DO NOTHING',
      [row.original_sha256, row.copy_sha256, row.media_type, row.copy, row.taken_by, row.written, row.row_mac])
  }
}

/** The stored copy of the photo whose original has this hash; undefined where there is none. */
export async function photoOf(db: Reader, secrets: Secrets, originalSha256: Uint8Array): Promise<{ readonly mediaType: string, readonly copy: Buffer, readonly copySha256: Buffer } | undefined> {
  const [row] = await db.read<PhotoRow>('SELECT original_sha256, copy_sha256, media_type, copy, taken_by, written, row_mac FROM photo WHERE original_sha256 = $1', [Buffer.from(originalSha256)])
  if (row === undefined) return undefined
  if (!macHolds(secrets, 'photo', { ...row })) throw new Fault('row-changed', `photo ${row.original_sha256.toString('hex')} was changed behind Muster's back: run muster audit`)
  return { mediaType: row.media_type, copy: row.copy, copySha256: row.copy_sha256 }
}

interface Marked { readonly marks?: readonly { readonly photo: string | null }[] }

/** Hashes of the originals that an event's marks name, in hex. */
export function photosNamed({ data }: CustodyEvent): string[] {
  const { marks, entry } = data as Marked & { readonly entry?: Marked }
  return [...(marks ?? []), ...(entry?.marks ?? [])].flatMap(({ photo }) => photo ?? [])
}
