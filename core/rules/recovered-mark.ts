// From the event that records a find to the keys that are looked up (DESIGN section 5, step 1). The event is bound in the asker's log
// before anybody is asked, and the ladder follows from it alone: so each asked party, and each verifier, makes the same candidates.
import { toHex } from '../bytes/bytes.ts'
import type { CustodyEvent } from './custody-event.ts'
import { known, type Identity } from './item.ts'
import { CANDIDATES_MAX, compareGrades, ladderOf, LADDER_LIMITS, type Candidate, type Ladder, type MarkQuery } from './ladder.ts'
import { fieldForm, type KeyContext } from './match-key.ts'

/** Classes tried for a component of unknown class: a number on a launcher can be the tube's, the gripstock's or the power unit's. */
export const CLASSES_OF_UNKNOWN = ['missile', 'gripstock', 'power-unit'] as const

/** What a find says of the item: undefined for an event that records no find or no item. */
export function recordedFind(event: CustodyEvent): { readonly identity: Identity, readonly queries: readonly MarkQuery[], readonly condition: string } | undefined {
  if ((event.kind !== 'seized' && event.kind !== 'found') || event.data.entry === undefined) return undefined
  const { identity } = event.data.entry
  const marks = event.data.entry.marks ?? event.data.marks ?? []
  const context: KeyContext = { maker: known(identity.maker), type: known(identity.type), year: known(identity.year), lot: known(identity.lot) }
  const classes = identity.class === 'unknown' ? CLASSES_OF_UNKNOWN : [identity.class]
  const serial = known(identity.serial)
  const condition = marks[0]?.condition ?? 'unknown'
  const readings = new Map<string, string>()
  if (serial !== undefined) readings.set(serial, condition)
  for (const mark of marks) if (mark.reading !== undefined && !readings.has(mark.reading)) readings.set(mark.reading, mark.condition)
  if (readings.size === 0) readings.set('', condition)
  const queries = [...readings].map(([reading, its]): MarkQuery => ({ ...context, classes, script: 'unknown', serial: reading, condition: its }))
  return { identity, queries, condition }
}

/** One ladder for all readings of a find: each key once, on its best rung. Unreadable only where every reading is. */
export function ladderOfFind(queries: readonly MarkQuery[]): Ladder {
  const ladders = queries.map((query) => ladderOf(query))
  const readable = ladders.filter((ladder) => ladder.verdict === 'readable')
  if (readable.length === 0) return ladders[0] as Ladder
  const confusionsLeftOut = readable.some((ladder) => ladder.confusionsLeftOut)
  const whole = merged(readable.flatMap((ladder) => ladder.candidates))
  if (whole.length <= CANDIDATES_MAX) return { verdict: 'readable', candidates: whole, confusionsLeftOut }
  const certain = merged(queries.flatMap((query) => {
    const ladder = ladderOf(query, { ...LADDER_LIMITS, confusions: false })
    return ladder.verdict === 'readable' ? ladder.candidates : []
  }))
  return certain.length <= CANDIDATES_MAX ? { verdict: 'readable', candidates: certain, confusionsLeftOut: true }
    : { verdict: 'unreadable', reason: 'too-many-candidates', message: `more than ${CANDIDATES_MAX} candidates: record the readings as separate finds, or read more characters` }
}

function merged(candidates: readonly Candidate[]): Candidate[] {
  const best = new Map<string, Candidate>()
  for (const candidate of candidates) {
    const name = toHex(candidate.key)
    const held = best.get(name)
    if (held === undefined || compareGrades(candidate, held) < 0) best.set(name, candidate)
  }
  return [...best.values()].sort(compareGrades)
}

const PARTS = ['maker', 'type', 'year', 'lot'] as const

/** Whether two records state different values for a part that both know: then they are two items, whatever serial they share. */
export function contradicts(a: Identity, b: Identity): boolean {
  return PARTS.some((part) => {
    const one = fieldForm(known(a[part]))
    const other = fieldForm(known(b[part]))
    return one !== undefined && other !== undefined && one !== other
  })
}

