// Acts that take two people: the first asks under a token of their own, the second approves under theirs, and exactly what was asked is done, at most once.
// Crash order: the approval is written before the act is begun, what came of it after. A process that dies between the two leaves the act under way: it is
// not done again, and whoever looks sees that nobody knows.
import { canonical, parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { shaped } from '@muster/core/bytes/shaped-json.ts'
import { addSeconds, timeOf, type Time } from '@muster/core/bytes/time.ts'
import { whyNot } from '@muster/core/rules/rights.ts'
import { samePerson } from '@muster/core/rules/two-people.ts'
import type { Home } from '../home.ts'
import { replyTo, type Reply } from '../http/status.ts'
import { beginOffice, endOffice, officeOf, officesOf, writeOutcome, type OfficeAct } from '../store/office.ts'
import { askersRights, type Bearer } from '../store/tokens.ts'
import type { Act } from './act.ts'
import { demandRight } from './rights.ts'

export type PendingCode = 'api/too-many-pending' | 'api/no-pending' | 'api/own-act' | 'api/settled' | 'api/pending-expired' | 'api/asker-revoked'

/** Acts of one person that wait. */
export const PENDING_MAX = 32
export const PENDING_DAYS = 7
const PENDING_SECONDS = PENDING_DAYS * 86_400

export const PENDING_STATES = ['waiting', 'under-way', 'done', 'failed', 'dropped', 'expired'] as const

/** `answer`: of the act, or the problem with which it failed. */
export interface Pending {
  readonly id: string
  readonly act: string
  readonly body: Json
  readonly by: string
  readonly asked: Time
  readonly until: Time
  readonly state: (typeof PENDING_STATES)[number]
  /** Who approved or refused it. */
  readonly second: string | null
  readonly settled: Time | null
  readonly answer: Json
}

const json = (text: string): Json => parseJson(Buffer.from(text))

function pendingIn([asked, ended, outcome]: readonly OfficeAct[], now: number): Pending {
  const { id, person, said, written } = asked as OfficeAct
  const until = said.until ?? ''
  const state = ended === undefined ? (until <= timeOf(now) ? 'expired' : 'waiting') : ended.kind === 'dropped' ? 'dropped' : outcome === undefined ? 'under-way' : outcome.said.status === '200' ? 'done' : 'failed'
  return {
    id, act: said.act ?? '', body: json(said.body ?? 'null'), by: person, asked: written, until, state, second: ended?.person ?? null, settled: outcome?.written ?? ended?.written ?? null,
    answer: outcome === undefined ? null : json(outcome.said.answer ?? 'null'),
  }
}

/** The newest acts that two people do, the settled ones among them. */
export async function pendingActs({ register }: Home, open: boolean, max: number, now: number): Promise<Pending[]> {
  return (await officesOf(register, 'asked', { open, max, ...(open ? { since: timeOf(now - PENDING_SECONDS) } : {}) })).map((acts) => pendingIn(acts, now))
}

/** Also for whoever may not know of it: whether it is there is nobody else's. */
export const notPending = (): Refusal<PendingCode> => new Refusal('api/no-pending', 'no act of this id waits or has waited', 'id')

export async function pendingAct({ register }: Home, id: string, now: number): Promise<Pending> {
  const acts = await officeOf(register, id)
  if (acts[0]?.kind !== 'asked') throw notPending()
  return pendingIn(acts, now)
}

/** Keeps exactly what is asked for the second person. */
export async function askFor({ register }: Home, { family, act }: Act, body: Json, { person, token }: Bearer, now: number): Promise<Pending> {
  const open = await officesOf(register, 'asked', { person, open: true, since: timeOf(now - PENDING_SECONDS), max: PENDING_MAX })
  if (open.length >= PENDING_MAX) throw new Refusal<PendingCode>('api/too-many-pending', `${PENDING_MAX} acts that ${person} asked for wait for a second person: have them approved or refused first`)
  const said = { act: `${family}/${act}`, body: canonical(body), token, until: addSeconds(timeOf(now), PENDING_SECONDS) }
  const id = await beginOffice(register, 'asked', person, said, now)
  return { id, act: said.act, body, by: person, asked: timeOf(now), until: said.until, state: 'waiting', second: null, settled: null, answer: null }
}

function demandWaiting({ state, until }: Pending): void {
  if (state === 'expired') throw new Refusal<PendingCode>('api/pending-expired', `the act waited until ${until}: ask for it anew`, 'id')
  if (state !== 'waiting') throw settled(state)
}

const settled = (state: string): Refusal<PendingCode> => new Refusal('api/settled', `the act is ${state}: it is done at most once`, 'id')

/** Approves and does it, as it was asked and under both names. The answer is that of the act. */
export async function approve(home: Home, acts: readonly Act[], id: string, bearer: Bearer, now: number): Promise<Reply> {
  const { person } = bearer
  const pending = await pendingAct(home, id, now)
  demandRight(bearer, pending.act)
  if (samePerson(pending.by, person)) throw new Refusal<PendingCode>('api/own-act', `${person} asked for it: another person approves`, 'id')
  demandWaiting(pending)
  const [asked] = await officeOf(home.register, id)
  const asker = await askersRights(home.register, asked?.said.token ?? '')
  if (asker === undefined || whyNot(asker, pending.act) !== undefined) throw new Refusal<PendingCode>('api/asker-revoked', `${pending.by} may not do this any more, or the token under which it was asked was revoked since: ask for it anew`, 'id')
  const act = acts.find(({ family, act: name }) => `${family}/${name}` === pending.act)
  const body = act === undefined ? undefined : shaped('api', act.takes, pending.body)
  if (act === undefined) throw new Refusal<PendingCode>('api/no-pending', `${pending.act} is no act any more`, 'id')
  if (body instanceof Refusal) throw body as Refusal
  for (const { scope } of [bearer.rights, asker]) await act.within?.(home, body, scope)
  if (!await endOffice(home.register, id, 'approved', person, now)) throw settled('approved or refused already')
  const reply = await done(home, act, body, pending.by, person, now)
  await writeOutcome(home.register, id, person, { status: String(reply.status), answer: reply.body }, now)
  return reply
}

/** What the rules say no to is an outcome; a fault is none. */
async function done(home: Home, act: Act, body: unknown, by: string, and: string, now: number): Promise<Reply> {
  try {
    return { status: 200, body: JSON.stringify(await act.perform(home, body, { by, and }, now)) }
  } catch (error) {
    const reply = error instanceof Refusal || error instanceof Breach ? replyTo(error) : undefined
    if (reply === undefined) throw error
    return reply
  }
}

/** Drops it: whoever asked may, and anybody else who might have approved. */
export async function refuse(home: Home, id: string, bearer: Bearer, now: number): Promise<Pending> {
  const { person } = bearer
  const pending = await pendingAct(home, id, now)
  if (!samePerson(pending.by, person)) demandRight(bearer, pending.act)
  demandWaiting(pending)
  if (!await endOffice(home.register, id, 'dropped', person, now)) throw settled('approved or refused already')
  return pendingAct(home, id, now)
}
