// The two signatures of an envelope that has just come, verified in the runtime's own threads: the one thread that does all else waits for nothing.
import { concat, utf8 } from '@muster/core/bytes/bytes.ts'
import type { DoubleKeys, DoubleSignature } from '@muster/core/wire/double-signature.ts'
import { MESSAGE_DOMAIN, type Envelope, type MessageKeysOf, type Payload } from '@muster/core/wire/message.ts'
import { verifyBeside } from '@muster/fast/primitives.ts'

/** Of longer ones nothing is kept. */
const BYTES_MAX = 65_536
const DOMAIN = utf8(MESSAGE_DOMAIN)

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))
const both = ({ ed25519, mldsa44 }: DoubleKeys | DoubleSignature) => ({ ed25519: bytesOf(ed25519), mldsa44: bytesOf(mldsa44) })

/** Says nothing of what it finds: whoever reads the envelope by its rules asks for the same two signatures, and has the verdict where they hold. */
export async function verifyAhead(keysOf: MessageKeysOf, bytes: Uint8Array): Promise<void> {
  if (bytes.length > BYTES_MAX) return
  try {
    const { payload, signatures } = JSON.parse(Buffer.from(bytes).toString()) as Envelope
    const payloadBytes = bytesOf(payload)
    const { from, agreement, time } = JSON.parse(Buffer.from(payloadBytes).toString()) as Payload
    const keys = keysOf(from, agreement, time)
    if (keys !== undefined) await verifyBeside(both(keys), concat(DOMAIN, payloadBytes), both(signatures))
  } catch {
    // No envelope, and nothing to verify.
  }
}
