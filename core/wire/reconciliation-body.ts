// What two parties say in a reconciliation (DESIGN section 5, spec/reconciliation.md): how many items passed between them, bound before it is opened;
// blinded questions within the grant that follows; one in so many elements opened; and a report by number.
import { canonicalBytes, type Json } from '../bytes/canonical.ts'
import { concat, toHex, utf8 } from '../bytes/bytes.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { base64, base64UpTo, hex, integer, list, misfit, nullable, object, oneOf, optional, pattern, ruled, text, time, type Shape, type Shaped } from '../bytes/shape.ts'
import { isPicked } from '../oprf/batch.ts'
import { documents } from '../rules/document.ts'
import { componentClass, identity } from '../rules/item.ts'
import { MATCH_KEY_BYTES_MAX } from '../rules/match-key.ts'
import { UNASKED, type PassedRow, type Unasked } from '../rules/reconcile.ts'

export const RECONCILED_ROWS_MAX = 4_096
export const RECONCILED_ITEMS_MAX = 1_000_000_000
export const RECONCILED_BATCHES_MAX = 10_000
const ELEMENTS_MAX = 1_024
const NOTE_CHARACTERS_MAX = 1_000

/** Why a reconciliation, or one of its batches, is refused. */
export const RECONCILIATION_REFUSALS = ['not-accepted', 'not-bound', 'beyond-the-grant', 'not-shown', 'wrong', 'unknown-head', 'quota', 'suspended', 'malformed'] as const
export type ReconciliationRefusal = (typeof RECONCILIATION_REFUSALS)[number]
/** Why the looking up ended early: the other party refused, or its evaluation does not hold under the key of its head. */
export const RECONCILIATION_FAILURES = [...RECONCILIATION_REFUSALS, 'false-evaluation'] as const
export type ReconciliationFailure = (typeof RECONCILIATION_FAILURES)[number]
export const DECLINE_REASONS = ['no-transfers', 'outside-the-agreement', 'national-security', 'restricted-by-law', 'ongoing-investigation', 'no-means', 'other'] as const

const id = hex(16)
const items = integer(0, RECONCILED_ITEMS_MAX)
const year = pattern(/^([0-9]{4}|unknown)$/, 'a year in four digits, or "unknown"')
const note = nullable(text(NOTE_CHARACTERS_MAX))

/** Rows by class and year, ascending, each once. */
function rowsOf<T extends { readonly class: string, readonly year: string }>(row: Shape<T>): Shape<readonly T[]> {
  return ruled(list(row, 0, RECONCILED_ROWS_MAX), 'rows that ascend by class and year, each once', (rows, at) => {
    const name = (each: T) => `${each.class}\n${each.year}`
    rows.forEach((each, i) => { if (i > 0 && name(each) <= name(rows[i - 1] as T)) misfit(`${at}[${i}]`, 'rows that ascend by class and year, each once') })
  })
}
const passed = { class: componentClass, year, to: items, from: items }
const passedRows = rowsOf(object(passed))

/** How many own items were not looked up, by why. */
const unasked = object(Object.fromEntries(UNASKED.map((why) => [why, items])) as Record<Unasked, typeof items>)

const input = base64UpTo(MATCH_KEY_BYTES_MAX, 1)
/** `item`: what is looked up, with the papers of its passing; left out for padding. */
const shown = object({ element: integer(0, ELEMENTS_MAX - 1), input, blind: hex(32), item: optional(object({ identity, way: oneOf('to', 'from'), year, documents })) })
export type ShownElement = Shaped<typeof shown>

export const RECONCILIATION_BODY = {
  'reconciliation/propose': object({ reconciliation: id, asOf: time, binding: hex(32), note }),
  'reconciliation/accept': object({ reconciliation: id, request: hex(32), binding: hex(32) }),
  'reconciliation/decline': object({ reconciliation: id, request: hex(32), reason: oneOf(...DECLINE_REASONS), note }),
  /** `accept`: the id of the message that accepted. */
  'reconciliation/open': object({ reconciliation: id, accept: hex(32), salt: hex(32), rows: passedRows }),
  'reconciliation/counts': object({ reconciliation: id, request: hex(32), salt: hex(32), rows: passedRows }),
  /** The `n`-th batch of the grant, from 0. */
  'reconciliation/ask': object({ reconciliation: id, n: integer(0, RECONCILED_BATCHES_MAX - 1), head: hex(32), elements: list(base64(32), 1, ELEMENTS_MAX), coin: hex(32) }),
  'reconciliation/answer': object({ request: hex(32), head: hex(32), elements: list(base64(32), 1, ELEMENTS_MAX), proof: base64(64), coin: hex(32) }),
  'reconciliation/refuse': object({ request: hex(32), reason: oneOf(...RECONCILIATION_REFUSALS) }),
  'reconciliation/show': object({ reconciliation: id, ask: hex(32), coin: hex(32), opened: list(shown, 0, ELEMENTS_MAX) }),
  /** `failed`: the batch at which the other party refused, and why; the rows then hold what was found before it. The last report of a party counts. */
  'reconciliation/report': object({
    reconciliation: id, head: hex(32), rows: rowsOf(object({ ...passed, asked: items, declared: items })), unasked,
    failed: nullable(object({ n: integer(0, RECONCILED_BATCHES_MAX - 1), why: oneOf(...RECONCILIATION_FAILURES) })),
  }),
} as const


/** SHA-256("muster/reconciliation/v1\n" ‖ salt ‖ canonical rows), in hex: what each side says before it knows what the other will. */
export function bindTable(p: Pick<Primitives, 'sha256'>, salt: Uint8Array, rows: readonly PassedRow[]): string {
  return toHex(p.sha256(concat(utf8('muster/reconciliation/v1\n'), salt, canonicalBytes(rows as unknown as Json))))
}

/** The elements of a batch that are opened: each by a toss of its own from both coins, so that neither side can choose. */
export function pickedElements(sha256: Primitives['sha256'], askerCoin: Uint8Array, askedCoin: Uint8Array, oneIn: number, count: number): number[] {
  const place = (element: number) => Uint8Array.of(element >> 8, element & 0xff)
  return Array.from({ length: count }, (_, element) => element).filter((element) => isPicked(sha256, sha256(concat(askerCoin, place(element))), sha256(concat(askedCoin, place(element))), oneIn))
}
