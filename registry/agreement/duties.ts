// What is owed by and to this party under an agreement in force, read from the messages and declarations that are here: due, done, late, and the office
// that a delay has come to.
import { randomBytes } from 'node:crypto'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { addSeconds, timeOf, type Time } from '@muster/core/bytes/time.ts'
import { dutyState, escalated, scheduled, type DutyState, type ScheduledPeriod } from '@muster/core/rules/duty.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { notInForce, partiesLeft } from '@muster/core/rules/standing.ts'
import type { Exchange, OfficeSubject } from '@muster/core/rules/terms.ts'
import type { ExchangeReport } from '@muster/core/wire/exchange-body.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { logFolder } from '../log/own-log.ts'
import { logCopy, resumeLog } from '../peer/mirror.ts'
import { productionReturns } from '../production/view.ts'
import { demandBody, saidOf, sayWith, type At, type People } from '../said.ts'

const REPORT_BYTES = 16

export type DutyCode = 'agreement/no-such-exchange'

/** `by`, `to`: who owes what to whom; null for all. `about`: what it is, as a code and, where there is one, an id or a period. */
export interface Duty {
  readonly what: string
  readonly by: PartyId
  readonly to: PartyId | null
  readonly about: string
  readonly due: Time
  readonly done: Time | null
  readonly state: DutyState
  readonly office: string | null
}

interface Owed { readonly what: string, readonly by: PartyId, readonly to: PartyId | null, readonly about: string, readonly due: Time, readonly done: Time | undefined, readonly subject: OfficeSubject }

/** Everything that is owed, late things first. */
export async function dutiesOf(home: At, at: number): Promise<Duty[]> {
  const { joined: { agreement, standing } } = home
  const now = timeOf(at)
  const owed = [...await scheduleOf(home, now), ...await returnsOf(home, now), ...await callsOf(home)]
  const parties = new Set(partiesLeft(standing, now))
  return owed.filter(({ by }) => parties.has(by)).map(({ subject, done, ...rest }): Duty => {
    const state = dutyState(rest.due, done, now)
    return { ...rest, done: done ?? null, state, office: state === 'late' ? escalated(agreement, subject, rest.due, now) ?? null : null }
  }).toSorted((a, b) => Number(b.state === 'late') - Number(a.state === 'late') || (a.due < b.due ? -1 : a.due > b.due ? 1 : 0))
}

async function scheduleOf(home: At, now: Time): Promise<Owed[]> {
  const { joined: { agreement } } = home
  const owed: Owed[] = []
  for (const exchange of agreement.exchanges ?? []) {
    for (const { id: by } of agreement.parties) {
      const done = exchange.what === 'declaration' ? await declaredBy(home, by) : await reportedBy(home, exchange, by)
      for (const period of scheduled(exchange, now)) owed.push({ what: `exchange/${exchange.what}`, by, to: null, about: `${period.from}/${period.until}`, due: period.due, done: done(period), subject: 'agreements' })
    }
  }
  return owed
}

/** Returns of licensed production that this party owes or is owed; a period that was passed over stays late. */
async function returnsOf(home: At, now: Time): Promise<Owed[]> {
  const { register: { file: { party } }, joined: { agreement } } = home
  const stated = await productionReturns(home)
  return (agreement.licensedProduction ?? []).filter(({ licensor, licensee }) => licensor === party || licensee === party).flatMap((term) => scheduled(term, now).map(({ from, until, due }): Owed => {
    const { licensor, licensee, maker, class: kind, type } = term
    const said = stated.find(({ message: { payload }, body }) => payload.from === licensee && payload.to === licensor && body.maker === maker && body.class === kind && body.type === type && body.from === from && body.until === until)
    return { what: 'production/return', by: licensee, to: licensor, about: `${type} ${from}/${until}`, due, done: said?.message.payload.time, subject: 'agreements' }
  }))
}

type DoneIn = (period: ScheduledPeriod) => Time | undefined

/** A declaration as of the period's end or later. */
async function declaredBy({ register, joined }: At, party: PartyId): Promise<DoneIn> {
  const trust = joined.trust.parties.get(party)
  const { id } = joined.agreement
  const folder = party === register.file.party ? logFolder({ dataDir: register.dataDir, agreement: joined.agreement }) : logCopy(register.dataDir, id, party)
  const heads = trust === undefined ? [] : (await resumeLog(folder, trust, joined.agreement))?.heads ?? []
  return ({ until }) => heads.map(({ head: { head } }) => head.asOf).find((asOf) => asOf >= until)
}

/** A report on the very period; the own one is done when every other party was told. */
async function reportedBy(home: At, { what }: Exchange, party: PartyId): Promise<DoneIn> {
  const own = party === home.register.file.party
  const said = (await saidOf(home, 'exchange/report', own ? 'out' : 'in')).filter(({ message, body }) => message.payload.from === party && body.what === what)
  return ({ from, until }) => said.find(({ body }) => body.from === from && body.until === until)?.message.payload.time
}

/** Calls to acknowledge within the agreed time, and to answer when they ask for it. */
async function callsOf(home: At): Promise<Owed[]> {
  const { register, joined: { agreement } } = home
  const self = register.file.party
  const within = agreement.deadlines.callAcknowledgeSeconds
  const owed: Owed[] = []
  for (const direction of ['in', 'out'] as const) {
    const words = direction === 'in' ? 'out' : 'in'
    const [acknowledged, answered, declined] = await Promise.all([saidOf(home, 'call/acknowledge', words), saidOf(home, 'call/answer', words), saidOf(home, 'call/decline', words)])
    for (const { message, body } of await saidOf(home, 'call/issue', direction)) {
      const { from, to, time } = message.payload
      if (from === to) continue
      const said = (all: readonly { readonly message: Message, readonly body: { readonly request: string } }[]) => all.find((each) => each.body.request === message.id)?.message.payload.time
      const answer = said(answered) ?? said(declined)
      const call = { by: direction === 'in' ? self : to, to: direction === 'in' ? from : self, about: body.call, subject: 'calls' } as const
      if (within !== undefined) owed.push({ ...call, what: 'call/acknowledge', due: addSeconds(time, within), done: said(acknowledged) ?? answer })
      owed.push({ ...call, what: 'call/answer', due: body.due, done: answer })
    }
  }
  return owed
}

/** Reports to every other party on a period of the schedule: the newest that has ended, or the one that ended at `until`. */
export async function reportExchange(home: At, { what, until, rows, note }: Pick<ExchangeReport, 'what' | 'rows' | 'note'> & { readonly until?: Time | undefined }, people: People, at: number): Promise<readonly Message[]> {
  const { register, joined: { agreement, standing } } = home
  const now = timeOf(at)
  const idle = notInForce(standing, [register.file.party], now)
  if (idle !== undefined) throw idle
  const exchange = agreement.exchanges?.find((each) => each.what === what && what !== 'declaration')
  const periods = exchange === undefined ? [] : scheduled(exchange, now)
  const period = until === undefined ? periods.at(-1) : periods.find((each) => each.until === until)
  if (period === undefined) throw new Refusal<DutyCode>('agreement/no-such-exchange', `${agreement.id} has no exchange of ${what} of a period that ended ${until ?? 'by now'}: muster agreement duties shows its schedule`, 'what')
  const body = demandBody('exchange/report', { report: randomBytes(REPORT_BYTES).toString('hex'), what, from: period.from, until: period.until, rows, note })
  return sayWith(home, partiesLeft(standing, now).filter((party) => party !== register.file.party).map((to) => ({ to, kind: 'exchange/report', body })), people, at)
}
