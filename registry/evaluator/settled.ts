// What the evaluator goes by under one agreement: the agreement and every party's first key record, in its own folder, put there when the
// agreement is joined. It asks neither the database nor the process that serves others who is a party and what the quotas are.
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { equal, toBase64 } from '@muster/core/bytes/bytes.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { parseAgreement, type Agreement, type AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { changesBetween, type Standing } from '@muster/core/rules/standing.ts'
import { LATER_RECORDS_MAX, trustOf, type Trust } from '@muster/core/wire/trust.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { codeOf, Fault } from '../engine/fault.ts'
import { replaceFile } from '../engine/replace.ts'
import { evaluatorFolder, readOprfKeys } from './key.ts'
import { saidStamp, standingHere } from './said.ts'

const AGREEMENT_FILE = 'agreement.json'
const RECORDS = 'records'

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(path))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Puts the agreement and the key records into the evaluator's folder; the agreement comes last, so a crash before it leaves an evaluator
 * that knows nothing. The same agreement again changes nothing, another one of the same id is a Fault.
 */
export async function settleEvaluator(dataDir: string, agreementBytes: Uint8Array, records: ReadonlyMap<PartyId, Uint8Array>): Promise<void> {
  const agreement = parseAgreement(agreementBytes)
  if (agreement instanceof Error) throw agreement
  const folder = evaluatorFolder(dataDir, agreement.id)
  const held = await readIfThere(join(folder, AGREEMENT_FILE))
  if (held !== undefined && equal(held, agreementBytes)) return
  if (held !== undefined) throw new Fault('agreement-refused', `the evaluator goes by another agreement ${agreement.id}: an agreement changes by amendment only`)
  await mkdir(join(folder, RECORDS), { recursive: true, mode: 0o700 })
  for (const { id } of agreement.parties) {
    const record = records.get(id)
    if (record !== undefined) await replaceFile(join(folder, RECORDS, `${id}.json`), record)
  }
  await replaceFile(join(folder, AGREEMENT_FILE), agreementBytes)
}

/** Puts a party's later key records beside its first one, oldest first. */
export async function settleLater(dataDir: string, agreement: AgreementId, party: PartyId, records: readonly Uint8Array[]): Promise<void> {
  const folder = join(evaluatorFolder(dataDir, agreement), RECORDS)
  for (const [i, record] of records.entries()) await replaceFile(join(folder, `${party}-${i + 1}.json`), record)
}

async function laterIn(folder: string, party: PartyId): Promise<Uint8Array[]> {
  const records: Uint8Array[] = []
  for (let n = 1; n <= LATER_RECORDS_MAX; n++) {
    const record = await readIfThere(join(folder, RECORDS, `${party}-${n}.json`))
    if (record === undefined) break
    records.push(record)
  }
  return records
}

export interface Settled {
  readonly agreement: Agreement
  readonly trust: Trust
  /** The party whose first key record states this evaluator's first public key. */
  readonly self: PartyId
  /** Its keys by the public key that a record of it states, base64. */
  readonly keys: ReadonlyMap<string, Uint8Array>
  readonly standing: Standing
  /** As of when: what was told, and POSIX seconds. */
  readonly stamp: string | undefined
  readonly at: number
}

/**
 * What was settled and what was said since, checked against the agreement's own hashes; undefined for an agreement that was not joined or has no key
 * here. `now`: POSIX seconds.
 */
export async function readSettled(group: Group, dataDir: string, id: AgreementId, now: number): Promise<Settled | undefined> {
  const folder = evaluatorFolder(dataDir, id)
  const bytes = await readIfThere(join(folder, AGREEMENT_FILE))
  const [first, ...later] = await readOprfKeys(group, dataDir, id)
  if (bytes === undefined || first === undefined) return undefined
  const agreement = parseAgreement(bytes)
  if (agreement instanceof Error) throw agreement
  const records = new Map<PartyId, Uint8Array>()
  for (const party of agreement.parties) records.set(party.id, await readIfThere(join(folder, RECORDS, `${party.id}.json`)) ?? new Uint8Array(0))
  const laterRecords = new Map(await Promise.all(agreement.parties.map(async (party): Promise<[PartyId, Uint8Array[]]> => [party.id, await laterIn(folder, party.id)])))
  const laterOf = (party: PartyId): readonly Uint8Array[] => laterRecords.get(party) ?? []
  const stamp = await saidStamp(dataDir, id)
  const { standing, trust } = await standingHere(dataDir, id, trustOf(p, agreement, (party) => records.get(party) as Uint8Array, laterOf), laterOf, now)
  const self = [...trust.parties.values()].find(({ oprfs }) => equal(oprfs[0] as Uint8Array, first.publicKey))
  if (self === undefined) throw new Fault('kept-damaged', `${folder}/key is not the OPRF key that any key record of ${id} states: restore it from its backup`)
  const keys = new Map(self.oprfs.flatMap((stated) => [first, ...later].filter(({ publicKey }) => equal(publicKey, stated)).map(({ secretKey }) => [toBase64(stated), secretKey] as const)))
  return { agreement: trust.agreement, trust, self: self.party, keys, standing, stamp, at: now }
}

/** The same, or what has changed since: something was told, or a date has come. */
export async function renewSettled(group: Group, dataDir: string, held: Settled, now: number): Promise<Settled> {
  const { agreement: { id }, stamp, at, standing } = held
  if (await saidStamp(dataDir, id) === stamp && !changesBetween(standing, timeOf(at), timeOf(now))) return held
  return await readSettled(group, dataDir, id, now) ?? held
}
