// `/reader`: the cosignature on a declaration states what spec/reader.md lists. The law of reading stands in core and runs in `readDeclaration`;
// here is what is left: the head is the one that the read log holds, and checkpoint, head and origin agree.
import { createHash } from 'node:crypto'
import { equal, fromUtf8, utf8 } from '@muster/core/bytes/bytes.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { signCosignature } from '@muster/core/proof/cosignature.ts'
import { formatNote, type Note, type NoteSignature } from '@muster/core/proof/note.ts'
import { declarationOrigin, readerName } from '@muster/core/rules/agreement.ts'
import type { ReadHead } from '@muster/core/wire/head.ts'
import { partyCheckpoint } from '@muster/core/wire/party-checkpoint.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { keep, kept } from '../store/kept.ts'
import { seedsAt } from '../store/keys.ts'
import type { OwnLog } from './own-log.ts'
import { lastCosigned, logLines, recordCosigned, stillBinding, type CosignedRow, type Submission, type WitnessAnswer } from './witness.ts'

/** The answer to a submission that is not the party's signed checkpoint of that declaration; undefined where it is. Nothing is read before. */
export function unsignedDeclaration({ oldSize, path, note }: Submission, party: PartyTrust, headHash: string): WitnessAnswer | undefined {
  if (oldSize !== 0 || path.length > 0) return { status: 400, body: 'a declaration has one checkpoint: old 0 and no proof\n' }
  try {
    partyCheckpoint(p, undefined, party, note, declarationOrigin(party.origin, headHash))
    return undefined
  } catch (thrown) {
    if (thrown instanceof Breach) return { status: 403, body: `${thrown.message}\n` }
    if (thrown instanceof Refusal) return { status: 400, body: `${thrown.message}\n` }
    throw thrown
  }
}

/**
 * Cosigns the checkpoint of a declaration whose full copy was read without a problem under that head. One origin has one checkpoint, and one
 * sequence has one head, whatever the log says today: a second one is a breach with both as evidence.
 */
export async function cosignDeclaration(log: OwnLog, note: Note, party: PartyTrust, read: ReadHead, at: number): Promise<NoteSignature> {
  const { head, hash } = read
  const origin = declarationOrigin(party.origin, hash)
  const checkpoint = partyCheckpoint(p, undefined, party, note, origin)
  if (checkpoint.size !== head.size || !equal(checkpoint.root, Buffer.from(head.root, 'base64'))) {
    throw new Breach('reader/other-head', `the checkpoint of ${origin} is not the one that its head describes`, { note: formatNote(note), head: read.bytes })
  }
  const last = bindingOf(log, await lastCosigned(log, 'reader', origin), party)
  if (last !== undefined && !equal(last.root, checkpoint.root)) throw new Breach('reader/two-checkpoints', `${party.party} signed two checkpoints of one declaration`, { first: last.note, second: formatNote(note) })
  const signed = formatNote({ text: note.text, signatures: logLines(note, party) })
  await demandOnlyOfSequence(log, party, read, signed)
  const cosignature = signCosignature(p, checkpoint, readerName(log.party, log.agreement.id), seedsAt(log.keys, timeOf(at)).reader, at)
  await recordCosigned(log, 'reader', checkpoint, formatNote({ text: note.text, signatures: [...logLines(note, party), cosignature] }))
  return cosignature
}

const bindingOf = (log: OwnLog, last: CosignedRow | undefined, party: PartyTrust): CosignedRow | undefined => stillBinding(last, party, readerName(log.party, log.agreement.id))

/** Which declaration of a sequence was cosigned is kept outside the database: its checkpoint, whose origin names the head. */
async function demandOnlyOfSequence(log: OwnLog, party: PartyTrust, read: ReadHead, note: string): Promise<void> {
  const { head, hash } = read
  const name = `sequence-${createHash('sha256').update(`${party.origin}\n${head.sequence}`).digest('hex')}`
  const held = await kept(log.dataDir, name)
  const first = held === undefined ? undefined : fromUtf8(held) ?? ''
  if (first === undefined) await keep(log.dataDir, name, utf8(note))
  else if (!first.startsWith(`${declarationOrigin(party.origin, hash)}\n`)) {
    const other = await lastCosigned(log, 'reader', first.slice(0, first.indexOf('\n')))
    if (other !== undefined && bindingOf(log, other, party) === undefined) return keep(log.dataDir, name, utf8(note))
    throw new Breach('reader/two-declarations', `${party.party} signed two declarations of sequence ${head.sequence}`, { first, second: note, head: read.bytes })
  }
}
