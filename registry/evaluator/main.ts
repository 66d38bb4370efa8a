// The evaluator: a process of its own that holds the OPRF keys and does nothing else. Orders come as JSON lines on standard input from the
// process that serves others, and each is answered by one line; it opens no socket and ends with its input. One argument: the data
// directory. A second evaluator on it waits for the first to end, since two journals would be two quotas.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fromBase64 } from '@muster/core/bytes/bytes.ts'
import { base64, hex, list, object, oneOf, optional, text, fit, integer } from '@muster/core/bytes/shape.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { agreementId, type AgreementId } from '@muster/core/rules/agreement.ts'
import { partyId } from '@muster/core/rules/party.ts'
import { SHOWN_BATCHES_MAX } from '@muster/core/wire/trace-body.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { textOf } from '../engine/fault.ts'
import { hold } from '../engine/lock.ts'
import { NotEvaluated, openEvaluator, type AgreementEvaluator } from './evaluate.ts'
import { SUSPENSIONS } from './journal.ts'
import { LINE_BYTES_MAX, linesOf, TOO_LONG } from './lines.ts'
import type { Reply } from './protocol.ts'

const LOCK_MS_MAX = 20_000
const MILLISECONDS = 1000
const EXIT_FAULT = 3

const id = integer(0, Number.MAX_SAFE_INTEGER)
const ORDER = {
  evaluate: object({ id, do: oneOf('evaluate'), agreement: agreementId, envelope: text(LINE_BYTES_MAX), oprf: base64(32) }),
  suspend: object({ id, do: oneOf('suspend'), agreement: agreementId, asker: partyId, request: hex(32), why: oneOf(...SUSPENSIONS) }),
  forgive: object({ id, do: oneOf('forgive'), agreement: agreementId, asker: partyId, requests: optional(list(hex(32), 0, SHOWN_BATCHES_MAX)) }),
  facts: object({ id, do: oneOf('facts'), agreement: agreementId }),
} as const

const now = () => Math.floor(Date.now() / MILLISECONDS)

type Given = { readonly id?: unknown, readonly do?: unknown }

function parsed(line: string): Given {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

/** Evaluators by agreement, opened when first asked for; an agreement that is not known yet is looked for again. */
function opener(group: Group, dataDir: string): (agreement: AgreementId) => Promise<AgreementEvaluator> {
  const open = new Map<AgreementId, AgreementEvaluator>()
  return async (agreement) => {
    const held = open.get(agreement) ?? await openEvaluator(group, dataDir, agreement, now())
    if (held === undefined) throw new NotEvaluated('unknown-agreement', `no agreement ${agreement} was joined here`)
    open.set(agreement, held)
    await held.renew(now())
    return held
  }
}

type Answer = Reply extends infer R ? R extends unknown ? Omit<R, 'id'> : never : never

async function obey(given: Given, evaluatorOf: ReturnType<typeof opener>): Promise<Answer> {
  const kind = given.do
  if (kind !== 'evaluate' && kind !== 'suspend' && kind !== 'forgive' && kind !== 'facts') throw new NotEvaluated('order', 'an order says evaluate, suspend, forgive or facts')
  const fitted = fit<{ readonly agreement: AgreementId }>(ORDER[kind], given)
  if ('misfit' in fitted) throw new NotEvaluated('order', `${fitted.misfit.at} must be ${fitted.misfit.expected}`)
  const evaluator = await evaluatorOf(fitted.value.agreement)
  if (kind === 'evaluate') {
    const { envelope: text64, oprf } = given as { envelope: string, oprf: string }
    const envelope = fromBase64(text64)
    if (envelope === undefined) throw new NotEvaluated('order', 'envelope must be canonical base64')
    try {
      return evaluator.evaluate(envelope, oprf, now())
    } catch (error) {
      // Its sender's keys, or this party's own, may have changed since they were read.
      if (!(error instanceof NotEvaluated) || (error.code !== 'signature' && error.code !== 'message' && error.code !== 'other-key')) throw error
      await evaluator.renew(now(), true)
      return evaluator.evaluate(envelope, oprf, now())
    }
  }
  const { asker, request, requests, why } = given as { asker: string, request: string, requests?: readonly string[], why: (typeof SUSPENSIONS)[number] }
  if (kind === 'suspend') evaluator.suspend(asker, request, why)
  if (kind === 'forgive') evaluator.forgive(asker, requests)
  return { facts: evaluator.facts(now()) }
}

async function answer(line: string | typeof TOO_LONG, evaluatorOf: ReturnType<typeof opener>): Promise<Reply> {
  if (line === TOO_LONG) return { id: null, error: 'line-too-long', message: `a line has at most ${LINE_BYTES_MAX} bytes` }
  const given = parsed(line)
  const replyTo = typeof given.id === 'number' ? given.id : null
  try {
    return { id: replyTo, ...await obey(given, evaluatorOf) }
  } catch (thrown) {
    return { id: replyTo, error: thrown instanceof NotEvaluated ? thrown.code : 'failed', message: textOf(thrown) }
  }
}

async function run(dataDir: string): Promise<void> {
  await mkdir(join(dataDir, 'evaluator'), { recursive: true, mode: 0o700 })
  const lock = await hold(join(dataDir, 'evaluator', 'lock'), 'alone', LOCK_MS_MAX)
  if (lock === undefined) throw new Error(`another evaluator runs on ${dataDir}: stop the process that serves it`)
  const evaluatorOf = opener(await fastGroup(), dataDir)
  for await (const line of linesOf(process.stdin as AsyncIterable<Uint8Array>)) {
    process.stdout.write(`${JSON.stringify(await answer(line, evaluatorOf))}\n`)
  }
  lock.release()
}

process.stdout.on('error', () => process.exit(0))
await run(process.argv[2] ?? '').catch((error: unknown) => {
  process.stderr.write(`evaluator: ${textOf(error)}\n`)
  process.exitCode = EXIT_FAULT
})
