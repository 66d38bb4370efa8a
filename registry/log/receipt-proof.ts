// The proof of a receipt (DESIGN section 4, spec/http.md): the receipt bound in the own log, under the newest checkpoint with the cosignatures
// that it has. It is made from what stands, so it can be asked for again when more have cosigned.
import { fromHex } from '@muster/core/bytes/bytes.ts'
import { parseNote } from '@muster/core/proof/note.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { periodProofOf, type PeriodProof } from '@muster/core/wire/period.ts'
import { Fault } from '../engine/fault.ts'
import { receiptsNaming } from '../store/receipts.ts'
import { macHolds } from '../store/row-mac.ts'
import { placeOf, tlogProof } from './binding-proof.ts'
import { isSound, type OwnLog } from './own-log.ts'

/** Checkpoints among which the one with the most cosignatures is taken, the newest of equals. */
const CHECKPOINTS_MAX = 8

type CheckpointRow = { agreement_id: string, size: number, note: string, row_mac: Buffer }

/** 'pending' until the period of the receipt is closed and signed; undefined where `asker` sent no such message. */
export async function receiptProof(log: OwnLog, asker: PartyId, messageId: string): Promise<PeriodProof | 'pending' | undefined> {
  const id = Buffer.from(messageId, 'hex')
  const agreement = log.agreement.id
  const received = await log.db.read("SELECT 1 AS one FROM message WHERE sender = $1 AND message_id = $2 AND agreement_id = $3 AND direction = 'in'", [asker, id, agreement])
  if (received.length === 0) return undefined
  const [given] = await receiptsNaming(log.db, agreement, [messageId], ['out'])
  const place = given === undefined ? undefined : await placeOf(log, `out ${given.receipt}`)
  const note = place === undefined ? undefined : await noteOver(log, place.entry)
  if (place === undefined || note === undefined) return 'pending'
  const bytes = (hex: string) => fromHex(hex) as Uint8Array
  const { salt, size, index, path } = place.period
  return periodProofOf(bytes(salt), size, { index, path: path.map(bytes) }, place.entry, tlogProof(log, place.entry, note))
}

/** A signed checkpoint that holds the entry; undefined before there is one. */
async function noteOver(log: OwnLog, entry: number): Promise<string | undefined> {
  const rows = await log.db.read<CheckpointRow>('SELECT agreement_id, size, note, row_mac FROM checkpoint WHERE agreement_id = $1 AND size > $2 ORDER BY size DESC LIMIT $3', [log.agreement.id, entry, CHECKPOINTS_MAX])
  let best: { readonly note: string, readonly lines: number } | undefined
  for (const row of rows) {
    if (!macHolds(log.secrets, 'checkpoint', { ...row })) throw new Fault('row-changed', `checkpoint ${row.agreement_id} ${row.size} was changed behind Muster's back: run muster audit`)
    if (!isSound(log, row.note)) continue
    const lines = parseNote(row.note).signatures.length
    if (best === undefined || lines > best.lines) best = { note: row.note, lines }
  }
  return best?.note
}
