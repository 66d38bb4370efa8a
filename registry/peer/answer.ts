// The asked side of a trace (DESIGN section 5): what a registry answers to each message about one. Everything that the asker claims is
// checked here before the evaluator is asked, and whatever is refused is refused by a signed code.
import { randomBytes } from 'node:crypto'
import { toHex } from '@muster/core/bytes/bytes.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { addSeconds, timeOf } from '@muster/core/bytes/time.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { COIN_BYTES } from '@muster/core/oprf/batch.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { traceBody, type RefusalReason, type TraceBody } from '@muster/core/wire/trace-body.ts'
import { entryOfLeaf, verifyBound } from '@muster/core/wire/verify-recovery.ts'
import { bytesOf } from '@muster/core/wire/dossier.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import type { EvaluatorCode } from '../evaluator/protocol.ts'
import type { Joined } from '../store/agreements.ts'
import { lastUnderItsKey, newestSaid, type OwnDeclaration } from '../store/declarations.ts'
import type { Saying } from '../store/messages.ts'
import type { Register } from '../store/register.ts'
import { answerFormal } from './answer-formal.ts'
import type { Evaluator } from './evaluator-process.ts'
import { takeOpening } from './opening.ts'

/** What answering takes. */
export interface AnswerHome {
  readonly register: Register
  readonly joined: Joined
  readonly evaluator: Evaluator
  readonly group: Group
}

type Asked = TraceBody<'evaluation/request'>

/** What a verified, stored message is to be answered with besides its receipt. `at`: POSIX seconds. Throws a Fault where it cannot be said now. */
export async function answerMessage(home: AnswerHome, message: Message, at: number): Promise<Saying[]> {
  switch (message.payload.kind) {
    case 'evaluation/request': return [await answerEvaluation(home, message, at)]
    case 'evaluation/open': return takeOpening(home, message, at)
    case 'trace/request': return answerFormal(home, message, at)
    default: return []
  }
}

function refusal(message: Message, reason: RefusalReason): Saying {
  return { to: message.payload.from, kind: 'evaluation/refuse', body: { request: message.id, reason }, about: message.id }
}

async function answerEvaluation({ register, joined, evaluator }: AnswerHome, message: Message, at: number): Promise<Saying> {
  const asked = bodyOf(message)
  if (asked === undefined || !(joined.agreement.batches as readonly number[]).includes(asked.elements.length)) return refusal(message, 'malformed')
  const against = findProblem(register, joined, message, asked, at)
  if (against !== undefined) return refusal(message, against)
  const declaration = await newestSaid(register, joined.agreement.id)
  if (declaration === undefined) return without(message, null, 'no-declaration')
  if (isStale(declaration, joined, at)) return without(message, declaration.head.hash, 'stale')
  const newest = asked.head === declaration.head.hash
  const under = newest || asked.head === null ? declaration : await lastUnderItsKey(register, joined.agreement.id, asked.head)
  if (under === undefined || under.head.hash !== asked.head) return refusal(message, 'unknown-head')
  const evaluated = await evaluator.evaluate(joined.agreement.id, message.envelope, under.head.head.oprf)
  if ('error' in evaluated) return refusal(message, reasonOf(evaluated.error))
  const body = {
    request: message.id, head: under.head.hash, elements: evaluated.elements, proof: evaluated.proof, coin: randomBytes(COIN_BYTES).toString('hex'), none: null,
    ...(newest ? {} : { newest: declaration.head.hash }),
  }
  return { to: message.payload.from, kind: 'evaluation/answer', body, about: message.id }
}

function bodyOf(message: Message): Asked | undefined {
  try {
    return traceBody('evaluation/request', message.payload.body)
  } catch (thrown) {
    if (thrown instanceof Refusal) return undefined
    throw thrown
  }
}

function without(message: Message, head: string | null, none: 'no-declaration' | 'stale'): Saying {
  return { to: message.payload.from, kind: 'evaluation/answer', body: { request: message.id, head, elements: null, proof: null, coin: null, none }, about: message.id }
}

function isStale({ head }: OwnDeclaration, { agreement }: Joined, at: number): boolean {
  return addSeconds(head.head.asOf, agreement.declarationAgeSecondsMax) < timeOf(at)
}

function reasonOf(code: EvaluatorCode): RefusalReason {
  return code === 'quota' || code === 'suspended' ? code : 'malformed'
}

/**
 * Why the finds that the request names are not good enough; undefined where each is bound in the asker's log under a checkpoint that this
 * party's own witness had cosigned. Finds of one import share a checkpoint, whose signatures are verified once.
 */
function findProblem({ file }: Register, { trust }: Joined, message: Message, { recoveries, proofs }: Asked, at: number): RefusalReason | undefined {
  const asker = trust.parties.get(message.payload.from)
  if (asker === undefined) return 'not-a-party'
  const verified = new Set<string>()
  try {
    for (const { binding, path } of recoveries) {
      const proof = proofs[path.proof]
      if (proof === undefined) return 'not-bound'
      const leaf = bytesOf(binding)
      const name = `${path.proof} ${path.entry} ${toHex(entryOfLeaf(p, leaf, path))}`
      if (verified.has(name)) continue
      const cosigned = verifyBound(p, trust, asker, leaf, path, proof).cosigned.get(file.party)
      if (cosigned === undefined || cosigned > at) return 'not-cosigned'
      verified.add(name)
    }
  } catch (thrown) {
    if (thrown instanceof Refusal || thrown instanceof Breach) return 'not-bound'
    throw thrown
  }
  return undefined
}
