// The dossier of one trace (DESIGN section 5, step 7; spec/dossier.md): one JSON file, exactly the RFC 8785 bytes of what it says. It
// carries evidence; every statement in it (`conclusion`, each party's `outcome`) is derived from the evidence by a pure function that
// maker and verifier share. `signature` sorts last and covers all the rest.
import { concat, fromHex, utf8 } from '../bytes/bytes.ts'
import { canonical, canonicalBytes, JSON_LIMITS, parseCanonical, type Json } from '../bytes/canonical.ts'
import type { Primitives, Signing } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { anyObject, boolean, characters, fit, hex, integer, list, nullable, object, oneOf, optional, pattern, time, type ObjectOf, type Shaped } from '../bytes/shape.ts'
import { PARTIES_MAX } from '../rules/agreement.ts'
import { PARTY_OUTCOMES } from '../rules/chain.ts'
import { marking } from '../rules/marking.ts'
import { partyId, type PartyId } from '../rules/party.ts'
import { doubleSignature, failingSignature, signDouble, type DoubleKeys, type DoubleSeeds } from './double-signature.ts'
import { envelope } from './message.ts'
import { LATER_RECORDS_MAX } from './trust.ts'
import { bindingPath, ELEMENTS_MAX, EVENT_CHARACTERS_MAX, ITEMS_OF_A_KEY_MAX, PATH_HASHES_MAX } from './trace-body.ts'

export const DOSSIER_FORMAT = 'muster/dossier/1'
export const DOSSIER_DOMAIN = 'muster/dossier/v1\n'
/** DESIGN section 5, step 7. */
export const DOSSIER_BYTES_MAX = 16 * 1_048_576
const NOTE_CHARACTERS_MAX = 1_048_576
const LOOKS_MAX = 64
const ITEMS_MAX = 16 * ITEMS_OF_A_KEY_MAX

/** A note or a proof: many lines, checked by whoever opens it. */
export const lines = characters(1, NOTE_CHARACTERS_MAX)

const hash = hex(32)
const entry = hex(64)
const path = list(hash, 0, PATH_HASHES_MAX)
const position = integer(0, Number.MAX_SAFE_INTEGER)

export const present = object({ index: position, entry, path })
export const absent = object({ index: position, entries: list(entry, 2, 2), paths: list(path, 2, 2) })
const lookup = object({ element: integer(0, ELEMENTS_MAX - 1), present: nullable(present), absent: nullable(absent) })
export type Lookup = Shaped<typeof lookup>

export const LOGGED = ['agreement', 'key-record', 'head'] as const
export const logged = object({ what: oneOf(...LOGGED), index: position, path })

const opened = object({ element: integer(0, ELEMENTS_MAX - 1), input: lines, blind: hash })
const itemProof = object({ label: hash, index: position, entry, path })

const askedMembers = {
  log: nullable(object({ checkpoint: lines, entries: list(logged, 0, LOGGED.length) })),
  head: nullable(anyObject),
  declaration: nullable(object({ checkpoint: lines })),
  request: nullable(envelope),
  receipt: nullable(envelope),
  /** Of parties that offered the question in vain; left out where there are none. */
  statements: optional(list(envelope, 1, PARTIES_MAX)),
  answer: nullable(envelope),
  opened: list(opened, 0, ELEMENTS_MAX),
  lookups: list(lookup, 0, ELEMENTS_MAX),
  formal: nullable(object({
    request: envelope, receipt: nullable(envelope), answer: nullable(envelope),
    /** What those who went to see found, in their party's order; left out where nobody said so. */
    looks: optional(list(envelope, 1, LOOKS_MAX)),
  })),
  items: list(itemProof, 0, ITEMS_MAX),
}

const partyEvidence = object({
  party: partyId,
  outcome: oneOf(...PARTY_OUTCOMES),
  keyRecord: anyObject,
  /** Later key records, oldest first; left out where there are none. */
  laterRecords: optional(list(anyObject, 1, LATER_RECORDS_MAX)),
  ...askedMembers,
  /** The same question under each OPRF key that was replaced, oldest first; left out where none was before the newest head. */
  earlier: optional(list(object(askedMembers), 1, LATER_RECORDS_MAX)),
})
/** One question to a party, what came back, and what it was looked up in. */
export type AskedEvidence = ObjectOf<typeof askedMembers> & { readonly party: PartyId }
export type PartyEvidence = Shaped<typeof partyEvidence>

const recovery = object({
  event: characters(0, EVENT_CHARACTERS_MAX), salt: hash, path: bindingPath, proof: lines,
})

export const dossierShape = object({
  agreement: anyObject,
  asker: partyId,
  conclusion: anyObject,
  exercise: boolean,
  format: oneOf(DOSSIER_FORMAT),
  made: time,
  marking,
  parties: list(partyEvidence, 1, PARTIES_MAX),
  recovery,
  /** Label of the recovered item's own leaf in the asker's declarations, with the secret that makes it: a hit on it is the find itself. */
  self: object({ item: pattern(/^[0-9a-f-]{36}$/, 'an item id'), secret: hash }),
  signature: object({ by: partyId, signatures: doubleSignature }),
})
export type Dossier = Shaped<typeof dossierShape>
export type DossierBody = Omit<Dossier, 'signature'>

export type DossierCode = 'dossier/too-long' | 'dossier/json' | 'dossier/shape' | 'dossier/signature'

/** The dossier in these bytes. Throws a Refusal that names the byte or the member. */
export function parseDossier(bytes: Uint8Array, textOf?: Primitives['textOf']): Dossier {
  if (bytes.length > DOSSIER_BYTES_MAX) throw new Refusal<DossierCode>('dossier/too-long', `a dossier has at most ${DOSSIER_BYTES_MAX} bytes, this has ${bytes.length}`)
  let json: Json
  try {
    json = parseCanonical(bytes, JSON_LIMITS, textOf)
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    throw new Refusal<DossierCode>('dossier/json', `the dossier: ${thrown.message}`, thrown.at)
  }
  const fitted = fit(dossierShape, json)
  if ('misfit' in fitted) throw new Refusal<DossierCode>('dossier/shape', `the dossier: ${fitted.misfit.at}: expected ${fitted.misfit.expected}`, fitted.misfit.at)
  return fitted.value
}

/** The canonical bytes of all but the signature, out of those of the whole: the last member taken off, so that nothing large is written again. */
function signedBytes(whole: Uint8Array, { signature }: Dossier): Uint8Array {
  return concat(whole.subarray(0, whole.length - tailOf(signature).length), utf8('}'))
}

/** The end of the file, from where the signature begins. */
function tailOf(signature: Dossier['signature']): Uint8Array {
  return utf8(`,"signature":${canonical(signature)}}`)
}

/** The finished file. */
export function signDossier(s: Signing, body: DossierBody, seeds: DoubleSeeds): Uint8Array {
  const unsigned = canonicalBytes(body)
  const signature = { by: body.asker, signatures: signDouble(s, seeds, DOSSIER_DOMAIN, unsigned) }
  const bytes = concat(unsigned.subarray(0, unsigned.length - 1), tailOf(signature))
  if (bytes.length > DOSSIER_BYTES_MAX) throw new Refusal<DossierCode>('dossier/too-long', `the dossier would have ${bytes.length} bytes, the most is ${DOSSIER_BYTES_MAX}: ask with fewer candidates`)
  return bytes
}

/** Undefined where both signatures are the asker's over all the rest. `whole`: the bytes that `dossier` was parsed from. */
export function checkDossierSignature(p: Primitives, whole: Uint8Array, dossier: Dossier, keys: DoubleKeys): Refusal<DossierCode> | undefined {
  if (dossier.signature.by !== dossier.asker) return new Refusal('dossier/signature', `the dossier is ${dossier.asker}'s and signed by ${dossier.signature.by}`, 'signature.by')
  const failing = failingSignature(p, keys, DOSSIER_DOMAIN, signedBytes(whole, dossier), dossier.signature.signatures)
  return failing === undefined ? undefined : new Refusal('dossier/signature', `the ${failing} signature of ${dossier.asker} over the dossier does not verify`, 'signature')
}

/** Hex of a checked member as bytes. */
export function bytesOf(hexText: string): Uint8Array {
  return fromHex(hexText) as Uint8Array
}

