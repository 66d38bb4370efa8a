// The OPRF keys of a party under one agreement (DESIGN section 4): made here, read by the evaluator and by the label process alone. The first lives as
// long as the agreement, unless it was compromised; what was declared under it is searchable for ever, so that no key is ever thrown away.
import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Group } from '@muster/core/oprf/group.ts'
import { deriveKeyPair, publicKeyOf, VOPRF } from '@muster/core/oprf/oprf.ts'
import { utf8 } from '@muster/core/bytes/bytes.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import { LATER_RECORDS_MAX } from '@muster/core/wire/trust.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { codeOf, Fault } from '../engine/fault.ts'
import { replaceFile } from '../engine/replace.ts'

const SCALAR_BYTES = 32
const SEED_BYTES = 32

/** The evaluator's own folder under an agreement: key, quota journal, stored answers. */
export function evaluatorFolder(dataDir: string, agreement: string): string {
  return join(dataDir, 'evaluator', agreement)
}

/** The key of the first record is `key`, that of record n `key-n`. */
function pathOf(dataDir: string, agreement: string, record: number): string {
  return join(evaluatorFolder(dataDir, agreement), record === 0 ? 'key' : `key-${record}`)
}

async function make(dataDir: string, agreement: AgreementId, record: number): Promise<Uint8Array> {
  const { secretKey, publicKey } = deriveKeyPair(await fastGroup(), VOPRF, randomBytes(SEED_BYTES), utf8(`muster/oprf/v1\n${agreement}`))
  await mkdir(evaluatorFolder(dataDir, agreement), { recursive: true, mode: 0o700 })
  await replaceFile(pathOf(dataDir, agreement, record), Buffer.from(secretKey).toString('hex'), 0o600)
  return publicKey
}

/** Makes the first key where there is none; resolves to the public key, 32 bytes. */
export async function makeOprfKey(dataDir: string, agreement: AgreementId): Promise<Uint8Array> {
  const held = await readKey(dataDir, agreement, 0)
  return held === undefined ? make(dataDir, agreement, 0) : publicKeyOf(await fastGroup(), held)
}

/** Makes the key that the key record of that sequence will state, in place of one that was made for a record that was never kept. */
export function makeLaterOprfKey(dataDir: string, agreement: AgreementId, sequence: number): Promise<Uint8Array> {
  return make(dataDir, agreement, sequence)
}

export interface OprfKey { readonly secretKey: Uint8Array, readonly publicKey: Uint8Array }

/** Every key that was made, oldest first; those of records that were never kept among them. */
export async function readOprfKeys(group: Group, dataDir: string, agreement: string): Promise<readonly OprfKey[]> {
  const keys: OprfKey[] = []
  for (let record = 0; record <= LATER_RECORDS_MAX; record++) {
    const secretKey = await readKey(dataDir, agreement, record)
    if (secretKey !== undefined) keys.push({ secretKey, publicKey: publicKeyOf(group, secretKey) })
  }
  return keys
}

async function readKey(dataDir: string, agreement: string, record: number): Promise<Uint8Array | undefined> {
  const path = pathOf(dataDir, agreement, record)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  const key = Buffer.from(text, 'hex')
  if (key.length !== SCALAR_BYTES) throw new Fault('kept-damaged', `${path} is not a key of ${SCALAR_BYTES} bytes in hex: restore it from its backup`)
  return new Uint8Array(key)
}
