import assert from 'node:assert/strict'
import { test } from 'node:test'
import { concat, utf8 } from '../bytes/bytes.ts'
import { labelOfOutput, labelsOfKeys } from './label.ts'
import { nobleGroup as group } from './noble-group.ts'
import {
  blind, blindEach, deriveKeyPair, evaluate, evaluateInput, evaluateInputs, evaluateWithProof, EVALUATION_BATCH_MAX, finalize, finalizeBatch, INPUT_BYTES_MAX,
  OPRF, publicKeyOf, verifyProof, VOPRF,
} from './oprf.ts'
import { OPRF_BREACHES, OPRF_REFUSALS, OprfError, oprfCodeOf } from './oprf-error.ts'

const scalar = (name: string) => group.hashToScalar(utf8(name), utf8('muster/test'))
const inputs = ['one', 'two', 'three', ''].map(utf8)
const blinds = inputs.map((_, i) => scalar(`blind ${i}`))
const { secretKey, publicKey } = deriveKeyPair(group, VOPRF, new Uint8Array(32).fill(7), utf8('a test'))

const refused = (code: string) => (thrown: unknown) => oprfCodeOf(thrown) === code

test('the blinded road and the direct one give the same outputs in both modes', () => {
  for (const mode of [OPRF, VOPRF] as const) {
    const evaluated = evaluate(group, secretKey, blindEach(group, mode, inputs, blinds))
    const outputs = inputs.map((input, i) => finalize(group, input, blinds[i]!, evaluated[i]!))
    assert.deepEqual(outputs, evaluateInputs(group, mode, secretKey, inputs))
    assert.deepEqual(outputs[1], evaluateInput(group, mode, secretKey, inputs[1]!))
  }
  assert.notDeepEqual(evaluateInput(group, OPRF, secretKey, inputs[0]!), evaluateInput(group, VOPRF, secretKey, inputs[0]!))
})

test('a label is the first half of the output, whatever the blind was', () => {
  const labels = labelsOfKeys(group, secretKey, inputs)
  for (const name of ['first', 'second']) {
    const under = inputs.map((_, i) => scalar(`${name} ${i}`))
    const blindedElements = blindEach(group, VOPRF, inputs, under)
    const { evaluationElements, proof } = evaluateWithProof(group, secretKey, blindedElements, scalar('random'))
    const outputs = finalizeBatch(group, publicKey, { inputs, blinds: under, blindedElements, evaluationElements }, proof)
    assert.deepEqual(outputs.map(labelOfOutput), labels)
  }
})

test('two blinds of one input share nothing that the evaluator sees', () => {
  assert.notDeepEqual(blind(group, VOPRF, inputs[0]!, scalar('a')), blind(group, VOPRF, inputs[0]!, scalar('b')))
})

test('a proof holds for its batch and for no batch that differs in one pair, in order or in size', () => {
  const blinded = blindEach(group, VOPRF, inputs, blinds)
  const { evaluationElements: evaluated, proof } = evaluateWithProof(group, secretKey, blinded, scalar('random'))
  assert.equal(verifyProof(group, publicKey, blinded, evaluated, proof), true)
  const swapped = <T>(list: readonly T[]) => [list[1], list[0], ...list.slice(2)] as T[]
  assert.equal(verifyProof(group, publicKey, swapped(blinded), swapped(evaluated), proof), false)
  assert.equal(verifyProof(group, publicKey, blinded, swapped(evaluated), proof), false)
  for (let i = 0; i < blinded.length; i++) {
    const without = <T>(list: readonly T[]) => list.filter((_, at) => at !== i)
    assert.equal(verifyProof(group, publicKey, without(blinded), without(evaluated), proof), false)
    const other = evaluated.with(i, group.multiply(scalar('other'), evaluated[i]!))
    assert.equal(verifyProof(group, publicKey, blinded, other, proof), false)
  }
  assert.equal(verifyProof(group, publicKeyOf(group, scalar('other')), blinded, evaluated, proof), false)
})

test('every changed byte of a proof is found', () => {
  const blinded = blindEach(group, VOPRF, inputs.slice(0, 1), blinds.slice(0, 1))
  const { evaluationElements, proof } = evaluateWithProof(group, secretKey, blinded, scalar('random'))
  for (let i = 0; i < proof.length; i++) {
    const changed = proof.with(i, proof[i]! ^ 1)
    const holds = (() => {
      try {
        return verifyProof(group, publicKey, blinded, evaluationElements, changed)
      } catch (thrown) {
        return oprfCodeOf(thrown) === 'scalar-not-canonical' ? false : thrown
      }
    })()
    assert.equal(holds, false, `byte ${i}`)
  }
})

test('sizes are refused before anything is computed', () => {
  const untouched = new Proxy(group, { get: (target, name) => name === 'isScalar' ? () => true : name in target ? () => assert.fail(`${String(name)} was called`) : undefined })
  const many = Array.from({ length: EVALUATION_BATCH_MAX + 1 }, () => publicKey)
  assert.throws(() => evaluate(untouched, secretKey, many), refused('batch-too-large'))
  assert.throws(() => evaluate(untouched, secretKey, []), refused('batch-empty'))
  assert.throws(() => verifyProof(untouched, publicKey, many, many, new Uint8Array(64)), refused('batch-too-large'))
  assert.throws(() => verifyProof(untouched, publicKey, [publicKey], [], new Uint8Array(64)), refused('batch-uneven'))
  assert.throws(() => verifyProof(untouched, publicKey, [publicKey], [publicKey], new Uint8Array(65)), refused('proof-length'))
  assert.throws(() => blindEach(untouched, VOPRF, many, many), refused('batch-too-large'))
  assert.throws(() => blindEach(untouched, VOPRF, inputs, blinds.slice(1)), refused('batch-uneven'))
})

test('inputs up to 65,535 bytes are taken and one byte more is refused', () => {
  const long = new Uint8Array(INPUT_BYTES_MAX)
  assert.equal(blind(group, VOPRF, long, blinds[0]!).length, 32)
  assert.throws(() => blind(group, VOPRF, concat(long, Uint8Array.of(0)), blinds[0]!), refused('input-length'))
})

test('an input that maps to the identity is refused by its position', () => {
  const identity = { ...group, multiplyHashed: (scalars: readonly Uint8Array[]) => scalars.map((_, i) => i === 1 ? new Uint8Array(32) : publicKey) }
  assert.throws(() => blindEach(identity, VOPRF, inputs, blinds), (thrown) => thrown instanceof OprfError && thrown.code === 'input-identity' && thrown.place === 'inputs[1]')
})

test('a seed that yields no key is given up after 256 tries, and counters before that are used in turn', () => {
  let tries = 0
  const zeros = { ...group, hashToScalar: () => (tries++, new Uint8Array(32)) }
  assert.throws(() => deriveKeyPair(zeros, VOPRF, new Uint8Array(32), utf8('')), refused('key-underivable'))
  assert.equal(tries, 256)
  const third = { ...group, hashToScalar: (message: Uint8Array, dst: Uint8Array) => message.at(-1) === 2 ? group.hashToScalar(message, dst) : new Uint8Array(32) }
  assert.equal(group.isScalar(deriveKeyPair(third, VOPRF, new Uint8Array(32), utf8('')).secretKey), true)
  assert.throws(() => deriveKeyPair(group, VOPRF, new Uint8Array(31), utf8('')), refused('seed-length'))
  assert.throws(() => deriveKeyPair(group, VOPRF, new Uint8Array(32), new Uint8Array(65_536)), refused('key-info-length'))
})

test('an error says its kind, its code and the place', () => {
  assert.throws(() => evaluate(group, secretKey, [publicKey, new Uint8Array(32)]), (thrown) => {
    assert.ok(thrown instanceof OprfError)
    assert.deepEqual([thrown.kind, thrown.code, thrown.place], ['refusal', 'element-identity', 'blindedElements[1]'])
    return true
  })
  assert.equal(new OprfError('proof-wrong', 'proof', 'it does not hold').kind, 'breach')
  assert.equal(new Set([...OPRF_REFUSALS, ...OPRF_BREACHES]).size, OPRF_REFUSALS.length + OPRF_BREACHES.length)
  assert.equal(oprfCodeOf(new Error('other')), undefined)
})
