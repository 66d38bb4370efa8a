// A batch of an evaluation as it travels and as it is opened later (DESIGN section 5). It is padded, so that its size tells only one of four
// numbers; a share of the batches without a hit is opened, so that an asker who puts other questions than its ladder is found out.
import { concat, equal, utf8 } from '../bytes/bytes.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { checkElements, checkEven } from './check.ts'
import type { Group } from './group.ts'
import { blindEach, demandProof, finalizeEach, VOPRF } from './oprf.ts'
import type { AnsweredBatch } from './oprf.ts'
import { OprfError } from './oprf-error.ts'

/** The sizes that a batch may have on the wire. */
export const BATCH_SIZES = [16, 64, 256, 1024] as const

/** Random bytes in a padding input. */
export const PAD_RANDOM_BYTES = 32

/** Bytes that each side adds to the toss. */
export const COIN_BYTES = 32

/** 1 in this many is the rarest opening that an agreement may set: the remainder of 48 bits is even to one part in 2^28 at the least. */
export const OPEN_ONE_IN_MAX = 1_000_000

/** A match key begins with a length, so no match key ever begins like this. */
const PAD_PREFIX = utf8('muster/pad/v1\n')
const COIN_PREFIX = utf8('muster/coin/v1\n')

type Sha256 = Primitives['sha256']

/** The size that `count` inputs are padded to; undefined for none and for more than the largest. */
export function paddedSize(count: number): number | undefined {
  return count < 1 ? undefined : BATCH_SIZES.find((size) => size >= count)
}

/** The input that stands for nothing. */
export function padInput(random: Uint8Array): Uint8Array {
  if (random.length !== PAD_RANDOM_BYTES) throw new OprfError('padding-length', 'random', `padding takes ${PAD_RANDOM_BYTES} random bytes, this has ${random.length}`)
  return concat(PAD_PREFIX, random)
}

/** Whether an opened input is padding: the prefix and exactly the random bytes. */
export function isPadInput(input: Uint8Array): boolean {
  return input.length === PAD_PREFIX.length + PAD_RANDOM_BYTES && equal(input.subarray(0, PAD_PREFIX.length), PAD_PREFIX)
}

/**
 * The inputs, then padding up to the next size. `random` holds 32 fresh bytes for each padding input (`paddedSize(n)! - n` of them).
 * Codes: batch-empty, batch-too-large, padding-too-few, padding-length.
 */
export function padBatch(inputs: readonly Uint8Array[], random: readonly Uint8Array[]): Uint8Array[] {
  const size = paddedSize(inputs.length)
  if (size === undefined) {
    throw inputs.length === 0
      ? new OprfError('batch-empty', 'inputs', 'there is nothing to ask')
      : new OprfError('batch-too-large', 'inputs', `at most ${BATCH_SIZES[3]} inputs go into one batch, these are ${inputs.length}: ask in several`)
  }
  const missing = size - inputs.length
  if (random.length < missing) throw new OprfError('padding-too-few', 'random', `${missing} padding inputs are due, there is randomness for ${random.length}`)
  return [...inputs, ...random.slice(0, missing).map(padInput)]
}

/**
 * Demands that each blinded element is Blind(input, blind), byte for byte. Finalize alone would take any input for any element, and any
 * absence could be forged with it. Codes: batch-*, element-*, scalar-*, input-*, input-not-the-one-blinded (`place` names the first).
 */
export function demandOpening(group: Group, inputs: readonly Uint8Array[], blinds: readonly Uint8Array[], blindedElements: readonly Uint8Array[]): void {
  checkElements(group, blindedElements, 'blindedElements')
  checkEven(blindedElements.length, inputs.length, 'inputs')
  const again = blindEach(group, VOPRF, inputs, blinds)
  const wrong = again.findIndex((element, i) => !equal(element, blindedElements[i] as Uint8Array))
  if (wrong >= 0) throw new OprfError('input-not-the-one-blinded', `blindedElements[${wrong}]`, 'the input and blind that are given do not make this element')
}

/**
 * Outputs of the opened elements of an answered batch, in the order of `opened`; the proof covers the whole batch, opened or not.
 * The order of the checks is the promise: the proof, then the re-blinding, and only then an output.
 * Codes: those of verifyProof and demandOpening, proof-wrong.
 */
export function openBatch(
  group: Group, publicKey: Uint8Array,
  answered: Pick<AnsweredBatch, 'blindedElements' | 'evaluationElements'>, proof: Uint8Array,
  opened: readonly OpenedElement[],
): Uint8Array[] {
  demandProof(group, publicKey, answered.blindedElements, answered.evaluationElements, proof)
  const inputs = opened.map(({ input }) => input)
  const blinds = opened.map(({ blind }) => blind)
  demandOpening(group, inputs, blinds, pick(answered.blindedElements, opened))
  return finalizeEach(group, inputs, blinds, pick(answered.evaluationElements, opened))
}

/** What the asker gives away of one element: its position in the batch from 0, the input and the blind. */
export interface OpenedElement { readonly element: number, readonly input: Uint8Array, readonly blind: Uint8Array }

function pick(elements: readonly Uint8Array[], opened: readonly OpenedElement[]): Uint8Array[] {
  return opened.map(({ element }) => {
    const found = elements[element]
    if (found === undefined) throw new OprfError('batch-uneven', `opened element ${element}`, `the batch has ${elements.length} elements`)
    return found
  })
}

/** What the asker sends with its request, so that its contribution is fixed before it sees the other's. */
export function coinBinding(sha256: Sha256, askerCoin: Uint8Array): Uint8Array {
  checkCoin(askerCoin, 'askerCoin')
  return sha256(askerCoin)
}

/**
 * Whether a batch without a hit is opened: SHA-256 over both contributions picks 1 in `oneIn`. Neither side can steer it: the asker's was
 * bound before the asked party's was known, the asked party's is given before the asker's is seen. Codes: coin-length, coin-odds.
 */
export function isPicked(sha256: Sha256, askerCoin: Uint8Array, askedCoin: Uint8Array, oneIn: number): boolean {
  checkCoin(askerCoin, 'askerCoin')
  checkCoin(askedCoin, 'askedCoin')
  if (!Number.isInteger(oneIn) || oneIn < 1 || oneIn > OPEN_ONE_IN_MAX) throw new OprfError('coin-odds', 'oneIn', `a whole number from 1 to ${OPEN_ONE_IN_MAX}`)
  const digest = sha256(COIN_PREFIX, askerCoin, askedCoin)
  let drawn = 0
  for (let i = 0; i < 6; i++) drawn = drawn * 256 + (digest[i] as number)
  return drawn % oneIn === 0
}

/** The contribution that is opened must be the one that was bound. Codes: coin-length, coin-not-the-one-bound. */
export function demandCoin(sha256: Sha256, binding: Uint8Array, askerCoin: Uint8Array): void {
  if (!equal(coinBinding(sha256, askerCoin), binding)) throw new OprfError('coin-not-the-one-bound', 'askerCoin', 'its SHA-256 is not the binding that came with the request')
}

function checkCoin(coin: Uint8Array, place: string): void {
  if (coin.length !== COIN_BYTES) throw new OprfError('coin-length', place, `a contribution has ${COIN_BYTES} bytes, this has ${coin.length}`)
}
