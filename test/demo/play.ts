// EXERCISE. The exercise from the first register to the last dossier. What was started is ended in every case; what was written stays.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { timeOf, type Time } from '@muster/core/bytes/time.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { alike } from '@muster/registry/engine/alike.ts'
import { openHome, systemClock } from '@muster/registry/main.ts'
import { makeConsole } from '../../web/make/console.ts'
import { makeVerifier } from '../../web/make/verifier.ts'
import { answerByDayAndNight, stateOffices, type Answering } from './answering.ts'
import { BY_OFFICERS, exerciseAgreement } from './agreement.ts'
import { issue, matrixOf, reply, type Matrix } from './call.ts'
import { APART, carryBetween } from './courier.ts'
import { freePorts, ready, startRegistry, type Child } from './children.ts'
import { openConsoles } from './consoles.ts'
import { declareParty, found, join_, stock, type Prepared } from './party.ts'
import { reconcilePairs, type ReconciledPairs } from './reconcile.ts'
import { readersOf, recordSeizure, traceAll, verifyOutcome, type Errand, type Outcome } from './seizure.ts'
import { ASKER, declares, STATES } from './states.ts'
import { COMPONENTS } from './story.ts'
import type { Teller } from './told.ts'

/** Acts at the same time: more than a small machine has cores, since each waits for its disk half of its time. */
const LANES = 6
const COSIGNED_MS_MAX = 300_000
const POLL_MS = 100
const MILLISECONDS = 1000

export interface Playing {
  readonly folder: string
  readonly teller: Teller
  readonly stopped: AbortSignal
  readonly environment: NodeJS.ProcessEnv
  /** Whether to serve until stopped. */
  readonly stay: boolean
  readonly json: boolean
  readonly answer: (value: unknown) => void
}

async function inLanes<T, R>(all: readonly T[], stopped: AbortSignal, act: (each: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const left = all.entries()
  const lane = async (): Promise<void> => {
    for (const [i, each] of left) {
      stopped.throwIfAborted()
      results[i] = await act(each)
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return results
}

/** What is to be ended, last first. */
type Closers = (() => Promise<void>)[]

async function endAll(closers: Closers): Promise<void> {
  await Promise.allSettled(closers.splice(0).reverse().map((close) => close()))
}

interface Founded { readonly parties: readonly Prepared[], readonly agreement: Uint8Array, readonly agreementPath: string, readonly urls: ReadonlyMap<PartyId, string>, readonly consolePorts: ReadonlyMap<PartyId, number>, readonly consoles: Awaited<ReturnType<typeof openConsoles>> }

async function foundAll({ folder, teller, stopped }: Playing, closers: Closers): Promise<Founded> {
  const began = performance.now()
  const makeEmpty = alike()
  const made = await teller.step({ en: 'twelve registers, each with its own PostgreSQL and keys', ru: 'двенадцать реестров, у каждого своя PostgreSQL и свои ключи' }, STATES.length, (done) => inLanes(STATES, stopped, async (state) => {
    const party = await found(folder, state, makeEmpty)
    closers.push(() => party.register.close())
    done()
    return party
  }))
  const parties = await teller.step({ en: 'inventories loaded from sheets, custody recorded', ru: 'ведомости загружены, движение записано' }, STATES.length, (done) => inLanes(made, stopped, async (party) => {
    const items = await stock(folder, party)
    done()
    return { ...party, items }
  }))
  const records = new Map(parties.map(({ state, keyRecord }) => [state.party, keyRecord]))
  const agreement = exerciseAgreement(records, (performance.now() - began) / MILLISECONDS)
  const agreementPath = join(folder, 'agreement-EXERCISE.json')
  await writeFile(agreementPath, agreement)
  const ports = await freePorts(2 * STATES.length)
  const consolePorts = new Map(STATES.map(({ party }, i) => [party, ports[STATES.length + i] as number]))
  const urls = new Map(STATES.map(({ party }, i) => [party, `http://127.0.0.1:${ports[i] as number}`]))
  await inLanes(parties, stopped, (party) => join_(party, agreement, records, urlsFor(party.state.party, urls)))
  return { parties, agreement, agreementPath, urls, consolePorts, consoles: await openConsoles(folder, parties, consolePorts) }
}

/** All addresses, but for the two states that have not each other's. */
function urlsFor(party: PartyId, urls: ReadonlyMap<PartyId, string>): ReadonlyMap<PartyId, string> {
  return APART.includes(party) ? new Map([...urls].filter(([other]) => other === party || !APART.includes(other))) : urls
}

async function serveAll({ teller, stopped, environment }: Playing, { parties, urls, consolePorts, consoles }: Founded, closers: Closers): Promise<Child[]> {
  return teller.step({ en: 'twelve registries served, each with its evaluator', ru: 'двенадцать реестров запущены, у каждого свой вычислитель' }, parties.length, async (done) => {
    const pages = await makeConsole()
    const children = parties.map(({ dir, state }) => {
      const child = startRegistry(dir, Number(new URL(urls.get(state.party) as string).port), ['--api', String(consolePorts.get(state.party)), '--console', pages, '--exercise-parties', consoles.path, ...(state.part === 'silent' ? ['--mute'] : [])], environment)
      closers.push(() => child.stop())
      return child
    })
    await Promise.all(children.map(async (child, i) => {
      const { dir, register } = parties[i] as Prepared
      await ready(child, dir)
      await register.close()
      done()
    }))
    stopped.throwIfAborted()
    return children
  })
}

/** Waits until every party's reader has read and cosigned every declaration. */
async function untilCosigned({ teller, stopped }: Playing, folders: readonly string[]): Promise<void> {
  await teller.step({ en: 'declarations copied, read and cosigned by all parties', ru: 'декларации скопированы, прочитаны и заверены всеми сторонами' }, folders.length, async (done) => {
    const end = performance.now() + COSIGNED_MS_MAX
    await Promise.all(folders.map(async (folder) => {
      while (await readersOf(folder) < STATES.length) {
        stopped.throwIfAborted()
        if (performance.now() > end) throw new Error(`the declaration in ${folder} was not read by all in ${COSIGNED_MS_MAX / 1000} s: see serve.log of each registry`)
        await pause(POLL_MS)
      }
      done()
    }))
  })
}

/** Before the registries are served, so that the first checkpoint that is cosigned holds the finds. */
async function seize({ folder, teller }: Playing, { parties }: Founded): Promise<Errand[]> {
  return teller.step({ en: '36 launcher components seized and recorded', ru: '36 частей пусковых установок изъяты и записаны' }, 1, async () => {
    const home = await openHome(directoryOf(parties, ASKER))
    try {
      return await recordSeizure(folder, home)
    } finally {
      await home.close()
    }
  })
}

const directoryOf = (parties: readonly Prepared[], party: PartyId): string => (parties.find(({ state }) => state.party === party) as Prepared).dir

async function investigate({ folder, teller, stopped }: Playing, { parties, agreementPath }: Founded, errands: readonly Errand[]): Promise<Outcome[]> {
  // Each dossier is checked as soon as it is there, from its file and with the agreement that an outsider holds.
  const verified: Promise<void>[] = []
  return teller.step({ en: 'all of them traced through twelve registries, every dossier verified from outside', ru: 'все прослежены через двенадцать реестров, каждое досье проверено извне' }, COMPONENTS.length, async (done) => {
    const outcomes = await traceAll(folder, directoryOf(parties, ASKER), errands, stopped, (outcome) => {
      const check = pause(0).then(() => verifyOutcome(outcome, agreementPath)).then(done)
      check.catch(() => undefined)
      verified.push(check)
    })
    await Promise.all(verified)
    return outcomes
  })
}

/** The asker's note, signed before anybody is served; its registry carries it. */
async function call_({ parties }: Founded, asOf: Time): Promise<string> {
  const home = await openHome(directoryOf(parties, ASKER))
  try {
    return await issue(home, asOf)
  } finally {
    await home.close()
  }
}

async function answerAll({ teller, stopped }: Playing, { parties }: Founded, call: string): Promise<void> {
  await teller.step({ en: 'called to count: ten count, one gives its reason, one says nothing', ru: 'запрос о пересчёте: десять считают, одно называет причину, одно молчит' }, parties.length, (done) => inLanes(parties, stopped, async ({ dir, state }) => {
    await reply(dir, state, call, stopped)
    done()
  }))
}

function carry({ folder, teller }: Playing, { parties }: Founded): Promise<number> {
  return teller.step({ en: 'two states without a line between them exchange what they publish by courier', ru: 'два государства без связи обмениваются опубликованным с курьером' }, 3, (done) => carryBetween(folder, (party) => directoryOf(parties, party), done))
}

function reconcile({ teller, stopped }: Playing, { parties }: Founded): Promise<ReconciledPairs> {
  return teller.step({ en: 'a producer reconciles with two receivers: what one of them never declared is found', ru: 'производитель сверяется с двумя получателями: найдено то, что один из них не объявил' }, 2,
    async (done) => reconcilePairs((party) => directoryOf(parties, party), await fastGroup(), stopped, done))
}

/** Officers answer, look and grant; dossiers that waited for them are completed and checked anew. */
async function answer_({ teller, stopped }: Playing, { parties, agreementPath }: Founded, errands: readonly Errand[], outcomes: readonly Outcome[]) {
  return teller.step({ en: 'officers take up, ask back, answer, look, refuse; a request is withdrawn, quota granted at night', ru: 'должностные лица принимают, уточняют, отвечают, осматривают, отказывают; запрос отозван, ночью дана квота' }, 5, async (done) => {
    const answered = await answerByDayAndNight((party) => directoryOf(parties, party), await fastGroup(), errands, outcomes, stopped, done)
    for (const [i, outcome] of answered.outcomes.entries()) if (outcome !== outcomes[i]) await verifyOutcome(outcome, agreementPath)
    return answered
  })
}

/** The object that machines read. */
function told(outcomes: readonly Outcome[], { tally }: Matrix, { parties, agreementPath }: Founded, { cosigned, reconciled, courier, answering }: { readonly cosigned: number, readonly reconciled: ReconciledPairs, readonly courier: number, readonly answering: Answering }, seconds: number) {
  const traces = outcomes.map(({ component, conclusion, ms, path }) => {
    const { grade, outcome, lastHolder, counts: { present, absent, noDeclaration, refused, silent, unreachable } } = conclusion
    return { mark: component.read, grade, outcome, lastHolder, present, absent, noDeclaration, refused, silent, unreachable, ms, dossier: path }
  })
  return {
    parties: parties.length, items: parties.reduce((sum, { items }) => sum + items, 0), declarations: parties.filter(({ state }) => declares(state)).length, recovered: outcomes.length, call: tally, cosigned, reconciled, courier, answering, traces,
    dossier: traces.find(({ outcome }) => outcome === 'last-holder')?.dossier ?? null, agreement: agreementPath, verified: true, seconds,
  }
}

/** The verifier lies beside the dossiers, for whoever would rather look than type; who distrusts this copy makes one (docs/verifier.md). */
async function sayWhere({ teller, folder, stay }: Playing, { agreementPath, urls, consoles: { consoles } }: Founded, dossier: string | null): Promise<void> {
  const page = join(folder, 'verify.html')
  await writeFile(page, await makeVerifier())
  teller.line({ en: `Files: ${folder}`, ru: `Файлы: ${folder}` })
  teller.line({ en: `Check a dossier yourself: npx muster verify ${dossier ?? 'DOSSIER'} --agreement ${agreementPath}`, ru: `Проверить досье самому: npx muster verify ${dossier ?? 'ДОСЬЕ'} --agreement ${agreementPath}` })
  teller.line({ en: `Or open ${page} in a browser, and choose the dossier and the agreement: it needs no network`, ru: `Или откройте ${page} в браузере и выберите досье и соглашение: сеть не нужна` })
  if (!stay) return
  for (const [party, url] of urls) teller.line({ en: `${party} serves its log at ${url}/log/exercise-2002/checkpoint`, ru: `${party}: журнал ${url}/log/exercise-2002/checkpoint` })
  const [first] = consoles.filter(({ party }) => party === ASKER)
  teller.line({ en: `Open the registry of ${ASKER} in a browser: ${first?.url ?? ''} (its name there leads to the other eleven)`, ru: `Откройте реестр ${ASKER} в браузере: ${first?.url ?? ''} (его название там ведёт к остальным одиннадцати)` })
  teller.line({ en: 'Serving until stopped: Ctrl-C. The files stay; delete the folder when you are done.', ru: 'Работает до остановки: Ctrl-C. Файлы останутся; удалите папку, когда она не нужна.' })
}

/** Plays all of it; resolves to the exit code. Throws where something failed, everything started being ended first. */
export async function playExercise(playing: Playing): Promise<number> {
  const { teller, stopped, stay, json, answer, folder } = playing
  const began = performance.now()
  const closers: Closers = []
  try {
    teller.line({ en: `All states, numbers and events are invented. Everything is written to ${folder}`, ru: `Все государства, номера и события вымышлены. Всё записывается в ${folder}` })
    const founded = await foundAll(playing, closers)
    const declaring = founded.parties.filter(({ state }) => declares(state))
    const declared = await teller.step({ en: 'ten declarations, one state declines', ru: 'десять деклараций, одно государство отказывается' }, declaring.length, (done) => inLanes(declaring, stopped, async ({ dir }) => {
      const { folder: published } = await declareParty(dir)
      done()
      return published
    }))
    const asOf = timeOf(systemClock())
    const errands = await seize(playing, founded)
    const call = await call_(founded, asOf)
    await serveAll(playing, founded, closers)
    await answerAll(playing, founded, call)
    const courier = await carry(playing, founded)
    await untilCosigned(playing, declared)
    const reconciled = await reconcile(playing, founded)
    await stateOffices(directoryOf(founded.parties, BY_OFFICERS))
    const traced = await investigate(playing, founded, errands)
    const { outcomes, answering } = await answer_(playing, founded, errands, traced)
    const matrix = await matrixOf(directoryOf(founded.parties, ASKER), call, founded.parties.length - 1, stopped)
    teller.matrix(matrix)
    const result = told(outcomes, matrix, founded, { cosigned: declared.length, reconciled, courier, answering }, Math.round((performance.now() - began) / 100) / 10)
    teller.table(outcomes)
    await sayWhere(playing, founded, result.dossier)
    if (json && stay) answer(result)
    if (stay && !stopped.aborted) await new Promise<void>((resolve) => { stopped.addEventListener('abort', () => { resolve() }, { once: true }) })
    await endAll(closers)
    if (json && !stay) answer(result)
    return 0
  } finally {
    await endAll(closers)
  }
}
