// The agreements of a registry: joined as a file that was concluded outside, or taken up as a draft and in force when all have signed. Each party's
// first key record comes with it and is checked against the hash that the agreement names.
import { agreementBytes, parseAgreement, type Agreement, type AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { standingOf, type Standing } from '@muster/core/rules/standing.ts'
import { agreementSaid, textHash } from '@muster/core/wire/agreement-said.ts'
import { trustOf, type Trust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { Fault } from '../engine/fault.ts'
import { settleEvaluator } from '../evaluator/settled.ts'
import { ACTS_OF_ALL_LOGS } from './placed-acts.ts'
import type { Database } from './database.ts'
import { transaction, type Transaction } from './database.ts'
import { adoptedTexts, readStanding, type ReadStanding } from './agreement-texts.ts'
import { letWait } from './events.ts'
import { laterRecords } from './key-records.ts'
import { keysNamed, readAgreementKeys, type AgreementKeys } from './keys.ts'
import { bound, macHolds } from './row-mac.ts'
import type { Register } from './register.ts'
import type { Secrets } from './secrets.ts'
import { soleDigest, soleName } from './sole-rows.ts'

export interface Joined {
  readonly agreement: Agreement
  /** Replaced as a whole when a later key record is learnt: read it anew for each act. */
  trust: Trust
  keys: AgreementKeys
  /** Base URL of each other party's registry; those without one cannot be reached by wire. */
  readonly urls: ReadonlyMap<PartyId, string>
  /** Where the agreement stands. What is served is renewed as more is said and dates come (registry/agreement/renew.ts). */
  readonly standing: Standing
}

type AgreementRow = { agreement_id: string, bytes: Buffer, joined: string, row_mac: Buffer }
type PeerRow = { agreement_id: string, party: string, key_record: Buffer, url: string | null, row_mac: Buffer }

/** An agreement as people hand it to their registry. */
export interface HandedAgreement { readonly bytes: Uint8Array, readonly records: ReadonlyMap<PartyId, Uint8Array>, readonly urls: ReadonlyMap<PartyId, string> }

/**
 * Joins an agreement that was concluded outside, on paper: its bytes, every party's first key record, and where to reach them. The agreement, the own
 * key record and all events recorded so far wait for the log's first period. Joining again changes addresses only, and concludes a draft that was taken
 * up. Throws a Refusal or Breach for what does not fit.
 */
export async function joinAgreement(register: Register, bytes: Uint8Array, records: ReadonlyMap<PartyId, Uint8Array>, urls: ReadonlyMap<PartyId, string>, at: number): Promise<Joined> {
  const { agreement, trust, keys } = await handed(register, bytes, records)
  await settleEvaluator(register.dataDir, bytes, records)
  await transaction(register.db, async (tx) => {
    const held = await heldRow(tx, agreement.id)
    if (held !== undefined && !held.bytes.equals(Buffer.from(bytes))) throw new Fault('agreement-refused', `another agreement ${agreement.id} was joined already: an agreement changes by amendment only`)
    await putPeers(tx, register.secrets, trust, urls)
    if (held === undefined) await begin(tx, register, trust, bytes, at)
    if ((await adoptedTexts(tx, agreement.id)).length === 0) await letWait(tx, register.secrets, agreement.id, 'clear', [{ id: '0-agreement', bytes }])
  })
  return { agreement, trust, keys, urls, standing: standingOf(agreementSaid(p, [agreement], [], { hash: textHash(p, agreement), concluded: true }), timeOf(at)) }
}

/**
 * Takes a draft up: what is said of it can be said from now on, in a log that begins with the own key record. It holds when all have signed. Another
 * draft of the same parties takes its place while none holds.
 */
export async function takeUpDraft(register: Register, { bytes, records, urls }: HandedAgreement, at: number): Promise<Agreement> {
  const { agreement, trust } = await handed(register, bytes, records)
  await transaction(register.db, async (tx) => {
    const held = await heldRow(tx, agreement.id)
    if ((await adoptedTexts(tx, agreement.id)).length > 0) throw new Fault('agreement-refused', `${agreement.id} is in force: it changes by amendment only`)
    await putPeers(tx, register.secrets, trust, urls)
    if (held === undefined) await begin(tx, register, trust, bytes, at)
    else await putBytes(tx, register.secrets, held, bytes)
  })
  return agreement
}

/** Lets texts that are in force into the own log, in their order, and goes by the last; what another process has done already stands. Peers: the last's. */
export async function adoptTexts(register: Register, texts: readonly Agreement[], trust: Trust): Promise<void> {
  const { id } = trust.agreement
  await transaction(register.db, async (tx) => {
    const held = await heldRow(tx, id)
    const adopted = new Set((await adoptedTexts(tx, id)).map(({ sequence }) => sequence))
    const fresh = texts.filter(({ sequence }) => !adopted.has(sequence))
    if (held === undefined || fresh.length === 0) return
    await letWait(tx, register.secrets, id, 'clear', fresh.map((text) => ({ id: text.sequence === 0 ? '0-agreement' : `0-agreement-${text.sequence}`, bytes: agreementBytes(text) })))
    await putBytes(tx, register.secrets, held, trust.bytes)
    await putPeers(tx, register.secrets, trust, undefined)
  }, { idempotencyKey: `adopt ${id} ${texts.map(({ sequence }) => sequence).join(' ')}` })
}

/** Parties of a text and where they can be reached, before it is in force too. */
export async function setAddresses({ db, secrets }: Register, { urls }: Joined, trust: Trust, more: ReadonlyMap<PartyId, string>): Promise<void> {
  await transaction(db, (tx) => putPeers(tx, secrets, trust, new Map([...urls, ...more])), { idempotencyKey: `addresses ${trust.agreement.id}` })
}

async function handed(register: Register, bytes: Uint8Array, records: ReadonlyMap<PartyId, Uint8Array>): Promise<Pick<Joined, 'agreement' | 'trust' | 'keys'>> {
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
  return { agreement, trust, keys: await ownKeys(register, trust) }
}

/** The row, held to the end of the transaction: texts are adopted one after the other. */
async function heldRow(tx: Transaction, id: AgreementId): Promise<AgreementRow | undefined> {
  const [held] = await tx.read<AgreementRow>('SELECT agreement_id, bytes, joined, row_mac FROM agreement WHERE agreement_id = $1 FOR UPDATE', [id])
  return held
}

async function putBytes(tx: Transaction, secrets: Secrets, { agreement_id, joined }: AgreementRow, bytes: Uint8Array): Promise<void> {
  const row = bound(secrets, 'agreement', { agreement_id, bytes: Buffer.from(bytes), joined })
  await tx.write('UPDATE agreement SET bytes = $2, row_mac = $3 WHERE agreement_id = $1', [agreement_id, row.bytes, row.row_mac])
}

/** `urls` undefined: addresses stay. */
async function putPeers(tx: Transaction, secrets: Secrets, { agreement: { id }, parties }: Trust, urls: ReadonlyMap<PartyId, string> | undefined): Promise<void> {
  const held = new Map((await tx.read<{ party: PartyId, url: string | null }>('SELECT party, url FROM peer WHERE agreement_id = $1', [id])).map(({ party, url }) => [party, url]))
  for (const [party, { record }] of parties) {
    const row = bound(secrets, 'peer', { agreement_id: id, party, key_record: record.bytes, url: (urls ?? held).get(party) ?? null })
    await tx.write(`INSERT INTO peer (agreement_id, party, key_record, url, row_mac) VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT (agreement_id, party) DO UPDATE SET url = EXCLUDED.url, row_mac = EXCLUDED.row_mac`, [row.agreement_id, row.party, Buffer.from(row.key_record), row.url, row.row_mac])
  }
}

/** The row and what the log begins with: the own key record, and the bindings of what the register holds. */
async function begin(tx: Transaction, { file, secrets }: Register, trust: Trust, bytes: Uint8Array, at: number): Promise<void> {
  const { id } = trust.agreement
  const row = bound(secrets, 'agreement', { agreement_id: id, bytes, joined: timeOf(at) })
  await tx.write('INSERT INTO agreement (agreement_id, bytes, joined, row_mac) VALUES ($1, $2, $3, $4)', [row.agreement_id, Buffer.from(bytes), row.joined, row.row_mac])
  const { record } = trust.parties.get(file.party) as NonNullable<ReturnType<typeof trust.parties.get>>
  await letWait(tx, secrets, id, 'clear', [{ id: '1-key-record', bytes: record.bytes }])
  const batches = await tx.read<{ batch_id: string, digest: Buffer }>('SELECT batch_id, digest FROM event_batch')
  await letWait(tx, secrets, id, 'event', batches.map(({ batch_id, digest }) => ({ id: batch_id, bytes: digest })))
  const cases = await tx.read<{ case_id: string } & Record<string, string>>('SELECT case_id, title, opened_by, opened_and, written FROM case_file')
  await letWait(tx, secrets, id, 'event', cases.map((opened) => ({ id: soleName('case_file', opened.case_id), bytes: soleDigest('case_file', opened) })))
  const acts = await tx.read<{ case_id: string, seq: number, act: string, written: string }>('SELECT case_id, seq, act, written FROM case_act')
  await letWait(tx, secrets, id, 'event', acts.map((act) => ({ id: soleName('case_act', `${act.case_id} ${act.seq}`), bytes: soleDigest('case_act', act) })))
  const people = await tx.read<{ office_id: string, seq: number, kind: string, person: string, said: string, written: string }>('SELECT office_id, seq, kind, person, said, written FROM office_act')
  await letWait(tx, secrets, id, 'event', people.map((act) => ({ id: soleName('office_act', `${act.office_id} ${act.seq}`), bytes: soleDigest('office_act', act) })))
  const loads = await tx.read<{ act_key: string, answer: string, written: string }>('SELECT act_key, answer, written FROM act_once WHERE act_key ~ $1', [ACTS_OF_ALL_LOGS])
  await letWait(tx, secrets, id, 'event', loads.map((load) => ({ id: soleName('act_once', load.act_key), bytes: soleDigest('act_once', load) })))
}

async function ownKeys(register: Register, trust: Trust): Promise<AgreementKeys> {
  const keys = await readAgreementKeys(register.dataDir, trust.agreement.id)
  if (keys === undefined) throw new Fault('agreement-refused', `no keys under ${trust.agreement.id}: run muster agreement keys ${trust.agreement.id} and let the agreement name the key record that it writes`)
  const stated = trust.parties.get(register.file.party)?.record.record.keys.message.ed25519
  if (stated !== Buffer.from(p.ed25519PublicKey(keys.message.ed25519)).toString('base64')) throw new Fault('agreement-refused', 'the agreement names another key record for this party than the keys in the data directory')
  return keysNamed(keys, (trust.parties.get(register.file.party)?.records.length ?? 1) - 1)
}

async function checked<R extends { row_mac: Buffer }>(secrets: Secrets, table: string, rows: R[]): Promise<R[]> {
  for (const row of rows) if (!macHolds(secrets, table, { ...row })) throw new Fault('row-changed', `a row of ${table} was changed behind Muster's back: run muster audit`)
  return rows
}

/** One agreement as it stands at `at` (POSIX seconds); undefined where it was neither joined nor taken up. */
export async function readJoined(register: Register, id: AgreementId, at: number): Promise<{ readonly joined: Joined, readonly read: ReadStanding } | undefined> {
  const { db, secrets } = register
  const [row] = await checked(secrets, 'agreement', await db.read<AgreementRow>('SELECT agreement_id, bytes, joined, row_mac FROM agreement WHERE agreement_id = $1', [id]))
  if (row === undefined) return undefined
  const agreement = parseAgreement(row.bytes)
  if (agreement instanceof Error) throw agreement
  const peers = await checked(secrets, 'peer', await db.read<PeerRow>('SELECT agreement_id, party, key_record, url, row_mac FROM peer WHERE agreement_id = $1', [id]))
  const records = peers.map(({ key_record }) => new Uint8Array(key_record))
  const later = await laterRecords(register, id, peers.map(({ party }) => party as PartyId))
  const read = await readStanding(register, agreement, records, (party) => later.get(party) ?? [], at)
  const { trust, standing } = read
  const urls = new Map(peers.flatMap(({ party, url }) => url === null ? [] : [[party as PartyId, url] as const]))
  return { joined: { agreement: trust.agreement, trust, keys: await ownKeys(register, trust), urls, standing }, read }
}

export async function joinedIds(db: Database): Promise<AgreementId[]> {
  const rows = await db.read<{ agreement_id: AgreementId }>('SELECT agreement_id FROM agreement ORDER BY agreement_id')
  return rows.map(({ agreement_id }) => agreement_id)
}

/** Every agreement of the register as it stands at `at`, the one that is at hand among them. */
export async function allJoined({ register, joined }: { readonly register: Register, readonly joined?: Joined }, at: number): Promise<Joined[]> {
  const held = await Promise.all((await joinedIds(register.db)).map(async (id) => id === joined?.agreement.id ? joined : (await readJoined(register, id, at))?.joined))
  return held.filter((each) => each !== undefined)
}
