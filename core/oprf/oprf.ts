// RFC 9497 over ristretto255-SHA512, modes 0 (OPRF) and 1 (VOPRF). The asker blinds its inputs, the evaluator multiplies them by its key
// without seeing them and proves it, the asker unblinds. Randomness comes in as arguments: blinds and proof randomness are fresh uniform
// scalars from whoever calls, never used twice.
import { concat, equal, u16, utf8 } from '../bytes/bytes.ts'
import { checkElement, checkElements, checkEven, checkInput, checkScalar, checkScalars, checkSize } from './check.ts'
import { holds, PROOF_BYTES, prove } from './dleq.ts'
import { ELEMENT_BYTES, SCALAR_BYTES } from './group.ts'
import type { Group } from './group.ts'
import { OprfError } from './oprf-error.ts'
import { tagsOf } from './suite.ts'
import type { Mode } from './suite.ts'

export { EVALUATION_BATCH_MAX, INPUT_BYTES_MAX } from './check.ts'
export { PROOF_BYTES } from './dleq.ts'
export { OPRF, VOPRF } from './suite.ts'
export type { Mode } from './suite.ts'

export const SEED_BYTES = 32
const KEY_INFO_BYTES_MAX = 65_535
const DERIVE_TRIES = 256

const FINALIZE = utf8('Finalize')
const IDENTITY = new Uint8Array(ELEMENT_BYTES)

export interface KeyPair { readonly secretKey: Uint8Array, readonly publicKey: Uint8Array }
export interface ProvenEvaluation { readonly evaluationElements: Uint8Array[], readonly proof: Uint8Array }

/** A batch as the asker holds it after the answer: four lists of equal length, in the order of the request. */
export interface AnsweredBatch {
  readonly inputs: readonly Uint8Array[]
  readonly blinds: readonly Uint8Array[]
  readonly blindedElements: readonly Uint8Array[]
  readonly evaluationElements: readonly Uint8Array[]
}

/** DeriveKeyPair (section 3.2.1): a key pair from 32 secret bytes and public info. Codes: seed-length, key-info-length, key-underivable. */
export function deriveKeyPair(group: Group, mode: Mode, seed: Uint8Array, keyInfo: Uint8Array): KeyPair {
  if (seed.length !== SEED_BYTES) throw new OprfError('seed-length', 'seed', `a seed has ${SEED_BYTES} bytes, this has ${seed.length}`)
  if (keyInfo.length > KEY_INFO_BYTES_MAX) throw new OprfError('key-info-length', 'keyInfo', `key info has at most ${KEY_INFO_BYTES_MAX} bytes`)
  const start = concat(seed, u16(keyInfo.length), keyInfo)
  for (let counter = 0; counter < DERIVE_TRIES; counter++) {
    const secretKey = group.hashToScalar(concat(start, Uint8Array.of(counter)), tagsOf(mode).deriveKeyPair)
    if (group.isScalar(secretKey)) return { secretKey, publicKey: group.multiplyBase(secretKey) }
  }
  throw new OprfError('key-underivable', 'seed', 'no key comes of this seed: take another')
}

/** Public key of a secret key. Codes: scalar-*. */
export function publicKeyOf(group: Group, secretKey: Uint8Array): Uint8Array {
  checkScalar(group, secretKey, 'secretKey')
  return group.multiplyBase(secretKey)
}

/** Blind (section 3.3.1) for each input under its own blind; 32 bytes each. Codes: batch-*, scalar-*, input-length, input-identity. */
export function blindEach(group: Group, mode: Mode, inputs: readonly Uint8Array[], blinds: readonly Uint8Array[]): Uint8Array[] {
  checkSize(inputs.length, 'inputs')
  checkEven(inputs.length, blinds.length, 'blinds')
  checkScalars(group, blinds, 'blinds')
  return multiplyInputs(group, mode, inputs, blinds)
}

export function blind(group: Group, mode: Mode, input: Uint8Array, blindScalar: Uint8Array): Uint8Array {
  return blindEach(group, mode, [input], [blindScalar])[0] as Uint8Array
}

/** BlindEvaluate of mode 0, and mode 1 without its proof: secret key times each element. Codes: batch-*, element-*, scalar-*. */
export function evaluate(group: Group, secretKey: Uint8Array, blindedElements: readonly Uint8Array[]): Uint8Array[] {
  checkScalar(group, secretKey, 'secretKey')
  checkElements(group, blindedElements, 'blindedElements')
  return group.multiplyEach(blindedElements.map(() => secretKey), blindedElements)
}

/**
 * BlindEvaluate of mode 1 with one proof over the ordered batch. The public key is computed here, so that no caller can have a proof
 * made under a key that is not its own. Codes: batch-*, element-*, scalar-*.
 */
export function evaluateWithProof(group: Group, secretKey: Uint8Array, blindedElements: readonly Uint8Array[], proofRandomScalar: Uint8Array): ProvenEvaluation {
  checkScalar(group, proofRandomScalar, 'proofRandomScalar')
  const evaluationElements = evaluate(group, secretKey, blindedElements)
  const proof = prove(group, secretKey, group.multiplyBase(secretKey), blindedElements, evaluationElements, proofRandomScalar)
  return { evaluationElements, proof }
}

/**
 * Whether the proof says that these evaluated elements are these blinded ones under this public key, in this order. Throws for anything
 * malformed (codes: batch-*, element-*, scalar-*, proof-length): what cannot be read is not merely untrue.
 */
export function verifyProof(group: Group, publicKey: Uint8Array, blindedElements: readonly Uint8Array[], evaluationElements: readonly Uint8Array[], proof: Uint8Array): boolean {
  checkSize(blindedElements.length, 'blindedElements')
  checkEven(blindedElements.length, evaluationElements.length, 'evaluationElements')
  if (proof.length !== PROOF_BYTES) throw new OprfError('proof-length', 'proof', `a proof has ${PROOF_BYTES} bytes, this has ${proof.length}`)
  checkScalar(group, proof.subarray(0, SCALAR_BYTES), 'proof[0]')
  checkScalar(group, proof.subarray(SCALAR_BYTES), 'proof[1]')
  checkElement(group, publicKey, 'publicKey')
  checkElements(group, blindedElements, 'blindedElements')
  checkElements(group, evaluationElements, 'evaluationElements')
  return holds(group, publicKey, blindedElements, evaluationElements, proof)
}

/** verifyProof, throwing proof-wrong where it does not hold. */
export function demandProof(group: Group, publicKey: Uint8Array, blindedElements: readonly Uint8Array[], evaluationElements: readonly Uint8Array[], proof: Uint8Array): void {
  if (!verifyProof(group, publicKey, blindedElements, evaluationElements, proof)) {
    throw new OprfError('proof-wrong', 'proof', 'it does not hold for these elements in this order under this key')
  }
}

/**
 * Finalize of mode 0 for each element: 64 bytes each. **Whoever did not blind these inputs itself opens the batch first** (`openBatch`):
 * this alone takes any input for any element. Codes: batch-*, element-*, scalar-*, input-length.
 */
export function finalizeEach(group: Group, inputs: readonly Uint8Array[], blinds: readonly Uint8Array[], evaluationElements: readonly Uint8Array[]): Uint8Array[] {
  checkSize(inputs.length, 'inputs')
  checkEven(inputs.length, blinds.length, 'blinds')
  checkEven(inputs.length, evaluationElements.length, 'evaluationElements')
  inputs.forEach((input, i) => checkInput(input, `inputs[${i}]`))
  checkScalars(group, blinds, 'blinds')
  checkElements(group, evaluationElements, 'evaluationElements')
  const unblinded = group.multiplyEach(invertEach(group, blinds), evaluationElements)
  return unblinded.map((element, i) => outputOf(group, inputs[i] as Uint8Array, element))
}

/** Finalize of mode 0 for one element. */
export function finalize(group: Group, input: Uint8Array, blindScalar: Uint8Array, evaluationElement: Uint8Array): Uint8Array {
  return finalizeEach(group, [input], [blindScalar], [evaluationElement])[0] as Uint8Array
}

/** Finalize of mode 1: the proof over the whole batch first, then every output. Codes: those of verifyProof and finalizeEach, proof-wrong. */
export function finalizeBatch(group: Group, publicKey: Uint8Array, batch: AnsweredBatch, proof: Uint8Array): Uint8Array[] {
  checkEven(batch.blindedElements.length, batch.inputs.length, 'inputs')
  demandProof(group, publicKey, batch.blindedElements, batch.evaluationElements, proof)
  return finalizeEach(group, batch.inputs, batch.blinds, batch.evaluationElements)
}

/** Evaluate (section 3.3.1): the outputs of one's own inputs under one's own key, the same as over the blinded road. Any number of inputs. */
export function evaluateInputs(group: Group, mode: Mode, secretKey: Uint8Array, inputs: readonly Uint8Array[]): Uint8Array[] {
  checkScalar(group, secretKey, 'secretKey')
  const issued = multiplyInputs(group, mode, inputs, inputs.map(() => secretKey))
  return issued.map((element, i) => outputOf(group, inputs[i] as Uint8Array, element))
}

export function evaluateInput(group: Group, mode: Mode, secretKey: Uint8Array, input: Uint8Array): Uint8Array {
  return evaluateInputs(group, mode, secretKey, [input])[0] as Uint8Array
}

function multiplyInputs(group: Group, mode: Mode, inputs: readonly Uint8Array[], scalars: readonly Uint8Array[]): Uint8Array[] {
  inputs.forEach((input, i) => checkInput(input, `inputs[${i}]`))
  const elements = group.multiplyHashed(scalars, inputs, tagsOf(mode).hashToGroup)
  const at = elements.findIndex((element) => equal(element, IDENTITY))
  if (at >= 0) throw new OprfError('input-identity', `inputs[${at}]`, 'this input maps to the identity of the group')
  return elements
}

/** Hash of RFC 9497's Finalize over an input and its unblinded element: the output. */
function outputOf(group: Group, input: Uint8Array, element: Uint8Array): Uint8Array {
  return group.sha512(u16(input.length), input, u16(element.length), element, FINALIZE)
}

/** All inverses for the price of one inversion and three products each. */
function invertEach(group: Group, scalars: readonly Uint8Array[]): Uint8Array[] {
  const upTo: Uint8Array[] = []
  for (const scalar of scalars) upTo.push(upTo.length === 0 ? scalar : group.scalarMultiply(upTo[upTo.length - 1] as Uint8Array, scalar))
  let rest = group.scalarInvert(upTo[upTo.length - 1] as Uint8Array)
  const inverses: Uint8Array[] = new Array<Uint8Array>(scalars.length)
  for (let i = scalars.length - 1; i > 0; i--) {
    inverses[i] = group.scalarMultiply(rest, upTo[i - 1] as Uint8Array)
    rest = group.scalarMultiply(rest, scalars[i] as Uint8Array)
  }
  inverses[0] = rest
  return inverses
}
