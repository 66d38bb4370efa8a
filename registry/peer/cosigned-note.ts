// A checkpoint as another party hands it out, with the cosignatures that it collected. Lines that do not verify are left out: a stranger's
// or a false line would stand where cosigners are counted, and void the whole note for whoever reads it later.
import { timestampOf, verifyCosignature } from '@muster/core/proof/cosignature.ts'
import { formatNote, parseNote } from '@muster/core/proof/note.ts'
import type { NoteKey } from '@muster/core/proof/vkey.ts'
import { countLines } from '@muster/core/wire/cosigned.ts'
import { logKeysEver } from '@muster/core/wire/party-checkpoint.ts'
import type { PartyTrust, Trust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'

export interface CosignedNote { readonly note: string, readonly cosigners: number }

/** The note with one line at most of each key that may stand there, verified or not: no stranger's line is kept. */
export function noteOfKnown(note: string, party: PartyTrust, cosigners: readonly NoteKey[]): string {
  const { text, signatures } = parseNote(note)
  const known = [...logKeysEver(party), ...cosigners].flatMap(({ name, id }) => signatures.find((line) => line.name === name && line.id === id) ?? [])
  return known.length === signatures.length ? note : formatNote({ text, signatures: known })
}

/** The party's own two lines and one valid line of each key of a cosigner, and how many cosigners count. The party's lines were verified before. */
export function cosignedNote(trust: Trust, note: string, party: PartyTrust, kind: 'witness' | 'reader'): CosignedNote {
  const { text, signatures } = parseNote(note)
  const lineOf = ({ name, id }: NoteKey) => signatures.find((line) => line.name === name && line.id === id)
  const valid = trust.cosigners[kind].flatMap(({ key }) => {
    const line = lineOf(key)
    return line !== undefined && verifyCosignature(p, key, text, line.signature) ? [{ key, line, timestamp: timestampOf(line.signature) ?? 0 }] : []
  })
  const own = logKeysEver(party).flatMap((key) => lineOf(key) ?? [])
  return { note: formatNote({ text, signatures: [...own, ...valid.map(({ line }) => line)] }), cosigners: countLines(p, trust, kind, valid).size }
}
