// Whether a log shows everybody the same history (DESIGN section 4): the checkpoint that another party's witness cosigned last is held to the own copy.
// A log that shows two parties two histories is convicted by the first of them that asks the other.
import { createHash } from 'node:crypto'
import { Breach } from '@muster/core/bytes/breach.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { SignedCheckpoint } from '@muster/core/proof/checkpoint.ts'
import { partyCheckpoint } from '@muster/core/wire/party-checkpoint.ts'
import type { CosignerTrust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { tilesIn } from '../store/tiles.ts'
import { ask } from './client.ts'
import type { Followed } from './followed-log.ts'
import { demandPrefix } from './mirror.ts'

const NOTE_BYTES_MAX = 1_048_576

/**
 * Compares the own copy of a log, in `folder`, with what the witness at `url` cosigned. Throws the Breach `mirror/fork` of a log with two histories, Unreachable
 * where the witness does not answer. What the log did not sign, or somebody with keys that were taken, says nothing of it, and what is beyond the own copy is compared another time.
 */
export async function compareWith(url: string, trust: CosignerTrust, { party, checkpoint, note }: Followed, folder: string, signal: AbortSignal): Promise<void> {
  const { status, body } = await ask(`${url}/witness/${createHash('sha256').update(party.origin).digest('hex')}/checkpoint`, { bytesMax: NOTE_BYTES_MAX, retries: 0, signal })
  const shown = body.toString('utf8')
  const theirs = status === 200 ? signedBy(trust, shown, { party }) : undefined
  if (theirs === undefined || theirs.size > checkpoint.size) return
  demandPrefix({ checkpoint: theirs, note: shown }, { checkpoint, note }, [{ checkpoint, note }, { checkpoint: theirs, note: shown }], tilesIn(folder))
}

function signedBy(trust: CosignerTrust, note: string, { party }: Pick<Followed, 'party'>): SignedCheckpoint | undefined {
  try {
    return partyCheckpoint(p, trust, party, note, party.origin)
  } catch (error) {
    if (error instanceof Refusal || error instanceof Breach) return undefined
    throw error
  }
}
