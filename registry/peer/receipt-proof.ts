// Asking the receiver of a message for the proof of its receipt, and judging it: what is kept of the answer verifies offline.
import { timeOf } from '@muster/core/bytes/time.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { parseTlogProof } from '@muster/core/proof/tlog-proof.ts'
import { cosignedBy } from '@muster/core/wire/cosigned.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { partyCheckpoint } from '@muster/core/wire/party-checkpoint.ts'
import { parsePeriodProof, PERIOD_PROOF_BYTES_MAX } from '@muster/core/wire/period.ts'
import { checkReceiptProof } from '@muster/core/wire/receipt.ts'
import type { Trust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { seedsAt } from '../store/keys.ts'
import type { Joined } from '../store/agreements.ts'
import { ask, ticketFor, Unreachable } from './client.ts'

export interface ProvenReceipt {
  /** As it was handed out: kept, it is judged again by anybody. */
  readonly bytes: Uint8Array
  /** Size of the giver's log under the proof's checkpoint, and how many of the agreement's witnesses cosigned it. */
  readonly size: number
  readonly cosigned: number
  readonly of: number
}

/** Judges a proof as it was handed out, from the agreement's keys alone. Throws the Refusal or Breach of what is wrong. */
export function judgeReceiptProof(trust: Trust, receipt: Message, bytes: Uint8Array): ProvenReceipt {
  const proof = parsePeriodProof(bytes)
  if (proof instanceof Error) throw proof
  const giver = trust.parties.get(receipt.payload.from)
  if (giver === undefined) throw new Refusal('receipt/other-parties', `${receipt.payload.from}, who gave the receipt, is no party of ${receipt.payload.agreement}`, 'from')
  const checked = checkReceiptProof(p, receipt, proof, (note, origin) => partyCheckpoint(p, trust, giver, note, origin))
  if (checked instanceof Error) throw checked
  return { bytes, size: checked.size, cosigned: cosignedBy(p, trust, parseTlogProof(proof.tlogProof).checkpoint, 'witness').size, of: trust.parties.size }
}

/** The proof of a receipt from the party that gave it for `message`. Throws a Refusal `proof/pending` until its period is closed and signed. */
export async function fetchReceiptProof({ agreement, trust, keys, urls }: Joined, message: Message, receipt: Message, at: number): Promise<ProvenReceipt> {
  const { from, to } = message.payload
  const url = urls.get(to)
  if (url === undefined) throw new Unreachable('http://unknown.invalid', new Error(`no address of ${to} is known`))
  const { status, body } = await ask(`${url}/proof/${agreement.id}/${message.id}`, { headers: ticketFor(seedsAt(keys, timeOf(at)).message.ed25519, from, to, agreement.id, at), bytesMax: PERIOD_PROOF_BYTES_MAX })
  if (status === 202) throw new Refusal('proof/pending', `${to} has not bound its receipt yet: ask again after its next period`)
  if (status !== 200) throw new Refusal('proof/none', `${to} answers ${status}: it holds no receipt for message ${message.id}`)
  return judgeReceiptProof(trust, receipt, body)
}
