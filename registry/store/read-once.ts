// Stored messages that were read lately: what the same bytes say under the same keys does not change, and lists ask for them again and again.
import { createHash } from 'node:crypto'
import { parseEnvelope, type Message } from '@muster/core/wire/message.ts'
import type { Trust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'

/** Of envelopes, together; what is made of one takes a few times as much. */
const BYTES_MAX = 8 * 1_048_576

interface Kept { readonly messages: Map<string, Message>, bytes: number }
const keptOf = new WeakMap<Trust, Kept>()

/** An envelope of the store as a message, read by the keys under which it was taken. Throws what is wrong with it. */
export function readStored(trust: Trust, envelope: Uint8Array): Message {
  const kept = keptOf.get(trust) ?? { messages: new Map<string, Message>(), bytes: 0 }
  keptOf.set(trust, kept)
  const name = createHash('sha256').update(envelope).digest('base64')
  const known = kept.messages.get(name)
  if (known !== undefined) {
    // Asked for again, it is the last to go.
    kept.messages.delete(name)
    kept.messages.set(name, known)
    return known
  }
  const message = parseEnvelope(p, envelope, trust.heldKeys)
  if (message instanceof Error) throw message
  kept.messages.set(name, message)
  kept.bytes += envelope.length
  for (const [oldest, { envelope: { length } }] of kept.messages) {
    if (kept.bytes <= BYTES_MAX) break
    kept.messages.delete(oldest)
    kept.bytes -= length
  }
  return message
}
