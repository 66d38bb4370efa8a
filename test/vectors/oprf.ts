// Vectors of the OPRF: one batch of three match keys padded to 16, and what can be done to it.
import { concat, toHex, u16, utf8 } from '@muster/core/bytes/bytes.ts'
import { padBatch } from '@muster/core/oprf/batch.ts'
import { nobleGroup as group } from '@muster/core/oprf/noble-group.ts'
import { blind, blindEach, deriveKeyPair, evaluate, evaluateWithProof, finalizeBatch, VOPRF } from '@muster/core/oprf/oprf.ts'
import type { OprfCode } from '@muster/core/oprf/oprf-error.ts'
import { keysOfReading } from '@muster/core/rules/match-key.ts'

export interface OprfVector {
  readonly what: string
  readonly request: Readonly<Record<string, unknown>>
  readonly answer: Readonly<Record<string, unknown>>
}
type Named = readonly [name: string, vector: OprfVector]

const PRIME = 2n ** 255n - 19n
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n
const ZERO = '00'.repeat(32)
const BATCH = 16

const random = (name: string) => group.sha512(utf8(name)).slice(0, 32)
const scalar = (name: string) => group.hashToScalar(utf8(name), utf8('muster/test vectors'))
const numberOf = (hex: string) => BigInt(`0x${Buffer.from(hex, 'hex').reverse().toString('hex')}`)
const hexOf = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse().toString('hex')
const hexes = (list: readonly Uint8Array[]) => list.map(toHex)

const own = deriveKeyPair(group, VOPRF, random('key of AAA'), utf8('AAA/muster/exercise'))
const other = deriveKeyPair(group, VOPRF, random('key of BBB'), utf8('BBB/muster/exercise'))
const unknown = { maker: undefined, type: undefined, year: undefined, lot: undefined }
const asked = [...keysOfReading('0123', ['gripstock'], { ...unknown, type: '9П516' }), ...keysOfReading('457', ['missile'], unknown)].map(({ bytes }) => bytes)
const inputs = padBatch(asked, Array.from({ length: BATCH - asked.length }, (_, i) => random(`pad ${i}`)))
const blinds = inputs.map((_, i) => scalar(`blind ${i}`))
const blinded = blindEach(group, VOPRF, inputs, blinds)
const proofRandom = scalar('proof')
const { evaluationElements: evaluated, proof } = evaluateWithProof(group, own.secretKey, blinded, proofRandom)
const outputs = finalizeBatch(group, own.publicKey, { inputs, blinds, blindedElements: blinded, evaluationElements: evaluated }, proof)

const finalize = {
  do: 'finalize', inputs: hexes(inputs), blinds: hexes(blinds), blindedElements: hexes(blinded), evaluationElements: hexes(evaluated), pkSm: toHex(own.publicKey), proof: toHex(proof),
}
const evaluation = { do: 'evaluate', skSm: toHex(own.secretKey), blindedElements: hexes(blinded), proofRandomScalar: toHex(proofRandom) }
const first = finalize.blindedElements[0] as string

const openedOf = (element: number, change: { input?: Uint8Array, blind?: Uint8Array, at?: number } = {}) => ({
  element: change.at ?? element, input: toHex(change.input ?? inputs[element] as Uint8Array), blind: toHex(change.blind ?? blinds[element] as Uint8Array),
})
const opening = (...opened: readonly ReturnType<typeof openedOf>[]) => ({
  do: 'open', blindedElements: finalize.blindedElements, evaluationElements: finalize.evaluationElements, pkSm: finalize.pkSm, proof: finalize.proof, opened,
})

const vector = (what: string, request: Readonly<Record<string, unknown>>, answer: Readonly<Record<string, unknown>>): OprfVector => ({ what, request: { op: 'oprf', mode: 1, ...request }, answer })
const valid = (name: string, what: string, request: Readonly<Record<string, unknown>>, answer: Readonly<Record<string, unknown>>): Named => [`oprf/valid/${name}`, vector(what, request, answer)]
const invalid = (name: string, error: OprfCode, what: string, request: Readonly<Record<string, unknown>>): Named => [`oprf/invalid/${name}`, vector(what, request, { error })]

/** `change` done to each of the four lists of the batch. */
const allLists = (change: (list: readonly string[]) => readonly string[]) => ({
  inputs: change(finalize.inputs), blinds: change(finalize.blinds), blindedElements: change(finalize.blindedElements), evaluationElements: change(finalize.evaluationElements),
})
const swapped = (list: readonly string[]) => [list[1] as string, list[0] as string, ...list.slice(2)]
const without = (at: number) => (list: readonly string[]) => list.toSpliced(at, 1)

export function oprfVectors(): Named[] {
  return [...validVectors(), ...batchVectors(), ...proofVectors(), ...elementVectors(), ...scalarVectors(), ...openingVectors()]
}

function validVectors(): Named[] {
  return [
    valid('derive', 'the key of the batch', { do: 'derive', seed: toHex(random('key of AAA')), keyInfo: toHex(utf8('AAA/muster/exercise')) }, { skSm: toHex(own.secretKey), pkSm: toHex(own.publicKey) }),
    valid('batch-padded-to-16', 'three match keys padded to 16, evaluated and finalized; a label is the first half of an output', finalize, { outputs: hexes(outputs) }),
    valid('evaluate-batch', 'the evaluation of the same batch', evaluation, { evaluationElements: hexes(evaluated), proof: toHex(proof) }),
    valid('opening-of-three', 'three elements of the batch opened under the proof over all sixteen', opening(openedOf(0), openedOf(1), openedOf(2)), { outputs: hexes(outputs.slice(0, 3)) }),
    valid('input-empty', 'RFC 9497 allows the empty input', { do: 'blind', input: '', blind: finalize.blinds[0] }, { blindedElement: toHex(blind(group, VOPRF, utf8(''), blinds[0] as Uint8Array)) }),
  ]
}

function batchVectors(): Named[] {
  return [
    invalid('batch-reordered', 'proof-wrong', 'all four lists of the batch reordered alike: the proof is over the order', { ...finalize, ...allLists(swapped) }),
    invalid('evaluations-swapped', 'proof-wrong', 'two answers swapped: each would finalize to nobody\'s label', { ...finalize, evaluationElements: swapped(finalize.evaluationElements) }),
    invalid('element-dropped', 'proof-wrong', 'one element left out of all four lists', { ...finalize, ...allLists(without(5)) }),
    invalid('last-element-dropped', 'proof-wrong', 'the last padding element left out of all four lists', { ...finalize, ...allLists(without(BATCH - 1)) }),
    invalid('evaluation-dropped', 'batch-uneven', 'one evaluated element less than blinded ones', { ...finalize, evaluationElements: without(BATCH - 1)(finalize.evaluationElements) }),
    invalid('batch-empty', 'batch-empty', 'a request for nothing', { ...evaluation, blindedElements: [] }),
  ]
}

function proofVectors(): Named[] {
  const elsewhere = evaluateWithProof(group, other.secretKey, blinded, proofRandom)
  const [c, s] = [finalize.proof.slice(0, 64), finalize.proof.slice(64)] as const
  const strayed = finalize.evaluationElements.with(7, toHex(evaluate(group, other.secretKey, [blinded[7] as Uint8Array])[0] as Uint8Array))
  return [
    invalid('other-key', 'proof-wrong', 'a true batch under the public key of another party', { ...finalize, pkSm: toHex(other.publicKey) }),
    invalid('one-element-under-other-key', 'proof-wrong', 'one of sixteen elements evaluated under another key', { ...finalize, evaluationElements: strayed }),
    invalid('proof-of-other-key', 'proof-wrong', 'elements and proof made under another key, with the public key of the head', { ...finalize, evaluationElements: hexes(elsewhere.evaluationElements), proof: toHex(elsewhere.proof) }),
    invalid('proof-halves-swapped', 'proof-wrong', 'response and challenge in the wrong order', { ...finalize, proof: s + c }),
    invalid('proof-of-63-bytes', 'proof-length', 'a proof one byte short', { ...finalize, proof: finalize.proof.slice(0, -2) }),
    invalid('proof-beyond-order', 'scalar-not-canonical', 'the response plus the order of the group: the same number, not the canonical bytes', { ...finalize, proof: c + hexOf(numberOf(s) + ORDER) }),
    invalid('proof-of-zeros', 'scalar-zero', 'a proof of zero bytes', { ...finalize, proof: ZERO + ZERO }),
  ]
}

function elementVectors(): Named[] {
  const single = (blindedElement: string) => ({ do: 'evaluate', skSm: evaluation.skSm, blindedElement, proofRandomScalar: evaluation.proofRandomScalar })
  let rootless = 2n
  while (group.isElement(Buffer.from(hexOf(rootless), 'hex'))) rootless += 2n
  return [
    invalid('identity', 'element-identity', 'the identity among the blinded elements of a request', { ...evaluation, blindedElements: finalize.blindedElements.with(3, ZERO) }),
    invalid('identity-evaluated', 'element-identity', 'the identity among the evaluated elements of an answer', { ...finalize, evaluationElements: finalize.evaluationElements.with(3, ZERO) }),
    invalid('identity-as-public-key', 'element-identity', 'the identity as public key', { ...finalize, pkSm: ZERO }),
    invalid('non-canonical', 'element-not-canonical', 'the bytes of 2^255 − 19, which is zero, as an element', single(hexOf(PRIME))),
    invalid('non-canonical-odd', 'element-not-canonical', 'the negative of an encoding, which is odd', single(hexOf(PRIME - numberOf(first)))),
    invalid('non-canonical-high-bit', 'element-not-canonical', 'a true element with bit 255 set', single(hexOf(numberOf(first) + 2n ** 255n))),
    invalid('no-square-root', 'element-not-canonical', 'a canonical field element that encodes nothing', single(hexOf(rootless))),
    invalid('element-of-31-bytes', 'element-length', 'an element one byte short', single(first.slice(0, -2))),
    invalid('element-of-33-bytes', 'element-length', 'an element one byte long', single(`${first}00`)),
  ]
}

function scalarVectors(): Named[] {
  return [
    invalid('zero-blind', 'scalar-zero', 'a blind of zero would send the identity', { do: 'blind', input: finalize.inputs[0], blind: ZERO }),
    invalid('zero-blind-finalized', 'scalar-zero', 'a blind of zero among those of a batch', { ...finalize, blinds: finalize.blinds.with(2, ZERO) }),
    invalid('blind-beyond-order', 'scalar-not-canonical', 'the order of the group as blind: zero in other bytes', { do: 'blind', input: finalize.inputs[0], blind: hexOf(ORDER) }),
    invalid('zero-proof-random', 'scalar-zero', 'with zero for its randomness, a proof would give the secret key away', { ...evaluation, proofRandomScalar: ZERO }),
    invalid('zero-secret-key', 'scalar-zero', 'zero as secret key', { ...evaluation, skSm: ZERO }),
  ]
}

function openingVectors(): Named[] {
  const neverAsked = keysOfReading('9999', ['gripstock'], unknown)[0]?.bytes as Uint8Array
  const ofPart = evaluateWithProof(group, own.secretKey, blinded.slice(0, 3), proofRandom)
  const pieces = concat(inputs[0] as Uint8Array, u16(0))
  return [
    invalid('input-not-the-one-blinded', 'input-not-the-one-blinded', 'another input named for a true element: proof and Finalize both succeed, and the label that comes out is nobody\'s', opening(openedOf(0, { input: neverAsked }), openedOf(1), openedOf(2))),
    invalid('input-lengthened', 'input-not-the-one-blinded', 'the right input with two bytes more', opening(openedOf(0, { input: pieces }))),
    invalid('input-under-other-blind', 'input-not-the-one-blinded', 'the right input under a blind that is not its own', opening(openedOf(0), openedOf(1, { blind: scalar('another blind') }))),
    invalid('opened-elements-exchanged', 'input-not-the-one-blinded', 'two openings given for one another\'s elements', opening(openedOf(0, { at: 1 }), openedOf(1, { at: 0 }), openedOf(2))),
    invalid('opened-beyond-the-batch', 'batch-uneven', 'an opening for element 16 of sixteen', opening(openedOf(0, { at: BATCH }))),
    invalid('opening-under-a-proof-of-part', 'proof-wrong', 'the proof over the three opened elements alone, given for the whole batch', { ...opening(openedOf(0), openedOf(1), openedOf(2)), proof: toHex(ofPart.proof) }),
  ]
}
