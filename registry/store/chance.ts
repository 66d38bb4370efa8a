// The chance of a hit, measured on one's own register (DESIGN section 3.1): how many of ten thousand made-up marks of the same pattern would have hit.
import { createHash } from 'node:crypto'
import { chanceOf, MADE_UP_MARKS, madeUpKeys, patternOf, type Chance } from '@muster/core/rules/chance.ts'
import type { Candidate } from '@muster/core/rules/ladder.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import type { Reader } from './database.ts'

/** Keys of one statement. */
const KEYS_A_QUERY = 2_000

export interface Measured { readonly pattern: string, readonly tried: number, readonly hits: number, readonly percent: Chance }

/** Measures one candidate: 10,000 look-ups, about 0.1 s. The same register and candidate give the same figure: the seed is the key's hash. */
export async function measureChance(db: Reader, { key, rung, reading }: Pick<Candidate, 'key' | 'rung' | 'reading'>): Promise<Measured> {
  const seed = createHash('sha256').update(key).digest()
  const made = madeUpKeys(key, rung, seed, (...parts) => nodePrimitives.sha256(...parts))
  const pattern = patternOf(reading)
  if (made === undefined) return { pattern, tried: 0, hits: 0, percent: '100' }
  let hits = 0
  for (let at = 0; at < made.length; at += KEYS_A_QUERY) {
    const keys = made.slice(at, at + KEYS_A_QUERY).map((each) => Buffer.from(each))
    const found = await db.read<{ key: Buffer }>('SELECT DISTINCT key FROM match_key WHERE key = ANY($1)', [keys])
    const held = new Set(found.map((row) => row.key.toString('hex')))
    hits += keys.filter((each) => held.has(each.toString('hex'))).length
  }
  return { pattern, tried: MADE_UP_MARKS, hits, percent: chanceOf(hits, MADE_UP_MARKS) }
}
