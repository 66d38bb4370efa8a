// Formal requests of traces, put and received, each with every word said of it, read anew from the messages each time.
import { toHex } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { addSeconds, timeOf, type Time } from '@muster/core/bytes/time.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { requestStanding, type RequestCode, type RequestStanding } from '@muster/core/rules/request.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { isByAsked, REQUEST_BODY, type RequestKind } from '@muster/core/wire/request-body.ts'
import { traceBody, type TraceBody } from '@muster/core/wire/trace-body.ts'
import { messagesById } from '../store/messages.ts'
import { saidOf, type At, type Said } from '../said.ts'

const ID_SHOWN_MIN = 8
const KINDS = Object.keys(REQUEST_BODY) as RequestKind[]

export type RequestWord = { [K in RequestKind]: { readonly kind: K, readonly said: Said<K> } }[RequestKind]

export interface FormalRequest {
  /** `in`: this party is asked. */
  readonly direction: 'in' | 'out'
  readonly with: PartyId
  readonly message: Message
  readonly body: TraceBody<'trace/request'>
  readonly answer: Message | undefined
  /** When the asked party looks whether an item that it claims is there. */
  readonly lookDue: Time | null
  readonly words: readonly RequestWord[]
  readonly due: Time
  readonly standing: RequestStanding
}

/** By time; within a second party by party, each in its own order. */
function byTime({ said: { message: { payload: a } } }: RequestWord, { said: { message: { payload: b } } }: RequestWord): number {
  return a.time < b.time ? -1 : a.time > b.time ? 1 : a.from === b.from ? a.sequence - b.sequence : a.from < b.from ? -1 : 1
}

/** The words of all requests by the id of the request, each said by whom they are to say. */
async function wordsIn(home: At): Promise<ReadonlyMap<string, RequestWord[]>> {
  const own = home.register.file.party
  const all = await Promise.all((['in', 'out'] as const).flatMap((direction) => KINDS.map(async (kind) => (await saidOf(home, kind, direction)).map((said) => ({ kind, said })))))
  const byRequest = new Map<string, RequestWord[]>()
  for (const word of all.flat().sort(byTime)) {
    const { from, to } = word.said.message.payload
    const place = `${word.said.body.request} ${from === own ? to : from}`
    byRequest.set(place, [...byRequest.get(place) ?? [], word])
  }
  return byRequest
}

/** Every formal request with where it stands as of `at` (POSIX seconds), oldest first. */
export async function formalRequests(home: At, at: number): Promise<FormalRequest[]> {
  const { register, joined } = home
  const own = register.file.party
  const rows = await register.db.read<{ sender: PartyId, message_id: Buffer }>("SELECT DISTINCT sender, message_id FROM message WHERE agreement_id = $1 AND kind = 'trace/request'", [joined.agreement.id])
  if (rows.length === 0) return []
  const answers = await register.db.read<{ sender: PartyId, message_id: Buffer }>("SELECT DISTINCT sender, message_id FROM message WHERE agreement_id = $1 AND kind IN ('trace/answer', 'trace/refuse')", [joined.agreement.id])
  const read = async (all: typeof rows): Promise<Message[]> => (await Promise.all([...new Set(all.map(({ sender }) => sender))].map((sender) =>
    messagesById(register, joined, sender, all.filter((row) => row.sender === sender).map(({ message_id }) => toHex(message_id)))))).flat()
  const [requests, replies, words] = await Promise.all([read(rows), read(answers), wordsIn(home)])
  return requests.flatMap((message) => {
    const { from, to, time } = message.payload
    const body = bodyOf(message)
    if (body === undefined) return []
    const other = from === own ? to : from
    const answer = replies.find(({ payload }) => payload.from === to && payload.to === from && payload.body.request === message.id)
    const said = (words.get(`${message.id} ${other}`) ?? []).filter(({ kind, said: { message: { payload }, body: each } }) => (payload.from === to) === isByAsked(kind, each))
    const due = addSeconds(time, joined.agreement.deadlines.answerSeconds)
    const lookDue = lookOf(answer)
    return [{ direction: from === own && to !== own ? 'out' as const : 'in' as const, with: other, message, body, answer, lookDue, words: said, due, standing: requestStanding(wordsOf(message, answer, lookDue, said), due, timeOf(at)) }]
  }).sort((a, b) => a.message.payload.time < b.message.payload.time ? -1 : 1)
}

function bodyOf({ payload }: Message): TraceBody<'trace/request'> | undefined {
  try {
    return traceBody('trace/request', payload.body)
  } catch (thrown) {
    if (thrown instanceof Refusal) return undefined
    throw thrown
  }
}

function lookOf(answer: Message | undefined): Time | null {
  return answer?.payload.kind === 'trace/answer' ? traceBody('trace/answer', answer.payload.body).look?.due ?? null : null
}

function wordsOf({ payload: { time } }: Message, answer: Message | undefined, lookDue: Time | null, words: readonly RequestWord[]): Parameters<typeof requestStanding>[0] {
  const last = (kind: RequestKind, what?: string): Time | null => words.findLast((word) => word.kind === kind && (what === undefined || (word.kind === 'trace/withdraw' && word.said.body.what === what)))?.said.message.payload.time ?? null
  const clarified = new Set(words.flatMap((word) => word.kind === 'trace/clarified' ? [word.said.body.clarify] : []))
  return {
    received: time,
    answered: answer === undefined ? null : { time: answer.payload.time, refused: answer.payload.kind === 'trace/refuse', lookDue },
    acknowledged: last('trace/acknowledge'), interim: last('trace/interim'), told: last('trace/outcome'), requestWithdrawn: last('trace/withdraw', 'request'), answerWithdrawn: last('trace/withdraw', 'answer'),
    clarifications: words.flatMap((word) => word.kind === 'trace/clarify' ? [{ time: word.said.message.payload.time, answered: clarified.has(word.said.message.id) }] : []),
    looks: words.flatMap((word) => word.kind === 'trace/look' ? [{ time: word.said.message.payload.time, found: word.said.body.found }] : []),
  }
}

/** The one request whose id begins so. */
export async function requestBy(home: At, id: string, at: number, direction?: 'in' | 'out'): Promise<FormalRequest> {
  const named = id.length < ID_SHOWN_MIN ? [] : (await formalRequests(home, at)).filter((each) => each.message.id.startsWith(id) && (direction === undefined || each.direction === direction))
  const [only] = named
  if (only === undefined || named.length > 1) throw new Refusal<RequestCode>('request/unknown', `no one request begins with ${id}: ${ID_SHOWN_MIN} or more characters of its id, as muster request list has it`, 'id')
  return only
}
