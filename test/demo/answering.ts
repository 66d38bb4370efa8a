// EXERCISE. The answering side's day and night. One state has its officers decide each request: they take one up, ask back, answer for the time being and for good,
// refuse another, and a third is withdrawn; a second state goes and looks for what it claims to hold; and where the asker's quota is spent, two people of each grant it more.
import { setTimeout as pause } from 'node:timers/promises'
import { readFile } from 'node:fs/promises'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { parseDossier } from '@muster/core/wire/dossier.ts'
import { traceBody } from '@muster/core/wire/trace-body.ts'
import { reroute, stateDirectory } from '@muster/registry/directory/act.ts'
import { officesOf } from '@muster/registry/directory/view.ts'
import { Fault } from '@muster/registry/engine/fault.ts'
import { openHome, type Home } from '@muster/registry/main.ts'
import { approveRequest, refuseRequest } from '@muster/registry/peer/waiting-request.ts'
import { acknowledgeRequest, answerInterim, clarifyRequest, replyClarification, reportLook, tellOutcome, withdrawRequest } from '@muster/registry/request/act.ts'
import { grantQuota, refusedByQuota } from '@muster/registry/request/quota.ts'
import { formalRequests, requestBy, type FormalRequest } from '@muster/registry/request/view.ts'
import { completeDossier } from '@muster/registry/trace/complete.ts'
import { traceFind, type Traced } from '@muster/registry/trace/trace.ts'
import { BY_OFFICERS } from './agreement.ts'
import { officers } from './custody.ts'
import { hallIn, type Errand, type Outcome } from './seizure.ts'
import { ASKER } from './states.ts'

/** It goes and looks for what a seized mark says it holds. */
const LOOKING = 'QT' as PartyId
/** Asked about again and again at night, until the quota of the asker is spent: each time with 256 elements. */
const URGENT = 'k36'
const URGENT_MAX = 12

const ARRIVED_MS_MAX = 120_000
const POLL_MS = 100

export interface Answering { readonly deputies: number, readonly rerouted: number, readonly clarified: number, readonly interim: number, readonly decided: number, readonly looked: number, readonly refused: number, readonly withdrawn: number, readonly granted: number }

interface Day { readonly asker: Home, readonly home: (party: PartyId) => Home, readonly group: Group, readonly stopped: AbortSignal }

const at = (home: Home) => ({ register: home.register, joined: hallIn(home).joined })
const tracing = ({ asker, group }: Day) => ({ home: asker, hall: hallIn(asker), group, own: undefined })
const people = (party: PartyId) => { const [by, and] = officers(party); return { by, and } }
const SECTIONS = ['status', 'acquired', 'released', 'marks', 'history'] as const

async function until<T>({ stopped }: Day, what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const end = performance.now() + ARRIVED_MS_MAX; ; await pause(POLL_MS)) {
    stopped.throwIfAborted()
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > end) throw new Error(`${what} did not arrive in ${ARRIVED_MS_MAX / 1000} s: see serve.log of each registry`)
  }
}

async function requestOf(home: Home, item: string, which: (request: FormalRequest) => boolean): Promise<FormalRequest | undefined> {
  return (await formalRequests(at(home), home.now())).find((each) => each.body.recovery.event.includes(item) && which(each))
}

const DAY_OFFICE = 'tracing'
const DUTY_OFFICE = 'duty'
const ARCHIVE = 'archive'

/** The day's office is closed at this hour, whenever the exercise is played: requests find the duty officer, who stands in for it. */
export async function stateOffices(dir: string): Promise<void> {
  const home = await openHome(dir)
  try {
    const night = new Date(home.now() * 1000).getUTCHours() < 11 ? { from: '20:00', until: '23:00' } : { from: '02:00', until: '05:00' }
    const days = [1, 2, 3, 4, 5, 6, 7]
    const always = { subjects: [], hours: [{ days, from: '00:00', until: '24:00' }], closed: [], from: null, until: null, otherwise: null } as const
    await stateDirectory(at(home), {
      offices: [
        { ...always, code: DAY_OFFICE, names: { en: 'Tracing (exercise)', ru: 'Отдел прослеживания (учебный)' }, subjects: ['trace'], hours: [{ days, ...night }], otherwise: DUTY_OFFICE },
        { ...always, code: DUTY_OFFICE, names: { en: 'Duty officer (exercise)', ru: 'Дежурный (учебный)' } }, { ...always, code: ARCHIVE, names: { en: 'Archive (exercise)', ru: 'Архив (учебный)' } },
      ],
    }, people(BY_OFFICERS), home.now())
  } finally {
    await home.close()
  }
}

/** A request that came at night lies with the deputy, who sends it on; it is due when it was. */
async function sendOn(home: Home, { message, due }: FormalRequest): Promise<void> {
  const lies = (await officesOf(at(home), [message])).get(message.id)
  if (lies?.by !== 'deputy' || lies.office !== DUTY_OFFICE) throw new Error(`the request lies with ${JSON.stringify(lies)}, and not with the deputy`)
  await reroute(at(home), message.id, { to: ARCHIVE, reason: 'not-its-subject', note: null }, people(BY_OFFICERS), home.now())
  const now = await requestBy(at(home), message.id, home.now())
  if (now.due !== due || (await officesOf(at(home), [message])).get(message.id)?.office !== ARCHIVE) throw new Error('the request was sent on, and its office or its time is not what it should be')
}

/** Takes a request up, asks back, and answers once the asker has said more. */
async function takeUp(day: Day, item: string): Promise<void> {
  const home = day.home(BY_OFFICERS)
  const request = await until(day, 'the request', () => requestOf(home, item, ({ answer }) => answer === undefined))
  const { message: { id } } = request
  await sendOn(home, request)
  await acknowledgeRequest(at(home), id, { expected: null, note: null }, people(BY_OFFICERS), home.now())
  await clarifyRequest(at(home), id, { asks: ['where-found'], note: null }, people(BY_OFFICERS), home.now())
  const asked = await until(day, 'the question back', () => requestOf(day.asker, item, ({ message, standing }) => message.id === id && standing.state === 'asks-back'))
  await replyClarification(at(day.asker), asked.message.id, { says: [{ asks: 'where-found', text: 'northern training ground, exercise', photo: null }], note: null }, people(ASKER), day.asker.now())
  await answerInterim(at(home), id, { state: 'records-searched', expected: null, note: null }, people(BY_OFFICERS), home.now())
  await until(day, 'the answer to the question back', () => requestOf(home, item, ({ message, words }) => message.id === id && words.some(({ kind }) => kind === 'trace/clarified')))
}

/** Every request that waits is decided by two officers. */
async function decideAll(day: Day): Promise<number> {
  const home = day.home(BY_OFFICERS)
  const { by, and } = people(BY_OFFICERS)
  const waiting = (await formalRequests(at(home), home.now())).filter(({ direction, standing, answer }) => direction === 'in' && standing.due !== null && answer === undefined)
  for (const { message } of waiting) await approveRequest({ ...at(home), group: day.group }, message.id, SECTIONS, by, and, home.now())
  return waiting.length
}

/** The dossier with what was said since; waits until that shows. */
async function completed(day: Day, outcome: Outcome, shows: (now: Outcome) => boolean): Promise<Outcome> {
  return until(day, `${outcome.component.id}: what was said since its dossier`, async () => {
    const done = await completeDossier(tracing(day), new Uint8Array(await readFile(outcome.path)))
    const now = done === undefined ? undefined : { ...outcome, conclusion: done.conclusion, path: done.path }
    return now !== undefined && shows(now) ? now : undefined
  })
}

/** Whether the officers had not decided when the dossier was made. */
async function waits({ path }: Outcome): Promise<boolean> {
  return parseDossier(new Uint8Array(await readFile(path))).parties.some(({ party, formal }) => party === BY_OFFICERS && formal !== null && formal.answer === null)
}

/** Goes to see an item that is claimed to be held: first it cannot be reached, then it is not there. */
async function lookFor(day: Day, item: string): Promise<void> {
  const home = day.home(LOOKING)
  const { message: { id }, answer } = await until(day, 'the request', () => requestOf(home, item, ({ lookDue }) => lookDue !== null))
  const label = answer === undefined ? undefined : traceBody('trace/answer', answer.payload.body).hits.flatMap(({ items }) => items)[0]?.label
  if (label === undefined) throw new Error(`${LOOKING} showed no item of ${item}`)
  const said = { label, when: timeOf(home.now()), photo: null, note: null }
  await reportLook(at(home), id, { ...said, found: 'not-accessible', reason: 'sealed' }, people(LOOKING), home.now())
  await reportLook(at(home), id, { ...said, found: 'not-seen', reason: null }, people(LOOKING), home.now())
}

const trace = (day: Day, item: string, of: PartyId): Promise<Traced> => traceFind(tracing(day), item, { wait_ms: ARRIVED_MS_MAX, untilSilent: false, of: [of] })

/** Asked again, officers refuse; asked a third time, the asker itself withdraws. */
async function refuseAndWithdraw(day: Day, item: string): Promise<void> {
  const home = day.home(BY_OFFICERS)
  const open = () => requestOf(home, item, ({ standing, answer }) => standing.due !== null && answer === undefined)
  const { by, and } = people(BY_OFFICERS)
  await trace(day, item, BY_OFFICERS)
  await refuseRequest({ ...at(home), group: day.group }, (await until(day, 'the request', open)).message.id, 'ongoing-investigation', by, and, home.now())
  await trace(day, item, BY_OFFICERS)
  const { message: { id } } = await until(day, 'the request', open)
  await withdrawRequest(at(day.asker), id, { reason: 'found-otherwise', note: null }, people(ASKER), day.asker.now())
  await until(day, 'the withdrawal', () => requestOf(home, item, ({ message, standing }) => message.id === id && standing.state === 'withdrawn'))
}

/** Asks until the quota is spent; then two people of the own registry, and two of the other, grant what is asked, and it is asked once more. */
async function askAtNight(day: Day, item: string): Promise<number> {
  let granted = 0
  const grant = async (home: Home): Promise<void> => {
    const party = home.register.file.party
    const [question] = (await refusedByQuota(at(home))).filter((each) => !each.granted)
    if (question === undefined) throw new Error(`${party} refused for want of quota, and no such question is there`)
    await grantQuota(at(home), question.id, people(party), home.now())
    granted += 1
  }
  for (let asked = 0; asked < URGENT_MAX; asked++) {
    try {
      const { conclusion: { counts } } = await trace(day, item, LOOKING)
      if (counts.refused > 0) await grant(day.home(LOOKING))
      else if (granted > 0) return granted
    } catch (error) {
      if (!(error instanceof Fault && error.code === 'own-registry')) throw error
      await grant(day.asker)
    }
  }
  throw new Error(`the quota was not spent by ${URGENT_MAX} questions of ${item}`)
}

/** Plays it; resolves to the outcomes with the dossiers that officers' answers and looks were put into. */
export async function answerByDayAndNight(directoryOf: (party: PartyId) => string, group: Group, errands: readonly Errand[], outcomes: readonly Outcome[], stopped: AbortSignal, done: () => void): Promise<{ readonly outcomes: readonly Outcome[], readonly answering: Answering }> {
  const homes = new Map<PartyId, Home>()
  try {
    for (const party of [ASKER, BY_OFFICERS, LOOKING]) homes.set(party, await openHome(directoryOf(party)))
    const day: Day = { asker: homes.get(ASKER) as Home, home: (party) => homes.get(party) as Home, group, stopped }
    const itemOf = (component: string): string => (errands.find(({ id }) => id === component) as Errand).item
    const byOfficers = outcomes.find(({ component }) => component.holder === BY_OFFICERS) as Outcome
    const claimed = outcomes.find(({ component, conclusion }) => component.holder === LOOKING && conclusion.outcome === 'still-held') as Outcome
    const item = itemOf(byOfficers.component.id)
    await takeUp(day, item)
    const decided = await decideAll(day)
    done()
    await lookFor(day, itemOf(claimed.component.id))
    done()
    const final = await Promise.all(outcomes.map(async (outcome) => {
      if (await waits(outcome)) return completed(day, outcome, () => true)
      return outcome !== claimed ? outcome : completed(day, outcome, ({ conclusion }) => conclusion.explanations.some(({ for: pro }) => pro.some(({ fact }) => fact === 'looked-and-not-seen')))
    }))
    const [told] = (await formalRequests(at(day.asker), day.asker.now())).filter(({ with: party, body }) => party === BY_OFFICERS && body.recovery.event.includes(item))
    if (told !== undefined) await tellOutcome(at(day.asker), told.message.id, { outcome: 'last-holder', lastHolder: BY_OFFICERS, dossier: null, note: null }, people(ASKER), day.asker.now())
    done()
    await refuseAndWithdraw(day, item)
    done()
    const granted = await askAtNight(day, itemOf(URGENT))
    done()
    return { outcomes: final, answering: { deputies: 1, rerouted: 1, clarified: 1, interim: 1, decided, looked: 1, refused: 1, withdrawn: 1, granted } }
  } finally {
    for (const home of homes.values()) await home.close()
  }
}
