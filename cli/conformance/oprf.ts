// The question `oprf` of the conformance door: RFC 9497 over ristretto255-SHA512, modes 0 and 1, step by step, in hex under the names of
// the RFC's appendix A. `finalize` is the RFC's: it takes any input for any element. `open` is what a verifier of others does instead:
// the proof, then each input blinded again, and only then an output.
import { fromHex, toHex } from '@muster/core/bytes/bytes.ts'
import { openBatch } from '@muster/core/oprf/batch.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { oprfCodeOf, type OprfCode } from '@muster/core/oprf/oprf-error.ts'
import {
  blindEach, deriveKeyPair, evaluate, evaluateWithProof, EVALUATION_BATCH_MAX, finalizeBatch, finalizeEach, OPRF, VOPRF, type AnsweredBatch, type Mode,
} from '@muster/core/oprf/oprf.ts'
import type { DoorCode, Request } from './request.ts'

type Answer = Readonly<Record<string, string | readonly string[]>>

/** A member that is missing or is no lower-case hex. */
class Malformed extends Error {}

/** Never throws for a request, whatever it holds. */
export function answerOprf(group: Group, request: Request): Answer | { readonly error: OprfCode | DoorCode } {
  const mode = [OPRF, VOPRF].find((each) => each === request['mode'])
  if (mode === undefined) return { error: typeof request['mode'] === 'number' ? 'out-of-range' : 'malformed' }
  try {
    return act(group, mode, request)
  } catch (thrown) {
    if (thrown instanceof Malformed) return { error: 'malformed' }
    const code = oprfCodeOf(thrown)
    if (code === undefined) throw thrown
    return { error: code }
  }
}

function act(group: Group, mode: Mode, request: Request): Answer {
  switch (request['do']) {
    case 'derive': {
      const { secretKey, publicKey } = deriveKeyPair(group, mode, one(request, 'seed'), one(request, 'keyInfo'))
      return { skSm: toHex(secretKey), pkSm: toHex(publicKey) }
    }
    case 'blind': return Object.hasOwn(request, 'inputs')
      ? { blindedElements: blindEach(group, mode, many(request, 'inputs'), many(request, 'blinds')).map(toHex) }
      : { blindedElement: toHex(blindEach(group, mode, [one(request, 'input')], [one(request, 'blind')])[0] as Uint8Array) }
    case 'evaluate': return answerEvaluate(group, mode, request)
    case 'finalize': return answerFinalize(group, mode, request)
    case 'open': return answerOpening(group, request)
    default: throw new Malformed()
  }
}

function answerEvaluate(group: Group, mode: Mode, request: Request): Answer {
  const single = !Object.hasOwn(request, 'blindedElements')
  const blinded = single ? [one(request, 'blindedElement')] : many(request, 'blindedElements')
  const secretKey = one(request, 'skSm')
  const proven = mode === VOPRF ? evaluateWithProof(group, secretKey, blinded, one(request, 'proofRandomScalar')) : undefined
  const evaluated = (proven?.evaluationElements ?? evaluate(group, secretKey, blinded)).map(toHex)
  return { ...(single ? { evaluationElement: evaluated[0] as string } : { evaluationElements: evaluated }), ...(proven === undefined ? {} : { proof: toHex(proven.proof) }) }
}

function answerFinalize(group: Group, mode: Mode, request: Request): Answer {
  const single = !Object.hasOwn(request, 'inputs')
  const each = (singular: string, plural: string): readonly Uint8Array[] => single ? [one(request, singular)] : many(request, plural)
  const inputs = each('input', 'inputs')
  const blinds = each('blind', 'blinds')
  const evaluationElements = each('evaluationElement', 'evaluationElements')
  const outputs = mode === OPRF
    ? finalizeEach(group, inputs, blinds, evaluationElements)
    : finalizeBatch(group, one(request, 'pkSm'), { inputs, blinds, evaluationElements, blindedElements: each('blindedElement', 'blindedElements') } satisfies AnsweredBatch, one(request, 'proof'))
  return single ? { output: toHex(outputs[0] as Uint8Array) } : { outputs: outputs.map(toHex) }
}

function answerOpening(group: Group, request: Request): Answer {
  const { opened } = request
  if (!Array.isArray(opened) || opened.length > EVALUATION_BATCH_MAX) throw new Malformed()
  const elements = opened.map((each: unknown) => {
    if (typeof each !== 'object' || each === null) throw new Malformed()
    const { element } = each as Request
    if (typeof element !== 'number' || !Number.isSafeInteger(element) || element < 0) throw new Malformed()
    return { element, input: one(each as Request, 'input'), blind: one(each as Request, 'blind') }
  })
  const batch = { blindedElements: many(request, 'blindedElements'), evaluationElements: many(request, 'evaluationElements') }
  return { outputs: openBatch(group, one(request, 'pkSm'), batch, one(request, 'proof'), elements).map(toHex) }
}

function one(request: Request, name: string): Uint8Array {
  return bytesOf(request[name])
}

function many(request: Request, name: string): Uint8Array[] {
  const value = request[name]
  if (!Array.isArray(value)) throw new Malformed()
  return value.map(bytesOf)
}

function bytesOf(value: unknown): Uint8Array {
  const bytes = typeof value === 'string' ? fromHex(value) : undefined
  if (bytes === undefined) throw new Malformed()
  return bytes
}
