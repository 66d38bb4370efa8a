// The seeds of a party under one agreement, apart by purpose (DESIGN section 4), in one file outside the database. The OPRF key is not
// among them: it lives with the evaluator alone.
import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fit, hex, list, object, optional, text, time, type Shaped } from '@muster/core/bytes/shape.ts'
import { doubleKeysOf } from '@muster/core/wire/double-signature.ts'
import { LATER_RECORDS_MAX } from '@muster/core/wire/trust.ts'
import { signKeyRecord } from '@muster/core/wire/key-record.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Time } from '@muster/core/bytes/time.ts'
import { toBase64 } from '@muster/core/bytes/bytes.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { generateHybridIdentity, identityToRecipient } from 'age-encryption'
import { codeOf, Fault } from '../engine/fault.ts'
import { replaceFile } from '../engine/replace.ts'

const SEED_BYTES = 32
const COURIER_CHARACTERS_MAX = 400
const seed = hex(SEED_BYTES)
const double = object({ ed25519: seed, mldsa44: seed })
/** A later record's keys; one that is left out is that of before. */
const laterKeys = object({ from: time, message: double, courier: text(COURIER_CHARACTERS_MAX), log: optional(double), witness: optional(seed), reader: optional(seed) })
const file = object({
  log: double, witness: seed, reader: seed, message: double, courier: text(COURIER_CHARACTERS_MAX),
  later: optional(list(laterKeys, 0, LATER_RECORDS_MAX)),
})
type KeyFile = Shaped<typeof file>

/** What is in force at one time. */
export interface KeysInForce { readonly log: Seeds, readonly witness: Buffer, readonly reader: Buffer, readonly message: Seeds, readonly courier: string }

/** Of a later key record, in force from its time on. */
export interface LaterKeys extends KeysInForce { readonly from: Time }

interface Seeds { readonly ed25519: Buffer, readonly mldsa44: Buffer }

/** Seeds of 32 bytes; `courier` is an age identity of the hybrid kind. */
export interface AgreementKeys {
  /** Of the first key record; `seedsAt` says which are in force. */
  readonly log: Seeds
  readonly witness: Buffer
  readonly reader: Buffer
  readonly message: Seeds
  readonly courier: string
  /** Oldest first. */
  readonly later: readonly LaterKeys[]
}

/** The keys that are in force at a time: whatever is dated so is signed by them. */
export function seedsAt(keys: AgreementKeys, at: Time): KeysInForce {
  return keys.later.findLast(({ from }) => from <= at) ?? keys
}

/** The log keys of the newest record, and since when. A record of log keys enters the log with the next period: whatever is signed from then on covers it. */
export function logSeeds({ log, later }: AgreementKeys): { readonly log: Seeds, readonly from: Time | undefined } {
  return later.at(-1) ?? { log, from: undefined }
}

/** The keys that so many later records name. Those beyond were made for a record that was never kept: nobody knows them. */
export function keysNamed(keys: AgreementKeys, later: number): AgreementKeys {
  return { ...keys, later: keys.later.slice(0, later) }
}

/** The courier keys that a file may be made for, the newest first: one for an earlier key may be on its way. */
export function courierKeys({ courier, later }: AgreementKeys): readonly string[] {
  return [...new Set([...later.map((each) => each.courier).reverse(), courier])]
}

function pathOf(dataDir: string, agreement: string): string {
  return join(dataDir, 'keys', `${agreement}.json`)
}

/** Keys of the party under an agreement; undefined where none were made. */
export async function readAgreementKeys(dataDir: string, agreement: AgreementId): Promise<AgreementKeys | undefined> {
  const path = pathOf(dataDir, agreement)
  let content: string
  try {
    content = await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  const fitted = fit(file, JSON.parse(content))
  if ('misfit' in fitted) throw new Fault('kept-damaged', `${path}: ${fitted.misfit.at} is not ${fitted.misfit.expected}: restore it from its backup`)
  return seedsOf(fitted.value)
}

function seedsOf({ log, witness, reader, message, courier, later = [] }: KeyFile): AgreementKeys {
  const of = (text: string) => Buffer.from(text, 'hex')
  const both = (seeds: KeyFile['log']): Seeds => ({ ed25519: of(seeds.ed25519), mldsa44: of(seeds.mldsa44) })
  const first: KeysInForce = { log: both(log), witness: of(witness), reader: of(reader), message: both(message), courier }
  const following: LaterKeys[] = []
  for (const each of later) {
    const before = following.at(-1) ?? first
    following.push({
      from: each.from, message: both(each.message), courier: each.courier, log: each.log === undefined ? before.log : both(each.log),
      witness: each.witness === undefined ? before.witness : of(each.witness), reader: each.reader === undefined ? before.reader : of(each.reader),
    })
  }
  return { ...first, later: following }
}

/** Makes the party's keys under an agreement; those that stand already are kept, so that a second call changes nothing. */
export async function makeAgreementKeys(dataDir: string, agreement: AgreementId): Promise<AgreementKeys> {
  const held = await readAgreementKeys(dataDir, agreement)
  if (held !== undefined) return held
  const fresh = () => randomBytes(SEED_BYTES).toString('hex')
  const made: KeyFile = {
    log: { ed25519: fresh(), mldsa44: fresh() }, witness: fresh(), reader: fresh(), message: { ed25519: fresh(), mldsa44: fresh() }, courier: await generateHybridIdentity(),
  }
  await mkdir(join(dataDir, 'keys'), { recursive: true, mode: 0o700 })
  await replaceFile(pathOf(dataDir, agreement), JSON.stringify(made), 0o600)
  return seedsOf(made)
}

/** Keys for a later record: new ones for these purposes, for the others those in force. Nothing is written. */
export async function freshLaterKeys(keys: AgreementKeys, from: Time, purposes: readonly Exclude<keyof LaterKeys, 'from'>[]): Promise<LaterKeys> {
  const before = seedsAt(keys, from)
  const fresh = (): Buffer => randomBytes(SEED_BYTES)
  const both = (purpose: 'log' | 'message'): Seeds => purposes.includes(purpose) ? { ed25519: fresh(), mldsa44: fresh() } : before[purpose]
  return {
    from, log: both('log'), message: both('message'),
    witness: purposes.includes('witness') ? fresh() : before.witness, reader: purposes.includes('reader') ? fresh() : before.reader,
    courier: purposes.includes('courier') ? await generateHybridIdentity() : before.courier,
  }
}

/** Adds the keys of the later record of that sequence to the file, durably, before the record names them; in place of those of one that was never kept. */
export async function addLaterKeys(dataDir: string, agreement: AgreementId, sequence: number, { from, log, message, witness, reader, courier }: LaterKeys): Promise<void> {
  const path = pathOf(dataDir, agreement)
  const held = JSON.parse(await readFile(path, 'utf8')) as KeyFile
  const hexOf = (bytes: Buffer): string => bytes.toString('hex')
  const both = ({ ed25519, mldsa44 }: Seeds): KeyFile['log'] => ({ ed25519: hexOf(ed25519), mldsa44: hexOf(mldsa44) })
  const added = { from, message: both(message), courier, log: both(log), witness: hexOf(witness), reader: hexOf(reader) }
  await replaceFile(path, JSON.stringify({ ...held, later: [...(held.later ?? []).slice(0, sequence - 1), added] }), 0o600)
}

/** What a key record states of a cosigner's seed. */
export function cosignerKeyOf(bytes: Buffer): { readonly mldsa44: string } {
  return { mldsa44: toBase64(nodePrimitives.mldsa44PublicKey(bytes)) }
}

/** The party's first key record under an agreement: canonical bytes, signed by its own log keys. `oprf`: the evaluator's public key. */
export async function firstKeyRecord(keys: AgreementKeys, agreement: AgreementId, party: PartyId, from: Time, oprf: Uint8Array): Promise<Uint8Array> {
  const record = {
    v: 'muster/key-record/1' as const, agreement, party, sequence: 0, from, reason: 'first' as const, compromisedSince: null, previous: null,
    keys: {
      log: doubleKeysOf(nodePrimitives, keys.log), witness: cosignerKeyOf(keys.witness), reader: cosignerKeyOf(keys.reader), message: doubleKeysOf(nodePrimitives, keys.message),
      courier: await identityToRecipient(keys.courier), oprf: toBase64(oprf),
    },
  }
  return signKeyRecord(nodePrimitives, record, keys.log)
}
