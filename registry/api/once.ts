// Idempotency-Key: who asks again with the same key and the same body gets the answer that was given. The key is taken before the act is begun; where the
// process dies in between, the key stays taken, and whoever asks again is told to look.
import { createHash } from 'node:crypto'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { Fault } from '../engine/fault.ts'
import type { Reply } from '../http/status.ts'
import { transaction } from '../store/database.ts'
import type { OfficeAt } from '../store/office.ts'
import { bound, macHolds } from '../store/row-mac.ts'

export type OnceCode = 'api/idempotency-key' | 'api/other-request' | 'api/under-way' | 'api/too-many-keys'

export const KEPT_SECONDS = 86_400
export const KEYS_MAX = 10_000
const KEY = /^[\x21-\x7e]{1,200}$/

type Row = { answer_key: Buffer, request: Buffer, person: string, status: number | null, answer: string | null, written: string, row_mac: Buffer }

const sha256 = (...parts: readonly string[]): Buffer => parts.reduce((hash, part) => hash.update(`${Buffer.byteLength(part)}:`).update(part), createHash('sha256')).digest()

/** The stored answer of this request under this key, else that of `act`, stored before it is given. `request`: what is asked of whom, bytes and all. */
export async function onceUnder(at: OfficeAt, key: string, person: string, request: readonly string[], now: number, act: () => Promise<Reply>): Promise<Reply> {
  if (!KEY.test(key)) throw new Refusal<OnceCode>('api/idempotency-key', 'Idempotency-Key: 1 to 200 printable ASCII characters')
  const taken = await take(at, sha256(person, key), person, sha256(...request), now)
  if (taken !== undefined) return taken
  const reply = await act()
  await keep(at, sha256(person, key), reply)
  return reply
}

/** Undefined where the key was free and is taken now. */
async function take({ db, secrets }: OfficeAt, key: Buffer, person: string, request: Buffer, now: number): Promise<Reply | undefined> {
  const row = bound(secrets, 'office_answer', { answer_key: key, request, person, status: null, answer: null, written: timeOf(now) })
  const free = await transaction(db, async (tx) => {
    await tx.write('DELETE FROM office_answer WHERE written < $1', [timeOf(now - KEPT_SECONDS)])
    const [{ held } = { held: 0 }] = await tx.read<{ held: number }>('SELECT count(*) AS held FROM office_answer WHERE person = $1', [person])
    if (Number(held) >= KEYS_MAX) throw new Refusal<OnceCode>('api/too-many-keys', `${KEYS_MAX} keys of ${person} are kept: they go after ${KEPT_SECONDS} seconds`)
    return (await tx.write('INSERT INTO office_answer (answer_key, request, person, written, row_mac) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (answer_key) DO NOTHING', [key, request, person, row.written, row.row_mac])).count > 0
  })
  if (free) return undefined
  const [held] = await db.read<Row>('SELECT answer_key, request, person, status, answer, written, row_mac FROM office_answer WHERE answer_key = $1', [key])
  if (held !== undefined && !macHolds(secrets, 'office_answer', { ...held })) throw new Fault('row-changed', 'an answer that was kept was changed behind Muster\'s back: run muster audit')
  if (held !== undefined && !held.request.equals(request)) throw new Refusal<OnceCode>('api/other-request', 'this Idempotency-Key stands for another request: take a new one')
  if (held === undefined || held.status === null || held.answer === null) throw new Refusal<OnceCode>('api/under-way', 'the request under this Idempotency-Key is under way, or broke off: look whether it was done before you take a new key')
  return { status: held.status, body: held.answer }
}

async function keep({ db, secrets }: OfficeAt, key: Buffer, { status, body }: Reply): Promise<void> {
  await transaction(db, async (tx) => {
    const [held] = await tx.read<Row>('SELECT answer_key, request, person, status, answer, written FROM office_answer WHERE answer_key = $1', [key])
    if (held === undefined) return
    const row = bound(secrets, 'office_answer', { answer_key: key, request: held.request, person: held.person, status, answer: body, written: held.written })
    await tx.write('UPDATE office_answer SET status = $2, answer = $3, row_mac = $4 WHERE answer_key = $1', [key, status, body, row.row_mac])
  })
}
