// Production: numbers recorded at manufacture, and the returns that a licensed maker's party states to its licensor, counted from the register.
import { randomBytes } from 'node:crypto'
import { toHex } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf, type Time } from '@muster/core/bytes/time.ts'
import { scheduled } from '@muster/core/rules/duty.ts'
import { inForce } from '@muster/core/rules/holding.ts'
import { entryOf } from '@muster/core/rules/holding-change.ts'
import { known, type Identity, type ItemId } from '@muster/core/rules/item.ts'
import type { Site } from '@muster/core/rules/place.ts'
import type { LicensedProduction } from '@muster/core/rules/terms.ts'
import { PRODUCED_SERIALS_MAX, productionBinding, type ProductionCode, type ProductionReturn } from '@muster/core/wire/production-body.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { codeOf } from '../engine/fault.ts'
import { demandBody, sayWith, type At, type People } from '../said.ts'
import { placeAct } from '../store/acts-once.ts'
import { transaction } from '../store/database.ts'
import { eventsOf, writeDecided } from '../store/events.ts'
import { newItemId } from '../store/record-event.ts'
import type { Register } from '../store/register.ts'
import { productionSalt } from '../store/secrets.ts'

const RETURN_ID_BYTES = 16
const UNIQUE_VIOLATION = '23505'

export type ProductionActCode = ProductionCode | `production/${'no-numbers' | 'too-many-numbers' | 'number-made' | 'changed-meanwhile' | 'no-such-term'}`

export interface Made { readonly identity: Omit<Identity, 'serial'>, readonly serials: readonly string[], readonly site: Site, readonly happened: Time, readonly reason: string }

/** Records what was made, each item by its number, all or none; a number of one class, type and maker is made once. */
export async function recordProduction({ db, secrets, file }: Register, { identity, serials, site, happened, reason }: Made, { by, and }: People, at: number): Promise<readonly ItemId[]> {
  if (serials.length === 0) throw new Refusal<ProductionActCode>('production/no-numbers', 'name the numbers that were made', 'serials')
  if (serials.length > PRODUCED_SERIALS_MAX) throw new Refusal<ProductionActCode>('production/too-many-numbers', `at most ${PRODUCED_SERIALS_MAX} numbers are recorded at once`, 'serials')
  const twice = serials.find((serial, i) => serials.indexOf(serial) !== i)
  if (twice !== undefined) throw new Refusal<ProductionActCode>('production/number-made', `${twice} stands in the list twice`, 'serials')
  const place = { owner: { is: file.party }, custodian: { is: file.party }, site, unit: 'unknown' as const }
  const made = serials.map((serial) => ({ item: newItemId(), before: [], request: { kind: 'manufactured' as const, happened, by, and, reason, documents: [], data: { entry: { identity: { ...identity, serial: { is: serial } }, place } } } }))
  await transaction(db, async (tx) => {
    // Whoever records at the same moment would take the same place: neither sees the other's numbers before one of them is written.
    await placeAct(tx, secrets, 'manufactured', serials.length.toString(), at)
    const held = await tx.read<{ serial: string }>('SELECT serial FROM item WHERE class = $1 AND type IS NOT DISTINCT FROM $2 AND maker IS NOT DISTINCT FROM $3 AND serial = ANY($4) LIMIT 1', [identity.class, known(identity.type) ?? null, known(identity.maker) ?? null, serials])
    if (held[0] !== undefined) throw new Refusal<ProductionActCode>('production/number-made', `the register holds ${held[0].serial} of that type and maker already`, 'serials')
    await writeDecided(tx, secrets, { act: 'production', by, written: timeOf(at) }, made, timeOf(at))
  }).catch((error: unknown) => { throw codeOf(error) === UNIQUE_VIOLATION ? new Refusal<ProductionActCode>('production/changed-meanwhile', 'somebody else has recorded production meanwhile: look again', 'serials') : error })
  return made.map(({ item }) => item)
}

interface Lot { readonly year: string | null, readonly lot: string | null, made: number, readonly serials: string[] }

/** What was made under the term within the period, by year and lot, as the events in force say. A lot without numbers counts as many as it holds. */
async function madeWithin({ db }: Register, term: LicensedProduction, { from, until }: { readonly from: Time, readonly until: Time }): Promise<Lot[]> {
  const rows = await db.read<{ item_id: ItemId }>(`SELECT item_id FROM custody_event WHERE event LIKE '%"kind":"manufactured"%' AND item_id IN (SELECT item_id FROM item WHERE class = $1 AND type = $2 AND maker = $3) ORDER BY item_id`, [term.class, term.type, term.maker])
  const lots = new Map<string, Lot>()
  for (const item of new Set(rows.map(({ item_id }) => item_id))) {
    const first = inForce(await eventsOf(db, item)).find(({ kind, happened }) => kind === 'manufactured' && happened >= from && happened < until)
    const entry = first === undefined ? undefined : entryOf(first)
    if (entry === undefined) continue
    const [year, lot, serial] = [known(entry.identity.year) ?? null, known(entry.identity.lot) ?? null, known(entry.identity.serial)]
    const key = JSON.stringify([year, lot])
    const held = lots.get(key) ?? { year, lot, made: 0, serials: [] }
    held.made += typeof entry.quantity === 'number' ? entry.quantity : 1
    if (serial !== undefined) held.serials.push(serial)
    lots.set(key, held)
  }
  return [...lots].toSorted(([a], [b]) => a < b ? -1 : 1).map(([, lot]) => lot)
}

export interface Stating { readonly type: string, readonly maker?: string | undefined, /** The newest period that has ended, where it is left out. */ readonly until?: Time | undefined, readonly note: string | null }

/** States the return of one period to the licensor: counts, each with the binding of its numbers, and the numbers where the agreement discloses them. */
export async function stateReturn(home: At, { type, maker, until, note }: Stating, people: People, at: number): Promise<{ readonly message: Message, readonly body: ProductionReturn }> {
  const { register, joined: { agreement } } = home
  const terms = agreement.licensedProduction?.filter((each) => each.licensee === register.file.party && each.type === type && (maker === undefined || each.maker === maker)) ?? []
  const [term] = terms
  const periods = term === undefined ? [] : scheduled(term, timeOf(at))
  const period = until === undefined ? periods.at(-1) : periods.find((each) => each.until === until)
  if (term === undefined || terms.length > 1 || period === undefined) throw new Refusal<ProductionActCode>('production/no-such-term', `${agreement.id} has no one schedule of returns of ${type} for a period that ended ${until ?? 'by now'}: see muster agreement duties`, 'type')
  const about = { maker: term.maker, class: term.class, type: term.type, from: period.from, until: period.until }
  const id = randomBytes(RETURN_ID_BYTES).toString('hex')
  const rows = (await madeWithin(register, term, period)).map((lot, i) => {
    const [salt, serials] = [productionSalt(register.secrets, agreement.id, id, i), [...new Set(lot.serials)].sort((a, b) => a < b ? -1 : 1)]
    const { year, lot: name, made } = lot
    return { year, lot: name, made, binding: productionBinding(p, about, { year, lot: name, made }, salt, serials), ...(term.serials ? { opened: { salt: toHex(salt), serials } } : {}) }
  })
  const body = demandBody('production/return', { return: id, ...about, rows, note }) as unknown as ProductionReturn
  const [message] = await sayWith(home, [{ to: term.licensor, kind: 'production/return', body: body }], people, at)
  return { message: message as Message, body }
}
