// Who of an agreement has cosigned a checkpoint, by the keys in force when each did (spec/cosignature.md).
import { toHex } from '../bytes/bytes.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { timestampOf } from '../proof/cosignature.ts'
import { knownSignatures, parseNote, verifySignature, type Note } from '../proof/note.ts'
import { parseCheckpoint } from '../proof/tree-head.ts'
import type { NoteKey } from '../proof/vkey.ts'
import type { PartyId } from '../rules/party.ts'
import type { Cosigner, CosignerTrust } from './trust.ts'

/** Cosigning parties with the time of each, POSIX seconds. */
export type Cosigned = ReadonlyMap<PartyId, number>

/** A line whose signature holds, with the time that it states. */
export interface CosignedLine { readonly key: NoteKey, readonly timestamp: number }

/** Whether a time falls into the term of that key. */
function inTerm({ from, until }: Cosigner, timestamp: number): boolean {
  return timestamp > 0 && timestamp >= from && timestamp < until
}

/** Whether a line counts by itself: dated in the term of a key that was never compromised. */
export function countsAlone(cosigner: Cosigner, timestamp: number): boolean {
  return inTerm(cosigner, timestamp) && cosigner.compromisedSince === undefined
}

/**
 * Which of these lines count. A party counts once, and so does a public key, whoever lists it. Whoever holds a compromised key dates what it signs as it
 * likes, so a line of such a key, even from before, lifts nothing to the quorum: it counts where a quorum stands without any of its kind. One dated after
 * `latest` (POSIX seconds) does not count, and does no harm: else a single witness that dates its own ahead would void whatever rests on the checkpoint.
 */
export function countLines(p: Primitives, trust: CosignerTrust, kind: 'witness' | 'reader', lines: readonly CosignedLine[], latest = Number.POSITIVE_INFINITY): Cosigned {
  const [sound, held, spent] = [new Map<PartyId, number>(), new Map<PartyId, number>(), new Set<string>()]
  for (const { key, timestamp } of lines) {
    const cosigner = trust.cosigners[kind].find((each) => each.key === key)
    if (cosigner === undefined || timestamp > latest || !inTerm(cosigner, timestamp)) continue
    const { party, compromisedSince } = cosigner
    if (compromisedSince !== undefined) {
      if (timestamp < compromisedSince) held.set(party, timestamp)
      continue
    }
    const name = toHex(p.sha256(key.publicKey))
    if (sound.has(party) || spent.has(name)) continue
    spent.add(name)
    sound.set(party, timestamp)
  }
  const counted = sound.size >= trust.agreement.quorum ? new Map([...held, ...sound]) : sound
  return new Map([...trust.parties.keys()].flatMap((party): [PartyId, number][] => {
    const timestamp = counted.get(party)
    return timestamp === undefined ? [] : [[party, timestamp]]
  }))
}

/** Cosignatures that count, by party; the log's own signatures are checked by the caller. Throws a Breach where the line of a known key does not verify. */
export function cosignedBy(p: Primitives, trust: CosignerTrust, note: Note | string, kind: 'witness' | 'reader', latest?: number): Cosigned {
  const parsed = typeof note === 'string' ? parseNote(note, p.bytesOf64) : note
  parseCheckpoint(parsed.text)
  const known = knownSignatures(p, parsed, kind === 'witness' ? trust.witnesses : trust.readers)
  return countLines(p, trust, kind, known.map(({ key, signature }) => ({ key, timestamp: timestampOf(signature) ?? 0 })), latest)
}

/** Whether a party's witness signed it, under a key in force at its own time that was never in other hands. A line that does not verify is nobody's. */
export function isWitnessOf(p: Primitives, { cosigners: { witness } }: Pick<CosignerTrust, 'cosigners'>, note: string): boolean {
  const { text, signatures } = parseNote(note, p.bytesOf64)
  return signatures.some(({ name, id, signature }) => witness.some((each) => each.key.name === name && each.key.id === id && verifySignature(p, each.key, text, signature) && countsAlone(each, timestampOf(signature) ?? 0)))
}

/**
 * When one party's cosigner signed it, by its own time: a line dated in the term of its key, and where the key was taken, before that. For whoever has the
 * party's own word for it besides; by itself such a line counts as `countLines` says.
 */
export function cosignedWhen(p: Primitives, trust: CosignerTrust, note: Note | string, kind: 'witness' | 'reader', party: PartyId): number | undefined {
  const parsed = typeof note === 'string' ? parseNote(note, p.bytesOf64) : note
  const own = trust.cosigners[kind].filter((each) => each.party === party)
  for (const { key, signature } of knownSignatures(p, parsed, own.map((each) => each.key))) {
    const timestamp = timestampOf(signature) ?? 0
    if (own.some((each) => each.key === key && inTerm(each, timestamp) && timestamp < (each.compromisedSince ?? Number.POSITIVE_INFINITY))) return timestamp
  }
  return undefined
}
