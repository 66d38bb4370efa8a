// What was due and did not come, put on file: the party is told, and the signed word that nothing came stands beside what proves that it had the question
// or the answer (core/wire/charge-default.ts). What comes after all disproves it, and then no file is made of it any more.
import { fromBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { addSeconds, timeOf } from '@muster/core/bytes/time.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { answeredBy, type MessageKind } from '@muster/core/wire/message-kind.ts'
import type { Envelope, Message } from '@muster/core/wire/message.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { answeredQuestion, EVALUATIONS } from '../peer/answered-question.ts'
import { demandBody, receiptsFor, type At } from '../said.ts'
import { recordBreach } from '../store/breaches.ts'
import { messagesAbout, messagesById, writeMessages } from '../store/messages.ts'

export type DefaultCode = 'delivery/silent' | 'batch/unopened'

const json = (message: Message): Envelope => parseJson(message.envelope) as unknown as Envelope

/** Says once, by its attempt, that something is missing to a message; what was said before stands. */
async function sayMissing({ register, joined }: At, message: Message, party: PartyId, what: 'answer' | 'opening', attempt: 0 | 1, answer: Envelope | null, at: number): Promise<Message> {
  const said = await messagesAbout(register, joined, register.file.party, [message.id], 'out')
  const before = said.find(({ payload: { kind, to, body } }) => kind === 'delivery/missing' && to === party && body.what === what && body.attempt === attempt)
  if (before !== undefined) return before
  const [written] = await writeMessages(register, joined, [{ to: party, kind: 'delivery/missing', body: demandBody('delivery/missing', { request: message.id, what, attempt, answer }), about: message.id }], at)
  return written as Message
}

/** Puts it on file that no answer to a question of this party came, though its receiver had it, or a quorum offered it in vain. */
export async function chargeSilence(home: At, request: Message, receipt: Message | undefined, statements: readonly Message[], at: number): Promise<void> {
  const { to: party } = request.payload
  const missing = await sayMissing(home, request, party, 'answer', 0, null, at)
  const had = receipt === undefined ? { statements: statements.map(({ envelope }) => envelope) } : { receipt: receipt.envelope }
  const breach = new Breach<DefaultCode>('delivery/silent', `${party} gave no answer to ${request.payload.kind} ${request.payload.sequence} when it was due`, { request: request.envelope, missing: missing.envelope, ...had })
  await recordBreach(home.register, home.joined.agreement.id, party, breach, at)
}

const ANSWERING: readonly MessageKind[] = ['evaluation/answer', 'evaluation/refuse', 'trace/answer', 'trace/refuse', 'call/answer', 'call/decline']

/** Whether a question that is said to be unanswered has been answered since, or a batch shown. */
async function isMadeGood({ register, joined }: At, party: PartyId, request: string, code: DefaultCode): Promise<boolean> {
  if (code === 'batch/unopened') return isShown({ register, joined }, party, request)
  return (await messagesAbout(register, joined, party, [request], 'in')).some(({ payload }) => ANSWERING.includes(payload.kind) && answeredBy(payload) === request)
}

const OPENINGS: readonly MessageKind[] = ['evaluation/open', 'trace/request', 'reconciliation/show', 'inspection/prove']

/** Whether an asker showed the coin of a batch or opened it, rightly or wrongly. */
async function isShown({ register, joined }: At, asker: PartyId, request: string): Promise<boolean> {
  const rows = await register.db.read<{ message_id: Buffer }>("SELECT message_id FROM message WHERE agreement_id = $1 AND kind = ANY($2) AND direction = 'in' AND sender = $3", [joined.agreement.id, OPENINGS, asker])
  const messages = await messagesById(register, joined, asker, rows.map(({ message_id }) => toHex(message_id)))
  return messages.some(({ payload: { kind, body } }) => kind === 'trace/request' ? body.request === request : kind === 'reconciliation/show' ? body.ask === request
    : kind === 'inspection/prove' ? idIn(body.asked) === request : Array.isArray(body.batches) && body.batches.some((batch: Json) => (batch as { readonly request?: Json }).request === request))
}

/** The id of the message in an envelope that came as a value. */
function idIn(envelope: Json | undefined): string {
  const { payload } = envelope as unknown as Envelope
  return toHex(p.sha256(fromBase64(payload) as Uint8Array))
}

/**
 * Tells each asker once of a batch that it left unopened beyond its time, with the evaluation; and, where its receipt for that is older than the time
 * to open and nothing came, puts it on file. Resolves to the askers that were put on file. Called once a period.
 */
export async function chargeUnopened(home: At, at: number): Promise<PartyId[]> {
  const { register, joined } = home
  const { id, deadlines } = joined.agreement
  const charged: PartyId[] = []
  for (const { request, asker } of await leftUnopened(home, id)) {
    const batch = await answeredQuestion(register, joined, asker, request)
    if (batch === undefined || await isShown(home, asker, request)) continue
    const answer = json(batch.answer)
    const told = await sayMissing(home, batch.request, asker, 'opening', 0, answer, at)
    const receipt = (await receiptsFor(home, [told])).get(told.id)
    const later = receipt === undefined || receipt.payload.time < told.payload.time ? told : receipt
    if (receipt === undefined || addSeconds(later.payload.time, deadlines.openSeconds) > timeOf(at)) continue
    const missing = await sayMissing(home, batch.request, asker, 'opening', 1, answer, at)
    await recordBreach(register, id, asker, new Breach<DefaultCode>('batch/unopened', `${asker} had the evaluation of batch ${request} and showed no coin`, {
      request: batch.request.envelope, told: told.envelope, receipt: receipt.envelope, missing: missing.envelope,
    }), at)
    charged.push(asker)
  }
  return charged
}

/** Batches for which somebody was suspended, but for those that are on file already. */
async function leftUnopened({ register, joined }: At, id: AgreementId): Promise<{ readonly request: string, readonly asker: PartyId }[]> {
  const rows = await register.db.read<{ act_key: string }>("SELECT act_key FROM act_once WHERE act_key LIKE $1 AND answer = 'suspended'", [`batch/${id}/%`])
  const requests = rows.map(({ act_key }) => act_key.slice(act_key.lastIndexOf('/') + 1))
  const said = await messagesAbout(register, joined, register.file.party, requests, 'out')
  const done = new Set(said.flatMap(({ payload: { kind, body } }) => kind === 'delivery/missing' && body.attempt === 1 ? [body.request] : []))
  return said.flatMap(({ payload: { kind, to, body } }) => EVALUATIONS.includes(kind) && typeof body.request === 'string' && !done.has(body.request) ? [{ request: body.request, asker: to }] : [])
}

/** Whether what is on file against a party for having been silent, or for an unopened batch, has been made good since. */
export async function isDisproven(home: At, { code, party, evidence }: { readonly code: string, readonly party: string, readonly evidence: Readonly<Record<string, Json>> }): Promise<boolean> {
  if ((code !== 'delivery/silent' && code !== 'batch/unopened') || typeof evidence.request !== 'string') return false
  const { payload } = parseJson(Buffer.from(evidence.request, 'hex')) as unknown as Envelope
  return isMadeGood(home, party as PartyId, toHex(p.sha256(fromBase64(payload) as Uint8Array)), code)
}
