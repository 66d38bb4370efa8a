// EXERCISE. The exercise from the first register to the last dossier. What was started is ended in every case; what was written stays.
import { chmod, mkdir, mkdtemp, readdir, realpath, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { usage } from '../../cli/errors.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Home } from '@muster/registry/main.ts'
import { exerciseAgreement } from './agreement.ts'
import { freePorts, ready, startRegistry, type Child } from './children.ts'
import { declareParty, found, join_, stock, type Prepared } from './party.ts'
import { openAsker, readersOf, recordSeizure, traceAll, verifyOutcome, type Outcome } from './seizure.ts'
import { ASKER, declares, STATES } from './states.ts'
import { COMPONENTS } from './story.ts'
import type { Teller } from './told.ts'

/** Acts at the same time: one more than cores of a small machine, since each waits for its disk at times. */
const LANES = 3
const COSIGNED_MS_MAX = 60_000
const POLL_MS = 100

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

/** A new folder, or the named one where it is empty. Others may pass through it, so that the databases can lie inside. */
export async function makeFolder(named: string | undefined): Promise<string> {
  const folder = named === undefined ? await mkdtemp(join(tmpdir(), 'muster-exercise-')) : resolve(named)
  await mkdir(folder, { recursive: true })
  if ((await readdir(folder)).length > 0) throw usage(`--dir ${folder}: the folder is not empty, name a new one`)
  await chmod(folder, 0o711)
  return realpath(folder)
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

interface Founded { readonly parties: readonly Prepared[], readonly agreement: Uint8Array, readonly agreementPath: string, readonly urls: ReadonlyMap<PartyId, string> }

async function foundAll({ folder, teller, stopped }: Playing, closers: Closers): Promise<Founded> {
  const made = await teller.step({ en: 'twelve registers, each with its own PostgreSQL and keys', ru: 'двенадцать реестров, у каждого своя PostgreSQL и свои ключи' }, STATES.length, (done) => inLanes(STATES, stopped, async (state) => {
    const party = await found(folder, state)
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
  const agreement = exerciseAgreement(records)
  const agreementPath = join(folder, 'agreement-EXERCISE.json')
  await writeFile(agreementPath, agreement)
  const ports = await freePorts(STATES.length)
  const urls = new Map(STATES.map(({ party }, i) => [party, `http://127.0.0.1:${ports[i] as number}`]))
  await inLanes(parties, stopped, (party) => join_(party, agreement, records, urls))
  return { parties, agreement, agreementPath, urls }
}

async function serveAll({ teller, stopped, environment }: Playing, { parties, urls }: Founded, closers: Closers): Promise<Child[]> {
  return teller.step({ en: 'twelve registries served, each with its evaluator', ru: 'двенадцать реестров запущены, у каждого свой вычислитель' }, parties.length, async (done) => {
    const children = parties.map(({ dir, state }) => {
      const child = startRegistry(dir, Number(new URL(urls.get(state.party) as string).port), state.part === 'silent', environment)
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
async function untilCosigned({ teller, stopped }: Playing, { parties }: Founded): Promise<void> {
  const declaring = parties.filter(({ state }) => declares(state))
  await teller.step({ en: 'declarations copied, read and cosigned by all parties', ru: 'декларации скопированы, прочитаны и заверены всеми сторонами' }, declaring.length, async (done) => {
    const end = performance.now() + COSIGNED_MS_MAX
    await Promise.all(declaring.map(async ({ dir, state }) => {
      const home = await openAsker(dir, () => undefined)
      try {
        while (await readersOf(home) < STATES.length) {
          stopped.throwIfAborted()
          if (performance.now() > end) throw new Error(`the declaration of ${state.party} was not read by all in ${COSIGNED_MS_MAX / 1000} s: see ${join(dir, 'serve.log')}`)
          await pause(POLL_MS)
        }
      } finally {
        await home.close()
      }
      done()
    }))
  })
}

/** Rejects as soon as the demo is to stop. */
function unlessStopped<T>(stopped: AbortSignal, act: Promise<T>): Promise<T> {
  act.catch(() => undefined)
  return Promise.race([act, new Promise<never>((_, reject) => {
    const stop = (): void => { reject(stopped.reason instanceof Error ? stopped.reason : new Error('stopped')) }
    if (stopped.aborted) stop()
    else stopped.addEventListener('abort', stop, { once: true })
  })])
}

async function investigate({ folder, teller, stopped }: Playing, { parties, agreement }: Founded): Promise<Outcome[]> {
  const asker = parties.find(({ state }) => state.party === ASKER) as Prepared
  const home: Home = await openAsker(asker.dir, () => undefined)
  try {
    const outcomes = await teller.step({ en: '36 launcher components seized, recorded and traced through all twelve', ru: '36 частей пусковых установок изъяты, записаны и прослежены через все двенадцать' }, COMPONENTS.length, async (done) =>
      unlessStopped(stopped, traceAll(home, await recordSeizure(folder, home), done)))
    await teller.step({ en: 'every dossier verified from outside', ru: 'каждое досье проверено извне' }, outcomes.length, async (done) => {
      for (const outcome of outcomes) {
        stopped.throwIfAborted()
        await verifyOutcome(outcome, agreement)
        done()
        await pause(0)
      }
    })
    return outcomes
  } finally {
    await home.close()
  }
}

/** The object that machines read. */
function told(outcomes: readonly Outcome[], { parties, agreementPath }: Founded, seconds: number) {
  const traces = outcomes.map(({ component, traced: { conclusion, ms, path } }) => {
    const { grade, outcome, lastHolder, counts: { present, absent, noDeclaration, refused, silent, unreachable } } = conclusion
    return { mark: component.read, grade, outcome, lastHolder, present, absent, noDeclaration, refused, silent, unreachable, ms, dossier: path }
  })
  return {
    parties: parties.length, items: parties.reduce((sum, { items }) => sum + items, 0), declarations: parties.filter(({ state }) => declares(state)).length, recovered: outcomes.length, traces,
    dossier: traces.find(({ outcome }) => outcome === 'last-holder')?.dossier ?? null, agreement: agreementPath, verified: true, seconds,
  }
}

function sayWhere({ teller, folder, stay }: Playing, { agreementPath, urls }: Founded, dossier: string | null): void {
  teller.line({ en: `Files: ${folder}`, ru: `Файлы: ${folder}` })
  teller.line({ en: `Check a dossier yourself: npx muster verify ${dossier ?? 'DOSSIER'} --agreement ${agreementPath}`, ru: `Проверить досье самому: npx muster verify ${dossier ?? 'ДОСЬЕ'} --agreement ${agreementPath}` })
  if (!stay) return
  for (const [party, url] of urls) teller.line({ en: `${party} serves its log at ${url}/log/exercise-2002/checkpoint`, ru: `${party}: журнал ${url}/log/exercise-2002/checkpoint` })
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
    await teller.step({ en: 'ten declarations, one state declines', ru: 'десять деклараций, одно государство отказывается' }, declaring.length, (done) => inLanes(declaring, stopped, async ({ dir }) => {
      await declareParty(dir)
      done()
    }))
    await serveAll(playing, founded, closers)
    await untilCosigned(playing, founded)
    const outcomes = await investigate(playing, founded)
    const result = told(outcomes, founded, Math.round((performance.now() - began) / 100) / 10)
    teller.table(outcomes)
    sayWhere(playing, founded, result.dossier)
    if (json && stay) answer(result)
    if (stay && !stopped.aborted) await new Promise<void>((resolve) => { stopped.addEventListener('abort', () => { resolve() }, { once: true }) })
    await endAll(closers)
    if (json && !stay) answer(result)
    return 0
  } finally {
    await endAll(closers)
  }
}
