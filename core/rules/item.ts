// An item: one serial-numbered component, a lot, or a part of unknown number. It has an opaque id; what is known of its identity is a set
// of stated parts. A serial number alone never identifies it.
import { either, object, oneOf, optional, text, integer, pattern, type Shape, type Shaped } from '../bytes/shape.ts'

declare const item: unique symbol
/** A UUID in lower case, made by the registry from randomness; says nothing about the item. Minted by `isItemId` and `itemId` only. */
export type ItemId = string & { readonly [item]: true }

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export function isItemId(value: unknown): value is ItemId {
  return typeof value === 'string' && UUID.test(value)
}

export const itemId = pattern(UUID, 'an item id: a UUID in lower case') as Shape<ItemId>

export const PART_CHARACTERS_MAX = 200
export const QUANTITY_MAX = 1_000_000_000

/** What is said where no value is: not known · there but not legible · known and not said · known to be absent (nil). */
export const UNKNOWNS = ['unknown', 'unreadable', 'withheld', 'nil'] as const
export type Unknown = (typeof UNKNOWNS)[number]
export const unknown = oneOf(...UNKNOWNS)

/** A part of an identity: its value as written, or in which way there is none. */
export const part = either(object({ is: text(PART_CHARACTERS_MAX) }), unknown, `{"is": text of 1 to ${PART_CHARACTERS_MAX} characters} or one of ${UNKNOWNS.join(', ')}`)
export type Part = Shaped<typeof part>

/** A component class of the catalogue, or a word of the party's own: lower-case letters, digits and dashes. */
export const componentClass = pattern(/^[a-z][a-z0-9-]{0,39}$/, 'a class: 1 to 40 of a-z, 0-9 and dash, a letter first')

/** The natural key (maker, type, year, lot, serial) under a component class. */
export const identity = object({ class: componentClass, maker: part, type: part, year: part, lot: part, serial: part })
export type Identity = Shaped<typeof identity>

/** How many a lot or a record without numbers stands for. */
export const quantity = either(integer(0, QUANTITY_MAX), unknown, 'a whole number or one of ' + UNKNOWNS.join(', '))
export type Quantity = Shaped<typeof quantity>

/** The value of a part, undefined where there is none. */
export function known(value: Part): string | undefined {
  return typeof value === 'string' ? undefined : value.is
}

/** The part of a text that may be missing, as from a column of a table: an empty one is unknown. */
export function partOf(value: string | null | undefined): Part {
  const trimmed = value?.trim() ?? ''
  return trimmed === '' ? 'unknown' : { is: trimmed }
}

export const optionalQuantity = optional(quantity)
