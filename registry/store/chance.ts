// The chance of a hit, measured on one's own register (DESIGN section 3.1): how many of ten thousand made-up marks of the same pattern would have hit.
import { createHash } from 'node:crypto'
import { chanceOf, MADE_UP_MARKS, madeUpKeys, patternOf, type Chance } from '@muster/core/rules/chance.ts'
import type { Candidate } from '@muster/core/rules/ladder.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import type { Reader } from './database.ts'

/** Keys of one statement. */
const KEYS_A_QUERY = 2_500

export interface Measured { readonly pattern: string, readonly tried: number, readonly hits: number, readonly percent: Chance }

/** How many of these made-up keys the register holds. */
export async function hitsAmong(db: Reader, made: readonly Uint8Array[]): Promise<number> {
  const keys = made.map((key) => Buffer.from(key.buffer, key.byteOffset, key.byteLength))
  const held = new Set<string>()
  for (let from = 0; from < keys.length; from += KEYS_A_QUERY) {
    const found = await db.read<{ key: Buffer }>('SELECT DISTINCT key FROM match_key WHERE key = ANY($1)', [keys.slice(from, from + KEYS_A_QUERY)])
    for (const { key } of found) held.add(key.toString('latin1'))
  }
  return held.size === 0 ? 0 : keys.filter((key) => held.has(key.toString('latin1'))).length
}

/** Measures one candidate: 10,000 look-ups, about 0.1 s. The same register and candidate give the same figure: the seed is the key's hash. */
export async function measureChance(db: Reader, { key, rung, reading }: Pick<Candidate, 'key' | 'rung' | 'reading'>): Promise<Measured> {
  const seed = createHash('sha256').update(key).digest()
  const made = madeUpKeys(key, rung, seed, (...parts) => nodePrimitives.sha256(...parts))
  const pattern = patternOf(reading)
  if (made === undefined) return { pattern, tried: 0, hits: 0, percent: '100' }
  const hits = await hitsAmong(db, made)
  return { pattern, tried: MADE_UP_MARKS, hits, percent: chanceOf(hits, MADE_UP_MARKS) }
}
