// Formal requests that no standing rule answers: they wait for two officers, who release sections or refuse with a reason. The decision is
// recorded before the answer is written; after a crash between the two, the decision that stands is carried out.
import { fromUtf8, toHex, utf8 } from '@muster/core/bytes/bytes.ts'
import { canonicalBytes } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf, type Time } from '@muster/core/bytes/time.ts'
import { parseEvent } from '@muster/core/rules/custody-event.ts'
import { approve, sectionsToOpen, type Approval } from '@muster/core/rules/disclosure.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { recordedFind } from '@muster/core/rules/recovered-mark.ts'
import { DISCLOSED_SECTIONS, type DisclosedSection } from '@muster/core/rules/terms.ts'
import type { RequestCode } from '@muster/core/rules/request.ts'
import { twoPeople } from '@muster/core/rules/two-people.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { REFUSAL_REASONS, traceBody, type RefusalReason, type TraceBody } from '@muster/core/wire/trace-body.ts'
import { fit, list, nullable, object, oneOf, text } from '@muster/core/bytes/shape.ts'
import { Fault } from '../engine/fault.ts'
import { doneAmong, doOnce } from '../store/acts-once.ts'
import { messageById, writeMessages } from '../store/messages.ts'
import { checkFormal, disclose, type CheckedRequest } from './answer-formal.ts'
import type { AnswerHome } from './answer.ts'

type OfficeHome = Pick<AnswerHome, 'register' | 'joined' | 'group'>

export interface WaitingRequest {
  readonly id: string
  readonly from: PartyId
  readonly time: Time
  readonly ground: string
  readonly use: string
  /** Readings of the find's marks, verbatim. */
  readonly marks: readonly string[]
  /** Keys that hit. */
  readonly hits: number
}


/** What two officers decided of one request: sections to open, or the reason of a refusal. */
const decision = object({ by: text(200), and: text(200), sections: list(oneOf(...DISCLOSED_SECTIONS), 0, DISCLOSED_SECTIONS.length), reason: nullable(oneOf(...REFUSAL_REASONS)) })

/** Formal requests that are neither answered nor withdrawn, the oldest first. */
export async function waitingRequests({ register, joined }: Pick<OfficeHome, 'register' | 'joined'>): Promise<WaitingRequest[]> {
  const { id } = joined.agreement
  const own = register.file.party
  const asked = await register.db.read<{ sender: PartyId, message_id: Buffer }>(
    "SELECT sender, message_id FROM message WHERE agreement_id = $1 AND receiver = $2 AND direction = 'in' AND kind = 'trace/request' ORDER BY stored, message_id", [id, own])
  const answered = await register.db.read<{ about: Buffer }>(
    "SELECT about FROM message WHERE sender = $1 AND agreement_id = $2 AND direction = 'out' AND kind = ANY($3)", [own, id, ['trace/answer', 'trace/refuse']])
  const withdrawn = await register.db.read<{ sender: PartyId, about: Buffer }>("SELECT sender, about FROM message WHERE agreement_id = $1 AND direction = 'in' AND kind = 'trace/withdraw'", [id])
  const withdrawnBy = new Set(withdrawn.map(({ sender, about }) => `${sender} ${toHex(about)}`))
  const done = new Set(answered.map(({ about }) => toHex(about)))
  const waiting = asked.filter(({ sender, message_id }) => !done.has(toHex(message_id)) && !withdrawnBy.has(`${sender} ${toHex(message_id)}`))
  return Promise.all(waiting.map(async ({ sender, message_id }) => toldOf(await messageById(register, joined, sender, toHex(message_id)) as Message)))
}

function toldOf({ id, payload }: Message): WaitingRequest {
  const { ground, use, hits, recovery } = traceBody('trace/request', payload.body)
  const event = parseEvent(utf8(recovery.event))
  const find = event instanceof Error ? undefined : recordedFind(event)
  return { id, from: payload.from, time: payload.time, ground, use, marks: find?.queries.map(({ serial }) => serial) ?? [], hits: hits.length }
}

async function open({ register, joined }: OfficeHome, id: string): Promise<Message> {
  const all = await waitingRequests({ register, joined })
  const waiting = all.filter((each) => each.id.startsWith(id))
  const [one] = waiting
  if (one === undefined || waiting.length > 1) throw new Refusal<RequestCode>('request/unknown', `${id} is the beginning of ${waiting.length} waiting requests: name it as muster request list shows it`, 'id')
  return await messageById(register, joined, one.from, one.id) as Message
}

/** What an answer that opens these sections would say, to the byte but for its signatures; nothing is recorded or sent. Throws a Refusal where there would be none. */
export async function previewRequest(home: OfficeHome, id: string, sections: readonly DisclosedSection[], at: number): Promise<TraceBody<'trace/answer'> & { readonly to: PartyId }> {
  const opened = sectionsToOpen(sections, home.joined.agreement.disclosure)
  if (opened instanceof Refusal) throw opened
  const message = await open(home, id)
  const saying = await disclose(home, message, await demandAsAsked(home, message), { sections: opened, by: ['', ''], standing: false, at: timeOf(at) }, at)
  if (saying.kind !== 'trace/answer') throw new Refusal<RequestCode>('request/not-as-asked', 'the declaration that was asked of is not here any more: refuse it', 'id')
  return { to: message.payload.from, ...traceBody('trace/answer', saying.body) }
}

async function demandAsAsked(home: OfficeHome, message: Message): Promise<CheckedRequest> {
  const checked = await checkFormal(home, message)
  if (checked === 'malformed' || 'wrong' in checked) throw new Refusal<RequestCode>('request/not-as-asked', 'the request does not open what it asked: refuse it', 'id')
  return checked
}

async function decide({ register, joined }: OfficeHome, message: Message, made: { readonly by: string, readonly and: string, readonly sections: readonly DisclosedSection[], readonly reason: RefusalReason | null }, at: number) {
  const key = `decided/${joined.agreement.id}/${message.id}`
  await doOnce(register, [key], fromUtf8(canonicalBytes(made)) as string, at)
  const stands = fit(decision, JSON.parse((await doneAmong(register, [key])).get(key) ?? 'null'))
  if ('misfit' in stands) throw new Fault('row-changed', `act_once ${key} is not a decision: run muster audit`)
  return stands.value
}

/** Releases sections of the items behind a waiting request; `id` may be its beginning. Throws a Refusal for one person, no sections, or a request that does not hold. */
export async function approveRequest(home: OfficeHome, id: string, sections: readonly DisclosedSection[], by: string, and: string | null, at: number): Promise<Message> {
  const approval = approve(sections, by, and, timeOf(at), home.joined.agreement.disclosure)
  if (approval instanceof Refusal) throw approval
  const message = await open(home, id)
  const stands = await decide(home, message, { by: approval.by[0], and: approval.by[1], sections: approval.sections, reason: null }, at)
  return carryOut(home, message, stands, at)
}

/** Refuses a waiting request with a reason that the other side reads in its own language. */
export async function refuseRequest(home: OfficeHome, id: string, reason: string, by: string, and: string | null, at: number): Promise<Message> {
  const known = REFUSAL_REASONS.find((each) => each === reason)
  if (known === undefined) throw new Refusal<RequestCode>('request/reason', `a reason is one of ${REFUSAL_REASONS.join(', ')}`, 'reason')
  const refused = twoPeople('disclosure', by, and)
  if (refused !== undefined) throw refused
  const message = await open(home, id)
  return carryOut(home, message, await decide(home, message, { by, and: and as string, sections: [], reason: known }, at), at)
}

async function carryOut(home: OfficeHome, message: Message, stands: { readonly by: string, readonly and: string, readonly sections: readonly DisclosedSection[], readonly reason: RefusalReason | null }, at: number): Promise<Message> {
  const { register, joined } = home
  const { reason, sections, by, and } = stands
  const approval: Approval = { sections, by: [by, and], standing: false, at: timeOf(at) }
  const saying = reason !== null
    ? { to: message.payload.from, kind: 'trace/refuse' as const, body: { request: message.id, reason }, about: message.id }
    : await disclose(home, message, await demandAsAsked(home, message), approval, at)
  const [written] = await writeMessages(register, joined, [{ ...saying, sent: true }], at)
  return written as Message
}
