// Starts the label process for one declaration and waits for its end.
import { fork } from 'node:child_process'
import { packKeys } from '@muster/fast/packed-keys.ts'
import { LABEL_BYTES } from '@muster/core/oprf/label.ts'
import type { LabelOrder, LabelReply } from '../evaluator/labels.ts'
import { oprfOf, type OwnLog } from './own-log.ts'

/** Labels of match keys under the party's OPRF key, in order, 32 bytes each. `progress` hears keys done and keys in all. */
export async function labelsOfOwnKeys(
  { dataDir, agreement, oprfs }: Pick<OwnLog, 'dataDir' | 'agreement' | 'oprfs'>, keys: readonly Uint8Array[], progress?: (done: number, of: number) => void,
): Promise<Uint8Array[]> {
  if (keys.length === 0) return []
  const child = fork(new URL('../evaluator/labels.ts', import.meta.url), [], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const labels = await new Promise<Uint8Array>((resolve, reject) => {
    child.once('error', reject)
    // The end of the channel: what was sent before has been heard by then, which the end of the process does not promise.
    child.once('disconnect', () => { reject(new Error('the label process ended before it had labelled all keys')) })
    child.on('message', (reply: LabelReply) => {
      if ('labels' in reply) resolve(reply.labels)
      else if ('failure' in reply) reject(new Error(reply.failure))
      else progress?.(reply.progress, reply.of)
    })
    child.send({ dataDir, agreement: agreement.id, oprf: oprfOf({ oprfs }), packed: packKeys(keys) } satisfies LabelOrder)
  })
  return keys.map((_, i) => new Uint8Array(labels.subarray(i * LABEL_BYTES, (i + 1) * LABEL_BYTES)))
}
