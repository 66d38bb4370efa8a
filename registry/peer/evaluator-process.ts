// The evaluator as the serving process has it: a child that is started, told one order a line, and started again when it dies. An order that
// was under way is given once more: what was spent is spent once, whatever dies when.
import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { toBase64 } from '@muster/core/bytes/bytes.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { Fault, textOf } from '../engine/fault.ts'
import type { Suspension } from '../evaluator/journal.ts'
import { LINE_BYTES_MAX, linesOf, TOO_LONG } from '../evaluator/lines.ts'
import type { Evaluated, EvaluatorCode, Order, Reply } from '../evaluator/protocol.ts'
import type { QuotaFacts } from '../evaluator/quota.ts'

const MAIN = fileURLToPath(new URL('../evaluator/main.ts', import.meta.url))
/** A batch of 1,024 takes a tenth of a second; orders wait in line. */
const ORDER_MS_MAX = 30_000
const GIVEN_MAX = 3
const RESTART_MS_MIN = 20
const RESTART_MS_MAX = 5_000
/** A child that lives this long is well, and the pause before the next start is short again. */
const WELL_MS = 10_000
const ENDING_MS_MAX = 2_000
/** Little is kept and much is thrown away: small heaps keep the process small. */
const NODE_FLAGS = ['--max-old-space-size=64', '--max-semi-space-size=1', '--disable-warning=ExperimentalWarning']

/** An order that was refused, by code. */
export interface Refused { readonly error: EvaluatorCode, readonly message: string }

export interface Evaluator {
  /** Throws a Fault `evaluator-unavailable` where no answer came in time: the same request may be given again. */
  readonly evaluate: (agreement: AgreementId, envelope: Uint8Array) => Promise<Evaluated | Refused>
  readonly suspend: (agreement: AgreementId, asker: PartyId, request: string, why: Suspension) => Promise<void>
  /** Ends the suspension for one batch that was opened late; without a request, all of the asker's. */
  readonly forgive: (agreement: AgreementId, asker: PartyId, request?: string) => Promise<void>
  readonly facts: (agreement: AgreementId) => Promise<QuotaFacts>
  /** Of the child that runs now; undefined between two. */
  readonly pid: () => number | undefined
  readonly close: () => Promise<void>
}

interface Waiting {
  readonly line: string
  given: number
  readonly done: (reply: Reply) => void
  readonly failed: (error: Fault) => void
}

function unavailable(why: string): Fault {
  return new Fault('evaluator-unavailable', `the evaluator gave no answer (${why}): ask again`)
}

/** Starts the evaluator of a data directory. `report` hears why it had to be started again. */
export function startEvaluator(dataDir: string, report: (what: string) => void = () => undefined): Evaluator {
  const waiting = new Map<number, Waiting>()
  let next = 0
  let child: ChildProcess | undefined
  let closing = false
  let pause = RESTART_MS_MIN
  let restarting: NodeJS.Timeout | undefined

  const give = (order: Waiting) => {
    order.given += 1
    child?.stdin?.write(order.line)
  }
  const settle = (reply: Reply) => {
    const order = reply.id === null ? undefined : waiting.get(reply.id)
    if (order === undefined || reply.id === null) return
    waiting.delete(reply.id)
    order.done(reply)
  }
  const listen = async (started: ChildProcess) => {
    for await (const line of linesOf(started.stdout as AsyncIterable<Uint8Array>, LINE_BYTES_MAX)) if (line !== TOO_LONG) settle(JSON.parse(line) as Reply)
  }
  const ended = (started: ChildProcess, startedAt: number, why: string) => {
    if (child !== started) return
    child = undefined
    if (closing) return
    report(`the evaluator ended (${why}) and is started again`)
    pause = performance.now() - startedAt > WELL_MS ? RESTART_MS_MIN : Math.min(RESTART_MS_MAX, 2 * pause)
    for (const [id, order] of waiting) {
      if (order.given < GIVEN_MAX) continue
      waiting.delete(id)
      order.failed(unavailable(why))
    }
    restarting = setTimeout(start, pause)
    restarting.unref()
  }
  const start = () => {
    const startedAt = performance.now()
    const started = spawn(process.execPath, [...NODE_FLAGS, MAIN, dataDir], { stdio: ['pipe', 'pipe', 'inherit'] })
    child = started
    started.once('error', (error) => { ended(started, startedAt, textOf(error)) })
    started.once('exit', (code, signal) => { ended(started, startedAt, signal ?? `exit ${code ?? 'unknown'}`) })
    // A pipe that breaks ends with its process, which is told above.
    started.stdin?.on('error', () => undefined)
    listen(started).catch(() => { started.kill('SIGKILL') })
    for (const order of waiting.values()) give(order)
  }
  start()

  const order = (what: Order): Promise<Reply> => new Promise((resolve, reject) => {
    if (closing) return void reject(unavailable('it was closed'))
    const id = next++
    const late = setTimeout(() => {
      waiting.delete(id)
      reject(unavailable(`none within ${ORDER_MS_MAX} ms`))
      // One that hangs is ended, and what waits is given to the next.
      child?.kill('SIGKILL')
    }, ORDER_MS_MAX)
    const one: Waiting = {
      line: `${JSON.stringify({ id, ...what })}\n`, given: 0,
      done: (reply) => { clearTimeout(late); resolve(reply) },
      failed: (error) => { clearTimeout(late); reject(error) },
    }
    waiting.set(id, one)
    if (child !== undefined) give(one)
  })
  const facts = async (what: Order): Promise<QuotaFacts> => {
    const reply = await order(what)
    if ('facts' in reply) return reply.facts
    throw new Fault('evaluator-unavailable', 'error' in reply ? `the evaluator refused an order: ${reply.message}` : 'the evaluator gave another answer than was asked for')
  }
  return {
    evaluate: async (agreement, envelope) => {
      const reply = await order({ do: 'evaluate', agreement, envelope: toBase64(envelope) })
      if ('facts' in reply) throw unavailable('it answered another order')
      if ('error' in reply && reply.error === 'failed') throw new Fault('evaluator-unavailable', `the evaluator cannot evaluate: ${reply.message}`)
      return 'error' in reply ? { error: reply.error, message: reply.message } : { elements: reply.elements, proof: reply.proof }
    },
    suspend: async (agreement, asker, request, why) => { await facts({ do: 'suspend', agreement, asker, request, why }) },
    forgive: async (agreement, asker, request) => { await facts({ do: 'forgive', agreement, asker, ...(request === undefined ? {} : { request }) }) },
    facts: (agreement) => facts({ do: 'facts', agreement }),
    pid: () => child?.pid,
    close: async () => {
      closing = true
      clearTimeout(restarting)
      for (const one of waiting.values()) one.failed(unavailable('it was closed'))
      waiting.clear()
      const last = child
      if (last === undefined || last.exitCode !== null || last.signalCode !== null) return
      const gone = new Promise((resolve) => last.once('exit', resolve))
      last.stdin?.end()
      const late = setTimeout(() => last.kill('SIGKILL'), ENDING_MS_MAX)
      await gone
      clearTimeout(late)
    },
  }
}
