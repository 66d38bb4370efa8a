// The names of RFC 9497 section 3.1 for ristretto255-SHA512: a mode and the suite make the context string, and that the tags.
import { concat, utf8 } from '../bytes/bytes.ts'

/** 0 is the OPRF, 1 the VOPRF, whose evaluations are proven. Muster's labels come from mode 1. */
export type Mode = 0 | 1
export const OPRF: Mode = 0
export const VOPRF: Mode = 1

interface Tags { readonly hashToGroup: Uint8Array, readonly hashToScalar: Uint8Array, readonly deriveKeyPair: Uint8Array, readonly seed: Uint8Array }

function tagsFor(mode: Mode): Tags {
  const context = concat(utf8('OPRFV1-'), Uint8Array.of(mode), utf8('-ristretto255-SHA512'))
  const tag = (name: string) => concat(utf8(name), context)
  return { hashToGroup: tag('HashToGroup-'), hashToScalar: tag('HashToScalar-'), deriveKeyPair: tag('DeriveKeyPair'), seed: tag('Seed-') }
}

const TAGS: readonly [Tags, Tags] = [tagsFor(OPRF), tagsFor(VOPRF)]

/** Domain separation tags of a mode. */
export function tagsOf(mode: Mode): Tags {
  return TAGS[mode]
}
