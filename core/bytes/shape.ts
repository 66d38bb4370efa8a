// Shapes of JSON values: what a parsed document must look like, member by member. A shape refuses what is missing, what is unknown and
// what is beyond its bound, and names the place: `parties[3].keyRecord`. Every text, list and number has a bound. Each states its JSON Schema.
import { fromBase64 } from './bytes.ts'
import type { Json } from './canonical.ts'
import { ANY_BASE64, remarked, schemaOf, stating, type JsonSchema } from './schema.ts'
import { isDate, isTime, type CivilDate, type Time } from './time.ts'

/** Returns the value unchanged, typed, or throws a `Misfit` that names the place. Only `fit` catches it. */
export type Shape<T> = (value: unknown, at: string) => T
export type Shaped<S> = S extends Shape<infer T> ? T : never
/** Where a value does not fit, and what is expected there. */
export interface Misfit { readonly at: string, readonly expected: string }

class MisfitError extends Error {
  readonly misfit: Misfit
  constructor(at: string, expected: string) {
    super(`${at}: ${expected}`)
    this.misfit = { at, expected }
  }
}

/** For shapes made elsewhere (ids, codes): the value is not what stands there. */
export function misfit(at: string, expected: string): never {
  throw new MisfitError(at === '' ? 'the whole' : at, expected)
}

/** The door: the typed value, or the first misfit found. */
export function fit<T>(shape: Shape<T>, value: unknown): { readonly value: T } | { readonly misfit: Misfit } {
  try {
    return { value: shape(value, '') }
  } catch (thrown) {
    if (thrown instanceof MisfitError) return { misfit: thrown.misfit }
    throw thrown
  }
}

/** A shape made by hand, or another one, with the schema that says as much of it as a schema can. */
export function stated<T>(shape: Shape<T>, schema: () => JsonSchema): Shape<T> {
  return stating((value: unknown, at: string) => shape(value, at), schema)
}

/** What fits `shape` and keeps to rules that no schema can say: `words` name them, `check` throws a misfit. */
export function ruled<T>(shape: Shape<T>, words: string, check: (value: T, at: string) => void): Shape<T> {
  return stating((value: unknown, at: string) => {
    const fitted = shape(value, at)
    check(fitted, at)
    return fitted
  }, () => remarked(schemaOf(shape), words))
}

const INNER = '\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff'
const TRIMMED = `^[^\\s${INNER}]([^${INNER}]*[^\\s${INNER}])?$`
const KEPT = '^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\ud800-\\udfff]*$'

/** A text of 1 to `charactersMax` UTF-16 units, without control characters, neither beginning nor ending in white space. */
export function text(charactersMax: number): Shape<string> {
  return stating((value: unknown, at: string) => {
    if (typeof value !== 'string' || value.length === 0 || value.length > charactersMax) return misfit(at, `a text of 1 to ${charactersMax} characters`)
    if (/[\u0000-\u001f\u007f-\u009f]/.test(value)) return misfit(at, 'a text without control characters')
    if (!value.isWellFormed()) return misfit(at, 'a text without half characters (lone surrogates)')
    return value.trim() === value ? value : misfit(at, 'a text without white space at either end')
  }, () => ({ type: 'string', minLength: 1, maxLength: charactersMax, pattern: TRIMMED }))
}

/** A text as somebody wrote it: any characters but controls other than line feed and tab, white space kept, may be empty. */
export function verbatim(charactersMax: number): Shape<string> {
  return stating((value: unknown, at: string) => typeof value === 'string' && value.length <= charactersMax && value.isWellFormed() && !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(value)
    ? value : misfit(at, `a text of at most ${charactersMax} characters without control or half characters`),
  () => ({ type: 'string', maxLength: charactersMax, pattern: KEPT }))
}

/** A long text of any characters, such as a note or a proof, which whoever opens it checks. */
export function characters(min: number, max: number): Shape<string> {
  return stating((value: unknown, at: string) => typeof value === 'string' && value.length >= min && value.length <= max
    ? value : misfit(at, `a text of ${min === 0 ? 'at most' : `${min} to`} ${max} characters`), () => ({ type: 'string', minLength: min, maxLength: max }))
}

/** A text of one closed pattern, such as an id; `words` names it in the message. */
export function pattern(expression: RegExp, words: string): Shape<string> {
  return stating((value: unknown, at: string) => typeof value === 'string' && expression.test(value) ? value : misfit(at, words),
    () => ({ type: 'string', pattern: expression.source, description: words }))
}

export function integer(min: number, max: number): Shape<number> {
  return stating((value: unknown, at: string) => typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0) && value >= min && value <= max
    ? value : misfit(at, `a whole number from ${min} to ${max}`), () => ({ type: 'integer', minimum: min, maximum: max }))
}

const DAY = '(19[0-9]{2}|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])'

export const boolean: Shape<boolean> = stated((value, at) => typeof value === 'boolean' ? value : misfit(at, 'true or false'), () => ({ type: 'boolean' }))
export const time: Shape<Time> = stated((value, at) => isTime(value) ? value : misfit(at, 'a time YYYY-MM-DDTHH:MM:SSZ'),
  () => ({ type: 'string', format: 'date-time', pattern: `^${DAY}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$`, $comment: 'a day that the calendar has' }))
export const date: Shape<CivilDate> = stated((value, at) => isDate(value) ? value : misfit(at, 'a date YYYY-MM-DD'),
  () => ({ type: 'string', format: 'date', pattern: `^${DAY}$`, $comment: 'a day that the calendar has' }))

/** Any JSON value: a document with a format of its own, checked by whoever reads it. */
export const anyJson: Shape<Json> = stated((value, at) => value === undefined ? misfit(at, 'a value') : value as Json, () => ({}))
/** Any JSON object, likewise. */
export const anyObject: Shape<{ readonly [name: string]: Json }> = stated((value, at) => typeof value === 'object' && value !== null && !Array.isArray(value)
  ? value as { readonly [name: string]: Json } : misfit(at, 'an object'), () => ({ type: 'object' }))

const HEX = /^[0-9a-f]*$/

export function hex(byteLength: number): Shape<string> {
  return stating((value: unknown, at: string) => typeof value === 'string' && value.length === 2 * byteLength && HEX.test(value)
    ? value : misfit(at, `${byteLength} bytes in lower-case hex`), () => ({ type: 'string', pattern: `^[0-9a-f]{${2 * byteLength}}$` }))
}

/** Canonical base64 by what is left of a group of three bytes: whole groups, then padding behind a symbol whose unused bits are zero. */
const BASE64 = [/^[A-Za-z0-9+/]*$/, /^[A-Za-z0-9+/]*[AQgw]==$/, /^[A-Za-z0-9+/]*[AEIMQUYcgkosw048]=$/] as const

export function base64(byteLength: number): Shape<string> {
  const form = BASE64[byteLength % 3] as RegExp
  const length = 4 * Math.ceil(byteLength / 3)
  return stating((value: unknown, at: string) => typeof value === 'string' && value.length === length && form.test(value)
    ? value : misfit(at, `${byteLength} bytes in canonical base64`), () => ({ type: 'string', contentEncoding: 'base64', minLength: length, maxLength: length, pattern: form.source }))
}

/** Canonical base64 of `bytesMin` to `bytesMax` bytes. */
export function base64UpTo(bytesMax: number, bytesMin: 0 | 1 = 0): Shape<string> {
  const charactersMax = 4 * Math.ceil(bytesMax / 3)
  return stating((value: unknown, at: string) => typeof value === 'string' && value.length <= charactersMax && (fromBase64(value)?.length ?? -1) >= bytesMin
    ? value : misfit(at, `${bytesMin === 0 ? 'at most' : `${bytesMin} to`} ${bytesMax} bytes in canonical base64`),
  () => ({ ...ANY_BASE64, minLength: 4 * bytesMin, maxLength: charactersMax }))
}

/** One of a closed list of texts or numbers. */
export function oneOf<const T extends string | number>(...choices: readonly T[]): Shape<T> {
  const set = new Set<unknown>(choices)
  const shape: Shape<T> = (value, at) => set.has(value) ? value as T : misfit(at, `one of ${choices.join(', ')}`)
  return stating(hinted(shape, (value) => set.has(value)), () => choices.length === 1 ? { const: choices[0] as T } : { enum: choices })
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return stating((value: unknown, at: string) => value === null ? null : shape(value, at), () => ({ anyOf: [schemaOf(shape), { type: 'null' }] }))
}

/** Tells at a glance that a value cannot fit, so that `either` need not catch a misfit, which costs as much as a whole event's check. */
type Hint = (value: unknown) => boolean
const hints = new WeakMap<Shape<unknown>, Hint>()

/** `hint` returns false only where the shape refuses. */
function hinted<T>(shape: Shape<T>, hint: Hint): Shape<T> {
  hints.set(shape, hint)
  return shape
}

/** The first shape that fits; where none does, `words` says what is expected. */
export function either<A, B>(a: Shape<A>, b: Shape<B>, words: string): Shape<A | B> {
  const [mayA, mayB] = [hints.get(a) ?? anything, hints.get(b) ?? anything]
  const shape = (value: unknown, at: string): A | B => {
    if (mayA(value)) {
      const first = fit(a, value)
      if ('value' in first) return first.value
    }
    const second = mayB(value) ? fit(b, value) : undefined
    return second !== undefined && 'value' in second ? second.value : misfit(at, words)
  }
  return stating(hinted(shape, (value) => mayA(value) || mayB(value)), () => ({ anyOf: [schemaOf(a), schemaOf(b)] }))
}

const anything: Hint = () => true

export function list<T>(shape: Shape<T>, min: number, max: number): Shape<readonly T[]> {
  return stating((value: unknown, at: string) => {
    if (!Array.isArray(value) || value.length < min || value.length > max) return misfit(at, `a list of ${min} to ${max}`)
    return value.map((each: unknown, i) => shape(each, `${at}[${i}]`))
  }, () => ({ type: 'array', items: schemaOf(shape), minItems: min, maxItems: max }))
}

/** A list in which no two are named alike; `words` say so. */
export function eachOnce<T>(shape: Shape<readonly T[]>, nameOf: (value: T) => string, words: string): Shape<readonly T[]> {
  return ruled(shape, words, (all, at) => {
    const seen = new Set<string>()
    all.forEach((each, i) => { if (seen.size === seen.add(nameOf(each)).size) misfit(`${at}[${i}]`, words) })
  })
}

/** Members whose names are of one shape and whose values are of another. */
export function table<T>(key: Shape<string>, each: Shape<T>, max: number): Shape<Readonly<Record<string, T>>> {
  return stating((value: unknown, at: string) => {
    const members = Object.entries(anyObject(value, at))
    if (members.length > max) return misfit(at, `at most ${max} members`)
    return Object.fromEntries(members.map(([name, given]) => [key(name, `${at}.${name}`), each(given, `${at}.${name}`)]))
  }, () => ({ type: 'object', propertyNames: schemaOf(key), additionalProperties: schemaOf(each), maxProperties: max }))
}

type Members = Readonly<Record<string, Shape<unknown>>>
/** Marks a member that may be left out. */
export type Optional<T> = Shape<T> & { readonly optional: true }
type OptionalNames<M extends Members> = { [K in keyof M]: M[K] extends { readonly optional: true } ? K : never }[keyof M]
export type ObjectOf<M extends Members> =
  { readonly [K in Exclude<keyof M, OptionalNames<M>>]: Shaped<M[K]> } & { readonly [K in OptionalNames<M>]?: Shaped<M[K]> }

export function optional<T>(shape: Shape<T>): Optional<T> {
  return stating(Object.assign((value: unknown, at: string) => shape(value, at), { optional: true as const }), () => schemaOf(shape))
}

/** Exactly these members: a missing one and an unknown one are both refused by name. */
export function object<const M extends Members>(members: M): Shape<ObjectOf<M>> {
  const names = Object.keys(members)
  const needed = names.filter((name) => !('optional' in (members[name] as Shape<unknown>)))
  const shape = (value: unknown, at: string): ObjectOf<M> => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return misfit(at, 'an object')
    const given = value as Readonly<Record<string, unknown>>
    const place = at === '' ? '' : `${at}.`
    for (const name of Object.keys(given)) if (!Object.hasOwn(members, name)) return misfit(place + name, 'no member of this name')
    const whole: Record<string, unknown> = {}
    for (const name of names) {
      const member = members[name] as Shape<unknown>
      if (Object.hasOwn(given, name)) whole[name] = member(given[name], place + name)
      else if (!('optional' in member)) return misfit(place + name, 'this member, which is missing')
    }
    return whole as ObjectOf<M>
  }
  return stating(hinted(shape, (value) => typeof value === 'object' && value !== null && needed.every((name) => Object.hasOwn(value, name))), () => ({
    type: 'object', properties: Object.fromEntries(names.map((name) => [name, schemaOf(members[name] as Shape<unknown>)])), required: needed, additionalProperties: false,
  }))
}
