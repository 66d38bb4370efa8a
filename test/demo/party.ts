// EXERCISE. What one state's staff does before the seizure: makes its register, its keys, loads its sheet, records what became of the story's
// components, joins the agreement and declares.
import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ItemId } from '@muster/core/rules/item.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { timeOf, type Time } from '@muster/core/bytes/time.ts'
import type { MakeEmpty } from '@muster/registry/engine/alike.ts'
import { makeOprfKey } from '@muster/registry/evaluator/key.ts'
import { declare, type Declared } from '@muster/registry/log/declare.ts'
import { openHome, sequence, systemClock } from '@muster/registry/main.ts'
import { joinAgreement } from '@muster/registry/store/agreements.ts'
import { transaction } from '@muster/registry/store/database.ts'
import { eventsOf, writeBatch } from '@muster/registry/store/events.ts'
import { importSheet, type ImportReport } from '@muster/registry/store/intake-store.ts'
import { firstKeyRecord, makeAgreementKeys } from '@muster/registry/store/keys.ts'
import { initParty } from '@muster/registry/store/party-file.ts'
import { openRegister, type Register } from '@muster/registry/store/register.ts'
import { AGREEMENT } from './agreement.ts'
import { additions, officers, recordsOf, type Addition, type Recorded } from './custody.ts'
import { inventoryOf } from './inventory.ts'
import { inventoryMapping, type ReadMapping } from './mappings.ts'
import { sheetBytes, type Sheet } from './sheet.ts'
import { EXERCISE, type State } from './states.ts'
import { COMPONENTS } from './story.ts'

export interface Prepared {
  readonly state: State
  readonly dir: string
  readonly register: Register
  readonly keyRecord: Uint8Array
  readonly items: number
}

/** Register, database and keys of a state. The register stays open, so that its server stays up until somebody else serves it. */
export async function found(folder: string, state: State, makeEmpty: MakeEmpty): Promise<Omit<Prepared, 'items'>> {
  const dir = join(folder, state.party)
  const at = timeOf(systemClock())
  await initParty(dir, { party: state.party, name: state.title[state.alphabet === 'cyrillic' ? 'ru' : 'en'], exercise: true, at }, { makeEmpty })
  const register = await openRegister(dir)
  const keys = await makeAgreementKeys(dir, AGREEMENT)
  return { state, dir, register, keyRecord: await firstKeyRecord(keys, AGREEMENT, state.party, at, await makeOprfKey(dir, AGREEMENT)) }
}

/** Writes a sheet as its office would hand it over and loads it by the real import. */
export async function loadSheet(folder: string, register: Register, state: State, sheet: Sheet, { mapping, sha256 }: ReadMapping, as: 'items' | 'recoveries'): Promise<ImportReport> {
  await mkdir(join(folder, 'sheets'), { recursive: true })
  const path = join(folder, 'sheets', sheet.name)
  await writeFile(path, sheetBytes(sheet))
  const [by, and] = officers(state.party)
  const report = await importSheet(register, {
    path, as, mapping, mappingSha256: sha256, goodRows: true, dryRun: false, keep: [], encoding: sheet.encoding, delimiter: sheet.delimiter, by, and, written: timeOf(systemClock()), lang: 'en',
  })
  return report
}

async function itemOf(register: Register, { component, mark }: Recorded): Promise<ItemId> {
  if (mark === undefined) return randomUUID() as string as ItemId
  const [row] = await register.db.read<{ item_id: ItemId }>('SELECT item_id FROM item WHERE serial = $1', [mark])
  if (row === undefined) throw new Error(`${component}: ${mark} is not in the register`)
  return row.item_id
}

/** The custody of the story's components at this state, in one batch. Resolves to how many items it entered. */
async function recordStory(register: Register, party: PartyId): Promise<number> {
  const records = COMPONENTS.flatMap(recordsOf).filter((record) => record.party === party)
  const written: Time = timeOf(systemClock())
  const all: Addition[] = []
  for (const record of records) {
    const item = await itemOf(register, record)
    all.push(...additions(item, await eventsOf(register.db, item), record.requests, written))
  }
  if (all.length > 0) await transaction(register.db, (tx) => writeBatch(tx, register.secrets, { act: `custody ${EXERCISE}`, by: officers(party)[0], written }, all))
  return records.filter(({ mark }) => mark === undefined).length
}

/** The state's inventory and its records. The silent state's register stays empty. */
export async function stock(folder: string, { state, register }: Pick<Prepared, 'state' | 'register'>): Promise<number> {
  if (state.part === 'silent') return 0
  const report = await loadSheet(folder, register, state, inventoryOf(state), inventoryMapping(state), 'items')
  return report.accepted + await recordStory(register, state.party)
}

export async function join_(prepared: Pick<Prepared, 'register'>, agreement: Uint8Array, records: ReadonlyMap<PartyId, Uint8Array>, urls: ReadonlyMap<PartyId, string>): Promise<void> {
  await joinAgreement(prepared.register, agreement, records, urls, systemClock())
}

/** Declares the register as it stands and closes a period of its log, so that the head is there when the others begin to look. */
export async function declareParty(dir: string): Promise<Declared> {
  const home = await openHome(dir)
  try {
    const hall = home.halls.get(AGREEMENT)
    if (hall === undefined) throw new Error(`${dir} has not joined ${AGREEMENT}`)
    const declared = await declare(hall.log, home.now())
    await sequence(home, hall)
    return declared
  } finally {
    await home.close()
  }
}
