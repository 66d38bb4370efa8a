// A courier file (spec/courier.md): messages as an age file to the receiver's hybrid key, for the road where there is no network. Nobody but
// the receiver reads it, and it says nothing of who made it: that is for the messages' own signatures.
import { Decrypter, Encrypter } from 'age-encryption'
import { utf8 } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { COURIER_BYTES_MAX, courierBytes, parseCourier, type Courier, type CourierCode } from '@muster/core/wire/courier.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { Fault, textOf } from '../engine/fault.ts'

const HYBRID_RECIPIENT = 'age1pq1'
const HYBRID_IDENTITY = 'AGE-SECRET-KEY-PQ-1'
const FIRST_LINE = utf8('age-encryption.org/v1\n')
const LAST_LINE = '\n--- '
/** Ours has 1,627 bytes: one stanza. Each stanza more, which other makers may add, costs the receiver up to one decapsulation. */
const HEADER_BYTES_MAX = 8192
const NONCE_BYTES = 16
const CHUNK_BYTES = 65_536
const CHUNK_TAG_BYTES = 16
/** The whole file; one that is longer need not be read from its disk. */
export const COURIER_FILE_BYTES_MAX = HEADER_BYTES_MAX + NONCE_BYTES + COURIER_BYTES_MAX + CHUNK_TAG_BYTES * COURIER_BYTES_MAX / CHUNK_BYTES
/** How age 0.3.1 says that no stanza opens; a changed byte in our own stanza says the same. */
const NO_STANZA_OPENS = 'no identity matched any of the file\'s recipients'

export type CourierFileCode = CourierCode | 'courier/no-hybrid-key' | 'courier/not-age' | 'courier/other-receiver' | 'courier/damaged'

/** The file for `recipient`, the courier key of the receiver's key record in force. Throws a Refusal for a key that is no hybrid one, and for a courier that does not fit. */
export async function sealCourier(recipient: string, courier: Courier): Promise<Uint8Array> {
  const encrypter = await encrypterTo(recipient)
  return encrypter.encrypt(courierBytes(courier, p.utf8))
}

/** The key is only a text to whoever signed for it: it must have encapsulated once. age would take a key of X25519 alone as well. */
async function encrypterTo(recipient: string): Promise<Encrypter> {
  const encrypter = new Encrypter()
  try {
    if (recipient.startsWith(HYBRID_RECIPIENT)) {
      encrypter.addRecipient(recipient)
      await encrypter.encrypt(new Uint8Array(0))
      return encrypter
    }
  } catch {
    // Refused below.
  }
  throw new Refusal<CourierFileCode>('courier/no-hybrid-key', 'the receiver\'s courier key is no mlkem768x25519 recipient of age: ask the receiver for a key record with one', 'recipient')
}

/** The courier in a file as it arrived, whole or not at all. `identities`: our own hybrid keys under the agreement; that one is none is a Fault. */
export async function openCourier(identities: readonly string[], bytes: Uint8Array): Promise<Courier | Refusal<CourierFileCode>> {
  const decrypter = decrypterOf(identities)
  if (bytes.length > COURIER_FILE_BYTES_MAX) {
    return new Refusal('courier/too-long', `a courier file has at most ${COURIER_FILE_BYTES_MAX} bytes, this one has ${bytes.length}: it is another file, or its sender must carry less in each`)
  }
  if (!FIRST_LINE.every((byte, at) => bytes[at] === byte)) return new Refusal('courier/not-age', 'this is no age file: name the file that the courier brought, as it was brought', 0)
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEADER_BYTES_MAX))
  if (!header.includes(LAST_LINE)) return damaged()
  let padded: Uint8Array
  try {
    padded = await decrypter.decrypt(bytes)
  } catch (thrown) {
    if (textOf(thrown) !== NO_STANZA_OPENS) return damaged()
    return new Refusal('courier/other-receiver', 'this file is made for another key: hand it to the party that it is for; if it is for us, it was damaged or made for an earlier key: ask for the file again')
  }
  return parseCourier(padded, p.textOf)
}

/** What age says of a damaged identity quotes it: the key is secret, and its words go no further. */
function decrypterOf(identities: readonly string[]): Decrypter {
  const decrypter = new Decrypter()
  try {
    if (identities.every((identity) => identity.startsWith(HYBRID_IDENTITY))) {
      for (const identity of identities) decrypter.addIdentity(identity)
      return decrypter
    }
  } catch {
    // Told below.
  }
  throw new Fault('kept-damaged', 'our own courier key is no mlkem768x25519 identity of age: restore the agreement\'s key file from its backup')
}

function damaged(): Refusal<CourierFileCode> {
  return new Refusal('courier/damaged', 'this file was cut off or changed on its way: ask for the file again')
}
