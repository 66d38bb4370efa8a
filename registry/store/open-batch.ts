// A batch of events while it is being made: the leaf of each, and at the end the digest over all (DESIGN section 4). Both roads into the register,
// that of an act and that of an import, make their leaves here.
import { hash, randomBytes, randomUUID } from 'node:crypto'
import { EVENT_BYTES_MAX } from '@muster/core/rules/custody-event.ts'
import { append, emptyFrontier, frontierRoot } from '@muster/core/proof/merkle.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { openHmac } from './hmac.ts'

/** Leaves of one batch: a path in it is made from all of them, and an audit holds them at once. */
export const BATCH_EVENTS_MAX = 65_536

const UTF8_BYTES_MAX = 3
const HASH_BYTES = 32
const LEAF_DOMAIN = Buffer.from('muster/event/v1\n')
const SALT_AT = LEAF_DOMAIN.length
const EVENT_AT = SALT_AT + HASH_BYTES

/** What is hashed: a leaf's domain, salt and event; an entry of the tree, a zero byte before the leaf. One batch works at a time. */
const toLeaf = Buffer.alloc(EVENT_AT + EVENT_BYTES_MAX)
toLeaf.set(LEAF_DOMAIN)
const toEntry = Buffer.alloc(1 + HASH_BYTES)

/** A batch that takes no more events. */
export interface ClosedBatch { readonly id: string, readonly secret: Uint8Array, readonly digest: Uint8Array, readonly events: number }

export interface OpenBatch {
  readonly id: string
  /** Events so far: the ordinal of the next. */
  readonly events: () => number
  /** Adds an event by its canonical text and gives its leaf in hex; undefined, and nothing added, where it is longer than an event may be. */
  readonly add: (item: string, seq: number, text: string) => string | undefined
  readonly close: () => ClosedBatch
}

export function openBatch(): OpenBatch {
  const [id, secret] = [randomUUID(), randomBytes(HASH_BYTES)]
  const salt = openHmac(secret, 'binary')
  const frontier = emptyFrontier()
  return {
    id,
    events: () => frontier.size,
    add: (item, seq, text) => {
      if (text.length * UTF8_BYTES_MAX > EVENT_BYTES_MAX && Buffer.byteLength(text) > EVENT_BYTES_MAX) return undefined
      toLeaf.write(salt(`${item}\n${seq}`), SALT_AT, 'latin1')
      const leaf = hash('sha256', toLeaf.subarray(0, EVENT_AT + toLeaf.write(text, EVENT_AT, 'utf8')), 'hex')
      toEntry.write(leaf, 1, 'hex')
      append(p, frontier, p.sha256(toEntry))
      return leaf
    },
    close: () => ({ id, secret: new Uint8Array(secret), digest: frontierRoot(p, frontier), events: frontier.size }),
  }
}
