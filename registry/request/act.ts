// What is said of a formal request besides its answer: by the asked party's officers, and by the asker's. Each word is a signed message that the outbox
// carries, with the names of who decided it kept here.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { RequestCode } from '@muster/core/rules/request.ts'
import { twoPeople } from '@muster/core/rules/two-people.ts'
import type { Message } from '@muster/core/wire/message.ts'
import type { SaidBody } from '@muster/core/wire/said-body.ts'
import { traceBody } from '@muster/core/wire/trace-body.ts'
import type { RequestKind } from '@muster/core/wire/request-body.ts'
import { demandBody, sayWith, type At, type People } from '../said.ts'
import { requestBy, type FormalRequest } from './view.ts'

/** A body without what names its request. */
export type Saying<K extends RequestKind> = Omit<SaidBody<K>, 'request'>

async function say<K extends RequestKind>(home: At, { message, with: to }: FormalRequest, kind: K, body: Saying<K>, people: People, at: number): Promise<Message> {
  const [written] = await sayWith(home, [{ to, kind, body: demandBody(kind, { request: message.id, ...body } as unknown as SaidBody<K>), about: message.id }], people, at)
  return written as Message
}

/** A request to this party that is neither answered nor withdrawn. */
async function open(home: At, id: string, at: number): Promise<FormalRequest> {
  const request = await requestBy(home, id, at, 'in')
  if (request.answer !== undefined) throw new Refusal<RequestCode>('request/answered', 'this request was answered', 'id')
  if (request.standing.state === 'withdrawn') throw new Refusal<RequestCode>('request/withdrawn', `${request.with} has withdrawn this request`, 'id')
  return request
}

/** Officers have it, and when they mean to answer. */
export async function acknowledgeRequest(home: At, id: string, said: Saying<'trace/acknowledge'>, people: People, at: number): Promise<Message> {
  return say(home, await open(home, id, at), 'trace/acknowledge', said, people, at)
}

/** Asks the asker what is needed to answer. The time to answer runs on. */
export async function clarifyRequest(home: At, id: string, said: Saying<'trace/clarify'>, people: People, at: number): Promise<Message> {
  return say(home, await open(home, id, at), 'trace/clarify', said, people, at)
}

/** How far the answer is; it discloses nothing of an item. */
export async function answerInterim(home: At, id: string, said: Saying<'trace/interim'>, people: People, at: number): Promise<Message> {
  return say(home, await open(home, id, at), 'trace/interim', said, people, at)
}

/** What somebody who went to see found, of an item that the own answer shows: a disclosure, two people's act. What is not accessible may be looked for again. */
export async function reportLook(home: At, id: string, said: Saying<'trace/look'>, people: People, at: number): Promise<Message> {
  const refused = twoPeople('disclosure', people.by, people.and)
  if (refused !== undefined) throw refused
  if (said.when > timeOf(at)) throw new Refusal<RequestCode>('request/in-the-future', `nobody has looked at ${said.when} yet: it is ${timeOf(at)} now`, 'when')
  const request = await requestBy(home, id, at, 'in')
  const { answer, lookDue } = request
  if (answer === undefined || lookDue === null) throw new Refusal<RequestCode>('request/no-look', 'a look follows an answer that shows an item as held', 'id')
  const shown = traceBody('trace/answer', answer.payload.body).hits.flatMap(({ items }) => items.map(({ label }) => label))
  if (!shown.includes(said.label)) throw new Refusal<RequestCode>('request/other-item', 'the answer shows no item of this label', 'label')
  return say(home, request, 'trace/look', said, people, at)
}

/** Takes back an answer that was given in error; it stays signed, and this stands beside it. */
export async function withdrawAnswer(home: At, id: string, said: Omit<Saying<'trace/withdraw'>, 'what'>, people: People, at: number): Promise<Message> {
  const refused = twoPeople('disclosure', people.by, people.and)
  if (refused !== undefined) throw refused
  const request = await requestBy(home, id, at, 'in')
  if (request.answer === undefined) throw new Refusal<RequestCode>('request/not-answered', 'this request has no answer that could be withdrawn', 'id')
  return say(home, request, 'trace/withdraw', { what: 'answer', ...said }, people, at)
}

/** The asker needs no answer any more. */
export async function withdrawRequest(home: At, id: string, said: Omit<Saying<'trace/withdraw'>, 'what'>, people: People, at: number): Promise<Message> {
  const request = await requestBy(home, id, at, 'out')
  if (request.standing.state === 'withdrawn') throw new Refusal<RequestCode>('request/withdrawn', 'this request was withdrawn before', 'id')
  return say(home, request, 'trace/withdraw', { what: 'request', ...said }, people, at)
}

/** Answers the newest question back that has no answer yet. */
export async function replyClarification(home: At, id: string, said: Omit<Saying<'trace/clarified'>, 'clarify'>, people: People, at: number): Promise<Message> {
  const request = await requestBy(home, id, at, 'out')
  const replied = new Set(request.words.flatMap((word) => word.kind === 'trace/clarified' ? [word.said.body.clarify] : []))
  const asked = request.words.findLast((word) => word.kind === 'trace/clarify' && !replied.has(word.said.message.id))
  if (asked?.kind !== 'trace/clarify') throw new Refusal<RequestCode>('request/other-question', `${request.with} has asked nothing back that is not answered`, 'id')
  const stranger = said.says.find(({ asks }) => !asked.said.body.asks.includes(asks))
  if (stranger !== undefined) throw new Refusal<RequestCode>('request/other-question', `${request.with} did not ask for ${stranger.asks}`, 'says')
  return say(home, request, 'trace/clarified', { clarify: asked.said.message.id, ...said }, people, at)
}

/** Tells whoever answered what came of the trace. */
export async function tellOutcome(home: At, id: string, said: Saying<'trace/outcome'>, people: People, at: number): Promise<Message> {
  return say(home, await requestBy(home, id, at, 'out'), 'trace/outcome', said, people, at)
}
