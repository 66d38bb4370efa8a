// The agreements that a registry has joined. In this version an agreement is a file that every registry is started with; each party's
// first key record comes with it and is checked against the hash that the agreement names.
import { parseAgreement, type Agreement, type AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { trustOf, type Trust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { Fault } from '../engine/fault.ts'
import { settleEvaluator } from '../evaluator/settled.ts'
import type { Database } from './database.ts'
import { transaction } from './database.ts'
import { letWait } from './events.ts'
import { readAgreementKeys, type AgreementKeys } from './keys.ts'
import { bound, macHolds } from './row-mac.ts'
import type { Register } from './register.ts'
import type { Secrets } from './secrets.ts'
import { soleDigest, soleName } from './sole-rows.ts'

export interface Joined {
  readonly agreement: Agreement
  readonly trust: Trust
  readonly keys: AgreementKeys
  /** Base URL of each other party's registry; those without one cannot be reached by wire. */
  readonly urls: ReadonlyMap<PartyId, string>
}

type AgreementRow = { agreement_id: string, bytes: Buffer, joined: string, row_mac: Buffer }
type PeerRow = { agreement_id: string, party: string, key_record: Buffer, url: string | null, row_mac: Buffer }

/**
 * Joins an agreement: its bytes, every party's first key record, and where to reach them. The agreement, the own key record and all events
 * recorded so far wait for the log's first period. Joining again changes addresses only. Throws a Refusal or Breach for what does not fit.
 */
export async function joinAgreement(register: Register, bytes: Uint8Array, records: ReadonlyMap<PartyId, Uint8Array>, urls: ReadonlyMap<PartyId, string>, at: number): Promise<Joined> {
  const agreement = parseAgreement(bytes)
  if (agreement instanceof Error) throw agreement
  const own = register.file.party
  if (agreement.exercise !== register.file.exercise) throw new Fault('agreement-refused', `the agreement ${agreement.exercise ? 'is an exercise' : 'is none'} and the register ${register.file.exercise ? 'is one' : 'is none'}: an exercise and the real never mix`)
  const trust = trustOf(p, agreement, (party) => {
    const record = records.get(party)
    if (record === undefined) throw new Fault('agreement-refused', `the key record of ${party} is missing: give it with --record FILE`)
    return record
  })
  if (!trust.parties.has(own)) throw new Fault('agreement-refused', `${own} is no party of ${agreement.id}`)
  const keys = await ownKeys(register, trust)
  await settleEvaluator(register.dataDir, bytes, records)
  const { db, secrets } = register
  await transaction(db, async (tx) => {
    const [held] = await tx.read<AgreementRow>('SELECT agreement_id, bytes, joined, row_mac FROM agreement WHERE agreement_id = $1', [agreement.id])
    if (held !== undefined && !held.bytes.equals(Buffer.from(bytes))) throw new Fault('agreement-refused', `another agreement ${agreement.id} was joined already: an agreement changes by amendment only`)
    for (const [party, { record }] of trust.parties) {
      const row = bound(secrets, 'peer', { agreement_id: agreement.id, party, key_record: record.bytes, url: urls.get(party) ?? null })
      await tx.write(`INSERT INTO peer (agreement_id, party, key_record, url, row_mac) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (agreement_id, party) DO UPDATE SET url = EXCLUDED.url, row_mac = EXCLUDED.row_mac`, [row.agreement_id, row.party, Buffer.from(row.key_record), row.url, row.row_mac])
    }
    if (held !== undefined) return
    const row = bound(secrets, 'agreement', { agreement_id: agreement.id, bytes, joined: timeOf(at) })
    await tx.write('INSERT INTO agreement (agreement_id, bytes, joined, row_mac) VALUES ($1, $2, $3, $4)', [row.agreement_id, Buffer.from(bytes), row.joined, row.row_mac])
    const { record } = trust.parties.get(own) as NonNullable<ReturnType<typeof trust.parties.get>>
    await letWait(tx, secrets, agreement.id, 'clear', [{ id: '0-agreement', bytes }, { id: '1-key-record', bytes: record.bytes }])
    const batches = await tx.read<{ batch_id: string, digest: Buffer }>('SELECT batch_id, digest FROM event_batch')
    await letWait(tx, secrets, agreement.id, 'event', batches.map(({ batch_id, digest }) => ({ id: batch_id, bytes: digest })))
    const cases = await tx.read<{ case_id: string } & Record<string, string>>('SELECT case_id, title, opened_by, opened_and, written FROM case_file')
    await letWait(tx, secrets, agreement.id, 'event', cases.map((opened) => ({ id: soleName('case_file', opened.case_id), bytes: soleDigest('case_file', opened) })))
    const acts = await tx.read<{ case_id: string, seq: number, act: string, written: string }>('SELECT case_id, seq, act, written FROM case_act')
    await letWait(tx, secrets, agreement.id, 'event', acts.map((act) => ({ id: soleName('case_act', `${act.case_id} ${act.seq}`), bytes: soleDigest('case_act', act) })))
  })
  return { agreement, trust, keys, urls }
}

async function ownKeys(register: Register, trust: Trust): Promise<AgreementKeys> {
  const keys = await readAgreementKeys(register.dataDir, trust.agreement.id)
  if (keys === undefined) throw new Fault('agreement-refused', `no keys under ${trust.agreement.id}: run muster agreement keys ${trust.agreement.id} and let the agreement name the key record that it writes`)
  const stated = trust.parties.get(register.file.party)?.message.ed25519
  if (stated !== Buffer.from(p.ed25519PublicKey(keys.message.ed25519)).toString('base64')) throw new Fault('agreement-refused', 'the agreement names another key record for this party than the keys in the data directory')
  return keys
}

async function checked<R extends { row_mac: Buffer }>(secrets: Secrets, table: string, rows: R[]): Promise<R[]> {
  for (const row of rows) if (!macHolds(secrets, table, { ...row })) throw new Fault('row-changed', `a row of ${table} was changed behind Muster's back: run muster audit`)
  return rows
}

/** One agreement as joined; undefined where it was not. */
export async function joinedAgreement(register: Register, id: AgreementId): Promise<Joined | undefined> {
  const { db, secrets } = register
  const [row] = await checked(secrets, 'agreement', await db.read<AgreementRow>('SELECT agreement_id, bytes, joined, row_mac FROM agreement WHERE agreement_id = $1', [id]))
  if (row === undefined) return undefined
  const agreement = parseAgreement(row.bytes)
  if (agreement instanceof Error) throw agreement
  const peers = await checked(secrets, 'peer', await db.read<PeerRow>('SELECT agreement_id, party, key_record, url, row_mac FROM peer WHERE agreement_id = $1', [id]))
  const records = new Map(peers.map(({ party, key_record }) => [party, new Uint8Array(key_record)]))
  const trust = trustOf(p, agreement, (party) => records.get(party) as Uint8Array)
  const urls = new Map(peers.flatMap(({ party, url }) => url === null ? [] : [[party as PartyId, url] as const]))
  return { agreement, trust, keys: await ownKeys(register, trust), urls }
}

export async function joinedIds(db: Database): Promise<AgreementId[]> {
  const rows = await db.read<{ agreement_id: AgreementId }>('SELECT agreement_id FROM agreement ORDER BY agreement_id')
  return rows.map(({ agreement_id }) => agreement_id)
}
