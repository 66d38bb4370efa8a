// How telling match keys are on real marks: weapons seized in 2018 looked up among those of 2017 by class and serial, beside marks made
// up at random and marks one digit off. Prints totals only; the sheets stay where they are and no mark is shown.
//   muster --run test/study/seized-marks.ts
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { toHex } from '@muster/core/bytes/bytes.ts'
import { madeUpKeys } from '@muster/core/rules/chance.ts'
import { gradeOf, ladderOf, LADDER_LIMITS, type Candidate } from '@muster/core/rules/ladder.ts'
import { partOf } from '@muster/core/rules/item.ts'
import { keysOfItem } from '@muster/core/rules/match-key.ts'
import { parseMapping } from '@muster/registry/intake/mapping-file.ts'
import { readSheet } from '@muster/registry/intake/sheet.ts'

const FOLDER = new URL('../../../shared/data/seized-weapons/', import.meta.url)
const MAPPING = new URL('../../examples/mappings/rio.json', import.meta.url)

interface Weapon { readonly class: string, readonly serial: string | undefined, readonly condition: string }

async function weapons(file: string): Promise<Weapon[]> {
  const found: Weapon[] = []
  for await (const row of readSheet(new URL(file, FOLDER).pathname, parseMapping(readFileSync(MAPPING, 'utf8')))) {
    if (row.kind === 'row') found.push({ class: row.item.class, serial: row.item.serial, condition: row.marks[0]?.condition ?? 'not-recorded' })
  }
  return found
}

const sha256 = (...parts: Uint8Array[]): Uint8Array => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const unknown = { maker: 'unknown', type: 'unknown', year: 'unknown', lot: 'unknown' } as const

interface Tally { looked: number, hits: number, byRung: Record<string, number>, random: number, oneOff: number, unreadable: Record<string, number>, candidates: number }

function look(held: ReadonlySet<string>, asked: readonly Weapon[], confusions: boolean, script: 'latin' | 'unknown'): Tally {
  const tally: Tally = { looked: 0, hits: 0, byRung: {}, random: 0, oneOff: 0, unreadable: {}, candidates: 0 }
  const count = (table: Record<string, number>, name: string): void => { table[name] = (table[name] ?? 0) + 1 }
  asked.forEach((weapon, index) => {
    const { serial = '', condition } = weapon
    const ladder = ladderOf({ serial, classes: [weapon.class], script, condition, maker: undefined, type: undefined, year: undefined, lot: undefined }, { ...LADDER_LIMITS, confusions })
    if (ladder.verdict === 'unreadable') return void count(tally.unreadable, ladder.reason)
    tally.looked++
    tally.candidates += ladder.candidates.length
    const best = gradeOf(ladder.candidates.filter(({ key }) => held.has(toHex(key))))
    if (best !== undefined) tally.hits++
    if (best !== undefined) count(tally.byRung, best.rung)
    const first = ladder.candidates[0] as Candidate
    const seed = sha256(Uint8Array.of(index >> 8, index & 255))
    if (held.has(toHex(madeUpKeys(first.key, 'written', seed, sha256, 1)?.[0] ?? first.key))) tally.random++
    if (held.has(toHex(madeUpKeys(first.key, 'wildcard', seed, sha256, 1)?.[0] ?? first.key))) tally.oneOff++
  })
  return tally
}

if (import.meta.main) {
  if (!existsSync(FOLDER)) process.stdout.write('../shared/data/seized-weapons is absent: nothing to study\n')
  else {
    const [before, after] = [await weapons('rio-2017.xlsx'), await weapons('rio-2018.xlsx')]
    const held = new Set(before.flatMap(({ class: name, serial }) => keysOfItem({ class: name, ...unknown, serial: partOf(serial) }).map(({ bytes }) => toHex(bytes))))
    process.stdout.write(`2017: ${before.length} weapons, ${held.size} class keys; 2018: ${after.length} weapons\n`)
    for (const script of ['latin', 'unknown'] as const) {
      for (const confusions of [false, true]) process.stdout.write(`script ${script}, confusions ${confusions}: ${JSON.stringify(look(held, after, confusions, script))}\n`)
    }
  }
}
