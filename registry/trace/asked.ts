// One party in one trace: asked, answered, looked up, and the formal request where something was hit.
import { toHex } from '@muster/core/bytes/bytes.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { OprfError } from '@muster/core/oprf/oprf-error.ts'
import { lastOfEarlierKeys, type ReadHead } from '@muster/core/wire/head.ts'
import { notInForce } from '@muster/core/rules/standing.ts'
import { FINAL_ANSWERS, type MessageKind } from '@muster/core/wire/message-kind.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { traceBody } from '@muster/core/wire/trace-body.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { Fault, textOf } from '../engine/fault.ts'
import { newestDeclaration } from '../log/declare.ts'
import { declarationFolder, logFolder } from '../log/own-log.ts'
import type { Hall, Home, MessageDoor } from '../main.ts'
import { Unreachable } from '../peer/client.ts'
import { logCopy, resumeLog, type Best, type Followed } from '../peer/mirror.ts'
import { recordBreach } from '../store/breaches.ts'
import { messagesAbout, writeMessages, type Saying } from '../store/messages.ts'
import { groundFor, lookUp, openingOf, questionTo, type Ground, type LookedUp, type Question } from './ask.ts'
import { send } from '../send.ts'
import type { BoundFind } from './find.ts'

/** Everything a trace runs on. */
export interface Tracing {
  readonly home: Home
  readonly hall: Hall
  readonly group: Group
  /** Door for messages to the own registry where nothing serves it. */
  readonly own: MessageDoor | undefined
}

/** Where a party's log and newest declaration lie here; `best` is the log's checkpoint for the evidence, with cosignatures that hold. */
export interface Sight { readonly followed: Followed, readonly best: Pick<Best, 'size' | 'note'>, readonly folder: string, readonly head: ReadHead | undefined, readonly declaration: string | undefined }

export interface Asked {
  readonly party: PartyTrust
  readonly sight: Sight | undefined
  readonly question: Question | undefined
  readonly request: Message | undefined
  readonly receipt: Message | undefined
  /** An evaluation, or a refusal; undefined while there is none. */
  readonly answer: Message | undefined
  /** Of parties that offered the question in vain, where no receipt came. */
  readonly statements: readonly Message[]
  readonly lookups: readonly LookedUp[]
  readonly formal: { readonly request: Message, readonly receipt: Message | undefined, readonly answer: Message | undefined } | undefined
}

/** The own log from the published files, another's from the mirror. Throws Unreachable where nothing of it is here. */
export async function sightOf({ home, hall }: Tracing, party: PartyTrust, fresh: boolean): Promise<Sight> {
  const { dataDir } = home.register
  const { agreement } = hall.joined
  if (party.party === home.register.file.party) {
    const folder = logFolder(hall.log)
    const followed = await resumeLog(folder, party, hall.joined.agreement)
    if (followed === undefined) throw new Unreachable('http://own.invalid', new Error('the own log is not signed yet'))
    const newest = await newestDeclaration(hall.log)
    const head = followed.heads.at(-1)?.head
    return { followed, best: { size: followed.checkpoint.size, note: followed.note }, folder, head, declaration: newest === undefined || head === undefined ? undefined : declarationFolder(hall.log, head.hash) }
  }
  const folder = logCopy(dataDir, agreement.id, party.party)
  const known = fresh ? undefined : hall.mirror.known(party.party)
  const followed = known ?? await hall.mirror.follow(party.party)
  const head = followed.heads.at(-1)?.head
  return { followed, best: hall.mirror.best(followed), folder, head, declaration: head === undefined ? undefined : await hall.mirror.declaration(party.party, head) }
}

/** Where the declaration of a head lies here: the published one, or the own copy of another's. */
export async function declarationOf({ home, hall }: Pick<Tracing, 'home' | 'hall'>, party: PartyId, head: ReadHead): Promise<string | undefined> {
  return party === home.register.file.party ? declarationFolder(hall.log, head.hash) : hall.mirror.declaration(party, head)
}

/** A party of which nothing was asked. */
export function bare(party: PartyTrust): Asked {
  return { party, sight: undefined, question: undefined, request: undefined, receipt: undefined, answer: undefined, statements: [], lookups: [], formal: undefined }
}

/** Asks one party for the keys. Resolves without an answer where none came, as from one without an address; throws for a forged one. */
export async function askParty(tracing: Tracing, party: PartyTrust, keys: readonly Uint8Array[], ground: Ground, fresh = false): Promise<Asked> {
  const { home, hall } = tracing
  if (isByCourier(tracing, party.party)) return bare(party)
  // Whoever has left the agreement is asked no more.
  if (notInForce(hall.joined.standing, [party.party], timeOf(home.now())) !== undefined) return bare(party)
  let sight: Sight
  try {
    sight = await sightOf(tracing, party, fresh)
  } catch (error) {
    if (error instanceof Unreachable) return bare(party)
    throw error
  }
  const asked = await askUnder(tracing, party, sight, keys, ground)
  const { request, receipt, answer } = asked
  // A question that ran out on its way was refused unread: it says nothing of the party, and is put once more.
  const lapsed = answer === undefined && receipt === undefined && (request?.payload.expiry ?? timeOf(home.now())) < timeOf(home.now())
  return !fresh && (lapsed || (answer !== undefined && isUnknownHead(answer))) ? askParty(tracing, party, keys, ground, true) : asked
}

/** One question, under the head of that sight. */
async function askUnder(tracing: Tracing, party: PartyTrust, sight: Sight, keys: readonly Uint8Array[], ground: Ground): Promise<Asked> {
  const { home, hall, group, own } = tracing
  const self = hall.joined.trust.parties.get(home.register.file.party) as PartyTrust
  const question = questionTo(group, party.party, sight.head, keys, groundFor(ground, self, party), hall.joined.agreement.deadlines.answerSeconds)
  const [request] = await writeMessages(home.register, hall.joined, [question.saying], home.now()) as [Message]
  const asked: Asked = { ...bare(party), sight, question, request }
  try {
    const { receipt, answers } = await send(home, hall, request, own)
    return withAnswer(tracing, { ...asked, receipt }, onlyAnswer(answers, FINAL_ANSWERS.evaluation), keys.length)
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error
    return asked
  }
}

/**
 * What an answered question is followed by under each OPRF key that the party had replaced by then, oldest first: `act` has the sight of the last declaration
 * under it. Where its copy cannot be had, no answer comes or a forged one, the party is there without it.
 */
export async function underEarlierKeys(tracing: Tracing, { party, sight, lookups }: Asked, act: (sight: Sight) => Promise<Asked>): Promise<Asked[]> {
  if (sight === undefined || lookups.length === 0) return []
  const { heads } = sight.followed
  const until = heads.slice(0, heads.findIndex(({ head }) => head.hash === sight.head?.hash) + 1)
  return Promise.all(lastOfEarlierKeys(until).map(({ head }) => guarded(tracing, party, async () => act({ ...sight, head, declaration: await declarationOf(tracing, party.party, head) }), bare(party))))
}

export function askEarlier(tracing: Tracing, current: Asked, keys: readonly Uint8Array[], ground: Ground): Promise<Asked[]> {
  return underEarlierKeys(tracing, current, (sight) => askUnder(tracing, current.party, sight, keys, ground))
}

/** A forged answer is evidence; the trace goes on without it. */
export async function guarded<T>(tracing: Tracing, party: PartyTrust, act: () => Promise<T>, instead: T): Promise<T> {
  try {
    return await act()
  } catch (error) {
    await tellForged(tracing, party, error)
    return instead
  }
}

export function isUnknownHead({ payload }: Message): boolean {
  return payload.kind === 'evaluation/refuse' && traceBody('evaluation/refuse', payload.body).reason === 'unknown-head'
}

/** The look-ups of an answer that holds an evaluation. */
export function withAnswer({ group }: Tracing, asked: Asked, answer: Message | undefined, count: number): Asked {
  if (answer === undefined) return asked
  const { sight, question } = asked
  const evaluated = answer.payload.kind === 'evaluation/answer' && traceBody('evaluation/answer', answer.payload.body).elements !== null
  if (!evaluated || question === undefined || sight?.head === undefined || sight.declaration === undefined) return { ...asked, answer }
  try {
    return { ...asked, answer, lookups: lookUp(group, question, answer, sight.head, sight.declaration, count) }
  } catch (error) {
    // The party signed an evaluation that does not hold under the key of its own head: request, answer and head show it to anybody.
    if (error instanceof OprfError) throw new Breach(`evaluation/${error.code}`, error.message, { request: asked.request?.envelope ?? '', answer: answer.envelope, head: sight.head.bytes })
    throw error
  }
}

/** What is forged is put on file as evidence and told, and the trace goes on without it. A fault of this machine is thrown on. */
async function tellForged({ home, hall }: Tracing, { party }: Pick<PartyTrust, 'party'>, error: unknown): Promise<void> {
  if (error instanceof Fault) throw error
  // A copy that was damaged on this disk accuses nobody.
  if (error instanceof Breach && !String(error.code).startsWith('copy/')) await recordBreach(home.register, hall.joined.agreement.id, party, error as Breach, home.now())
  home.report(`${party}: ${textOf(error)}`)
}

/** An answer or a receipt that came later, by a message of the party's own, whoever brought it. */
export async function lateAnswer(tracing: Tracing, asked: Asked, count: number): Promise<Asked> {
  if (asked.answer !== undefined || asked.request === undefined) return asked
  const late = await messagesAbout(tracing.home.register, tracing.hall.joined, asked.party.party, [asked.request.id], 'in')
  const answer = onlyAnswer(late, FINAL_ANSWERS.evaluation)
  const receipt = asked.receipt ?? late.find(({ payload }) => payload.kind === 'receipt')
  return answer === undefined && receipt === asked.receipt ? asked : withAnswer(tracing, { ...asked, receipt }, answer, count)
}

/** The answer of these kinds among messages about one question. Throws a Breach with both where there are two. */
export function onlyAnswer(messages: readonly Message[], kinds: readonly MessageKind[]): Message | undefined {
  const [first, second] = messages.filter(({ payload }) => kinds.includes(payload.kind))
  if (first !== undefined && second !== undefined && first.id !== second.id && first.payload.body.request === second.payload.body.request) {
    throw new Breach('message/two-answers', `${first.payload.from} answered one question twice`, { first: first.envelope, second: second.envelope })
  }
  return first
}

/** Whether a party has no address: what is said to it waits for the courier. */
export function isByCourier({ home, hall }: Pick<Tracing, 'home' | 'hall'>, party: PartyId): boolean {
  return party !== home.register.file.party && !hall.joined.urls.has(party)
}

export function isHit({ found }: LookedUp): boolean {
  return 'present' in found
}

/**
 * The formal request for what was hit (step 5), which opens the whole batch; undefined where nothing was. Under an earlier OPRF key (`current`: what was
 * asked under the newest) it is put only where that hit something that the newest does not hold.
 */
export function formalSaying({ hall }: Pick<Tracing, 'hall'>, { party, question, request, lookups }: Asked, find: BoundFind, current?: Asked): Saying | undefined {
  const hits = lookups.filter(isHit)
  const known = new Set(current?.lookups.filter(isHit).map(({ element }) => element))
  if (question === undefined || request === undefined || hits.every(({ element }) => known.has(element))) return undefined
  const exercise = hall.joined.agreement.exercise
  const body = {
    request: request.id, coin: toHex(question.coin), opened: openingOf(question), recovery: { event: find.eventText, salt: toHex(find.salt) },
    ground: exercise ? 'exercise' : 'seized-in-conflict', use: exercise ? 'exercise' : 'trace-of-origin', hits: hits.map(({ element, label }) => ({ element, label: toHex(label) })),
  }
  return { to: party.party, kind: 'trace/request', body, about: request.id }
}

/** What the formal request was answered with, as far as it was. */
export function formalAnswer(messages: readonly Message[]): Message | undefined {
  const answer = onlyAnswer(messages, FINAL_ANSWERS.trace)
  return answer?.payload.kind === 'trace/answer' ? answer : undefined
}

export async function formally(tracing: Tracing, asked: Asked, find: BoundFind, current?: Asked): Promise<Asked> {
  const { home, hall, own } = tracing
  const saying = formalSaying(tracing, asked, find, current)
  if (saying === undefined) return asked
  const [formal] = await writeMessages(home.register, hall.joined, [saying], home.now()) as [Message]
  try {
    const { receipt, answers } = await send(home, hall, formal, own)
    return { ...asked, formal: { request: formal, receipt, answer: formalAnswer(answers) } }
  } catch (error) {
    if (!(error instanceof Unreachable)) await tellForged(tracing, asked.party, error)
    return { ...asked, formal: { request: formal, receipt: undefined, answer: undefined } }
  }
}
