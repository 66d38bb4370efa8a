// The cosignatures of a checkpoint that a dossier carries: what proves is the quorum, and every further line is 3.3 kB that each reader verifies.
import { timestampOf, verifyCosignature } from '@muster/core/proof/cosignature.ts'
import { formatNote, parseNote, type NoteSignature } from '@muster/core/proof/note.ts'
import type { NoteKey } from '@muster/core/proof/vkey.ts'
import type { Primitives } from '@muster/core/bytes/primitives.ts'
import { countsAlone } from '@muster/core/wire/cosigned.ts'
import { logKeysEver } from '@muster/core/wire/party-checkpoint.ts'
import type { Cosigner, PartyTrust, Trust } from '@muster/core/wire/trust.ts'

/**
 * The note with the party's own lines and as many cosignatures as the agreement's quorum, all that hold where there are fewer: those of other
 * parties first, since a log's own witness says least, in the agreement's order. A line that does not verify, is dated after `latest`
 * (POSIX seconds) or is of a key that was not in force or was compromised is left out: one witness could void the evidence by it. Throws a Refusal for what is no note.
 */
export function withQuorum(p: Primitives, trust: Trust, party: PartyTrust, note: string, kind: 'witness' | 'reader', latest = Number.POSITIVE_INFINITY): string {
  const { text, signatures } = parseNote(note)
  const lineOf = (key: NoteKey) => (line: NoteSignature): boolean => line.name === key.name && line.id === key.id
  const own = signatures.filter((line) => logKeysEver(party).some((key) => lineOf(key)(line)))
  const counts = (cosigner: Cosigner) => (line: NoteSignature): boolean => {
    const time = timestampOf(line.signature) ?? 0
    return lineOf(cosigner.key)(line) && countsAlone(cosigner, time) && time <= latest && verifyCosignature(p, cosigner.key, text, line.signature)
  }
  const lines: NoteSignature[] = []
  const others = [...trust.parties.values()].filter((each) => each.party !== party.party)
  for (const { cosigners } of [...others, party]) {
    if (lines.length === trust.agreement.quorum) break
    const line = signatures.find((each) => cosigners[kind].some((cosigner) => counts(cosigner)(each)))
    if (line !== undefined) lines.push(line)
  }
  return formatNote({ text, signatures: [...own, ...lines] })
}
