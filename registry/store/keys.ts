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
const laterKeys = object({ from: time, message: object({ ed25519: seed, mldsa44: seed }), courier: text(COURIER_CHARACTERS_MAX) })
const file = object({
  log: object({ ed25519: seed, mldsa44: seed }), witness: seed, reader: seed, message: object({ ed25519: seed, mldsa44: seed }), courier: text(COURIER_CHARACTERS_MAX),
  later: optional(list(laterKeys, 0, LATER_RECORDS_MAX)),
})
type KeyFile = Shaped<typeof file>

/** Of a later key record, in force from its time on. */
export interface LaterKeys { readonly from: Time, readonly message: Seeds, readonly courier: string }

interface Seeds { readonly ed25519: Buffer, readonly mldsa44: Buffer }

/** Seeds of 32 bytes; `courier` is an age identity of the hybrid kind. */
export interface AgreementKeys {
  readonly log: Seeds
  readonly witness: Buffer
  readonly reader: Buffer
  /** Of the first key record; `seedsAt` says which are in force. */
  readonly message: Seeds
  readonly courier: string
  /** Oldest first. */
  readonly later: readonly LaterKeys[]
}

/** The keys that are in force at a time: whatever is dated so is signed by them. */
export function seedsAt({ message, courier, later }: AgreementKeys, at: Time): Pick<LaterKeys, 'message' | 'courier'> {
  return later.findLast(({ from }) => from <= at) ?? { message, courier }
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
  return {
    log: { ed25519: of(log.ed25519), mldsa44: of(log.mldsa44) }, witness: of(witness), reader: of(reader),
    message: { ed25519: of(message.ed25519), mldsa44: of(message.mldsa44) }, courier,
    later: later.map((each) => ({ ...each, message: { ed25519: of(each.message.ed25519), mldsa44: of(each.message.mldsa44) } })),
  }
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
export async function freshLaterKeys(keys: AgreementKeys, from: Time, purposes: readonly ('message' | 'courier')[]): Promise<LaterKeys> {
  const before = seedsAt(keys, from)
  const message = purposes.includes('message') ? { ed25519: randomBytes(SEED_BYTES), mldsa44: randomBytes(SEED_BYTES) } : before.message
  return { from, message, courier: purposes.includes('courier') ? await generateHybridIdentity() : before.courier }
}

/** Adds keys to the file, durably, before a record names them. */
export async function addLaterKeys(dataDir: string, agreement: AgreementId, { from, message, courier }: LaterKeys): Promise<void> {
  const path = pathOf(dataDir, agreement)
  const held = JSON.parse(await readFile(path, 'utf8')) as KeyFile
  const hexOf = (bytes: Buffer): string => bytes.toString('hex')
  const added = { from, message: { ed25519: hexOf(message.ed25519), mldsa44: hexOf(message.mldsa44) }, courier }
  await replaceFile(path, JSON.stringify({ ...held, later: [...held.later ?? [], added] }), 0o600)
}

/** The party's first key record under an agreement: canonical bytes, signed by its own log keys. `oprf`: the evaluator's public key. */
export async function firstKeyRecord(keys: AgreementKeys, agreement: AgreementId, party: PartyId, from: Time, oprf: Uint8Array): Promise<Uint8Array> {
  const mldsa44 = (bytes: Uint8Array) => ({ mldsa44: toBase64(nodePrimitives.mldsa44PublicKey(bytes)) })
  const record = {
    v: 'muster/key-record/1' as const, agreement, party, sequence: 0, from, reason: 'first' as const, compromisedSince: null, previous: null,
    keys: {
      log: doubleKeysOf(nodePrimitives, keys.log), witness: mldsa44(keys.witness), reader: mldsa44(keys.reader), message: doubleKeysOf(nodePrimitives, keys.message),
      courier: await identityToRecipient(keys.courier), oprf: toBase64(oprf),
    },
  }
  return signKeyRecord(nodePrimitives, record, keys.log)
}
