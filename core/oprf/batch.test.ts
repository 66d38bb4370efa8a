import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { utf8 } from '../bytes/bytes.ts'
import { coinBinding, demandCoin, demandOpening, isPadInput, isPicked, openBatch, OPEN_ONE_IN_MAX, padBatch, paddedSize, padInput } from './batch.ts'
import { nobleGroup as group } from './noble-group.ts'
import { blindEach, deriveKeyPair, evaluateInputs, evaluateWithProof, VOPRF } from './oprf.ts'
import { oprfCodeOf } from './oprf-error.ts'

const sha256 = (...parts: Uint8Array[]) => new Uint8Array(parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest())
const random = (name: string) => sha256(utf8(name))
const scalar = (name: string) => group.hashToScalar(utf8(name), utf8('muster/test'))
const refused = (code: string) => (thrown: unknown) => oprfCodeOf(thrown) === code

test('a batch is padded to the next of four sizes and never beyond', () => {
  assert.deepEqual([1, 16, 17, 64, 65, 256, 257, 1024].map(paddedSize), [16, 16, 64, 64, 256, 256, 1024, 1024])
  assert.deepEqual([0, 1025].map(paddedSize), [undefined, undefined])
  const keys = [utf8('a'), utf8('b')]
  const padded = padBatch(keys, Array.from({ length: 14 }, (_, i) => random(`pad ${i}`)))
  assert.equal(padded.length, 16)
  assert.deepEqual(padded.slice(0, 2), keys)
  assert.ok(padded.slice(2).every(isPadInput))
  assert.throws(() => padBatch(keys, Array.from({ length: 13 }, () => random('p'))), refused('padding-too-few'))
  assert.throws(() => padBatch([], []), refused('batch-empty'))
  assert.throws(() => padBatch(Array.from({ length: 1025 }, () => keys[0]!), []), refused('batch-too-large'))
})

test('padding is told apart from every match key by its first bytes and its length', () => {
  const pad = padInput(random('p'))
  assert.equal(isPadInput(pad), true)
  assert.equal(isPadInput(pad.subarray(1)), false)
  assert.equal(isPadInput(Uint8Array.of(...pad, 0)), false)
  assert.equal(isPadInput(pad.with(0, 0)), false)
  assert.throws(() => padInput(new Uint8Array(31)), refused('padding-length'))
})

const { secretKey, publicKey } = deriveKeyPair(group, VOPRF, random('seed'), utf8('test'))
const inputs = ['asked', 'also asked', 'pad'].map(utf8)
const blinds = inputs.map((_, i) => scalar(`blind ${i}`))
const blindedElements = blindEach(group, VOPRF, inputs, blinds)
const { evaluationElements, proof } = evaluateWithProof(group, secretKey, blindedElements, scalar('random'))
const opened = inputs.map((input, element) => ({ element, input, blind: blinds[element]! }))

test('an opening gives the outputs of the opened elements, all or some, in the order asked', () => {
  const outputs = evaluateInputs(group, VOPRF, secretKey, inputs)
  assert.deepEqual(openBatch(group, publicKey, { blindedElements, evaluationElements }, proof, opened), outputs)
  assert.deepEqual(openBatch(group, publicKey, { blindedElements, evaluationElements }, proof, [opened[2]!, opened[0]!]), [outputs[2], outputs[0]])
})

test('an opening with another input, another blind or another place is refused though proof and Finalize would succeed', () => {
  const open = (list: typeof opened) => openBatch(group, publicKey, { blindedElements, evaluationElements }, proof, list)
  assert.throws(() => open([{ ...opened[0]!, input: utf8('never asked') }]), refused('input-not-the-one-blinded'))
  assert.throws(() => open([{ ...opened[0]!, blind: blinds[1]! }]), refused('input-not-the-one-blinded'))
  assert.throws(() => open([{ ...opened[0]!, element: 1 }]), refused('input-not-the-one-blinded'))
  assert.throws(() => open([{ ...opened[0]!, element: 3 }]), refused('batch-uneven'))
  assert.throws(() => open([{ ...opened[0]!, element: 0.5 }]), refused('batch-uneven'))
  assert.throws(() => open([{ ...opened[0]!, blind: new Uint8Array(32) }]), refused('scalar-zero'))
  assert.throws(() => openBatch(group, publicKey, { blindedElements, evaluationElements: evaluationElements.toReversed() }, proof, opened), refused('proof-wrong'))
})

test('the whole batch of a request opens without an answer', () => {
  demandOpening(group, inputs, blinds, blindedElements)
  assert.throws(() => demandOpening(group, inputs, blinds, blindedElements.toReversed()), refused('input-not-the-one-blinded'))
  assert.throws(() => demandOpening(group, inputs.slice(1), blinds.slice(1), blindedElements), refused('batch-uneven'))
})

test('the coin picks its share of batches and both contributions decide', () => {
  const asked = random('asked party')
  const picks = Array.from({ length: 20_000 }, (_, i) => isPicked(sha256, random(`asker ${i}`), asked, 10))
  const share = picks.filter(Boolean).length
  assert.ok(share > 1_830 && share < 2_170, `${share} of 20,000`)
  const again = Array.from({ length: 2_000 }, (_, i) => isPicked(sha256, random(`asker ${i}`), random('another'), 10))
  assert.notDeepEqual(again, picks.slice(0, 2_000))
  assert.equal(isPicked(sha256, random('a'), random('b'), 1), true)
  for (const odds of [0, 1.5, OPEN_ONE_IN_MAX + 1]) assert.throws(() => isPicked(sha256, asked, asked, odds), refused('coin-odds'))
  assert.throws(() => isPicked(sha256, asked, new Uint8Array(31), 10), refused('coin-length'))
})

test('a contribution other than the bound one is refused', () => {
  const coin = random('asker')
  demandCoin(sha256, coinBinding(sha256, coin), coin)
  assert.throws(() => demandCoin(sha256, coinBinding(sha256, coin), random('a better one')), refused('coin-not-the-one-bound'))
})
