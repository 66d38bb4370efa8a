// A forgery of a dossier by its own maker, who holds the asker's keys and everything that others ever signed for it, and signs anew after each.
import type { Json } from '@muster/core/bytes/canonical.ts'
import { formatNote, parseNote, type NoteSignature } from '@muster/core/proof/note.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { signDossier, type DossierBody, type PartyEvidence } from '@muster/core/wire/dossier.ts'
import type { Paper } from '../paper.ts'
import { hitsOf, type PaperDossier, type PaperQuestion } from '../paper-trace.ts'

export interface Forgery {
  readonly kind: string
  /** Whom or what it is about; with the kind it names one forgery. */
  readonly of: string
  /** What the refusal must name: the code, the party that it concerns (null: the dossier as a whole), and the place, in the words of its message. */
  readonly code: string
  readonly party: PartyId | null
  readonly says: string
  readonly body: DossierBody
  /** Held against the dossier's own agreement instead of the reader's. */
  readonly untrusted?: true
}

export interface Ground { readonly paper: Paper, readonly made: PaperDossier }
export type Made = Generator<Forgery>
export type Members = { readonly [name: string]: Json }
export type Lines = readonly NoteSignature[]

/** The finished file: whatever was changed is signed by the asker. */
export function signedForgery(paper: Paper, { body }: Forgery): Uint8Array {
  return signDossier(paper.p, body, paper.asker.keys.message)
}

export function withParty({ made: { body } }: Ground, party: PartyId, change: (evidence: PartyEvidence) => Partial<PartyEvidence>): DossierBody {
  return { ...body, parties: body.parties.map((each) => each.party === party ? { ...each, ...change(each) } : each) }
}

/** The evidence of one party changed, which the refusal must name. Made when it is looked at: most of the work is signing. */
export type Forge = (kind: string, code: string, says: string, change: (evidence: PartyEvidence) => Partial<PartyEvidence>) => Forgery

export function forging(ground: Ground, party: PartyId): Forge {
  return (kind, code, says, change) => ({ kind, of: party, code, party, says, get body() { return withParty(ground, party, change) } })
}

/** What is stated of a dossier as a whole. */
export function concluding({ made: { body } }: Ground): (kind: string, of: string, member: string, change: Partial<Record<string, unknown>>) => Forgery {
  return (kind, of, member, change) => ({
    kind, of, code: 'dossier/conclusion', party: null, says: `conclusion.${member}`, body: { ...body, conclusion: { ...body.conclusion, ...change } as Members },
  })
}

export function answering({ made }: Ground): PaperQuestion[] {
  return made.questions.filter(({ party }) => party.conduct === 'answers')
}

/** Those of which something was hit. */
export function present(ground: Ground): PaperQuestion[] {
  return answering(ground).filter((question) => hitsOf(question).length > 0)
}

export const at = <T>(list: readonly T[], i: number): T => list[i % list.length] as T
export const nextTo = (all: readonly PaperQuestion[], question: PaperQuestion): PaperQuestion => at(all, all.indexOf(question) + 1)

/** The note with its signature lines changed. */
export function relined(note: string, change: (lines: Lines) => Lines): string {
  const { text, signatures } = parseNote(note)
  return formatNote({ text, signatures: change(signatures) })
}

/** The conclusion with so many more cosigners of a party. */
export function raised(conclusion: Members, party: PartyId, what: 'witnessed' | 'read', by: number): Members {
  const quorum = conclusion['quorum'] as Members & { readonly parties: readonly (Members & { readonly party: string })[] }
  return { ...conclusion, quorum: { ...quorum, parties: quorum.parties.map((each) => each.party === party ? { ...each, [what]: (each[what] as number) + by } : each) } }
}

/** Canonical base64 of bytes in which one text stands for another. */
export function reworded(bytes64: string, from: string, to: string): string {
  return Buffer.from(Buffer.from(bytes64, 'base64').toString('utf8').replace(from, to)).toString('base64')
}
