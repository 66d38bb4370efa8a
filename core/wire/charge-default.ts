// Charges of what a party did not do when it was due: it kept silent, it did not open a batch (DESIGN section 5, steps 3 and 4). That it had the question
// or the answer is proven, by its own receipt or by a quorum that offered it in vain; that nothing came is the signed word of whoever waited, dated after
// it was due, and what came after all disproves that word. And what it opened otherwise than it had blinded, which its own signatures show.
import { fromBase64, fromHex, toHex } from '../bytes/bytes.ts'
import { Breach } from '../bytes/breach.ts'
import type { Json } from '../bytes/canonical.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { anyJson, list, nullable, object, type Shaped } from '../bytes/shape.ts'
import { addSeconds, type Time } from '../bytes/time.ts'
import { demandCoin, demandOpening, isPicked } from '../oprf/batch.ts'
import { OprfError } from '../oprf/oprf-error.ts'
import { PARTIES_MAX } from '../rules/agreement.ts'
import type { PartyId } from '../rules/party.ts'
import { askedBatch, evaluatedBatch } from './batch-body.ts'
import type { Accused, ChargeCode } from './charge.ts'
import { areQuorum, offeredInVain } from './delivery.ts'
import type { DeliveryBody } from './delivery-body.ts'
import { envelope, openEnvelope, type Envelope, type MessageKeysOf, type SignedPayload } from './message.ts'
import { EVALUATED_BY, isAsking, type Asking, type MessageKind } from './message-kind.ts'
import { checkReceipt } from './receipt.ts'
import { pickedElements } from './reconciliation-body.ts'
import { saidBody } from './said-body.ts'
import { traceBody, type OpenedElement } from './trace-body.ts'
import { messageKeysAt, partiesIn, RECORDS_MAX } from './trust.ts'

/** Key records of the parties besides the accused that signed something in the proof, of each the first one and later ones in their order. */
const keyRecords = list(anyJson, 0, RECORDS_MAX)

/** Message keys of the accused, and of the parties whose records are given, the first of each the one that the agreement names. */
function keysIn({ p, party, agreed }: Accused, records: readonly Json[]): MessageKeysOf {
  const parties = partiesIn(p, agreed, records, (id) => new Refusal<ChargeCode>('evidence/not-a-party', `${id} is no party of the agreement`, 'keyRecords'))
  return (from, under, time) => under === agreed.id ? messageKeysAt(from === party.party ? party : parties.get(from), time) : undefined
}

/** A message of that kind, both signatures verified. */
function opened(accused: Accused, keysOf: MessageKeysOf, packed: Envelope, name: string, kind?: MessageKind): SignedPayload {
  const message = openEnvelope(accused.p, packed, keysOf)
  if (message instanceof Refusal || message instanceof Breach) throw message
  if (kind !== undefined && message.payload.kind !== kind) throw new Refusal<ChargeCode>('evidence/other-question', `\`${name}\` is a message of kind ${message.payload.kind}, not ${kind}`, name)
  return message
}

function between({ payload: { from, to } }: SignedPayload, sender: PartyId, receiver: PartyId, name: string): void {
  if (from !== sender || to !== receiver) throw new Refusal<ChargeCode>('evidence/other-question', `\`${name}\` is from ${from} to ${to}, not from ${sender} to ${receiver}`, name)
}

/** The word of whoever waited that to this message nothing had come by its time. */
function missed(accused: Accused, keysOf: MessageKeysOf, packed: Envelope, of: SignedPayload, by: PartyId, what: 'answer' | 'opening'): { readonly message: SignedPayload, readonly body: DeliveryBody<'delivery/missing'> } {
  const message = opened(accused, keysOf, packed, 'missing', 'delivery/missing')
  between(message, by, accused.party.party, 'missing')
  const body = saidBody('delivery/missing', message.payload.body)
  if (body instanceof Refusal) throw body
  if (body.request !== of.id || body.what !== what) throw new Refusal<ChargeCode>('evidence/other-question', `\`missing\` is of another message, or of another thing than the ${what}`, 'missing')
  return { message, body }
}

const latest = (a: Time, b: Time): Time => a > b ? a : b

/** When an answer to this question is due, reckoned from when it was taken; undefined for what needs no answer. */
function dueOf({ payload: { kind, body } }: SignedPayload, taken: Time, answerSeconds: number): Time | undefined {
  if (kind === 'evaluation/request' || kind === 'trace/request') return addSeconds(taken, answerSeconds)
  if (kind !== 'call/issue') return undefined
  const call = saidBody('call/issue', body)
  return call instanceof Refusal ? undefined : latest(call.due, taken)
}

export const silent = object({ request: envelope, receipt: nullable(envelope), statements: list(envelope, 0, PARTIES_MAX), missing: envelope, keyRecords })

export function wasSilent(accused: Accused, { request: asked, receipt: given, statements, missing, keyRecords: records }: Shaped<typeof silent>): boolean {
  const { p, party: { party }, agreed } = accused
  const keysOf = keysIn(accused, records)
  const request = opened(accused, keysOf, asked, 'request')
  const asker = request.payload.from
  between(request, asker, party, 'request')
  const { answerSeconds } = agreed.deadlines
  const word = missed(accused, keysOf, missing, request, asker, 'answer').message.payload.time
  if (given !== null) {
    const receipt = opened(accused, keysOf, given, 'receipt', 'receipt')
    const wrong = checkReceipt(request, receipt)
    if (wrong !== undefined) throw wrong
    const due = dueOf(request, latest(request.payload.time, receipt.payload.time), answerSeconds)
    return due !== undefined && due <= word
  }
  const due = dueOf(request, request.payload.time, answerSeconds)
  if (due === undefined) return false
  const parties = offeredInVain(p, keysOf, statements, { agreement: agreed.id, of: request.id, asker, party, due, answerSeconds, latest: Number.MAX_SAFE_INTEGER })
  return areQuorum(parties, agreed.quorum) && due <= word
}

export const unopened = object({ request: envelope, told: envelope, receipt: envelope, missing: envelope, keyRecords })

/** What a question asks blinded. */
function askingOf({ payload: { kind } }: SignedPayload): Asking {
  if (!isAsking(kind)) throw new Refusal<ChargeCode>('evidence/other-question', `\`request\` is a message of kind ${kind}, and asks for no evaluation`, 'request')
  return kind
}

/** The accused asked, had the answer at the latest when it gave its receipt for being told of it, and showed no coin for the time that the agreement gives. */
export function leftUnopened(accused: Accused, { request: asked, told: telling, receipt: given, missing, keyRecords: records }: Shaped<typeof unopened>): boolean {
  const { party: { party }, agreed } = accused
  const keysOf = keysIn(accused, records)
  const request = opened(accused, keysOf, asked, 'request')
  const asking = askingOf(request)
  const { to: evaluator } = request.payload
  between(request, party, evaluator, 'request')
  const told = missed(accused, keysOf, telling, request, evaluator, 'opening')
  const answer = opened(accused, keysOf, told.body.answer as Envelope, 'told', EVALUATED_BY[asking])
  between(answer, evaluator, party, 'told')
  const answered = evaluatedBatch(asking, answer.payload)
  if (answered?.request !== request.id) throw new Refusal<ChargeCode>('evidence/other-question', '`told` brings the answer to another question', 'told')
  const receipt = opened(accused, keysOf, given, 'receipt', 'receipt')
  const wrong = checkReceipt(told.message, receipt)
  if (wrong !== undefined) throw wrong
  const word = missed(accused, keysOf, missing, request, evaluator, 'opening').message.payload.time
  return answered.elements !== null && addSeconds(latest(told.message.payload.time, receipt.payload.time), agreed.deadlines.openSeconds) <= word
}

export const falseOpening = object({ request: envelope, opening: envelope, answer: nullable(envelope), keyRecords })

interface Shown { readonly coin: string | null, readonly opened: readonly (OpenedElement & { readonly element: number })[] | null }

/** What an opening of the question says of its batch: the coin, and inputs with blinds by their elements, null where they stay closed. */
function shownIn(p: Primitives, opening: SignedPayload, request: string): Shown | undefined {
  const { kind, body } = opening.payload
  const all = (opened: readonly OpenedElement[] | null) => opened?.map((each, element) => ({ ...each, element })) ?? null
  if (kind === 'evaluation/open') return traceBody('evaluation/open', body).batches.filter((batch) => batch.request === request).map(({ coin, opened }) => ({ coin, opened: all(opened) }))[0]
  const said = kind === 'trace/request' ? traceBody(kind, body) : kind === 'reconciliation/show' || kind === 'inspection/prove' ? saidBody(kind, body) : undefined
  if (said === undefined || said instanceof Refusal) return undefined
  if ('ask' in said) return said.ask === request ? { coin: said.coin, opened: said.opened } : undefined
  if ('asked' in said) return toHex(p.sha256(fromBase64(said.asked.payload) ?? new Uint8Array(0))) === request ? { coin: null, opened: all(said.opened) } : undefined
  return said.request === request ? { coin: said.coin, opened: all(said.opened) } : undefined
}

/** The elements of a batch that have to be opened; undefined where that cannot be told without the answer. */
function dueElements({ p, agreed }: Accused, asking: Asking, count: number, coin: string | null, theirs: string | null | undefined): readonly number[] | undefined {
  const every = Array.from({ length: count }, (_, element) => element)
  if (asking === 'inspection/ask') return every
  if (coin === null || theirs === null || theirs === undefined) return undefined
  const [own, other] = [fromHex(coin) as Uint8Array, fromHex(theirs) as Uint8Array]
  const sha256 = (...parts: Uint8Array[]): Uint8Array => p.sha256(...parts)
  if (asking === 'reconciliation/ask') return pickedElements(sha256, own, other, agreed.reconciliation?.openOneIn ?? 1, count)
  return isPicked(sha256, own, other, agreed.openOneIn) ? every : []
}

/** The coin is not the one that was bound, an input or blind not the one that was blinded; or elements stay closed although both coins, the other in the answer, pick them. */
export function openedFalsely(accused: Accused, { request: asked, opening: said, answer: given, keyRecords: records }: Shaped<typeof falseOpening>): boolean {
  const { p, group, party: { party } } = accused
  const keysOf = keysIn(accused, records)
  const request = opened(accused, keysOf, asked, 'request')
  const asking = askingOf(request)
  const { to: evaluator } = request.payload
  const opening = opened(accused, keysOf, said, 'opening')
  for (const [name, message] of [['request', request], ['opening', opening]] as const) between(message, party, evaluator, name)
  const { coin, elements } = askedBatch(asking, request.payload.body)
  const shown = shownIn(p, opening, request.id)
  if (shown === undefined) throw new Refusal<ChargeCode>('evidence/other-question', '`opening` opens another batch than `request`', 'opening')
  const of64 = (text: string): Uint8Array => fromBase64(text) as Uint8Array
  try {
    if (coin !== null) demandCoin((...parts) => p.sha256(...parts), fromHex(coin) as Uint8Array, fromHex(shown.coin ?? '') ?? new Uint8Array(0))
    const places = shown.opened ?? []
    if (places.some(({ element }) => element >= elements.length)) return true
    // Of a find the batch is opened in whole or not at all.
    if (asking === 'evaluation/request' && shown.opened !== null && places.length !== elements.length) return true
    if (places.length > 0) demandOpening(group, places.map(({ input }) => of64(input)), places.map(({ blind }) => fromHex(blind) as Uint8Array), places.map(({ element }) => of64(elements[element] as string)))
  } catch (error) {
    if (error instanceof OprfError) return true
    throw error
  }
  const due = dueElements(accused, asking, elements.length, shown.coin, coinIn(accused, keysOf, asking, request, given))
  const open = new Set((shown.opened ?? []).map(({ element }) => element))
  return due?.some((element) => !open.has(element)) ?? false
}

/** The evaluator's coin in its answer; undefined where no answer is shown. */
function coinIn(accused: Accused, keysOf: MessageKeysOf, asking: Asking, request: SignedPayload, given: Envelope | null): string | null | undefined {
  if (given === null) return undefined
  const answer = opened(accused, keysOf, given, 'answer', EVALUATED_BY[asking])
  between(answer, request.payload.to, request.payload.from, 'answer')
  const answered = evaluatedBatch(asking, answer.payload)
  if (answered?.request !== request.id) throw new Refusal<ChargeCode>('evidence/other-question', '`answer` is to another question', 'answer')
  return answered.coin
}
