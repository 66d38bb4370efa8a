// What is known of one party's log after reading its entries in order: every clear entry by the law of core, and where it stands. A second
// clear entry for one subject is a breach with both entries, their paths and the signed checkpoint: it convicts the log to anybody.
import { Breach, type Evidence } from '@muster/core/bytes/breach.ts'
import type { SignedCheckpoint } from '@muster/core/proof/checkpoint.ts'
import { inclusionFromTiles, type TileReader } from '@muster/core/proof/tile.ts'
import { STEP_UNIT } from '@muster/core/rules/agreement.ts'
import { emptyClearLog, takeEntry, type ClearLog } from '@muster/core/wire/clear-log.ts'
import { clearSubject } from '@muster/core/wire/entry.ts'
import type { ReadHead } from '@muster/core/wire/head.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'

/** A party's log as read up to a checkpoint. Never changed: the next reading gives another. */
export interface Followed {
  readonly party: PartyTrust
  readonly checkpoint: SignedCheckpoint
  /** As it was served, with lines of known witnesses only; their cosignatures are not verified yet. */
  readonly note: string
  /** Index in the log of the agreement and of the newest key record. */
  readonly places: ReadonlyMap<string, number>
  readonly heads: readonly { readonly head: ReadHead, readonly index: number }[]
  readonly log: ClearLog
  /** Index of each clear entry, by its bytes in hex. */
  readonly clear: ReadonlyMap<string, number>
  /** The size that the party served last, where that is less than what is held: an older copy of its log. */
  readonly stale?: number
}

/** Nothing read yet. Without the agreement's step the least that any agreement has is checked. */
export function unread(party: PartyTrust, checkpoint: SignedCheckpoint, note: string, step = STEP_UNIT): Followed {
  return {
    party, checkpoint, note, places: new Map(), heads: [], clear: new Map(),
    log: emptyClearLog(party.party, party.record.record.agreement, party.record.hash, step),
  }
}

/** The log with these entries read, which begin where it ends. Throws the Refusal or Breach of the first that may not stand there. */
export function readOn(before: Followed, entries: Iterable<Uint8Array>, checkpoint: SignedCheckpoint, note: string, tiles: TileReader): Followed {
  let { log } = before
  const places = new Map(before.places)
  const heads = [...before.heads]
  const clear = new Map(before.clear)
  for (const bytes of entries) {
    const index = log.size
    const taken = takeEntry(p, log, bytes)
    if (taken instanceof Breach) throw withProof(taken, bytes, index, clear, checkpoint, note, tiles)
    if (taken instanceof Error) throw taken
    log = taken.log
    if (clearSubject(taken.entry) === undefined || taken.entry.kind === 'bound') continue
    clear.set(hexOf(bytes), index)
    const { body } = taken.entry
    if (body.what === 'head') heads.push({ head: body.read, index })
    else places.set(body.what, index)
  }
  return { party: before.party, checkpoint, note, places, heads, clear, log }
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** The breach with the checkpoint, and index and path of the entry that may not stand and, where there is one, of the entry that it contradicts. */
function withProof(
  breach: Breach, second: Uint8Array, index: number, clear: ReadonlyMap<string, number>, { size }: SignedCheckpoint, note: string, tiles: TileReader,
): Breach {
  const proofs: Record<string, Evidence[string]> = { note, index, entry: second, path: inclusionFromTiles(p, index, size, tiles) }
  const first = breach.evidence.first instanceof Uint8Array ? breach.evidence.first : undefined
  const at = first === undefined ? undefined : clear.get(hexOf(first))
  if (at !== undefined) Object.assign(proofs, { firstIndex: at, firstPath: inclusionFromTiles(p, at, size, tiles) })
  return new Breach(breach.code, breach.message, { ...breach.evidence, ...proofs })
}
