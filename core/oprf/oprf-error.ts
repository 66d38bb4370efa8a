// What the OPRF refuses, as a closed union of codes. A refusal is about the shape or value of one argument; a breach is a proof or an
// opening that fails, and then somebody is not telling the truth.

export const OPRF_REFUSALS = [
  'element-length', 'element-identity', 'element-not-canonical',
  'scalar-length', 'scalar-zero', 'scalar-not-canonical',
  'input-length', 'input-identity',
  'batch-empty', 'batch-too-large', 'batch-uneven',
  'proof-length', 'seed-length', 'key-info-length', 'key-underivable',
  'padding-too-few', 'padding-length',
  'coin-length', 'coin-odds',
] as const
export const OPRF_BREACHES = ['proof-wrong', 'input-not-the-one-blinded', 'coin-not-the-one-bound'] as const

export type OprfCode = typeof OPRF_REFUSALS[number] | typeof OPRF_BREACHES[number]

/** Thrown by everything in this folder; `place` names the argument and, in a batch, its position from 0. */
export class OprfError extends Error {
  readonly kind: 'refusal' | 'breach'
  readonly code: OprfCode
  readonly place: string

  constructor(code: OprfCode, place: string, wrong: string) {
    super(`${place}: ${wrong}`)
    this.name = 'OprfError'
    this.kind = (OPRF_BREACHES as readonly string[]).includes(code) ? 'breach' : 'refusal'
    this.code = code
    this.place = place
  }
}

/** The code of a thrown value, undefined for anything that is not of this folder. */
export function oprfCodeOf(thrown: unknown): OprfCode | undefined {
  return thrown instanceof OprfError ? thrown.code : undefined
}
