// The OPRF key of a party under one agreement (DESIGN section 4): made here, read by the evaluator and by the label process alone. It lives
// as long as the agreement.
import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deriveKeyPair, publicKeyOf, VOPRF } from '@muster/core/oprf/oprf.ts'
import { utf8 } from '@muster/core/bytes/bytes.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { codeOf, Fault } from '../engine/fault.ts'
import { replaceFile } from '../engine/replace.ts'

const SCALAR_BYTES = 32
const SEED_BYTES = 32

/** The evaluator's own folder under an agreement: key, quota journal, stored answers. */
export function evaluatorFolder(dataDir: string, agreement: string): string {
  return join(dataDir, 'evaluator', agreement)
}

function pathOf(dataDir: string, agreement: string): string {
  return join(evaluatorFolder(dataDir, agreement), 'key')
}

/** Makes the key where there is none; resolves to the public key, 32 bytes. */
export async function makeOprfKey(dataDir: string, agreement: AgreementId): Promise<Uint8Array> {
  const group = await fastGroup()
  const held = await readOprfKey(dataDir, agreement)
  if (held !== undefined) return publicKeyOf(group, held)
  const { secretKey, publicKey } = deriveKeyPair(group, VOPRF, randomBytes(SEED_BYTES), utf8(`muster/oprf/v1\n${agreement}`))
  await mkdir(evaluatorFolder(dataDir, agreement), { recursive: true, mode: 0o700 })
  await replaceFile(pathOf(dataDir, agreement), Buffer.from(secretKey).toString('hex'), 0o600)
  return publicKey
}

/** The secret key; undefined where none was made. */
export async function readOprfKey(dataDir: string, agreement: string): Promise<Uint8Array | undefined> {
  const path = pathOf(dataDir, agreement)
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
