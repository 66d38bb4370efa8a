// How telling the hits of one register's finds in another's match keys are, by grade and kind of key: beside the real hits those of made-up
// marks of the same pattern, with all digits random and with one digit changed, each walking the same ladder. Prints totals only.
//   muster --run test/study/decoys.ts DIR_ASKED DIR_ASKING
import { createHash } from 'node:crypto'
import { toHex } from '@muster/core/bytes/bytes.ts'
import { madeUpKeys } from '@muster/core/rules/chance.ts'
import { gradeOf, type Ladder, type MarkQuery } from '@muster/core/rules/ladder.ts'
import { fieldsOfKey } from '@muster/core/rules/match-key.ts'
import type { Rung } from '@muster/core/rules/mark.ts'
import { ladderOfFind, recordedFind } from '@muster/core/rules/recovered-mark.ts'
import { eventsBy, keysHeld } from './registers.ts'

const sha256 = (...parts: Uint8Array[]): Uint8Array => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()

/** Hits by "grade kind"; `any`: finds with a hit. */
interface Tally { any: number, readonly by: Map<string, number> }
interface Study { readonly finds: number, readonly readable: number, readonly unreadable: Map<string, number>, readonly real: Tally, readonly random: Tally, readonly oneOff: Tally }

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function look(held: ReadonlySet<string>, ladder: Ladder, tally: Tally): void {
  const best = ladder.verdict === 'readable' ? gradeOf(ladder.candidates.filter(({ key }) => held.has(toHex(key)))) : undefined
  if (best === undefined) return
  tally.any += 1
  add(tally.by, `${best.rung} ${best.kind}`)
}

/** The find with made-up digits: `wildcard` changes one, `written` all. Undefined for a mark without digits to change. */
function madeUp(queries: readonly MarkQuery[], ladder: Extract<Ladder, { verdict: 'readable' }>, rung: Rung, seed: Uint8Array): Ladder | undefined {
  const [first] = ladder.candidates
  const [made] = first === undefined ? [] : madeUpKeys(first.key, rung, seed, sha256, 1) ?? []
  const serial = made === undefined ? undefined : fieldsOfKey(made)?.fields.at(-1)
  return serial === undefined ? undefined : ladderOfFind([{ ...queries[0] as MarkQuery, serial }])
}

function study(held: ReadonlySet<string>, finds: readonly (readonly MarkQuery[])[]): Study {
  const tally = (): Tally => ({ any: 0, by: new Map() })
  const unreadable = new Map<string, number>()
  const [real, random, oneOff] = [tally(), tally(), tally()]
  let readable = 0
  finds.forEach((queries, index) => {
    const ladder = ladderOfFind(queries)
    if (ladder.verdict === 'unreadable') return add(unreadable, ladder.reason)
    readable += 1
    look(held, ladder, real)
    const seed = sha256(Uint8Array.of(index >> 16, (index >> 8) & 255, index & 255))
    for (const [rung, its] of [['written', random], ['wildcard', oneOff]] as const) {
      const decoy = madeUp(queries, ladder, rung, seed)
      if (decoy !== undefined) look(held, decoy, its)
    }
  })
  return { finds: finds.length, readable, unreadable, real, random, oneOff }
}

function print({ finds, readable, unreadable, real, random, oneOff }: Study): void {
  const names = [...new Set([...real.by.keys(), ...random.by.keys(), ...oneOff.by.keys()])].sort((a, b) => (real.by.get(b) ?? 0) - (real.by.get(a) ?? 0))
  const row = (name: string, ...counts: (number | string)[]) => process.stdout.write(`${name.padEnd(24)}${counts.map((count) => String(count).padStart(10)).join('')}\n`)
  row(`${finds} finds, ${readable} readable`, 'real', 'random', 'one off')
  for (const name of names) row(name, real.by.get(name) ?? 0, random.by.get(name) ?? 0, oneOff.by.get(name) ?? 0)
  row('all', real.any, random.any, oneOff.any)
  for (const [reason, count] of unreadable) row(`unreadable: ${reason}`, count)
}

if (import.meta.main) {
  const [asked, asking] = process.argv.slice(2)
  if (asked === undefined || asking === undefined) {
    process.stderr.write('muster --run test/study/decoys.ts DIR_ASKED DIR_ASKING\n')
    process.exitCode = 2
  } else {
    const finds = [...(await eventsBy(asking)).values()].map(recordedFind).filter((find) => find !== undefined)
    print(study(await keysHeld(asked), finds.map(({ queries }) => queries)))
  }
}
