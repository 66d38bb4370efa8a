// The label of a match key in a declaration (DESIGN section 4): the first 32 bytes of the VOPRF output of the key's bytes.
import type { Group } from './group.ts'
import { evaluateInputs, VOPRF } from './oprf.ts'

export const LABEL_BYTES = 32

/** Label from a VOPRF output, as it comes from `finalizeBatch` or `openBatch`. */
export function labelOfOutput(output: Uint8Array): Uint8Array {
  return output.slice(0, LABEL_BYTES)
}

/** Labels of one's own match keys under one's own secret key, in order. */
export function labelsOfKeys(group: Group, secretKey: Uint8Array, keys: readonly Uint8Array[]): Uint8Array[] {
  return evaluateInputs(group, VOPRF, secretKey, keys).map(labelOfOutput)
}
