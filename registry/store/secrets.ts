// The register's key: 32 bytes outside the database, from which every secret of the register is derived, apart by purpose. Whoever has
// the database without this file can neither forge a row nor find an item's label; whoever loses it cannot open old declarations.
import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { replaceFile } from '../engine/replace.ts'
import { codeOf, Fault } from '../engine/fault.ts'

const KEY_BYTES = 32
const FOLDER = 'keys'
const FILE = 'register.key'

/** 32 bytes each. */
export interface Secrets {
  /** Under which rows of the database are bound. */
  readonly mac: Buffer
  /** From which each item's own secret comes. */
  readonly item: Buffer
  readonly dummy: Buffer
  /** Padding leaves of a period's tree. */
  readonly pad: Buffer
  /** From which the blinds of a question come that waits for a courier. */
  readonly question: Buffer
  /** From which the shares of an inspection's draw come. */
  readonly share: Buffer
  /** From which the second factor of each person comes. */
  readonly person: Buffer
}

export function derive(key: Uint8Array, ...parts: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.from(p.hmacSha256(key, ...parts.map((part) => typeof part === 'string' ? Buffer.from(part) : part)))
}

function secretsOf(key: Uint8Array): Secrets {
  const of = (purpose: string) => derive(key, `muster/secret/${purpose}`)
  return { mac: of('mac'), item: of('item'), dummy: of('dummy'), pad: of('pad'), question: of('question'), share: of('share'), person: of('person') }
}

/** Makes the register's key; refuses to replace one. */
export async function makeRegisterKey(dataDir: string): Promise<Secrets> {
  const path = join(dataDir, FOLDER, FILE)
  if (await readKey(path) !== undefined) throw new Fault('already-initialised', `${path} stands already: a register has one key for life`)
  await mkdir(join(dataDir, FOLDER), { recursive: true, mode: 0o700 })
  const key = randomBytes(KEY_BYTES)
  await replaceFile(path, key, 0o600)
  return secretsOf(key)
}

export async function readSecrets(dataDir: string): Promise<Secrets> {
  const path = join(dataDir, FOLDER, FILE)
  const key = await readKey(path)
  if (key === undefined) throw new Fault('not-initialised', `${path} is missing: run muster init, or restore the keys folder from its backup`)
  if (key.length !== KEY_BYTES) throw new Fault('kept-damaged', `${path} has ${key.length} bytes, not ${KEY_BYTES}: restore it from its backup`)
  return secretsOf(key)
}

async function readKey(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** The secret in an item's label under one agreement (DESIGN section 4). */
export function itemSecret(secrets: Secrets, agreement: string, item: string): Buffer {
  return derive(secrets.item, agreement, '\n', item)
}

/** The preimage of the i-th dummy of an agreement: made again from the key, so none is stored. */
export function dummyPreimage(secrets: Secrets, agreement: string, i: number): Buffer {
  return derive(secrets.dummy, agreement, '\n', String(i))
}

/** The salt under which a declaration's head binds its table of counts. `secret`: of the declaration. */
export function countsSalt(secret: Uint8Array): Buffer {
  return derive(secret, 'counts')
}

/** This party's share in the draw of one inspection of one declaration: made again from the key, so that none is stored and none is ever given in two forms. */
export function inspectionShare(secrets: Secrets, agreement: string, inspection: string, head: string): Buffer {
  return derive(secrets.share, agreement, '\n', inspection, '\n', head)
}

/** The salt of one row of a return of production: made again from the key when the list is to be shown. */
export function productionSalt(secrets: Secrets, agreement: string, stated: string, row: number): Buffer {
  return derive(secrets.share, agreement, '\nproduction\n', stated, '\n', String(row))
}
