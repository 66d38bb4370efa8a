// The chance of a hit, measured on the own register (DESIGN section 3.1): how many of ten thousand made-up marks of the same pattern it holds.
// The seed follows from the declaration's secret, so that the same question about the same declaration always gets the same figure, and
// nobody outside can tell which marks were made up.
import { chanceOf, madeUpKeys, MADE_UP_MARKS, patternOf } from '@muster/core/rules/chance.ts'
import type { Candidate } from '@muster/core/rules/ladder.ts'
import { fieldsOfKey } from '@muster/core/rules/match-key.ts'
import type { Chance } from '@muster/core/wire/trace-body.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import type { Database } from '../store/database.ts'
import { hitsAmong } from '../store/chance.ts'
import { derive } from '../store/secrets.ts'
import type { OwnDeclaration } from '../store/declarations.ts'

/** Figures kept at hand; emptied when full. */
const KEPT_MAX = 2000

const measured = new WeakMap<object, Map<string, Promise<number>>>()

/** What made-up marks are alike in. On the wildcard rung they are one digit off, so the reading itself counts. */
function nameOf(candidate: Candidate, headHash: string): string {
  const { fields = [] } = fieldsOfKey(candidate.key) ?? {}
  const reading = fields.at(-1) ?? ''
  return JSON.stringify([headHash, candidate.kind, candidate.rung, ...fields.slice(0, -1), candidate.rung === 'wildcard' ? reading : patternOf(reading)])
}

/** The chance of one candidate that hit, as the answer states and signs it. */
export async function measuredChance(db: Database, { head, secret }: OwnDeclaration, candidate: Candidate): Promise<Chance> {
  const kept = measured.get(db) ?? new Map<string, Promise<number>>()
  measured.set(db, kept)
  const name = nameOf(candidate, head.hash)
  if (!kept.has(name)) {
    if (kept.size >= KEPT_MAX) kept.clear()
    const seed = derive(secret, `muster/chance-seed/v1\n${name}`)
    const keys = madeUpKeys(candidate.key, candidate.rung, seed, (...parts) => p.sha256(...parts))
    const counting = keys === undefined ? Promise.resolve(MADE_UP_MARKS) : hitsAmong(db, keys)
    kept.set(name, counting)
    counting.catch(() => kept.delete(name))
  }
  const hits = await (kept.get(name) as Promise<number>)
  return { kind: candidate.kind, pattern: patternOf(candidate.reading), rung: candidate.rung, tried: MADE_UP_MARKS, hits, percent: chanceOf(hits, MADE_UP_MARKS) }
}
