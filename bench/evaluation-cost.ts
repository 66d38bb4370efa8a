// Processor time of one evaluated batch, step by step: what both sides of a look-up pay before anything is looked up. The row `look-up` adds
// it up; alone, `muster --run bench/evaluation-cost.ts` prints it for each group.
import type { Group } from '@muster/core/oprf/group.ts'
import { nobleGroup } from '@muster/core/oprf/noble-group.ts'
import { blindEach, evaluateWithProof, finalizeEach, publicKeyOf, verifyProof, VOPRF } from '@muster/core/oprf/oprf.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { median, processorMs, SAMPLES, shortly } from './row.ts'

/** Processor milliseconds of each step for a whole batch. */
export interface EvaluationCost { readonly blinding: number, readonly evaluating: number, readonly verifying: number, readonly finalizing: number }

const bytes = (text: string) => new Uint8Array(Buffer.from(text))

/** Median of five batches of `size`, after one that is not counted. */
export function evaluationCost(group: Group, size: number): EvaluationCost {
  const scalar = (name: string) => group.hashToScalar(bytes(name), bytes('muster/bench'))
  const secretKey = scalar('key')
  const publicKey = publicKeyOf(group, secretKey)
  const samples = Array.from({ length: SAMPLES + 1 }, (_, round): EvaluationCost => {
    const inputs = Array.from({ length: size }, (_, i) => bytes(`a match key of some length, number ${i} of round ${round}`))
    const blinds = inputs.map((_, i) => scalar(`blind ${i} ${round}`))
    let blinded: Uint8Array[] = []
    let evaluated: { evaluationElements: Uint8Array[], proof: Uint8Array } = { evaluationElements: [], proof: bytes('') }
    let holds = false
    const blinding = processorMs(() => { blinded = blindEach(group, VOPRF, inputs, blinds) })
    const evaluating = processorMs(() => { evaluated = evaluateWithProof(group, secretKey, blinded, scalar(`random ${round}`)) })
    const verifying = processorMs(() => { holds = verifyProof(group, publicKey, blinded, evaluated.evaluationElements, evaluated.proof) })
    const finalizing = processorMs(() => { finalizeEach(group, inputs, blinds, evaluated.evaluationElements) })
    if (!holds) throw new Error('a true proof was refused')
    return { blinding, evaluating, verifying, finalizing }
  }).slice(1)
  const of = (step: keyof EvaluationCost) => median(samples.map((sample) => sample[step]))
  return { blinding: of('blinding'), evaluating: of('evaluating'), verifying: of('verifying'), finalizing: of('finalizing') }
}

async function print(): Promise<void> {
  const groups = [['kernel', await fastGroup()], ['libsodium', await sodiumGroup()], ['noble', nobleGroup]] as const
  for (const [name, group] of groups) {
    const cost = evaluationCost(group, 64)
    const entries = Object.entries(cost) as [keyof EvaluationCost, number][]
    const steps = entries.map(([step, ms]) => `${step} ${shortly(ms)}`)
    const all = entries.reduce((sum, [, ms]) => sum + ms, 0)
    process.stdout.write(`${name.padEnd(10)} 64 elements, processor ms: ${steps.join(' · ')} · all ${shortly(all)}, two batches ${shortly(2 * all)}\n`)
  }
}

if (import.meta.main) await print()
