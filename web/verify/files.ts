// Which of the files that a reader brings is which, by what each holds.
import { AGREEMENT_FILE_BYTES_MAX, FILE_BYTES_MAX, RECORDS_BYTES_MAX } from '@muster/core/wire/brought.ts'

export const ROLES = ['dossier', 'agreement', 'records'] as const
export type Role = (typeof ROLES)[number]
export type Chosen = Readonly<Partial<Record<Role, File>>>

export const BYTES_MAX: Readonly<Record<Role, number>> = { dossier: FILE_BYTES_MAX, agreement: AGREEMENT_FILE_BYTES_MAX, records: RECORDS_BYTES_MAX }
/** Of an agreement, the beginning says what it is: its canonical form starts so. */
const HEAD_BYTES = 4_096

/** A list is one of key records, an object with a baseline at its beginning an agreement; whatever else is refused as the dossier that it is not. */
export async function roleOf(file: File): Promise<Role> {
  const head = (await file.slice(0, HEAD_BYTES).text()).trimStart()
  if (head.startsWith('[')) return 'records'
  return /^\{\s*"baseline"\s*:/.test(head) ? 'agreement' : 'dossier'
}
