// A helper at work (spec/delivery.md): what another party asked to be offered is offered at the receiver's door, a few times until it is taken or the time has
// run out, and then signed for. Each try in vain is on record before the next; a crash costs at most one try, which is made again.
import { setTimeout as sleep } from 'node:timers/promises'
import { fromBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { canonical, canonicalBytes, parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { fit } from '@muster/core/bytes/shape.ts'
import { secondsOf, timeOf } from '@muster/core/bytes/time.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { REPLY_SEALED_BYTES_MAX, type DeliveryBody, type Try } from '@muster/core/wire/delivery-body.ts'
import { envelope, parseEnvelope, type Message } from '@muster/core/wire/message.ts'
import { receiptedBy } from '@muster/core/wire/receipt.ts'
import { SAID_FAMILIES, saidBody } from '@muster/core/wire/said-body.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { textOf } from '../engine/fault.ts'
import type { Hall, Home } from '../home.ts'
import { ask, Unreachable, type Answer } from '../peer/client.ts'
import { demandBody } from '../said.ts'
import { doneAmong, doOnce } from '../store/acts-once.ts'
import { messagesAbout, messagesById, writeMessages } from '../store/messages.ts'

const LOOK_MS = 1_000
const OFFER_MS_MAX = 30_000
/** From when it was asked to when the time has run out, evenly. */
const TRIES = 4
const AT_ONCE = 16
/** Receipt, and the sealed reply in base64. */
const ANSWER_BYTES_MAX = 2 * REPLY_SEALED_BYTES_MAX
/** Codes by which a registry's door says what is wrong with a file or with the message in it. */
const REFUSES = new RegExp(`^(?:courier|envelope|message|${SAID_FAMILIES.join('|')})/[a-z0-9-]{1,60}$`)

interface Offer { readonly message: Message, readonly body: DeliveryBody<'delivery/ask'> }
interface Offered { readonly last: Try, readonly receipt: DeliveryBody<'delivery/stated'>['receipt'], readonly reply: string | null }

/** Offers what is due to be offered, until `signal`. */
export async function keepOffering(home: Home, hall: Hall, signal: AbortSignal): Promise<void> {
  const finished = new Set<string>()
  while (!signal.aborted) {
    await offerDue(home, hall, finished).catch((error: unknown) => { if (!signal.aborted) home.report(textOf(error)) })
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined)
  }
}

/** One look at what is asked for; `finished` remembers ids of asks that need none any more. */
async function offerDue(home: Home, hall: Hall, finished: Set<string>): Promise<void> {
  const asked = (await openAsks(home, hall, finished)).slice(0, AT_ONCE)
  await Promise.all(asked.map(async (offer) => { if (await offerNow(home, hall, offer)) finished.add(offer.message.id) }))
}

/** Asks of others that are not signed for, as long as a try may still be of use. */
async function openAsks({ register, now }: Home, { joined }: Hall, finished: ReadonlySet<string>): Promise<Offer[]> {
  const { id, deadlines } = joined.agreement
  const rows = await register.db.read<{ sender: PartyId, message_id: Buffer }>("SELECT sender, message_id FROM message WHERE agreement_id = $1 AND kind = 'delivery/ask' AND direction = 'in' AND stored >= $2",
    [id, timeOf(now() - 2 * deadlines.answerSeconds)])
  const fresh = rows.filter(({ message_id }) => !finished.has(toHex(message_id)))
  const stated = new Set((await messagesAbout(register, joined, register.file.party, fresh.map(({ message_id }) => toHex(message_id)), 'out')).map(({ payload }) => payload.body.request))
  const offers: Offer[] = []
  for (const { sender, message_id } of fresh) {
    const name = toHex(message_id)
    const [message] = stated.has(name) ? [] : await messagesById(register, joined, sender, [name])
    const body = message === undefined ? undefined : saidBody('delivery/ask', message.payload.body)
    if (message !== undefined && body !== undefined && !(body instanceof Refusal) && joined.urls.has(body.party)) offers.push({ message, body })
  }
  return offers
}

/** Makes the try that is due, if one is. True once it is signed what came of all. */
async function offerNow(home: Home, hall: Hall, offer: Offer): Promise<boolean> {
  const { register } = home
  const { id } = hall.joined.agreement
  const { message, body } = offer
  const start = secondsOf(message.payload.time)
  const gap = Math.max(1, secondsOf(body.until) - start) / (TRIES - 1)
  const nth = Math.max(0, Math.min(TRIES - 1, Math.floor((home.now() - start) / gap)))
  const key = (n: number) => `offer/${id}/${message.id}/${n}`
  const done = await doneAmong(register, Array.from({ length: TRIES }, (_, n) => key(n)))
  if (done.has(key(nth))) return false
  const before = [...done].sort(([a], [b]) => a < b ? -1 : 1).map(([, tried]) => JSON.parse(tried) as Try)
  const { last, receipt, reply } = await offerOnce(home, hall, offer)
  if (nth < TRIES - 1 && last.how !== 'taken' && last.how !== 'refused') {
    await doOnce(register, [key(nth)], canonical(last), home.now())
    return false
  }
  const stated = demandBody('delivery/stated', { request: message.id, of: body.of, party: body.party, sealed: toHex(p.sha256(fromBase64(body.sealed) as Uint8Array)), tries: [...before, last], receipt, reply })
  await writeMessages(register, hall.joined, [{ to: message.payload.from, kind: 'delivery/stated', body: stated, about: message.id }], home.now())
  return true
}

async function offerOnce(home: Home, hall: Hall, { message: { payload: { from: asker } }, body: { of, party, sealed } }: Offer): Promise<Offered> {
  const at = timeOf(home.now())
  const inVain = (how: Try['how'], code: string): Offered => ({ last: { at, how, code }, receipt: null, reply: null })
  const { urls, agreement } = hall.joined
  let answer: Answer
  try {
    answer = await ask(`${urls.get(party) ?? ''}/courier/${agreement.id}`, { method: 'POST', body: fromBase64(sealed) as Uint8Array, headers: { 'content-type': 'application/octet-stream' }, bytesMax: ANSWER_BYTES_MAX, ms_max: OFFER_MS_MAX, retries: 0, signal: home.leaving.signal })
  } catch (error) {
    // What ends with this registry was no try.
    if (!(error instanceof Unreachable) || home.leaving.signal.aborted) throw error
    return inVain('no-answer', 'no-answer')
  }
  const json = jsonIn(answer.body)
  if (answer.status !== 200) return typeof json.code === 'string' && REFUSES.test(json.code) ? inVain('refused', json.code) : inVain('turned-away', `status ${answer.status}`)
  const given = fit(envelope, json.receipt)
  const receipt = 'misfit' in given ? undefined : parseEnvelope(p, canonicalBytes(given.value), hall.joined.trust.messageKeys)
  if ('misfit' in given || receipt === undefined || receipt instanceof Error) return inVain('no-receipt', 'no-receipt')
  const { payload } = receipt
  if (payload.from !== party || payload.to !== asker || !receiptedBy(payload).includes(of)) return inVain('no-receipt', 'other-receipt')
  return { last: { at, how: 'taken', code: null }, receipt: given.value, reply: sealedIn(json.reply) }
}

function sealedIn(reply: unknown): string | null {
  const bytes = typeof reply === 'string' ? fromBase64(reply) : undefined
  return bytes === undefined || bytes.length > REPLY_SEALED_BYTES_MAX ? null : reply as string
}

/** What is no JSON object has no members. */
function jsonIn(body: Buffer): { readonly code?: unknown, readonly receipt?: unknown, readonly reply?: unknown } {
  try {
    const json = parseJson(body, { bytes: ANSWER_BYTES_MAX, depth: 16 })
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? json as { readonly [name: string]: Json } : {}
  } catch (error) {
    if (error instanceof Refusal) return {}
    throw error
  }
}
