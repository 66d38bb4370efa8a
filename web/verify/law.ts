// The worker in which a dossier is verified: the law of core on the plain JavaScript of noble, so that the page stays awake and what decides is what an auditor reads.
import { toHex } from '@muster/core/bytes/bytes.ts'
import { noble } from '@muster/core/bytes/noble.ts'
import type { Primitives } from '@muster/core/bytes/primitives.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { nobleGroup } from '@muster/core/oprf/noble-group.ts'
import { agreementBrought, kindOf, recordsBrought, type FileKind } from '@muster/core/wire/brought.ts'
import { verifyDossier } from '@muster/core/wire/verify.ts'
import { toldOf, type Told } from '../dossier/told.ts'

/** What the page hands over. `now`: POSIX seconds of the reader's clock. */
export interface Asked { readonly dossier: Uint8Array, readonly agreement: Uint8Array | null, readonly records: Uint8Array | null, readonly now: number }
export type Said =
  | { readonly share: number }
  /** A file of another kind: it has its own verification, by `muster verify`. */
  | { readonly other: Exclude<FileKind, 'dossier'> }
  /** `sha256`: of the file, in hex, by which it is named on paper. */
  | { readonly told: Told, readonly sha256: string }
  | { readonly fault: string }

const scope = self as unknown as { postMessage: (said: Said) => void, onmessage: ((event: { readonly data: Asked }) => void) | null }
const say = (said: Said): void => { scope.postMessage(said) }

/** The share that is done, by the signatures that were verified: nine tenths of the time. */
function telling(total: number): Primitives {
  let done = 0
  let told = 0
  const counted = <T>(value: T): T => {
    done++
    if (done - told >= total / 100) {
      told = done
      say({ share: Math.min(1, done / total) })
    }
    return value
  }
  return { ...noble, ed25519Verify: (...given) => counted(noble.ed25519Verify(...given)), mldsa44Verify: (...given) => counted(noble.mldsa44Verify(...given)) }
}

/** Signature lines of notes and double signatures of messages, as the text holds them. */
function signaturesIn(dossier: Uint8Array): number {
  const text = noble.textOf(dossier) ?? ''
  return Math.max(1, text.split('\\n— ').length + 2 * text.split('"mldsa44"').length)
}

function verify({ dossier, agreement, records, now }: Asked): Said {
  const kind = kindOf(dossier)
  const sha256 = toHex(noble.sha256(dossier))
  if (kind !== 'dossier') return { other: kind }
  const [trusted, known] = [agreement === null ? undefined : agreementBrought(agreement), records === null ? [] : recordsBrought(records)]
  for (const wrong of [trusted, known]) if (wrong instanceof Refusal) return { told: { verdict: 'refused', findings: [{ code: String(wrong.code), party: null, message: wrong.message }] }, sha256 }
  return { told: toldOf(verifyDossier(telling(signaturesIn(dossier)), nobleGroup, dossier, trusted as Uint8Array | undefined, now, known as Exclude<typeof known, Refusal>)), sha256 }
}

scope.onmessage = ({ data }) => {
  try {
    say(verify(data))
  } catch (thrown) {
    say({ fault: thrown instanceof Error ? thrown.message : String(thrown) })
  }
}
