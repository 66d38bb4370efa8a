// Candidates of many finds in one padded batch: what a question may carry, filled up find by find. The opening of a batch carries all inputs,
// blinds and finds, so its size is counted as well: a batch that could not be opened would suspend its asker.
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { PAYLOAD_BYTES_MAX } from '@muster/core/wire/message.ts'
import { ELEMENTS_MAX, PROOFS_MAX, RECOVERIES_MAX } from '@muster/core/wire/trace-body.ts'
import type { Ground } from './ask.ts'
import type { ReadableFind } from './finds.ts'

/** Of a payload, what is left for finds and elements after its head and coin. */
export const BODY_BYTES_MAX = PAYLOAD_BYTES_MAX - 16_384
/** An element in base64 with quotes and comma. */
const ELEMENT_BYTES = 47
/** Blind, names and quotes around an opened input. */
const OPENED_BYTES = 64 + 24
/** A padding input in base64; room is kept for a batch of nothing else. */
const PADDING_BYTES = 60
/** Salt, names and quotes around an opened find. */
const FIND_BYTES = 64 + 24

export interface Pack {
  readonly finds: ReadableFind[]
  readonly keys: Uint8Array[]
  readonly recoveries: Json[]
  /** tlog-proofs by the entry of the log that they prove. */
  readonly proofs: Map<number, string>
  asked_bytes: number
  opened_bytes: number
}

export function emptyPack(): Pack {
  return { finds: [], keys: [], recoveries: [], proofs: new Map(), asked_bytes: ELEMENTS_MAX * ELEMENT_BYTES, opened_bytes: ELEMENTS_MAX * (OPENED_BYTES + PADDING_BYTES) }
}

function recoveryOf(find: ReadableFind, proof: number): Json {
  return { binding: toHex(find.leaf), path: { ...find.path, proof } }
}

/** Adds a find with those of its keys that were not asked yet; false, and nothing is added, where a question or its opening would grow too large. */
export function pack(into: Pack, find: ReadableFind, keys: readonly Uint8Array[], proof: string): boolean {
  const { entry } = find.path
  const place = [...into.proofs.keys()].indexOf(entry)
  const recovery = recoveryOf(find, place < 0 ? into.proofs.size : place)
  const asked = JSON.stringify(recovery).length + (place < 0 ? JSON.stringify(proof).length : 0) + 2
  const opened = Buffer.byteLength(JSON.stringify(find.eventText)) + FIND_BYTES + keys.reduce((sum, key) => sum + 4 * Math.ceil(key.length / 3) + OPENED_BYTES, 0)
  if (into.keys.length + keys.length > ELEMENTS_MAX || into.finds.length >= RECOVERIES_MAX || (place < 0 && into.proofs.size >= PROOFS_MAX)) return false
  if (into.asked_bytes + asked > BODY_BYTES_MAX || into.opened_bytes + opened > BODY_BYTES_MAX) return false
  into.finds.push(find)
  into.keys.push(...keys)
  into.recoveries.push(recovery)
  into.proofs.set(entry, proof)
  into.asked_bytes += asked
  into.opened_bytes += opened
  return true
}

export function groundOf({ recoveries, proofs }: Pack): Ground {
  return { recoveries, proofs: [...proofs.values()] }
}
