// Labels of one's own inventory on worker threads. Only the label process opens a pool: every thread holds the secret key.
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { LABEL_BYTES } from '@muster/core/oprf/label.ts'
import { runsOf } from './packed-keys.ts'

/** Keys in one job: some 30 ms of a thread, so that progress is smooth and messages cost nothing that counts. */
const JOB_KEYS = 512

/** Jobs that a thread has at once: the next lies ready when one is done. */
const JOBS_AHEAD = 2
const THREADS_MAX = 64

/** What a thread says once it can take jobs. */
export const READY = 'ready'
export interface LabelJob { readonly job: number, readonly packed: Uint8Array }
export type LabelAnswer = { readonly job: number, readonly labels: Uint8Array } | { readonly job: number, readonly failure: LabelFailure }
/** What is left of an error on its way between threads; `kind`, `code` and `place` where it was a refusal. */
export interface LabelFailure { readonly message: string, readonly kind?: string, readonly code?: string, readonly place?: string }

export interface LabelPool {
  readonly threads: number
  /**
   * Labels of the keys of `packed` (`packKeys`), 32 bytes each, in their order. `progress` hears keys done and keys in all. Calls may
   * overlap. Rejects with what a thread threw, or with a RangeError where the buffer ends within a key; after the death of a thread every call
   * rejects.
   */
  labels(packed: Uint8Array, progress?: (done: number, all: number) => void): Promise<Uint8Array>
  /** Ends the threads; calls under way reject. Closing again does nothing. */
  close(): Promise<void>
}

interface Task {
  readonly packed: Uint8Array
  readonly done: (labels: Uint8Array) => void
  readonly failed: (error: unknown) => void
}

/** A pool under one secret key: `threads` of them, by default one for each processor. Rejects where a thread cannot start. */
export async function openLabelPool(secretKey: Uint8Array, threads: number = availableParallelism()): Promise<LabelPool> {
  if (!Number.isInteger(threads) || threads < 1 || threads > THREADS_MAX) throw new RangeError(`a pool has 1 to ${THREADS_MAX} threads, not ${threads}`)
  const crew = await startCrew(secretKey, threads)
  return {
    threads,
    labels: async (packed, progress) => {
      const runs = runsOf(packed, JOB_KEYS)
      const all = runs.reduce((sum, { keys }) => sum + keys, 0)
      const labels = new Uint8Array(all * LABEL_BYTES)
      let done = 0
      await Promise.all(runs.map(async ({ from, to, keys }, i) => {
        labels.set(await crew.run(packed.slice(from, to)), i * JOB_KEYS * LABEL_BYTES)
        done += keys
        progress?.(done, all)
      }))
      return labels
    },
    close: () => crew.end(new Error('the label pool is closed')),
  }
}

/** The threads and what they have to do. The first failure of a thread, or closing, ends all of them. */
interface Crew {
  readonly run: (packed: Uint8Array) => Promise<Uint8Array>
  readonly end: (why: Error) => Promise<void>
}

async function startCrew(secretKey: Uint8Array, threads: number): Promise<Crew> {
  const seats = Array.from({ length: threads }, () => ({ worker: new Worker(new URL('./label-worker.ts', import.meta.url), { workerData: { secretKey } }), busy: 0 }))
  const waiting: Task[] = []
  const running = new Map<number, Task>()
  let jobs = 0
  let ended: Error | undefined
  let ready = 0
  const start = Promise.withResolvers<void>()

  const end = async (why: Error) => {
    ended ??= why
    start.reject(ended)
    for (const { failed } of [...running.values(), ...waiting.splice(0)]) failed(ended)
    running.clear()
    await Promise.all(seats.map(({ worker }) => worker.terminate()))
  }
  const feed = () => {
    for (;;) {
      const seat = seats.reduce((idlest, each) => each.busy < idlest.busy ? each : idlest)
      const task = seat.busy < JOBS_AHEAD ? waiting.shift() : undefined
      if (task === undefined) return
      const job = jobs++
      running.set(job, task)
      seat.busy++
      seat.worker.postMessage({ job, packed: task.packed } satisfies LabelJob)
    }
  }
  for (const seat of seats) {
    seat.worker.on('message', (answer: LabelAnswer | typeof READY) => {
      if (answer === READY) return ++ready === threads ? start.resolve() : undefined
      seat.busy--
      const task = running.get(answer.job)
      running.delete(answer.job)
      if ('labels' in answer) task?.done(answer.labels)
      else task?.failed(Object.assign(new Error(answer.failure.message), answer.failure))
      feed()
    })
    seat.worker.on('error', (error: unknown) => void end(error instanceof Error ? error : new Error(String(error))))
    seat.worker.on('exit', (code) => void end(new Error(`a thread of the label pool ended with code ${code}`)))
  }
  await start.promise
  return {
    end,
    run: (packed) => new Promise((done, failed) => {
      if (ended !== undefined) return failed(ended)
      waiting.push({ packed, done, failed })
      feed()
    }),
  }
}
