// Messages on their way (DESIGN section 6): a row from the transaction that signs a message to the one that stores its receipt, so a crash anywhere
// leaves it due. Order is that of the pair's sequence; what the receiver refused for good, or what ran out, stands aside and holds up nothing.
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { Fault } from '../engine/fault.ts'
import { transaction, type Reader, type Transaction } from './database.ts'
import { insertRows } from './events.ts'
import { receiptsNaming } from './receipts.ts'
import type { Register } from './register.ts'
import { bound, macHolds } from './row-mac.ts'
import type { Secrets } from './secrets.ts'

/** Why a request is asked no more. */
export const RAN_OUT = 'message/expired'

const COLUMNS = ['agreement_id', 'receiver', 'sequence', 'message_id', 'aside', 'row_mac'] as const
type Row = { agreement_id: string, receiver: PartyId, sequence: number, message_id: Buffer, aside: string | null, row_mac: Buffer }

/** A message on its way; `aside`: the code with which it will not be had any more. */
export interface OnItsWay { readonly to: PartyId, readonly sequence: number, readonly id: string, readonly aside: string | null }

/** Puts messages on their way, in the transaction that stores them. */
export async function letGo(tx: Transaction, { secrets }: Pick<Register, 'secrets'>, agreement: AgreementId, messages: readonly Message[]): Promise<void> {
  const rows = messages.map((message) => rowFor(secrets, agreement, message))
  await insertRows(tx, 'outbox', COLUMNS, rows.map((row) => COLUMNS.map((name) => row[name])))
}

/** Puts stored messages on their way once more, but for those whose receipt is held; one that is on it already stays where it is. */
export async function letGoAgain({ db, secrets }: Register, agreement: AgreementId, messages: readonly Message[]): Promise<number> {
  return transaction(db, async (tx) => {
    const arrived = new Set((await receiptsNaming(tx, agreement, messages.map(({ id }) => id), ['in'])).map(({ of }) => of))
    const going = messages.filter(({ id }) => !arrived.has(id)).map((message) => rowFor(secrets, agreement, message))
    for (const row of going) {
      await tx.write('INSERT INTO outbox (agreement_id, receiver, sequence, message_id, aside, row_mac) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (agreement_id, receiver, sequence) DO NOTHING', COLUMNS.map((name) => row[name]))
    }
    return going.length
  }, { idempotencyKey: `again ${messages.map(({ id }) => id).join(' ')}` })
}

function rowFor(secrets: Secrets, agreement: AgreementId, { id, payload: { to, sequence } }: Message): Row {
  return bound(secrets, 'outbox', { agreement_id: agreement, receiver: to, sequence, message_id: Buffer.from(id, 'hex'), aside: null })
}

/** Takes off the way what its receiver has a receipt for, in the transaction that stores the receipt. Another party's word takes nothing off. */
export async function haveArrived(tx: Transaction, agreement: AgreementId, receiver: PartyId, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await tx.write('DELETE FROM outbox WHERE agreement_id = $1 AND receiver = $2 AND message_id = ANY($3)', [agreement, receiver, ids.map((id) => Buffer.from(id, 'hex'))])
}

async function rowsOf(db: Reader, { secrets }: Pick<Register, 'secrets'>, statement: string, values: readonly (string | number)[]): Promise<OnItsWay[]> {
  const rows = await db.read<Row>(statement, values)
  for (const row of rows) if (!macHolds(secrets, 'outbox', { ...row })) throw new Fault('row-changed', `outbox ${row.agreement_id} ${row.receiver} ${row.sequence} was changed behind Muster's back: nothing is sent; run muster audit`)
  return rows.map(({ receiver, sequence, message_id, aside }) => ({ to: receiver, sequence, id: toHex(message_id), aside }))
}

/** Everything on its way under an agreement, by receiver and sequence. */
export function onTheirWay(register: Register, agreement: AgreementId): Promise<OnItsWay[]> {
  return rowsOf(register.db, register, 'SELECT agreement_id, receiver, sequence, message_id, aside, row_mac FROM outbox WHERE agreement_id = $1 ORDER BY receiver, sequence', [agreement])
}

/** Parties to which something is due. */
export async function receiversDue({ db }: Pick<Register, 'db'>, agreement: AgreementId): Promise<PartyId[]> {
  const rows = await db.read<{ receiver: PartyId }>('SELECT DISTINCT receiver FROM outbox WHERE agreement_id = $1 AND aside IS NULL', [agreement])
  return rows.map(({ receiver }) => receiver)
}

/** The first `max` that are due to a party, in their order. */
export function dueTo(register: Register, agreement: AgreementId, party: PartyId, max: number): Promise<OnItsWay[]> {
  return rowsOf(register.db, register,
    'SELECT agreement_id, receiver, sequence, message_id, aside, row_mac FROM outbox WHERE agreement_id = $1 AND receiver = $2 AND aside IS NULL ORDER BY sequence LIMIT $3', [agreement, party, max])
}

/** The receiver will never take this message, or it is asked no more: it stands aside with the code, for people to see. */
export async function standAside({ db, secrets }: Register, agreement: AgreementId, { to, sequence, id }: OnItsWay, code: string): Promise<void> {
  const row = bound(secrets, 'outbox', { agreement_id: agreement, receiver: to, sequence, message_id: Buffer.from(id, 'hex'), aside: code })
  await transaction(db, (tx) => tx.write('UPDATE outbox SET aside = $4, row_mac = $5 WHERE agreement_id = $1 AND receiver = $2 AND sequence = $3', [agreement, to, sequence, code, row.row_mac]), { idempotencyKey: `aside ${id}` })
}

/** What needs no receipt has arrived: a receipt. */
export async function takeOffTheWay({ db }: Pick<Register, 'db'>, agreement: AgreementId, { to, id }: Pick<OnItsWay, 'to' | 'id'>): Promise<void> {
  await transaction(db, (tx) => haveArrived(tx, agreement, to, [id]), { idempotencyKey: `arrived ${id}` })
}

/** What a receiver refused is due again: nobody signs a refusal, and what was wrong may have been mended. What ran out stays aside. */
export async function tryAgain(register: Register, agreement: AgreementId): Promise<void> {
  const aside = (await onTheirWay(register, agreement)).filter((each) => each.aside !== null && each.aside !== RAN_OUT)
  if (aside.length === 0) return
  await transaction(register.db, async (tx) => {
    for (const { to, sequence, id } of aside) {
      const row = bound(register.secrets, 'outbox', { agreement_id: agreement, receiver: to, sequence, message_id: Buffer.from(id, 'hex'), aside: null })
      await tx.write('UPDATE outbox SET aside = NULL, row_mac = $4 WHERE agreement_id = $1 AND receiver = $2 AND sequence = $3', [agreement, to, sequence, row.row_mac])
    }
  }, { idempotencyKey: `try again ${agreement}` })
}
