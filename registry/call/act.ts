// The acts of a call (DESIGN section 6): issued, acknowledged, answered, declined, and reminded of. Each is written as signed messages that the
// outbox carries. A count is disclosure, and so is the word that there will be none: both need two people.
import { randomBytes } from 'node:crypto'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { addSeconds, timeOf, type Time } from '@muster/core/bytes/time.ts'
import type { NoCountReason, Standing } from '@muster/core/rules/call.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { partiesLeft } from '@muster/core/rules/standing.ts'
import { twoPeople } from '@muster/core/rules/two-people.ts'
import type { CallBody, CallKind } from '@muster/core/wire/call-body.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { askOthers, asksFor } from '../delivery/ask.ts'
import { chargeSilence } from '../delivery/charge.ts'
import { inVain } from '../delivery/statements.ts'
import { writeMessages, type Saying } from '../store/messages.ts'
import { demandBody, receiptsFor, saidOf, sayWith, type At, type People, type Said } from '../said.ts'
import { ownCount } from './count.ts'
import { callsIssued } from './matrix.ts'
import { receivedCall, type CallCode } from './said.ts'

const CALL_ID_BYTES = 16

export interface Issued { readonly call: string, readonly messages: readonly Message[] }

/** Issues a call to parties of the agreement, all of them by default, the caller itself among them: it counts like the others. */
export async function issueCall(home: At, asked: Omit<CallBody<'call/issue'>, 'call'>, to: readonly PartyId[] | undefined, by: string, at: number): Promise<Issued> {
  const { joined } = home
  const parties = [...new Set(to ?? partiesLeft(joined.standing, timeOf(at)))]
  for (const party of parties) if (!joined.trust.parties.has(party)) throw new Refusal<CallCode>('call/no-party', `${party} is no party of ${joined.agreement.id}: a state outside it is called by a note on paper`, 'to')
  if (asked.due <= timeOf(at)) throw new Refusal<CallCode>('call/over', `an answer due at ${asked.due} is due before anybody can give it`, 'due')
  const { callAnswerSeconds } = joined.agreement.deadlines
  if (callAnswerSeconds !== undefined && asked.due < addSeconds(timeOf(at), callAnswerSeconds)) {
    throw new Refusal<CallCode>('call/sooner-than-agreed', `the agreement gives ${callAnswerSeconds} seconds to answer: due not before ${addSeconds(timeOf(at), callAnswerSeconds)}`, 'due')
  }
  const call = randomBytes(CALL_ID_BYTES).toString('hex')
  const body = demandBody('call/issue', { call, ...asked })
  return { call, messages: await sayWith(home, parties.map((to) => ({ to, kind: 'call/issue', body })), { by, and: null }, at) }
}

async function say<K extends CallKind>(home: At, call: Said<'call/issue'>, kind: K, body: CallBody<K>, people: People, at: number): Promise<Message> {
  const [written] = await sayWith(home, [{ to: call.message.payload.from, kind, body: demandBody(kind, body), about: call.message.id }], people, at)
  return written as Message
}

/** Tells the caller that the call is being seen to, by which office, and when an answer may be expected. */
export async function acknowledgeCall(home: At, id: string, { office, expected, by }: { readonly office: string | null, readonly expected: Time | null, readonly by: string }, at: number, from?: PartyId): Promise<Message> {
  const call = await receivedCall(home, id, from)
  return say(home, call, 'call/acknowledge', { call: call.body.call, request: call.message.id, office, expected }, { by, and: null }, at)
}

/** The answer that would be given: the own count, and the counts of the newest declaration as its head binds them. */
export async function countFor(home: At, id: string, note: string | null, at: number, from?: PartyId): Promise<{ readonly call: Said<'call/issue'>, readonly answer: CallBody<'call/answer'> }> {
  const call = await receivedCall(home, id, from)
  const { counts, declared } = await ownCount(home.register, home.joined, call.body, call.message.payload, at)
  return { call, answer: { call: call.body.call, request: call.message.id, asOf: call.body.asOf, counts, declared, note } }
}

export async function answerCall(home: At, id: string, note: string | null, people: People, at: number, from?: PartyId): Promise<Message> {
  const refused = twoPeople('disclosure', people.by, people.and)
  if (refused !== undefined) throw refused
  const { call, answer } = await countFor(home, id, note, at, from)
  return say(home, call, 'call/answer', answer, people, at)
}

/** `objects`: to the call itself; `declines`: to count for it. The reason is a code that the other side reads in its own language. */
export async function declineCall(home: At, id: string, { stance, reason, note }: { readonly stance: 'declines' | 'objects', readonly reason: NoCountReason, readonly note: string | null }, people: People, at: number, from?: PartyId): Promise<Message> {
  const refused = twoPeople('disclosure', people.by, people.and)
  if (refused !== undefined) throw refused
  const call = await receivedCall(home, id, from)
  return say(home, call, 'call/decline', { call: call.body.call, request: call.message.id, stance, reason, note }, people, at)
}

const OPEN: readonly Standing[] = ['received', 'acknowledged', 'silent']

/** Until when calls were looked through for reminders in this process, POSIX seconds by agreement. */
const looked = new WeakMap<object, Map<string, number>>()

/**
 * Reminds each addressee that has the call and has not answered: at each time of reminding, and once when the answer is overdue. Of several times that
 * passed while nobody was serving, one reminder is enough. Resolves to the parties that were reminded. Called once a period.
 */
export async function remindOpen(home: At, at: number): Promise<PartyId[]> {
  const { register, joined: { agreement } } = home
  const times = looked.get(register.db) ?? new Map<string, number>()
  looked.set(register.db, times)
  const [since, now] = [timeOf(times.get(agreement.id) ?? 0), timeOf(at)]
  const passed = ({ remind, due }: CallBody<'call/issue'>): Time[] => [...remind, due].filter((when) => when < now)
  // Nothing is read of what was said where no time has passed since the last look.
  const open = (await saidOf(home, 'call/issue', 'out')).some(({ body }) => passed(body).some((when) => when >= since))
  const sayings = open ? await remindersDue(home, passed, at) : []
  if (sayings.length > 0) await writeMessages(register, home.joined, sayings, at)
  times.set(agreement.id, at)
  return sayings.map(({ to }) => to)
}

async function remindersDue(home: At, passed: (call: CallBody<'call/issue'>) => readonly Time[], at: number): Promise<Saying[]> {
  const sent = await saidOf(home, 'call/remind', 'out')
  return (await callsIssued(home, at)).flatMap(({ body, rows, issues }) => {
    const nth = passed(body).length
    return rows.flatMap(({ code: to, standing }): Saying[] => {
      const issue = to === undefined ? undefined : issues.get(to)
      if (to === undefined || issue === undefined || nth === 0 || !OPEN.includes(standing)) return []
      if (sent.some((each) => each.body.issue === issue.id && each.body.nth >= nth)) return []
      return [{ to, kind: 'call/remind', body: demandBody('call/remind', { call: body.call, issue: issue.id, due: body.due, nth, overdue: body.due < timeOf(at) }), about: issue.id }]
    })
  })
}

/**
 * Asks the other parties to offer a call to each addressee that gave no receipt in time, once its answer is due within the time to answer. What is overdue
 * and was taken, or offered in vain by a quorum, is put on file as silence. Resolves to the parties that are offered the call. Called once a period.
 */
export async function offerUnreached(home: At, at: number): Promise<PartyId[]> {
  const { deadlines } = home.joined.agreement
  const offered: PartyId[] = []
  // Of calls that were due long ago all that can be said is said: nothing more is read of them.
  const lately = timeOf(at - 2 * deadlines.answerSeconds)
  if (!(await saidOf(home, 'call/issue', 'out')).some(({ body }) => body.due > lately)) return offered
  for (const { body, rows, issues } of await callsIssued(home, at)) {
    for (const { code, standing } of body.due > lately ? rows : []) {
      const issue = code === undefined ? undefined : issues.get(code)
      if (issue === undefined) continue
      const late = addSeconds(issue.payload.time, deadlines.receiptSeconds) <= timeOf(at) && body.due <= timeOf(at + deadlines.answerSeconds)
      if (standing === 'under-way' && late && (await asksFor(home, issue)).length === 0 && await askOthers(home, issue, body.due, at)) offered.push(issue.payload.to)
      if (standing === 'silent') await chargeSilent(home, issue, body.due, at)
    }
  }
  return offered
}

async function chargeSilent(home: At, issue: Message, due: Time, at: number): Promise<void> {
  const receipt = (await receiptsFor(home, [issue])).get(issue.id)
  await chargeSilence(home, issue, receipt, receipt === undefined ? await inVain(home, issue, due, at) : [], at)
}
