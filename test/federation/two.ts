// Two registers under one exercise agreement, in one process and on real PostgreSQL, each witness of the other's log, without a network between
// them: what a test of a trace's two sides starts from.
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { formatNote, parseNote, parseSignatureLine } from '@muster/core/proof/note.ts'
import { consistencyFromTiles } from '@muster/core/proof/tile.ts'
import { agreementBytes, agreementOf, type Agreement, type AgreementId } from '@muster/core/rules/agreement.ts'
import type { CustodyEvent, RecordedMark, RequestOf } from '@muster/core/rules/custody-event.ts'
import { partOf, type Identity, type ItemId } from '@muster/core/rules/item.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { removeDataDirectory } from '@muster/registry/engine/lease.ts'
import { makeOprfKey } from '@muster/registry/evaluator/key.ts'
import { declare, type Declared } from '@muster/registry/log/declare.ts'
import { logFolder, type OwnLog } from '@muster/registry/log/own-log.ts'
import { closePeriod } from '@muster/registry/log/period.ts'
import { signLog, storeCosigned } from '@muster/registry/log/sign.ts'
import { addCheckpoint, lastCosigned, parseSubmission, type Submission } from '@muster/registry/log/witness.ts'
import { formatSubmission } from '@muster/registry/peer/cosigning.ts'
import { joinAgreement, type Joined } from '@muster/registry/store/agreements.ts'
import { transaction } from '@muster/registry/store/database.ts'
import { writeBatch } from '@muster/registry/store/events.ts'
import { firstKeyRecord, makeAgreementKeys } from '@muster/registry/store/keys.ts'
import { initParty } from '@muster/registry/store/party-file.ts'
import { openRegister, type Register } from '@muster/registry/store/register.ts'
import { scratchFolder } from '@muster/registry/store/scratch.ts'
import { tilesIn } from '@muster/registry/store/tiles.ts'

export const DRILL = 'exercise-2' as AgreementId
export const BASELINE = '2026-01-01T00:00:00Z'

export interface Side {
  readonly party: PartyId
  readonly register: Register
  readonly joined: Joined
  readonly log: OwnLog
}

export interface Two {
  readonly aa: Side
  readonly bb: Side
  /** POSIX seconds by the system's clock, which the evaluator goes by as well. */
  readonly now: () => number
  /** Closes a period of a side's log, signs it and lets the named witnesses cosign; both by default. */
  readonly period: (side: Side, witnesses?: readonly Side[]) => Promise<string>
  /** Declares a side's register and lets the head into its log. */
  readonly declare: (side: Side) => Promise<Declared>
  readonly remove: () => Promise<void>
}

/** A statement that any party may make of itself to any other at any time: one office of the name `place`. */
export function officeSaid(to: PartyId, place = 'duty'): { readonly to: PartyId, readonly kind: 'directory/office', readonly body: { readonly [name: string]: Json } } {
  const office = { code: 'duty', names: { en: place, ru: place }, subjects: [], hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', until: '24:00' }], closed: [], from: null, until: null, otherwise: null }
  return { to, kind: 'directory/office', body: { offices: [office] } }
}

export type AgreementChange = Partial<Omit<Agreement, 'parties' | 'id' | 'v'>>

export function agreementWith(parties: Agreement['parties'], changes: AgreementChange): Agreement {
  const made = agreementOf({
    v: 'muster/agreement/1', id: DRILL, sequence: 0, exercise: true, title: { en: 'Exercise', ru: 'Учение' }, parties,
    baseline: BASELINE, scope: { classes: null }, liars: 0, quorum: 2, periodSeconds: 3600, step: 256, declarationAgeSecondsMax: 86_400,
    quota: { windowSeconds: 86_400, askerElements: 4096, allElements: 16_384 }, batches: [16, 64, 256, 1024], openOneIn: 1,
    deadlines: { openSeconds: 60, answerSeconds: 3600, receiptSeconds: 60, lookSeconds: 86_400 },
    standing: { sections: ['status', 'acquired', 'released'], approvedBy: ['A. Petrova', 'B. Karimov'] }, marking: { level: 'exercise', caveats: [] }, ...changes,
  })
  if (made instanceof Error) throw made
  return made
}

export function clock(): number {
  return Math.floor(Date.now() / 1000)
}

/** Makes both registers, their keys and the agreement; nothing is recorded or signed yet. */
export async function twoRegisters(changes: AgreementChange = {}): Promise<Two> {
  const folder = await scratchFolder()
  const started = clock()
  const made = await Promise.all((['AA', 'BB'] as PartyId[]).map(async (party) => {
    const dataDir = join(folder, party)
    await initParty(dataDir, { party, name: `Exercise party ${party}`, exercise: true, at: timeOf(started) })
    const register = await openRegister(dataDir)
    const keys = await makeAgreementKeys(dataDir, DRILL)
    const record = await firstKeyRecord(keys, DRILL, party, BASELINE, await makeOprfKey(dataDir, DRILL))
    return { party, register, record }
  }))
  const agreement = agreementWith(made.map(({ party, record }) => ({ id: party, name: { en: party, ru: party }, keyRecord: toHex(p.sha256(record)) })), changes)
  const records = new Map(made.map(({ party, record }) => [party, record]))
  const [aa, bb] = await Promise.all(made.map(async ({ party, register }): Promise<Side> => {
    const joined = await joinAgreement(register, agreementBytes(agreement), records, new Map(), started)
    const log: OwnLog = {
      dataDir: register.dataDir, db: register.db, secrets: register.secrets, party, agreement,
      get keys() { return joined.keys }, get oprfs() { return (joined.trust.parties.get(party) as PartyTrust).oprfs },
    }
    return { party, register, joined, log }
  })) as [Side, Side]
  const period = (side: Side, witnesses: readonly Side[] = [aa, bb]) => closeAndCosign(side, witnesses, clock())
  return {
    aa, bb, now: clock, period,
    declare: async (side) => {
      const declared = await declare(side.log, clock())
      await period(side)
      return declared
    },
    remove: async () => {
      for (const { register } of [aa, bb]) {
        await register.close()
        await removeDataDirectory(register.dataDir)
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function closeAndCosign(side: Side, witnesses: readonly Side[], at: number): Promise<string> {
  await closePeriod(side.log, at)
  const { size, note } = await signLog(side.log, at)
  const trust = side.joined.trust.parties.get(side.party) as PartyTrust
  const lines = []
  for (const witness of witnesses) {
    const old = (await lastCosigned(witness.log, 'witness', trust.origin))?.size ?? 0
    const path = old === 0 || old === size ? [] : consistencyFromTiles(p, old, size, tilesIn(logFolder(side.log)))
    const answer = await addCheckpoint(witness.log, parseSubmission(formatSubmission(old, path, note)) as Submission, () => trust, at, async () => undefined)
    if (answer.status !== 200) throw new Error(`${witness.party} does not cosign: ${answer.status} ${answer.body}`)
    lines.push(parseSignatureLine(answer.body.trimEnd(), 1))
  }
  const parsed = parseNote(note)
  const cosigned = formatNote({ text: parsed.text, signatures: [...parsed.signatures, ...lines] })
  await storeCosigned(side.log, size, cosigned)
  return cosigned
}

export interface Described { readonly class?: string, readonly type?: string, readonly maker?: string, readonly year?: string, readonly lot?: string, readonly serial: string, readonly marks?: readonly RecordedMark[] }

export function identityOf({ class: kind = 'missile', type, maker, year, lot, serial }: Described): Identity {
  return { class: kind, maker: partOf(maker), type: partOf(type), year: partOf(year), lot: partOf(lot), serial: partOf(serial) }
}

const NOWHERE = { owner: 'unknown', custodian: 'unknown', site: 'unknown', unit: 'unknown' } as const

/** Records first events as one batch: what is held since the baseline, or what was seized. Resolves to the item ids. */
export async function enter({ register }: Side, kind: 'baseline' | 'seized', all: readonly Described[], at: number = clock()): Promise<ItemId[]> {
  const written = timeOf(at)
  const events = all.map((described): CustodyEvent => {
    const entry = { identity: identityOf(described), place: NOWHERE, ...(described.marks === undefined ? {} : { marks: described.marks }) }
    const head = { v: 'muster/event/1' as const, item: randomUUID() as ItemId, seq: 0, happened: kind === 'baseline' ? BASELINE : written, written, by: 'A. Petrova', and: null, reason: 'exercise', documents: [] }
    return kind === 'baseline' ? { ...head, kind, data: { entry } } : { ...head, kind, data: { entry, region: 'exercise range' } }
  })
  await transaction(register.db, (tx) => writeBatch(tx, register.secrets, { act: kind, by: 'A. Petrova', written }, events.map((event) => ({ before: [], event }))))
  return events.map(({ item }) => item)
}

/** Records one more event of an item. */
export async function add<K extends CustodyEvent['kind']>({ register }: Side, before: readonly CustodyEvent[], request: Pick<RequestOf<K>, 'kind' | 'data'>, at: number = clock()): Promise<CustodyEvent> {
  const [first] = before
  if (first === undefined) throw new RangeError('an item has a first event')
  const event = { ...first, and: 'B. Karimov', happened: timeOf(at), written: timeOf(at), seq: before.length, ...request } as unknown as CustodyEvent
  await transaction(register.db, (tx) => writeBatch(tx, register.secrets, { act: request.kind, by: 'A. Petrova', written: timeOf(at) }, [{ before, event }]))
  return event
}
