// Opening, closing and reopening the books, each by two people, with the balance of that day, bound in every log.
import { canonical } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { BEGINNING, type BookRow } from '@muster/core/rules/book.ts'
import { closingOf, refuseClosing, type ClosingAct } from '@muster/core/rules/closing.ts'
import { codeOf } from '../engine/fault.ts'
import { placeBoundAct } from '../store/acts-once.ts'
import type { ReadingProgress } from '../store/each-item.ts'
import { closingsIn } from '../store/closings.ts'
import { transaction } from '../store/database.ts'
import { BOOK_ACTS } from '../store/placed-acts.ts'
import type { Register } from '../store/register.ts'
import { readBalance } from './read.ts'

export type CloseCode = 'closing/changed-meanwhile'
export type Closing = Omit<ClosingAct, 'rows'>

const UNIQUE_VIOLATION = '23505'

const rowOf = ({ class: kind, type, closing, uncounted }: BookRow): ClosingAct['rows'][number] => ({ class: kind, type, items: closing, uncounted })

async function eventsIn({ db }: Pick<Register, 'db'>): Promise<number> {
  return (await db.read<{ events: number }>('SELECT count(*) AS events FROM custody_event'))[0]?.events ?? 0
}

/** Writes the act with the balance of its day as it is known now. Refused where somebody wrote an event while the balance was taken. `at`: POSIX seconds. */
export async function closeBooks(register: Register, closing: Closing, at: number, progress?: ReadingProgress): Promise<ClosingAct> {
  const { db, secrets } = register
  const now = timeOf(at)
  const said = closingOf({ ...closing, rows: [] })
  if (said instanceof Refusal) throw said
  // What is refused without a balance is refused before one is taken.
  const early = refuseClosing((await closingsIn(db, secrets)).map(({ act }) => act), said, now)
  if (early !== undefined) throw early
  const events = await eventsIn(register)
  const rows = closing.kind === 'reopened' ? [] : (await readBalance(register, {}, { from: BEGINNING, until: closing.until, knownBy: now }, progress)).rows.map(rowOf)
  const act = closingOf({ ...closing, rows })
  if (act instanceof Refusal) throw act
  const changed = (): Refusal<CloseCode> => new Refusal('closing/changed-meanwhile', 'somebody wrote an event or closed the books while the balance was taken: look again', 'until')
  await transaction(db, async (tx) => {
    // Who writes events is waited for, and whoever comes after finds the books closed.
    await tx.write('LOCK TABLE custody_event IN SHARE MODE')
    const [{ events: held } = { events: 0 }] = await tx.read<{ events: number }>('SELECT count(*) AS events FROM custody_event')
    if (held !== events) throw changed()
    const refused = refuseClosing((await closingsIn(tx, secrets)).map((each) => each.act), act, now)
    if (refused !== undefined) throw refused
    await placeBoundAct(tx, secrets, BOOK_ACTS, canonical(act), at)
  }).catch((error: unknown) => { throw codeOf(error) === UNIQUE_VIOLATION ? changed() : error })
  return act
}
