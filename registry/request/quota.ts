// Questions that were refused for want of quota, and what two officers grant beside it: the elements of such a question, to whoever asked it, once.
import { toHex } from '@muster/core/bytes/bytes.ts'
import { canonical } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { fit, integer, object, text } from '@muster/core/bytes/shape.ts'
import type { Time } from '@muster/core/bytes/time.ts'
import { PERSON_CHARACTERS_MAX } from '@muster/core/rules/custody-event.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { RequestCode } from '@muster/core/rules/request.ts'
import { twoPeople } from '@muster/core/rules/two-people.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { traceBody } from '@muster/core/wire/trace-body.ts'
import { Fault } from '../engine/fault.ts'
import { grantTo } from '../evaluator/granted.ts'
import { doneAmong, doOnce } from '../store/acts-once.ts'
import { messageById } from '../store/messages.ts'
import type { At, People } from '../said.ts'

const ID_SHOWN_MIN = 8
const GRANTED = 'granted'
const grantedShape = object({ by: text(PERSON_CHARACTERS_MAX), and: text(PERSON_CHARACTERS_MAX), at: integer(0, Number.MAX_SAFE_INTEGER) })

export interface WithoutQuota { readonly id: string, readonly from: PartyId, readonly time: Time, readonly elements: number, readonly finds: number, readonly granted: boolean }

const keyOf = (agreement: string, id: string): string => `${GRANTED}/${agreement}/${id}`

/** Questions that this party refused for want of quota, oldest first. */
export async function refusedByQuota({ register, joined }: At): Promise<(WithoutQuota & { readonly question: Message })[]> {
  const own = register.file.party
  const rows = await register.db.read<{ receiver: PartyId, message_id: Buffer, about: Buffer }>(
    "SELECT receiver, message_id, about FROM message WHERE sender = $1 AND agreement_id = $2 AND direction = 'out' AND kind = 'evaluation/refuse' AND about IS NOT NULL", [own, joined.agreement.id])
  const granted = await doneAmong(register, rows.map(({ about }) => keyOf(joined.agreement.id, toHex(about))))
  const all = await Promise.all(rows.map(async ({ receiver, message_id, about }) => {
    const refusal = await messageById(register, joined, own, toHex(message_id))
    const question = await messageById(register, joined, receiver, toHex(about))
    if (question?.payload.kind !== 'evaluation/request' || refusal === undefined || traceBody('evaluation/refuse', refusal.payload.body).reason !== 'quota') return []
    const { elements, recoveries } = traceBody('evaluation/request', question.payload.body)
    return [{ id: question.id, from: receiver, time: question.payload.time, elements: elements.length, finds: recoveries.length, granted: granted.has(keyOf(joined.agreement.id, question.id)), question }]
  }))
  return all.flat().sort((a, b) => a.time < b.time ? -1 : 1)
}

/** Grants the asker the elements of one refused question beside its quota: the next such question is evaluated, whether or not the registry is being served. The act is on record before the evaluator hears of it. */
export async function grantQuota(home: At, id: string, people: People, at: number): Promise<WithoutQuota> {
  const { register, joined } = home
  const refused = twoPeople('a quota beside the agreed one', people.by, people.and)
  if (refused !== undefined) throw refused
  const named = id.length < ID_SHOWN_MIN ? [] : (await refusedByQuota(home)).filter((each) => each.id.startsWith(id))
  const [only] = named
  if (only === undefined || named.length > 1) throw new Refusal<RequestCode>('request/no-quota', `no one question that was refused for want of quota begins with ${id}: see muster request quota`, 'id')
  const key = keyOf(joined.agreement.id, only.id)
  await doOnce(register, [key], canonical({ ...people, at }), at)
  // A grant that was made before stands as it was, with its own time.
  const stands = fit(grantedShape, JSON.parse((await doneAmong(register, [key])).get(key) ?? 'null'))
  if ('misfit' in stands) throw new Fault('row-changed', `act_once ${key} is not a grant: run muster audit`)
  const { question, ...told } = only
  await grantTo(register.dataDir, joined.agreement.id, { id: only.id, at: stands.value.at, envelope: question.envelope })
  return { ...told, granted: true }
}
