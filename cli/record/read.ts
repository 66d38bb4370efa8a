// The public record as it lies in record/: data that every registry may carry and none has signed.
import { readFileSync } from 'node:fs'
import { readClaims, type Claim } from '@muster/core/rules/claim.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { Words } from '../verb.ts'

export type Source = { readonly id: string, readonly name: Words, readonly address?: string }
/** `compare`: the reports differ on it, so that they are shown side by side. */
export type Question = { readonly id: string, readonly title: Words, readonly compare: boolean }
export type Meeting = { readonly id: string, readonly date: string, readonly who: Words, readonly place: Words, readonly claims: readonly string[], readonly basis: readonly string[] }
export type Pledge = { readonly id: string, readonly date: string, readonly kind: 'exchange' | 'road-map' | 'facilities' | 'forces' | 'arms', readonly claims: readonly string[], readonly basis: readonly string[] }

type PublicFact = { readonly says: Words, readonly rests: string }
/** A case of the public record: its claims are those of the record, by their ids. It lies in no register. */
export type PublicCase = {
  readonly id: string
  readonly title: Words
  readonly written: string
  readonly opened: readonly [Words, Words]
  readonly incidents: readonly { readonly id: string, readonly kind: string, readonly when: string, readonly region: Words, readonly what: Words, readonly sources: readonly string[], readonly basis: readonly string[] }[]
  readonly claims: readonly string[]
  readonly explanations: readonly { readonly id: string, readonly what: Words, readonly for: readonly PublicFact[], readonly against: readonly PublicFact[], readonly basis: readonly string[] }[]
}

export type PublicRecord = {
  readonly sources: readonly Source[]
  readonly questions: readonly Question[]
  readonly claims: readonly Claim[]
  readonly meetings: readonly Meeting[]
  readonly pledges: readonly Pledge[]
  readonly cases: readonly PublicCase[]
}

function file(folder: URL, name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8'))
}

/** The record of this tree. A claim that cannot stand is a refusal that names it. */
export function readRecord(folder = new URL('../../record/', import.meta.url)): PublicRecord {
  const sources = file(folder, 'sources.json') as readonly Source[]
  const questions = file(folder, 'questions.json') as readonly Question[]
  const claims = readClaims(file(folder, 'claims.json'), new Set(sources.map(({ id }) => id)), new Set(questions.map(({ id }) => id)))
  if (claims instanceof Refusal) throw claims
  return {
    sources, questions, claims,
    meetings: file(folder, 'meetings.json') as readonly Meeting[],
    pledges: file(folder, 'pledges.json') as readonly Pledge[],
    cases: file(folder, 'cases.json') as readonly PublicCase[],
  }
}
