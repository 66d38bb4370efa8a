// A party's own log under one agreement, as its registry holds it.
import { join } from 'node:path'
import type { Refusal } from '@muster/core/bytes/refusal.ts'
import type { Agreement } from '@muster/core/rules/agreement.ts'
import { logOrigin } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Database } from '../store/database.ts'
import type { AgreementKeys } from '../store/keys.ts'
import type { Secrets } from '../store/secrets.ts'

export interface OwnLog {
  readonly dataDir: string
  readonly db: Database
  readonly secrets: Secrets
  readonly party: PartyId
  readonly agreement: Agreement
  readonly keys: AgreementKeys
  /** The party's OPRF public keys, as its key records state them, oldest first: it declares under the last. */
  readonly oprfs: readonly Uint8Array[]
  /** Whether an own checkpoint is under log keys that nobody else has; all are where this is left out. */
  readonly isSound?: (note: string) => boolean
  /** Why nothing is declared at `at` (POSIX seconds) under an agreement that does not hold, or holds no more for this party. */
  readonly notInForce?: (at: number) => Refusal | undefined
}

/** Whether an own checkpoint proves anything to others. */
export function isSound(log: Pick<OwnLog, 'isSound'>, note: string): boolean {
  return log.isSound?.(note) ?? true
}

/** The OPRF public key under which the party declares. */
export function oprfOf({ oprfs }: Pick<OwnLog, 'oprfs'>): Uint8Array {
  return oprfs.at(-1) as Uint8Array
}

export function originOf({ party, agreement }: OwnLog): string {
  return logOrigin(party, agreement.id)
}

/** A data directory and an agreement, as folders are named by them. */
interface Under { readonly dataDir: string, readonly agreement: Pick<Agreement, 'id'> }

/** Folder of the published log: `checkpoint` and `tile/…`, any web server can hold it. */
export function logFolder({ dataDir, agreement }: Under): string {
  return join(dataDir, 'published', agreement.id, 'log')
}

/** Folder of a published declaration. */
export function declarationFolder({ dataDir, agreement }: Under, headHash: string): string {
  return join(dataDir, 'published', agreement.id, 'd', headHash)
}
