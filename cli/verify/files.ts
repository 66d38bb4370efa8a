// A dossier and an agreement as files, read within their bounds and verified. No database, no network, nothing but these two files.
import type { Json } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { agreementBrought, AGREEMENT_FILE_BYTES_MAX, FILE_BYTES_MAX, recordsBrought, RECORDS_BYTES_MAX } from '@muster/core/wire/brought.ts'
import { verifyDossier, type Verification } from '@muster/core/wire/verify.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { readFileAtMost } from '@muster/fast/read-file.ts'

/** What a reader brings: the file's bytes, the canonical bytes of the agreement that the reader trusts, and key records that it holds besides. */
export interface Brought { readonly bytes: Uint8Array, readonly trusted: Uint8Array | undefined, readonly known: readonly Json[] }

type Refused = Extract<Verification, { readonly verdict: 'refused' }>

/** Throws only for faults of the disk other than a missing file. */
export function bring(path: string, agreement: string | undefined, records?: string): Brought | Refused {
  const refused = (code: string, message: string): Refused => ({ verdict: 'refused', findings: [{ code, party: null, message }] })
  const bytes = readFileAtMost(path, FILE_BYTES_MAX)
  if (bytes === undefined) return refused('dossier/unreadable', `${path}: there is no such file`)
  const brought = records === undefined ? new Uint8Array() : readFileAtMost(records, RECORDS_BYTES_MAX)
  const known = records === undefined ? [] : brought === undefined ? new Refusal('key-record/shape', 'there is no such file') : recordsBrought(brought)
  if (known instanceof Refusal) return refused('agreement/unreadable', `${String(records)}: ${known.message}`)
  if (agreement === undefined) return { bytes, trusted: undefined, known }
  const text = readFileAtMost(agreement, AGREEMENT_FILE_BYTES_MAX)
  if (text === undefined) return refused('agreement/unreadable', `${agreement}: there is no such file`)
  const trusted = agreementBrought(text)
  return trusted instanceof Refusal ? refused(trusted.code, `${agreement}: ${trusted.message}`) : { bytes, trusted, known }
}

/** `now`: POSIX seconds; a dossier dated later is refused. */
export function verifyBrought(group: Group, brought: Brought | Refused, now: number): Verification {
  return 'verdict' in brought ? brought : verifyDossier(nodePrimitives, group, brought.bytes, brought.trusted, now, brought.known)
}

export function verifyFiles(group: Group, path: string, agreement: string | undefined, now: number): Verification {
  return verifyBrought(group, bring(path, agreement), now)
}
