// What a reader brings to a verification: the file, the agreement that the reader trusts, key records that the reader holds besides. Each as people keep
// files, so whatever its layout.
import { parseJson, type Json } from '../bytes/canonical.ts'
import { Refusal } from '../bytes/refusal.ts'
import { agreementBytes, AGREEMENT_BYTES_MAX, agreementOf } from '../rules/agreement.ts'
import { KEY_RECORD_BYTES_MAX } from './key-record.ts'
import { RECORDS_MAX } from './trust.ts'

/** An agreement as people keep it may be spread over lines. */
export const AGREEMENT_FILE_BYTES_MAX = 4 * AGREEMENT_BYTES_MAX
export const RECORDS_BYTES_MAX = RECORDS_MAX * KEY_RECORD_BYTES_MAX
/** The longest of the files, a correspondence; each kind is held to its own bound where it is read. */
export const FILE_BYTES_MAX = 64 * 1_048_576

/** The version is the last member of such a file; one that somebody laid out anew is still told from a dossier, and refused as what it is. */
const TAIL_BYTES = 64
const KINDS = ['evidence', 'correspondence', 'watch', 'case', 'aviation'] as const
export type FileKind = (typeof KINDS)[number] | 'dossier'

/** What a file says that it is: one of these, each with a page in spec/, or else a dossier. */
export function kindOf(bytes: Uint8Array): FileKind {
  const tail = String.fromCharCode(...bytes.subarray(-TAIL_BYTES))
  return KINDS.find((kind) => tail.includes(`"muster/${kind}/1"`)) ?? 'dossier'
}

/** The canonical bytes of the agreement in a file. */
export function agreementBrought(file: Uint8Array): Uint8Array | Refusal {
  return refusing(() => {
    const agreement = agreementOf(parseJson(file, { bytes: AGREEMENT_FILE_BYTES_MAX, depth: 16 }))
    return agreement instanceof Refusal ? agreement : agreementBytes(agreement)
  })
}

/** The list of key records in a file, as `muster keys write` makes it. */
export function recordsBrought(file: Uint8Array): readonly Json[] | Refusal {
  const read = refusing(() => parseJson(file, { bytes: RECORDS_BYTES_MAX, depth: 16 }))
  return Array.isArray(read) ? read as readonly Json[] : new Refusal('key-record/shape', read instanceof Refusal ? read.message : 'no list of key records')
}

function refusing<T>(read: () => T): T | Refusal {
  try {
    return read()
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown
    throw thrown
  }
}
