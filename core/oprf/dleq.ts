// Batched proof of equal discrete logarithms (RFC 9497 section 2.2): one proof of 64 bytes says that every evaluated element is the same
// secret multiple of its blinded element as the public key is of the generator. The position of each pair goes into its weight, so that a
// batch in another order, or with an element dropped, is another statement.
import { concat, equal, u16, utf8 } from '../bytes/bytes.ts'
import { SCALAR_BYTES } from './group.ts'
import type { Group } from './group.ts'
import { tagsOf, VOPRF } from './suite.ts'

/** Challenge and response, a scalar each. */
export const PROOF_BYTES = 2 * SCALAR_BYTES

const CHALLENGE = utf8('Challenge')
const COMPOSITE = utf8('Composite')

const prefixed = (bytes: Uint8Array) => concat(u16(bytes.length), bytes)

/** ScalarMultGen(1) */
const generatorOf = (group: Group) => group.multiplyBase(ONE)
const ONE = Uint8Array.of(1, ...new Uint8Array(SCALAR_BYTES - 1))

/** The weight of each pair, from the public key, its position and both its elements. Public. */
function weights(group: Group, publicKey: Uint8Array, blinded: readonly Uint8Array[], evaluated: readonly Uint8Array[]): Uint8Array[] {
  const { seed: seedTag, hashToScalar } = tagsOf(VOPRF)
  const seed = prefixed(group.sha512(prefixed(publicKey), prefixed(seedTag)))
  return blinded.map((element, i) =>
    group.hashToScalar(concat(seed, u16(i), prefixed(element), prefixed(evaluated[i] as Uint8Array), COMPOSITE), hashToScalar))
}

function challenge(group: Group, ...elements: readonly Uint8Array[]): Uint8Array {
  return group.hashToScalar(concat(...elements.map(prefixed), CHALLENGE), tagsOf(VOPRF).hashToScalar)
}

/**
 * Challenge ‖ response for a batch that the caller has checked. `random` is a fresh secret scalar: two proofs under one of them give
 * the secret key away.
 */
export function prove(group: Group, secretKey: Uint8Array, publicKey: Uint8Array, blinded: readonly Uint8Array[], evaluated: readonly Uint8Array[], random: Uint8Array): Uint8Array {
  const sum = group.sumOfProducts(weights(group, publicKey, blinded, evaluated), blinded)
  const [evaluatedSum, randomSum] = group.multiplyEach([secretKey, random], [sum, sum]) as [Uint8Array, Uint8Array]
  const c = challenge(group, publicKey, sum, evaluatedSum, group.multiplyBase(random), randomSum)
  const s = group.scalarAdd(random, group.scalarNegate(group.scalarMultiply(c, secretKey)))
  return concat(c, s)
}

/** Whether the proof holds for exactly these elements in exactly this order. Everything given is checked by the caller and public. */
export function holds(group: Group, publicKey: Uint8Array, blinded: readonly Uint8Array[], evaluated: readonly Uint8Array[], proof: Uint8Array): boolean {
  const c = proof.subarray(0, SCALAR_BYTES)
  const s = proof.subarray(SCALAR_BYTES)
  const shares = weights(group, publicKey, blinded, evaluated)
  const sum = group.sumOfProducts(shares, blinded)
  const evaluatedSum = group.sumOfProducts(shares, evaluated)
  const t2 = group.sumOfProducts([s, c], [generatorOf(group), publicKey])
  const t3 = group.sumOfProducts([s, c], [sum, evaluatedSum])
  return equal(challenge(group, publicKey, sum, evaluatedSum, t2, t3), c)
}
