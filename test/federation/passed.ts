// What one party released to another, and what the other acquired, each as its own clerks wrote it down.
import { randomUUID } from 'node:crypto'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { transaction } from '@muster/registry/store/database.ts'
import { writeBatch } from '@muster/registry/store/events.ts'
import type { Member } from './served.ts'
import { add, clock, enter, identityOf } from './two.ts'

const BEFORE = clock() - 100_000

/** Released to `to`, whose confirmation came on paper. */
export async function released(giver: Member, to: PartyId, serials: readonly string[]): Promise<void> {
  const side = giver.side()
  const items = await enter(side, 'baseline', serials.map((serial) => ({ serial, type: '9М39' })), BEFORE)
  for (const [i, item] of items.entries()) {
    const head = { v: 'muster/event/1', item, seq: 0, happened: '2026-01-01T00:00:00Z', written: timeOf(BEFORE), by: 'A. Petrova', and: null, reason: 'exercise', documents: [{ series: 'LIC', number: `AA-${serials[i]}`, date: '2026-02-01' }], kind: 'baseline', data: { entry: { identity: identityOf({ serial: serials[i] ?? '', type: '9М39' }), place: { owner: 'unknown', custodian: 'unknown', site: 'unknown', unit: 'unknown' } } } } as unknown as CustodyEvent
    const sent = await add(side, [head], { kind: 'dispatched', data: { to: { party: to }, abroad: true, due: timeOf(BEFORE + 5_000) } } as never, BEFORE + 1_000)
    await add(side, [head, sent], { kind: 'received', data: { from: { party: giver.party } } } as never, BEFORE + 2_000)
  }
}

/** Imported from `from`. */
export async function acquired(receiver: Member, from: PartyId, serials: readonly string[]): Promise<void> {
  const written = timeOf(BEFORE + 3_000)
  const { register } = receiver.home()
  const events = serials.map((serial) => ({
    v: 'muster/event/1', item: randomUUID() as ItemId, seq: 0, happened: written, written, by: 'A. Petrova', and: 'B. Karimov', reason: 'exercise', documents: [{ series: 'IMP', number: `BB-${serial}`, date: '2026-02-02' }],
    kind: 'imported', data: { from: { party: from }, entry: { identity: identityOf({ serial, type: '9M39' }), place: { owner: 'unknown', custodian: 'unknown', site: 'unknown', unit: 'unknown' } } },
  }) as unknown as CustodyEvent)
  await transaction(register.db, (tx) => writeBatch(tx, register.secrets, { act: 'imported', by: 'A. Petrova', written }, events.map((event) => ({ before: [], event }))))
}
