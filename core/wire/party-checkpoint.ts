// A party's checkpoints, of its log or of a declaration, by the log keys in force (spec/key-record.md): what is signed under keys that were taken counts only
// where a quorum had cosigned it before.
import { Breach } from '../bytes/breach.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { verifyLogCheckpoint, type SignedCheckpoint } from '../proof/checkpoint.ts'
import { parseDeclarationOrigin } from '../proof/declaration-origin.ts'
import { formatNote, parseNote, type Note } from '../proof/note.ts'
import type { NoteKey } from '../proof/vkey.ts'
import { cosignedBy } from './cosigned.ts'
import type { CosignerTrust, LogTerm, PartyTrust } from './trust.ts'

export type PartyCheckpointCode = 'checkpoint/superseded-key' | 'checkpoint/compromised-key'

/** Every key that the party's log ever had. */
export function logKeysEver({ logs }: Pick<PartyTrust, 'logs'>): NoteKey[] {
  return logs.flatMap(({ keys }) => [keys.ed25519, keys.mldsa44])
}

/**
 * The checkpoint under the newest of the party's log keys that signed it, whatever was said of them since. Lines of other keys of the log are not looked at.
 * Throws as `verifyLogCheckpoint`.
 */
export function signedUnder(p: Primitives, { logs }: PartyTrust, note: Note | string, origin: string): { readonly checkpoint: SignedCheckpoint, readonly term: LogTerm } {
  const parsed = typeof note === 'string' ? parseNote(note, p.bytesOf64) : note
  const bears = ({ name, id }: NoteKey): boolean => parsed.signatures.some((line) => line.name === name && line.id === id)
  const signing = logs.findLast(({ keys }) => bears(keys.ed25519) || bears(keys.mldsa44)) ?? logs.at(-1)
  const term = signing as LogTerm
  return { checkpoint: verifyLogCheckpoint(p, parsed, origin, term.keys), term }
}

/**
 * The party's own signed word: under keys that were taken it counts only where a quorum of cosigners, readers of a declaration and witnesses of a log, had
 * cosigned it before. Otherwise a Refusal: whoever took them may have signed it, and it says nothing of the party. Under keys that were only replaced it is its
 * word whenever it was signed, since the party says itself when a record begins. `trust` undefined: nobody is known.
 */
export function ownWord(p: Primitives, trust: CosignerTrust | undefined, party: PartyTrust, note: Note | string, origin: string): SignedCheckpoint {
  return backed(p, trust, party, signedUnder(p, party, note, origin))
}

/** The same, signed while its keys were in force: what is read, cosigned and built upon. A Breach where they were not. */
export function partyCheckpoint(p: Primitives, trust: CosignerTrust | undefined, party: PartyTrust, note: Note | string, origin: string): SignedCheckpoint {
  const signed = signedUnder(p, party, note, origin)
  const { checkpoint, term } = signed
  const counts = backed(p, trust, party, signed)
  if (checkpoint.timestamp >= term.from && checkpoint.timestamp < term.until) return counts
  throw new Breach<PartyCheckpointCode>('checkpoint/superseded-key', `${party.party} signed under log keys that were not in force at the time that it states`, { note: formatNote(checkpoint.note), origin })
}

function backed(p: Primitives, trust: CosignerTrust | undefined, { party }: PartyTrust, { checkpoint, term: { compromisedSince } }: ReturnType<typeof signedUnder>): SignedCheckpoint {
  if (compromisedSince === undefined || (trust !== undefined && isBacked(p, trust, checkpoint, compromisedSince))) return checkpoint
  throw new Refusal<PartyCheckpointCode>('checkpoint/compromised-key', `the checkpoint of ${checkpoint.origin} is under log keys of ${party} that were compromised, and no quorum had cosigned it before`)
}

/** Whether a quorum had cosigned it before. A line that does not verify, which the thief may have added, makes it void and accuses nobody. */
function isBacked(p: Primitives, trust: CosignerTrust, { note, origin }: SignedCheckpoint, since: number): boolean {
  try {
    return cosignedBy(p, trust, note, parseDeclarationOrigin(origin) === undefined ? 'witness' : 'reader', since - 1).size >= trust.agreement.quorum
  } catch (thrown) {
    if (thrown instanceof Breach) return false
    throw thrown
  }
}
