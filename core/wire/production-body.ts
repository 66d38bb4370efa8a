// What a licensed maker's party states to the licensor (spec/production.md): of one period, how many it made of each year and lot, each count with a binding
// of the numbers; where the agreement discloses serials, the numbers themselves.
import { fromHex, toHex, utf8 } from '../bytes/bytes.ts'
import { canonicalBytes } from '../bytes/canonical.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { hex, integer, list, misfit, nullable, object, optional, ruled, text, time, type Shaped } from '../bytes/shape.ts'
import type { Time } from '../bytes/time.ts'
import { scheduled } from '../rules/duty.ts'
import { componentClass, PART_CHARACTERS_MAX } from '../rules/item.ts'
import type { PartyId } from '../rules/party.ts'
import type { LicensedProduction } from '../rules/terms.ts'

export const PRODUCTION_ROWS_MAX = 256
export const PRODUCED_SERIALS_MAX = 4_096
const MADE_MAX = 1_000_000_000
const PRODUCTION_DOMAIN = utf8('muster/production/v1\n')

const part = text(PART_CHARACTERS_MAX)
const row = object({ year: nullable(part), lot: nullable(part), made: integer(1, MADE_MAX), binding: hex(32), opened: optional(object({ salt: hex(32), serials: list(part, 0, PRODUCED_SERIALS_MAX) })) })
const members = object({ return: hex(16), maker: part, class: componentClass, type: part, from: time, until: time, rows: list(row, 0, PRODUCTION_ROWS_MAX), note: nullable(text(1_000)) })
const productionReturn = ruled(members, '`until` after `from`; each year and lot once; serials that ascend, each once, no more than were made', ({ from, until, rows }) => {
  if (until <= from) misfit('until', 'a time after `from`')
  const seen = new Set<string>()
  rows.forEach(({ year, lot, made, opened }, i) => {
    if (seen.size === seen.add(JSON.stringify([year, lot])).size) misfit(`rows[${i}]`, 'each year and lot once')
    if (opened === undefined) return
    if (opened.serials.length > made || opened.serials.some((serial, j) => j > 0 && serial <= (opened.serials[j - 1] as string))) misfit(`rows[${i}].opened.serials`, `at most ${made} serials that ascend`)
  })
})
export type ProductionReturn = Shaped<typeof productionReturn>

export const PRODUCTION_BODY = { 'production/return': productionReturn } as const

/** What a list of numbers is held to: the salt keeps it from being guessed. `serials` ascend. */
export function productionBinding(p: Pick<Primitives, 'sha256'>, { maker, class: kind, type, from, until }: Pick<ProductionReturn, 'maker' | 'class' | 'type' | 'from' | 'until'>, { year, lot, made }: { readonly year: string | null, readonly lot: string | null, readonly made: number }, salt: Uint8Array, serials: readonly string[]): string {
  return toHex(p.sha256(PRODUCTION_DOMAIN, salt, canonicalBytes({ class: kind, from, lot, made, maker, serials, type, until, year })))
}

export type ProductionCode = 'production/not-its-part' | 'production/not-scheduled' | 'production/other-list' | 'production/not-disclosed' | 'production/list-missing'
const refuse = (code: ProductionCode, message: string, at: string): Refusal<ProductionCode> => new Refusal<ProductionCode>(code, message, at)

/** The term of the agreement under which a return is stated by `from` to `to`; undefined where there is none. */
function termOf(terms: readonly LicensedProduction[] | undefined, licensee: PartyId, licensor: PartyId, { maker, class: kind, type }: Pick<ProductionReturn, 'maker' | 'class' | 'type'>): LicensedProduction | undefined {
  return terms?.find((term) => term.licensee === licensee && term.licensor === licensor && term.maker === maker && term.class === kind && term.type === type)
}

/** Whether a return said at `at` is one that the agreement provides for, with the lists or without them as it says; undefined where it is. */
export function refuseReturn(p: Pick<Primitives, 'sha256'>, terms: readonly LicensedProduction[] | undefined, licensee: PartyId, licensor: PartyId, body: ProductionReturn, at: Time): Refusal<ProductionCode> | undefined {
  const term = termOf(terms, licensee, licensor, body)
  if (term === undefined) return refuse('production/not-its-part', `${licensee} owes ${licensor} no returns of ${body.type} made by ${body.maker}`, 'body.maker')
  if (!scheduled(term, at).some(({ from, until }) => from === body.from && until === body.until)) return refuse('production/not-scheduled', `no period of its schedule that has ended is ${body.from}/${body.until}`, 'body.from')
  for (const [i, row] of body.rows.entries()) {
    const { opened, binding } = row
    if (opened === undefined && term.serials) return refuse('production/list-missing', 'the agreement discloses the numbers of what was made', `body.rows[${i}].opened`)
    if (opened === undefined) continue
    if (!term.serials) return refuse('production/not-disclosed', 'the agreement does not disclose the numbers of what was made', `body.rows[${i}].opened`)
    if (productionBinding(p, body, row, fromHex(opened.salt) as Uint8Array, opened.serials) !== binding) return refuse('production/other-list', 'the binding is of another list', `body.rows[${i}].binding`)
  }
  return undefined
}
