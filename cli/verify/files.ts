// A dossier and an agreement as files, read within their bounds and verified. No database, no network, nothing but these two files.
import { agreementBytes, AGREEMENT_BYTES_MAX, agreementOf } from '@muster/core/rules/agreement.ts'
import { parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { KEY_RECORD_BYTES_MAX } from '@muster/core/wire/key-record.ts'
import { RECORDS_MAX } from '@muster/core/wire/trust.ts'
import { verifyDossier, type Verification } from '@muster/core/wire/verify.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { readFileAtMost } from '@muster/fast/read-file.ts'

/** An agreement as people keep it may be spread over lines. */
const AGREEMENT_FILE_BYTES_MAX = 4 * AGREEMENT_BYTES_MAX

/** The longest of the files, a correspondence; each kind is held to its own bound where it is read. */
const FILE_BYTES_MAX = 64 * 1_048_576

/** What a reader brings: the file's bytes, the canonical bytes of the agreement that the reader trusts, and key records that it holds besides. */
export interface Brought { readonly bytes: Uint8Array, readonly trusted: Uint8Array | undefined, readonly known: readonly Json[] }

type Refused = Extract<Verification, { readonly verdict: 'refused' }>

/** Throws only for faults of the disk other than a missing file. */
export function bring(path: string, agreement: string | undefined, records?: string): Brought | Refused {
  const refused = (code: string, message: string): Refused => ({ verdict: 'refused', findings: [{ code, party: null, message }] })
  const bytes = readFileAtMost(path, FILE_BYTES_MAX)
  if (bytes === undefined) return refused('dossier/unreadable', `${path}: there is no such file`)
  const known = records === undefined ? [] : recordsIn(records)
  if (known instanceof Refusal) return refused('agreement/unreadable', known.message)
  if (agreement === undefined) return { bytes, trusted: undefined, known }
  const text = readFileAtMost(agreement, AGREEMENT_FILE_BYTES_MAX)
  if (text === undefined) return refused('agreement/unreadable', `${agreement}: there is no such file`)
  const trusted = agreementIn(text)
  return trusted instanceof Refusal ? refused(trusted.code, `${agreement}: ${trusted.message}`) : { bytes, trusted, known }
}

/** The version is the last member of such a file; one that somebody laid out anew is still told from a dossier, and refused as what it is. */
const TAIL_BYTES = 64

const KINDS = ['evidence', 'correspondence', 'watch', 'case', 'aviation'] as const

/** What a file says that it is: one of these, each with a page in spec/, or else a dossier. */
export function kindOf({ bytes }: Brought): (typeof KINDS)[number] | 'dossier' {
  const tail = Buffer.from(bytes.subarray(-TAIL_BYTES))
  return KINDS.find((kind) => tail.includes(`"muster/${kind}/1"`)) ?? 'dossier'
}

/** `now`: POSIX seconds; a dossier dated later is refused. */
export function verifyBrought(group: Group, brought: Brought | Refused, now: number): Verification {
  return 'verdict' in brought ? brought : verifyDossier(nodePrimitives, group, brought.bytes, brought.trusted, now, brought.known)
}

export function verifyFiles(group: Group, path: string, agreement: string | undefined, now: number): Verification {
  return verifyBrought(group, bring(path, agreement), now)
}

/** The list of key records in a file, as `muster keys write` makes it. */
function recordsIn(path: string): readonly Json[] | Refusal {
  const text = readFileAtMost(path, RECORDS_MAX * KEY_RECORD_BYTES_MAX)
  try {
    const read = text === undefined ? undefined : parseJson(text, { bytes: RECORDS_MAX * KEY_RECORD_BYTES_MAX, depth: 16 })
    return Array.isArray(read) ? read as readonly Json[] : new Refusal('key-record/shape', `${path}: ${text === undefined ? 'there is no such file' : 'no list of key records'}`)
  } catch (thrown) {
    if (thrown instanceof Refusal) return new Refusal('key-record/shape', `${path}: ${thrown.message}`)
    throw thrown
  }
}

/** The canonical bytes of the agreement in a file, however its JSON is laid out. */
function agreementIn(text: Uint8Array): Uint8Array | Refusal {
  try {
    const agreement = agreementOf(parseJson(text, { bytes: AGREEMENT_FILE_BYTES_MAX, depth: 16 }))
    return agreement instanceof Refusal ? agreement : agreementBytes(agreement)
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown
    throw thrown
  }
}
