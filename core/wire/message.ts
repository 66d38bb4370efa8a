// A message between two parties (DESIGN section 6, spec/message.md): payload bytes that are carried as base64 and never written anew, under
// two signatures. The SHA-256 of the payload is the message's id.
import { equal, toBase64, toHex } from '../bytes/bytes.ts'
import { Breach } from '../bytes/breach.ts'
import { canonicalBytes, JSON_LIMITS } from '../bytes/canonical.ts'
import { plainCanonical } from '../bytes/plain-canonical.ts'
import type { Primitives, Signing } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { anyObject, characters, hex, integer, misfit, nullable, object, oneOf, ruled, stated, time, type Shape, type Shaped } from '../bytes/shape.ts'
import { shaped, shapedJson, strictJson, type JsonCode } from '../bytes/shaped-json.ts'
import type { Time } from '../bytes/time.ts'
import { agreementId, SEQUENCE_MAX, type AgreementId } from '../rules/agreement.ts'
import { marking } from '../rules/marking.ts'
import { partyId, type PartyId } from '../rules/party.ts'
import { doubleSignature, failingSignature, signDouble, type DoubleKeys, type DoubleSeeds, type DoubleSignature } from './double-signature.ts'
import { isMessageKind, mayExpire, MESSAGE_KINDS, type MessageKind } from './message-kind.ts'

export const MESSAGE_VERSION = 'muster/message/1'
export const MESSAGE_DOMAIN = 'muster/message/v1\n'
/** The decoded payload (DESIGN section 10). */
export const PAYLOAD_BYTES_MAX = 1_048_576
/** The payload in base64 and both signatures. */
export const ENVELOPE_BYTES_MAX = 4 * Math.ceil(PAYLOAD_BYTES_MAX / 3) + 4096

const kind = stated<MessageKind>((value, at) => isMessageKind(value) ? value : misfit(at, 'a kind of message that this version knows'), () => ({ enum: Object.keys(MESSAGE_KINDS) }))

const members = object({
  v: oneOf(MESSAGE_VERSION), kind, from: partyId, to: partyId, agreement: agreementId, sequence: integer(0, SEQUENCE_MAX), previous: nullable(hex(32)),
  time, expiry: nullable(time), marking,
  /** The members of a body by name; each kind's own shape is checked by whoever reads that kind. */
  body: anyObject,
})
export type Payload = Shaped<typeof members>

export const payloadShape: Shape<Payload> = ruled(members, '`previous` null in a first message and only there; an expiry after `time`, of a request only', (payload) => {
  if ((payload.sequence === 0) !== (payload.previous === null)) misfit('previous', payload.sequence === 0 ? 'null in a first message' : 'the id of the message before')
  if (payload.expiry !== null && !mayExpire(payload.kind)) misfit('expiry', `null: a message of kind ${payload.kind} does not expire`)
  if (payload.expiry !== null && payload.expiry <= payload.time) misfit('expiry', 'a time after `time`')
})

const PAYLOAD_TEXT = `canonical base64 of at most ${PAYLOAD_BYTES_MAX} bytes`
/** That it is base64 is found when it is decoded, once. */
const payloadText = characters(0, 4 * Math.ceil(PAYLOAD_BYTES_MAX / 3))
/** An envelope as a value; its canonical bytes are what travels. */
export const envelope = object({ payload: payloadText, signatures: doubleSignature })
export type Envelope = Shaped<typeof envelope>

/** A payload under signatures that verify; `id` is lower-case hex. */
export type SignedPayload = { readonly id: string, readonly payload: Payload, readonly payloadBytes: Uint8Array, readonly signatures: DoubleSignature }
/** A message as read and verified; `envelope` is the exact bytes that arrived. */
export type Message = SignedPayload & { readonly envelope: Uint8Array }

/** The message keys of a party under an agreement at a time, as its key record in force then says; undefined where nothing is known of it, or the key was compromised. */
export type MessageKeysOf = (from: PartyId, agreement: AgreementId, time: Time) => DoubleKeys | undefined

export type MessageCode = JsonCode<'envelope'> | JsonCode<'message'> | 'message/unknown-sender'
export type MessageBreachCode = 'message/signature'

/** The id of a message: SHA-256 of its payload bytes, lower-case hex. */
function messageId(p: Pick<Primitives, 'sha256'>, payloadBytes: Uint8Array): string {
  return toHex(p.sha256(payloadBytes))
}

/** What is to be signed: the id follows from the payload, so that the next message of a pair can be drafted before this one is signed. */
export interface Draft { readonly id: string, readonly payload: Payload, readonly payloadBytes: Uint8Array }

/** Throws a Refusal where the payload does not fit its shape or is longer than 1 MiB. */
export function draftMessage(p: Pick<Primitives, 'sha256'>, payload: Payload): Draft {
  const fitted = shaped('message', payloadShape, payload)
  if (fitted instanceof Refusal) throw fitted
  const payloadBytes = canonicalBytes(fitted)
  if (payloadBytes.length > PAYLOAD_BYTES_MAX) throw new Refusal<MessageCode>('message/too-long', `message: at most ${PAYLOAD_BYTES_MAX} bytes, these are ${payloadBytes.length}: split the body`)
  return { id: messageId(p, payloadBytes), payload: fitted, payloadBytes }
}

/** Packs a draft with signatures over `MESSAGE_DOMAIN` and its payload bytes. */
export function packMessage(draft: Draft, signatures: DoubleSignature): Message {
  return { ...draft, signatures, envelope: canonicalBytes({ payload: toBase64(draft.payloadBytes), signatures }) }
}

/** Signs a payload and packs it. Throws a Refusal where the payload does not fit its shape or is longer than 1 MiB. */
export function sealEnvelope(p: Primitives & Signing, payload: Payload, seeds: DoubleSeeds): Message {
  const draft = draftMessage(p, payload)
  return packMessage(draft, signDouble(p, seeds, MESSAGE_DOMAIN, draft.payloadBytes))
}

/**
 * An envelope as it arrived: strict JSON, a payload of a known version and kind, and both signatures by the keys that `keysOf` gives for the
 * sender that it claims. A payload written anew has other bytes, so its signatures fail.
 */
export function parseEnvelope(p: Primitives, bytes: Uint8Array, keysOf: MessageKeysOf): Message | Refusal<MessageCode> | Breach<MessageBreachCode> {
  const packed = shapedJson('envelope', envelope, ENVELOPE_BYTES_MAX, bytes)
  if (packed instanceof Refusal) return packed
  const opened = openEnvelope(p, packed, keysOf)
  return opened instanceof Error ? opened : { ...opened, envelope: bytes }
}

/** The same for an envelope that came as a value, as in a dossier. */
export function openEnvelope(p: Primitives, packed: Envelope, keysOf: MessageKeysOf): SignedPayload | Refusal<MessageCode> | Breach<MessageBreachCode> {
  const payloadBytes = p.bytesOf64(packed.payload)
  if (payloadBytes === undefined || payloadBytes.length > PAYLOAD_BYTES_MAX) return new Refusal('envelope/shape', `envelope: payload: expected ${PAYLOAD_TEXT}`, 'payload')
  const plain = plainCanonical(payloadBytes, JSON_LIMITS.depth, p.textOf)
  const json = plain === undefined ? strictJson('message', PAYLOAD_BYTES_MAX, payloadBytes) : { value: plain }
  if (json instanceof Refusal) return json
  const payload = shaped('message', payloadShape, json.value)
  if (payload instanceof Refusal) return payload
  const keys = keysOf(payload.from, payload.agreement, payload.time)
  if (keys === undefined) return new Refusal('message/unknown-sender', `no message keys of ${payload.from} under ${payload.agreement} are good for ${payload.time}: its key record is not known here, or says that they were compromised`, 'from')
  const failing = failingSignature(p, keys, MESSAGE_DOMAIN, payloadBytes, packed.signatures)
  if (failing !== undefined) return new Breach('message/signature', `the ${failing} signature of a message from ${payload.from} does not verify`, { envelope: canonicalBytes(packed), key: keys[failing] })
  if (plain === undefined && !equal(canonicalBytes(json.value), payloadBytes)) return new Refusal('message/not-canonical', `message: the payload of ${payload.from} is not the RFC 8785 form of what it says`)
  return { id: messageId(p, payloadBytes), payload, payloadBytes, signatures: packed.signatures }
}

export type DeliveryCode = 'message/other-receiver' | 'message/other-agreement' | 'message/expired' | 'message/from-the-future'

/** Clocks of two registries may differ by this much before a message counts as dated in the future. */
export const CLOCK_SKEW_SECONDS_MAX = 300

/** What a receiver demands of a new message at its own door, before the chain. `latest`: its own clock plus the allowed skew. */
export function checkDelivery(
  { payload }: Message, receiver: PartyId, agreement: AgreementId, now: { readonly at: Time, readonly latest: Time },
): Refusal<DeliveryCode> | undefined {
  if (payload.to !== receiver) return new Refusal('message/other-receiver', `this message is addressed to ${payload.to}, not to ${receiver}`, 'to')
  if (payload.agreement !== agreement) return new Refusal('message/other-agreement', `this message is said under ${payload.agreement}, not under ${agreement}`, 'agreement')
  if (payload.time > now.latest) return new Refusal('message/from-the-future', `this message is dated ${payload.time}, and here it is ${now.at}: set the clock`, 'time')
  if (payload.expiry !== null && payload.expiry < now.at) return new Refusal('message/expired', `this request expired at ${payload.expiry}: ask again`, 'expiry')
  return undefined
}
