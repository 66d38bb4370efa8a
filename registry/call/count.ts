// The own count for an answer: what the register says is in hand, by class and type and by how each item was seen since the call went out; and
// the counts of the newest declaration, opened as its head binds them. One pass over the register for both.
import { timeOf } from '@muster/core/bytes/time.ts'
import { addCount, isAskedFor, seenSince, type CountedRow } from '@muster/core/rules/call.ts'
import { holdingAsOf } from '@muster/core/rules/holding.ts'
import { known } from '@muster/core/rules/item.ts'
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import { bindCounts, type CallBody } from '@muster/core/wire/call-body.ts'
import type { Payload } from '@muster/core/wire/message.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import type { Joined } from '../store/agreements.ts'
import { newestSaid, type OwnDeclaration } from '../store/declarations.ts'
import { histories } from '../store/histories.ts'
import type { Register } from '../store/register.ts'
import { countsSalt } from '../store/secrets.ts'

export interface OwnCount { readonly counts: readonly CountedRow[], readonly declared: CallBody<'call/answer'>['declared'] }

type Tally = Map<string, { class: string, type: string | null, opened: number, sealed: number, records: number }>

/**
 * The count as of the call's date, as known at `at` (POSIX seconds): what is in hand is of that day, and how it was seen is of now, since people go
 * and look because they were called. `declared` is null where nothing was declared yet, or where the counts that the
 * head binds cannot be made again because an item has changed its class since.
 */
export async function ownCount(register: Register, { agreement }: Joined, call: CallBody<'call/issue'>, { time }: Pick<Payload, 'time'>, at: number): Promise<OwnCount> {
  const declaration = await newestSaid(register, agreement.id)
  const tally: Tally = new Map()
  const declared: Record<string, number> = {}
  for await (const events of histories(register.db)) {
    const now = holdingAsOf(events, call.asOf, timeOf(at))
    if (now !== undefined && isIn(agreement.scope.classes, now.identity.class) && isAskedFor(now, call)) {
      const type = known(now.identity.type) ?? null
      const name = `${now.identity.class}\n${type ?? ''}`
      const row = tally.get(name) ?? { class: now.identity.class, type, opened: 0, sealed: 0, records: 0 }
      row[seenSince(holdingAsOf(events, timeOf(at), timeOf(at))?.counted, time)] += 1
      tally.set(name, row)
    }
    if (declaration !== undefined) addDeclared(declared, declaration, agreement.scope.classes, events)
  }
  const counts = [...tally].sort(([a], [b]) => a < b ? -1 : 1).map(([, row]) => row)
  return { counts, declared: declaration === undefined ? null : opened(declaration, declared) }
}

/** The counts of a declaration, opened as its head binds them; null where they cannot be made again. */
export async function openedCounts({ db }: Register, { agreement }: Joined, declaration: OwnDeclaration): Promise<OwnCount['declared']> {
  const declared: Record<string, number> = {}
  for await (const events of histories(db)) addDeclared(declared, declaration, agreement.scope.classes, events)
  return opened(declaration, declared)
}

function isIn(classes: readonly string[] | null, kind: string): boolean {
  return classes === null || classes.includes(kind)
}

function addDeclared(counts: Record<string, number>, { head, knownAt }: OwnDeclaration, classes: readonly string[] | null, events: readonly CustodyEvent[]): void {
  const was = holdingAsOf(events, head.head.asOf, knownAt)
  if (was !== undefined && isIn(classes, was.identity.class)) addCount(counts, was.identity.class, was.status)
}

function opened({ head, secret }: OwnDeclaration, counts: Readonly<Record<string, number>>): OwnCount['declared'] {
  const salt = countsSalt(secret)
  return bindCounts(p, salt, counts) === head.head.counts ? { head: head.hash, salt: salt.toString('hex'), counts } : null
}
