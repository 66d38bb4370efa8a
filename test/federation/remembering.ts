// Primitives that remember what they verified: a thousand forgeries of one dossier share nearly all of their signatures.
import { createHash } from 'node:crypto'
import type { Primitives } from '@muster/core/bytes/primitives.ts'

type Verify = Primitives['mldsa44Verify']

export function remembering<P extends Primitives>(p: P): P {
  const remembered = (verify: Verify): Verify => {
    const verdicts = new Map<string, boolean>()
    return (key, message, signature) => {
      const name = createHash('sha256').update(`${key.length} ${message.length} `).update(key).update(message).update(signature).digest('base64')
      const known = verdicts.get(name)
      if (known !== undefined) return known
      const verdict = verify(key, message, signature)
      verdicts.set(name, verdict)
      return verdict
    }
  }
  return { ...p, ed25519Verify: remembered((...words) => p.ed25519Verify(...words)), mldsa44Verify: remembered((...words) => p.mldsa44Verify(...words)) }
}
