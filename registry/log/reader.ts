// `/reader`: the cosignature on a declaration states what spec/reader.md lists. The law of reading stands in core and runs in `readDeclaration`;
// here is what is left: the head is the one that the read log holds, and checkpoint, head and origin agree.
import { equal } from '@muster/core/bytes/bytes.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { verifyLogCheckpoint } from '@muster/core/proof/checkpoint.ts'
import { signCosignature } from '@muster/core/proof/cosignature.ts'
import { formatNote, type Note, type NoteSignature } from '@muster/core/proof/note.ts'
import { declarationOrigin, readerName } from '@muster/core/rules/agreement.ts'
import type { ReadHead } from '@muster/core/wire/head.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import type { OwnLog } from './own-log.ts'
import { lastCosigned, recordCosigned } from './witness.ts'

/**
 * Cosigns the checkpoint of a declaration whose full copy was read without a problem under that head. One origin has one checkpoint: a
 * second one with another root is a breach with both notes.
 */
export async function cosignDeclaration(log: OwnLog, note: Note, party: PartyTrust, { head, hash }: ReadHead, at: number): Promise<NoteSignature> {
  const origin = declarationOrigin(party.origin, hash)
  const checkpoint = verifyLogCheckpoint(p, note, origin, party.log)
  if (checkpoint.size !== head.size || !equal(checkpoint.root, Buffer.from(head.root, 'base64'))) {
    throw new Breach('reader/other-head', `the checkpoint of ${origin} is not the one that its head describes`, { note: formatNote(note) })
  }
  const last = await lastCosigned(log, 'reader', origin)
  if (last !== undefined && !equal(last.root, checkpoint.root)) throw new Breach('reader/two-checkpoints', `${party.party} signed two checkpoints of one declaration`, { first: last.note, second: formatNote(note) })
  const cosignature = signCosignature(p, checkpoint, readerName(log.party, log.agreement.id), log.keys.reader, at)
  const logLines = note.signatures.filter(({ name, id }) => name === party.log.ed25519.name && (id === party.log.ed25519.id || id === party.log.mldsa44.id))
  await recordCosigned(log, 'reader', checkpoint, formatNote({ text: note.text, signatures: [...logLines, cosignature] }))
  return cosignature
}
