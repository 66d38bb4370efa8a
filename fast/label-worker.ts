// One thread of the label pool: jobs of packed match keys in, packed labels out, under the secret key that it was started with.
import { parentPort, workerData } from 'node:worker_threads'
import { LABEL_BYTES, labelsOfKeys } from '@muster/core/oprf/label.ts'
import { OprfError } from '@muster/core/oprf/oprf-error.ts'
import { fastGroup } from './kernel-group.ts'
import { unpackKeys } from './packed-keys.ts'
import { READY } from './label-pool.ts'
import type { LabelAnswer, LabelFailure, LabelJob } from './label-pool.ts'

if (parentPort === null) throw new Error('label-worker.ts runs on a thread of the label pool only')
const port = parentPort
const { secretKey } = workerData as { readonly secretKey: Uint8Array }
const group = await fastGroup()

function answer({ job, packed }: LabelJob): LabelAnswer {
  try {
    const labels = labelsOfKeys(group, secretKey, unpackKeys(packed))
    const bytes = new Uint8Array(labels.length * LABEL_BYTES)
    labels.forEach((label, i) => bytes.set(label, i * LABEL_BYTES))
    return { job, labels: bytes }
  } catch (error) {
    return { job, failure: failureOf(error) }
  }
}

function failureOf(error: unknown): LabelFailure {
  if (error instanceof OprfError) return { message: error.message, kind: error.kind, code: error.code, place: error.place }
  return { message: error instanceof Error ? error.message : String(error) }
}

port.on('message', (job: LabelJob) => {
  const answered = answer(job)
  port.postMessage(answered, 'labels' in answered ? [answered.labels.buffer as ArrayBuffer] : [])
})
port.postMessage(READY)
