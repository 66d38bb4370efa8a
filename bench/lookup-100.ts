// A look-up of 100 keys, half of them declared, in a declaration of a million leaves: blinding, evaluation with its proof, check, look-up in
// the own copy, proof of each "yes" and "no", check of those. Processor time of both sides added. The declaration is made once and kept.

import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { padBatch, paddedSize } from '@muster/core/oprf/batch.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { labelOfOutput, labelsOfKeys } from '@muster/core/oprf/label.ts'
import { blindEach, demandProof, evaluateWithProof, finalizeEach, publicKeyOf, VOPRF } from '@muster/core/oprf/oprf.ts'
import { verifyAbsent, verifyPresent } from '@muster/core/proof/absence.ts'
import { openCopy, type DeclarationCopy } from '@muster/fast/declaration/copy.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { cacheFolder } from './cache.ts'
import { buildApart, EIGHTH, MILLION, type DeclarationSet } from './declaration-set.ts'
import { intersect } from './psi.ts'
import { judge, median, processorMs, SAMPLES, shortly, type BenchOptions, type BenchResult, type BenchRow } from './row.ts'

const KEYS = 100
const BATCHES = 2
/** Not counted: the first look-ups of a process compile the code. */
const WARM_UPS = 5
const ROUNDS = SAMPLES + WARM_UPS
const PEER_HELD = 20_000
const PEER_HELD_QUICK = 2_000
const LIMIT = { metric: 'ms of processor time, all sides', op: '<=', value: 150 } as const

const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const declared = (round: number, i: number) => bytes(`\0\fmuster/key/1\0\u0004type\0\tGRIPSTOCK\0\u0009${String(round * KEYS + i).padStart(9, '0')}`)
const undeclared = (round: number, i: number) => bytes(`\0\fmuster/key/1\0\u0004type\0\tGRIPSTOCK\0\u0009X${String(round * KEYS + i).padStart(8, '0')}`)

/** The declaration with the labels of all keys that will be found, from the cache or made now. Its files are checked at opening. */
async function standing(set: DeclarationSet, group: Group, secretKey: Uint8Array): Promise<{ readonly folder: string, readonly root: Uint8Array }> {
  const base = cacheFolder(`look-up-${set.size}-${ROUNDS}`)
  const [folder, told, labels] = [join(base, 'declaration'), join(base, 'root'), join(base, 'labels')]
  if (existsSync(told)) {
    const root = new Uint8Array(readFileSync(told))
    try {
      openCopy(folder, { size: set.size, root })
      return { folder, root }
    } catch {
      rmSync(told)
    }
  }
  rmSync(folder, { recursive: true, force: true })
  const keys = Array.from({ length: ROUNDS }, (_, round) => Array.from({ length: KEYS / 2 }, (__, i) => declared(round, i))).flat()
  writeFileSync(labels, Buffer.concat(labelsOfKeys(group, secretKey, keys)))
  const { root } = await buildApart(folder, set, labels)
  writeFileSync(told, root)
  return { folder, root }
}

interface Sides { readonly group: Group, readonly secretKey: Uint8Array, readonly publicKey: Uint8Array, readonly scalar: (name: string) => Uint8Array }

/** One padded batch, both sides; returns how many keys are declared, each answer proven. */
function lookUp({ group, secretKey, publicKey, scalar }: Sides, copy: DeclarationCopy, keys: readonly Uint8Array[], name: string): number {
  const inputs = padBatch(keys, Array.from({ length: (paddedSize(keys.length) as number) - keys.length }, () => new Uint8Array(randomBytes(32))))
  const blinds = inputs.map((_, i) => scalar(`blind ${i} ${name}`))
  const elements = blindEach(group, VOPRF, inputs, blinds)
  const answer = evaluateWithProof(group, secretKey, elements, scalar(`proof ${name}`))
  demandProof(group, publicKey, elements, answer.evaluationElements, answer.proof)
  let present = 0
  for (const output of finalizeEach(group, keys, blinds.slice(0, keys.length), answer.evaluationElements.slice(0, keys.length))) {
    const label = labelOfOutput(output)
    const found = copy.prove(label)
    const problem = 'present' in found ? verifyPresent(p, copy, label, found.present) : verifyAbsent(p, copy, label, found.absent)
    if (problem !== undefined) throw new Error(`a proof of the look-up does not hold: ${JSON.stringify(problem)}`)
    if ('present' in found) present++
  }
  return present
}

async function run({ quick }: BenchOptions): Promise<BenchResult> {
  const set = quick ? EIGHTH : MILLION
  const group = await fastGroup()
  const scalar = (name: string) => group.hashToScalar(bytes(name), bytes('muster/bench'))
  const secretKey = scalar('key')
  const sides: Sides = { group, secretKey, publicKey: publicKeyOf(group, secretKey), scalar }
  const { folder, root } = await standing(set, group, secretKey)
  const samples = Array.from({ length: ROUNDS }, (_, round) => {
    const copy = openCopy(folder, { size: set.size, root })
    const keys = Array.from({ length: KEYS }, (__, i) => i % 2 === 0 ? declared(round, i / 2) : undeclared(round, i))
    let present = 0
    const ms = processorMs(() => {
      for (let batch = 0; batch < BATCHES; batch++) present += lookUp(sides, copy, keys.slice(batch * KEYS / BATCHES, (batch + 1) * KEYS / BATCHES), `${round} ${batch}`)
    })
    if (present !== KEYS / 2) throw new Error(`${present} keys of ${KEYS / 2} were found`)
    return ms
  }).slice(WARM_UPS)
  const held = quick ? PEER_HELD_QUICK : PEER_HELD
  const peer = await intersect(held, KEYS, SAMPLES)
  const factor = MILLION.size / held
  const [name, ms] = typeof peer === 'string' ? [`OpenMined PSI cannot be installed here (${peer})`, NaN]
    : [`OpenMined PSI among ${shortly(held)} items, no proof of a "no", set-up ${shortly(peer.setUpSeconds)} s (times ${shortly(factor)} for a million: ${shortly(peer.setUpSeconds * factor)} s)`, median(peer.milliseconds)]
  return {
    name: row.name, unit: 'ms of processor time', median: median(samples), samples, peers: [{ name, median: ms }], limits: [judge(LIMIT, median(samples))],
    notes: [`${KEYS} keys in two batches of 64, half of them declared, among ${shortly(set.size)} leaves; each answer proven and checked; the copy's own memory is empty at the start; ${WARM_UPS} look-ups before are not counted`],
  }
}

const row: BenchRow = {
  name: 'lookup-100',
  claim: 'a look-up of 100 keys (two batches padded to 64) in a declaration of 1 million: blinding, evaluation with proof, check, look-up and proof check, all sides\' processor time added',
  limit: [LIMIT],
  seconds: { full: 75, quick: 20 },
  run,
}
export default row
