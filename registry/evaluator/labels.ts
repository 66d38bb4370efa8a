// The label process: keys of one's own inventory in, labels out, and then it ends. It is started by `muster declare` at the console, never
// by the process that serves others, so a captured server has no way to unlimited labels. Two other implementations compute random
// samples anew before anything is handed out.
import { randomInt } from 'node:crypto'
import { equal } from '@muster/core/bytes/bytes.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { LABEL_BYTES, labelsOfKeys } from '@muster/core/oprf/label.ts'
import { nobleGroup } from '@muster/core/oprf/noble-group.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { openLabelPool } from '@muster/fast/label-pool.ts'
import { unpackKeys } from '@muster/fast/packed-keys.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { readOprfKeys } from './key.ts'

/** Keys that are computed anew: one in so many, but at least `min` and at most `max`. */
interface Sample { readonly oneIn: number, readonly min: number, readonly max: number }

/** libsodium takes a third of a millisecond for each. Of 200, a fault that spoils one label in a hundred goes unseen once in seven runs; of 2,000, once in five hundred million. */
const BY_SODIUM: Sample = { oneIn: 20, min: 200, max: 2_000 }
/** noble shares nothing with the others, its hash neither, and takes ten times as long. */
const BY_NOBLE: Sample = { oneIn: 1_000, min: 8, max: 100 }
/** A thread costs as much to start as two thousand keys to label. */
const THREADED_KEYS_MIN = 8_192

export interface LabelOrder { readonly dataDir: string, readonly agreement: string, /** The public key of the one to label under. */ readonly oprf: Uint8Array, readonly packed: Uint8Array }
export type LabelReply = { readonly labels: Uint8Array } | { readonly progress: number, readonly of: number } | { readonly failure: string }

async function labelsOf({ dataDir, agreement, oprf, packed }: LabelOrder): Promise<Uint8Array> {
  const secret = (await readOprfKeys(await fastGroup(), dataDir, agreement)).find(({ publicKey }) => equal(publicKey, oprf))?.secretKey
  if (secret === undefined) throw new Error(`no OPRF key under ${agreement} is the one that its newest key record states: restore the evaluator's folder from its backup`)
  const keys = unpackKeys(packed)
  const labels = keys.length < THREADED_KEYS_MIN ? flat(labelsOfKeys(await fastGroup(), secret, keys)) : await onThreads(secret, packed)
  checkSample(await sodiumGroup(), BY_SODIUM, secret, keys, labels)
  checkSample(nobleGroup, BY_NOBLE, secret, keys, labels)
  return labels
}

const flat = (labels: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(labels))

async function onThreads(secret: Uint8Array, packed: Uint8Array): Promise<Uint8Array> {
  const pool = await openLabelPool(secret)
  try {
    return await pool.labels(packed, (progress, of) => process.send?.({ progress, of } satisfies LabelReply))
  } finally {
    await pool.close()
  }
}

function checkSample(group: Group, { oneIn, min, max }: Sample, secret: Uint8Array, keys: readonly Uint8Array[], labels: Uint8Array): void {
  if (keys.length === 0) return
  const sample = Math.min(keys.length, max, Math.max(min, Math.ceil(keys.length / oneIn)))
  const places = Array.from({ length: sample }, () => randomInt(keys.length))
  const again = labelsOfKeys(group, secret, places.map((place) => keys[place] as Uint8Array))
  const wrong = places.findIndex((place, i) => !equal(again[i] as Uint8Array, labels.subarray(place * LABEL_BYTES, (place + 1) * LABEL_BYTES)))
  if (wrong >= 0) throw new Error('two implementations give two labels for one key: nothing is declared; report this with the machine it happened on')
}

process.once('message', (order: LabelOrder) => {
  labelsOf(order).then(
    (labels) => process.send?.({ labels } satisfies LabelReply, () => process.disconnect()),
    (error: unknown) => process.send?.({ failure: error instanceof Error ? error.message : String(error) } satisfies LabelReply, () => process.disconnect()),
  )
})
