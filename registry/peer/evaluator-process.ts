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
  /** `oprf`: of the head that the question is about. Throws a Fault `evaluator-unavailable` where no answer came in time: the same request may be given again. */
  readonly evaluate: (agreement: AgreementId, envelope: Uint8Array, oprf: string) => Promise<Evaluated | Refused>
  readonly suspend: (agreement: AgreementId, asker: PartyId, request: string, why: Suspension) => Promise<void>
  /** Ends the suspensions for batches that were opened late; without requests, all of the asker's. */
  readonly forgive: (agreement: AgreementId, asker: PartyId, requests?: readonly string[]) => Promise<void>
  readonly facts: (agreement: AgreementId) => Promise<QuotaFacts>
  /** Of the child that runs now; undefined between two. */
  readonly pid: () => number | undefined
  readonly close: () => Promise<void>
}

interface Waiting {
  readonly line: string
  given: number
  readonly late: NodeJS.Timeout
  readonly done: (reply: Reply) => void
  readonly failed: (error: Fault) => void
}

function unavailable(why: string): Fault {
  return new Fault('evaluator-unavailable', `the evaluator gave no answer (${why}): ask again`)
}

/** One child; `ended` is called once, whatever ended it. */
function spawnChild(dataDir: string, heard: (reply: Reply) => void, ended: (why: string) => void): ChildProcess {
  const child = spawn(process.execPath, [...NODE_FLAGS, MAIN, dataDir], { stdio: ['pipe', 'pipe', 'inherit'] })
  let over = false
  const end = (why: string) => {
    if (!over) ended(why)
    over = true
  }
  const listen = async () => {
    for await (const line of linesOf(child.stdout as AsyncIterable<Uint8Array>, LINE_BYTES_MAX)) if (line !== TOO_LONG) heard(JSON.parse(line) as Reply)
  }
  child.once('error', (error) => { end(textOf(error)) })
  child.once('exit', (code, signal) => { end(signal ?? `exit ${code ?? 'unknown'}`) })
  // A pipe that breaks ends with its process, which is told above.
  child.stdin.on('error', () => undefined)
  listen().catch(() => { child.kill('SIGKILL') })
  return child
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.stdin?.end()
  const late = setTimeout(() => child.kill('SIGKILL'), ENDING_MS_MAX)
  await gone
  clearTimeout(late)
}

interface Orders {
  readonly order: (what: Order) => Promise<Reply>
  readonly pid: () => number | undefined
  readonly close: () => Promise<void>
}

/** A child that is always there, and the orders that wait for its answers. */
function takeOrders(dataDir: string, report: (what: string) => void): Orders {
  const waiting = new Map<number, Waiting>()
  let next = 0
  let child: ChildProcess | undefined
  let closing = false
  let pause = RESTART_MS_MIN
  let restarting: NodeJS.Timeout | undefined
  const settle = (id: number | null, how: (one: Waiting) => void) => {
    const one = id === null ? undefined : waiting.get(id)
    if (one === undefined || id === null) return
    waiting.delete(id)
    clearTimeout(one.late)
    how(one)
  }
  const give = (one: Waiting) => {
    one.given += 1
    child?.stdin?.write(one.line)
  }
  const start = () => {
    const startedAt = performance.now()
    child = spawnChild(dataDir, (reply) => { settle(reply.id, ({ done }) => { done(reply) }) }, (why) => {
      child = undefined
      if (closing) return
      report(`the evaluator ended (${why}) and is started again`)
      pause = performance.now() - startedAt > WELL_MS ? RESTART_MS_MIN : Math.min(RESTART_MS_MAX, 2 * pause)
      for (const [id, { given }] of waiting) if (given >= GIVEN_MAX) settle(id, ({ failed }) => { failed(unavailable(why)) })
      restarting = setTimeout(start, pause)
      restarting.unref()
    })
    for (const one of waiting.values()) give(one)
  }
  start()
  return {
    order: (what) => new Promise((resolve, reject) => {
      if (closing) return void reject(unavailable('it was closed'))
      const id = next++
      const late = setTimeout(() => {
        settle(id, ({ failed }) => { failed(unavailable(`none within ${ORDER_MS_MAX} ms`)) })
        // One that hangs is ended, and what waits is given to the next.
        child?.kill('SIGKILL')
      }, ORDER_MS_MAX)
      const one: Waiting = { line: `${JSON.stringify({ id, ...what })}\n`, given: 0, late, done: resolve, failed: reject }
      waiting.set(id, one)
      if (child !== undefined) give(one)
    }),
    pid: () => child?.pid,
    close: async () => {
      closing = true
      clearTimeout(restarting)
      for (const id of [...waiting.keys()]) settle(id, ({ failed }) => { failed(unavailable('it was closed')) })
      if (child !== undefined) await endChild(child)
    },
  }
}

/** Starts the evaluator of a data directory. `report` hears why it had to be started again. */
export function startEvaluator(dataDir: string, report: (what: string) => void = () => undefined): Evaluator {
  const { order, pid, close } = takeOrders(dataDir, report)
  const facts = async (what: Order): Promise<QuotaFacts> => {
    const reply = await order(what)
    if ('facts' in reply) return reply.facts
    throw new Fault('evaluator-unavailable', 'error' in reply ? `the evaluator refused an order: ${reply.message}` : 'the evaluator gave another answer than was asked for')
  }
  return {
    evaluate: async (agreement, envelope, oprf) => {
      const reply = await order({ do: 'evaluate', agreement, envelope: toBase64(envelope), oprf })
      if ('facts' in reply) throw unavailable('it answered another order')
      if ('error' in reply && reply.error === 'failed') throw new Fault('evaluator-unavailable', `the evaluator cannot evaluate: ${reply.message}`)
      return 'error' in reply ? { error: reply.error, message: reply.message } : { elements: reply.elements, proof: reply.proof }
    },
    suspend: async (agreement, asker, request, why) => { await facts({ do: 'suspend', agreement, asker, request, why }) },
    forgive: async (agreement, asker, requests) => { await facts({ do: 'forgive', agreement, asker, ...(requests === undefined ? {} : { requests }) }) },
    facts: (agreement) => facts({ do: 'facts', agreement }),
    pid, close,
  }
}
