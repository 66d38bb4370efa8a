// An end-user certificate (DOMAIN: the importing state states who will use what, and what it undertakes; the exporting state dispatches against
// it). What may be dispatched under one, and what its issuer says of one that it is shown. Pure; time is an argument.
import { Refusal } from '../bytes/refusal.ts'
import { integer, list, misfit, nullable, object, optional, text, type Shaped } from '../bytes/shape.ts'
import type { Time } from '../bytes/time.ts'
import { componentClass, known, PART_CHARACTERS_MAX, type Identity } from './item.ts'
import { fieldForm } from './match-key.ts'

export const END_USES = ['armed-forces', 'internal-security', 'peacekeeping', 'training', 'testing', 'production', 'museum'] as const
export const UNDERTAKINGS = ['no-re-export-without-consent', 'delivery-verification', 'post-shipment-inspection'] as const
export type Undertaking = (typeof UNDERTAKINGS)[number]
export const WITHDRAWALS = ['order-cancelled', 'issued-in-error', 'diversion-feared', 'embargo', 'replaced'] as const

/** What the issuer says of a certificate that somebody was shown. */
export const VERDICTS = ['genuine', 'unknown', 'withdrawn', 'expired', 'altered'] as const
export type Verdict = (typeof VERDICTS)[number]

export const CERTIFIED_ROWS_MAX = 64
const CERTIFIED_SERIALS_MAX = 1_024
const QUANTITY_MAX = 1_000_000

/** A row of a certificate or a licence; `type` null: any type of the class that has no row of its own. `serials`: these items and no others. */
export const certifiedRow = object({ class: componentClass, type: nullable(text(PART_CHARACTERS_MAX)), quantity: integer(1, QUANTITY_MAX), serials: optional(list(text(PART_CHARACTERS_MAX), 1, CERTIFIED_SERIALS_MAX)) })
export type CertifiedRow = Shaped<typeof certifiedRow>
export interface Certified { readonly until: Time, readonly items: readonly CertifiedRow[] }

export type CertificateCode =
  | 'certificate/unknown' | 'certificate/demanded' | 'certificate/withdrawn' | 'certificate/expired' | 'certificate/other-item' | 'certificate/beyond-quantity' | 'certificate/not-one-item'
  | 'certificate/number-used' | 'certificate/over' | 'certificate/no-party'

/** Two rows of one form would leave open from which of them an item is drawn. */
function rowForm({ class: kind, type }: Pick<CertifiedRow, 'class' | 'type'>): string {
  return `${kind}\n${type === null ? '' : fieldForm(type) ?? type}`
}

/** The rule between the rows: throws the misfit of the first that repeats another, or counts other than its serials. */
export function checkRows(rows: readonly CertifiedRow[]): void {
  const seen = new Set<string>()
  rows.forEach(({ quantity, serials, ...each }, i) => {
    if (seen.size === seen.add(rowForm(each)).size) misfit(`items[${i}]`, 'each class and type once')
    if (serials !== undefined && (serials.length !== quantity || new Set(serials).size !== quantity)) misfit(`items[${i}].serials`, `${quantity} serials, each once`)
  })
}

/** The row from which an item is drawn: that of its type, else that of its whole class; undefined where there is none. */
export function rowOf(rows: readonly CertifiedRow[], { class: kind, type, serial }: Identity): number | undefined {
  const [typed, whole] = [rowForm({ class: kind, type: known(type) ?? null }), rowForm({ class: kind, type: null })]
  const exact = rows.findIndex((row) => rowForm(row) === typed)
  const at = exact < 0 ? rows.findIndex((row) => rowForm(row) === whole) : exact
  const serials = rows[at]?.serials
  if (at < 0 || serials === undefined) return at < 0 ? undefined : at
  const form = fieldForm(known(serial))
  return form !== undefined && serials.some((each) => fieldForm(each) === form) ? at : undefined
}

/** The first of these rows that is for something, or for more, than those allow; undefined where all are within them. */
export function beyondRows(rows: readonly CertifiedRow[], allowed: readonly CertifiedRow[]): number | undefined {
  const taken = allowed.map(() => 0)
  const beyond = rows.findIndex(({ class: kind, type, quantity, serials }) => {
    const wanted = (serials ?? ['']).map((serial): Identity => ({ class: kind, type: type === null ? 'unknown' : { is: type }, serial: serial === '' ? 'unknown' : { is: serial }, maker: 'unknown', year: 'unknown', lot: 'unknown' }))
    const places = wanted.map((item) => rowOf(allowed, item))
    const at = places[0]
    if (at === undefined || places.some((place) => place !== at)) return true
    taken[at] = (taken[at] as number) + quantity
    return (taken[at]) > (allowed[at] as CertifiedRow).quantity
  })
  return beyond < 0 ? undefined : beyond
}

/** How many items were drawn from each row. What no row has is drawn from none. */
export function drawn(rows: readonly CertifiedRow[], items: readonly Identity[]): number[] {
  const counts = rows.map(() => 0)
  for (const item of items) {
    const at = rowOf(rows, item)
    if (at !== undefined) counts[at] = (counts[at] as number) + 1
  }
  return counts
}

/** Whether these items may be dispatched under a certificate after `before`, the items of all dispatches that named it; undefined where they may. */
export function refuseDispatch({ until, items: rows }: Certified, withdrawn: boolean, before: readonly Identity[], items: readonly Identity[], at: Time): Refusal<CertificateCode> | undefined {
  if (withdrawn) return new Refusal('certificate/withdrawn', 'its issuer has withdrawn the certificate', 'certificate')
  if (at > until) return new Refusal('certificate/expired', `the certificate was valid until ${until}`, 'certificate')
  const other = items.findIndex((item) => rowOf(rows, item) === undefined)
  if (other >= 0) return new Refusal('certificate/other-item', `item ${other} is none that the certificate lists`, `items[${other}]`)
  const [was, more] = [drawn(rows, before), drawn(rows, items)]
  const over = rows.findIndex(({ quantity }, i) => (more[i] as number) > 0 && (was[i] as number) + (more[i] as number) > quantity)
  if (over < 0) return undefined
  const { class: kind, type, quantity } = rows[over] as CertifiedRow
  return new Refusal('certificate/beyond-quantity', `the certificate is for ${quantity} of ${kind}${type === null ? '' : ` ${type}`}: ${was[over] ?? 0} were dispatched under it, and these are ${more[over] ?? 0}`, 'items')
}

/** What the issuer knows of the certificate that was shown by its id or its number. */
export interface KnownCertificate { readonly hash: string, readonly until: Time, readonly withdrawn: boolean }

export function verdictOn(known: KnownCertificate | undefined, hash: string, at: Time): Verdict {
  if (known === undefined) return 'unknown'
  if (known.hash !== hash) return 'altered'
  if (known.withdrawn) return 'withdrawn'
  return at > known.until ? 'expired' : 'genuine'
}
