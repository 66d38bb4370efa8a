// Answers of the evaluator, a file for each request: a request seen again gets the same bytes and spends nothing. They are not synced: one
// that a crash took is computed again for the elements that were paid, with a proof of its own. The hash at the end tells a whole file.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROOF_BYTES, type ProvenEvaluation } from '@muster/core/oprf/oprf.ts'
import { ELEMENT_BYTES } from '@muster/core/oprf/group.ts'
import { codeOf } from '../engine/fault.ts'

const HASH_BYTES = 32

export interface Answers {
  readonly get: (id: string) => ProvenEvaluation | undefined
  readonly has: (id: string) => boolean
  readonly put: (id: string, answer: ProvenEvaluation) => void
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

/** Ids are lower-case hex of 32 bytes. */
export function answersIn(folder: string): Answers {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const pathOf = (id: string) => join(folder, id)
  return {
    has: (id) => existsSync(pathOf(id)),
    get: (id) => {
      let bytes: Buffer
      try {
        bytes = readFileSync(pathOf(id))
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined
        throw error
      }
      const whole = bytes.subarray(0, Math.max(0, bytes.length - HASH_BYTES))
      if (whole.length <= PROOF_BYTES || (whole.length - PROOF_BYTES) % ELEMENT_BYTES !== 0 || !sha256(whole).equals(bytes.subarray(whole.length))) return undefined
      const elements = new Uint8Array(whole.subarray(PROOF_BYTES))
      return {
        proof: new Uint8Array(whole.subarray(0, PROOF_BYTES)),
        evaluationElements: Array.from({ length: elements.length / ELEMENT_BYTES }, (_, i) => elements.subarray(i * ELEMENT_BYTES, (i + 1) * ELEMENT_BYTES)),
      }
    },
    put: (id, { proof, evaluationElements }) => {
      const whole = Buffer.concat([proof, ...evaluationElements])
      writeFileSync(`${pathOf(id)}.new`, Buffer.concat([whole, sha256(whole)]), { mode: 0o600 })
      renameSync(`${pathOf(id)}.new`, pathOf(id))
    },
  }
}
