// Match keys: the texts under which an item is declared and looked up (DESIGN section 4, spec/mark.md). Only the closed tables decide
// them, never a party's catalogue, so that two parties that never met make the same key from the same mark.
import { concat, fromUtf8, readU16, u16, utf8 } from '../bytes/bytes.ts'
import { settle, signsOf } from './folding.ts'
import { known, type Identity } from './item.ts'
import { MARK_CHARACTERS_MAX, publishedForm, withoutZeros } from './mark.ts'
import { typeForm } from './sound.ts'

/** From the most telling to the least. */
export const KEY_KINDS = ['full', 'type', 'class'] as const
export type KeyKind = (typeof KEY_KINDS)[number]

export const KEY_VERSION = 'muster/key/1'
/** UTF-16 units of one field of a key in its form; what is longer makes no key. */
export const KEY_FIELD_CHARACTERS_MAX = 200
/** Seven fields at most, each of KEY_FIELD_CHARACTERS_MAX characters of three bytes and a length of two. */
export const MATCH_KEY_BYTES_MAX = 7 * (2 + 3 * KEY_FIELD_CHARACTERS_MAX)
/** Texts whose forms are kept at hand. */
const REMEMBERED_MAX = 4096
/** Characters that stand for one that nobody could read: such a serial makes no key of an item, only candidates of a query. */
export const UNREADABLE = /[?\uff1f\ufffd]/

export interface MatchKey { readonly kind: KeyKind, readonly bytes: Uint8Array }

/** What is known beside the serial; a field that is unknown is undefined. */
export interface KeyContext { readonly maker: string | undefined, readonly type: string | undefined, readonly year: string | undefined, readonly lot: string | undefined }

/** Fields after the kind: maker, type, year, lot, serial · type, serial · class, serial. */
const FIELDS: Readonly<Record<KeyKind, number>> = { full: 5, type: 2, class: 2 }

function packed(field: string): Uint8Array {
  const bytes = utf8(field)
  return concat(u16(bytes.length), bytes)
}

/** Results of a pure function of texts that come again and again, such as the types of an inventory. Emptied when full, so bounded. */
function remembered<T>(make: (text: string) => T): (text: string) => T {
  const held = new Map<string, T>()
  return (text) => {
    const found = held.get(text)
    if (found !== undefined || held.has(text)) return found as T
    if (held.size >= REMEMBERED_MAX) held.clear()
    const made = make(text)
    held.set(text, made)
    return made
  }
}

/** The bytes before the serial, from the JSON of a list of texts. */
const headOf = remembered((list) => concat(...[KEY_VERSION, ...JSON.parse(list) as string[]].map(packed)))

function key(kind: KeyKind, head: readonly string[], serial: string): MatchKey {
  return { kind, bytes: concat(headOf(JSON.stringify([kind, ...head])), packed(serial)) }
}

/** Kind and fields of a key, the serial last; undefined for bytes that are not a match key. */
export function fieldsOfKey(bytes: Uint8Array): { readonly kind: KeyKind, readonly fields: readonly string[] } | undefined {
  const texts: string[] = []
  let at = 0
  while (at + 2 <= bytes.length) {
    const end = at + 2 + readU16(bytes, at)
    const text = end > bytes.length ? undefined : fromUtf8(bytes.subarray(at + 2, end))
    if (text === undefined) return undefined
    texts.push(text)
    at = end
  }
  const [version, name, ...fields] = texts
  const kind = KEY_KINDS.find((each) => each === name)
  return at === bytes.length && version === KEY_VERSION && kind !== undefined && fields.length === FIELDS[kind] ? { kind, fields } : undefined
}

/** Makes the same key for other serials, which are taken as folded readings. Takes what `fieldsOfKey` gave. */
export function keysLike({ kind, fields }: { readonly kind: KeyKind, readonly fields: readonly string[] }): (reading: string) => Uint8Array {
  const head = headOf(JSON.stringify([kind, ...fields.slice(0, -1)]))
  return (reading) => {
    const serial = utf8(kind === 'class' ? withoutZeros(reading) : reading)
    const made = new Uint8Array(head.length + 2 + serial.length)
    made.set(head)
    made[head.length] = serial.length >> 8
    made[head.length + 1] = serial.length & 0xff
    made.set(serial, head.length + 2)
    return made
  }
}

/** A type, maker or lot as it stands in a key; undefined where nothing is left of it or it is too long. */
export function fieldForm(text: string | undefined): string | undefined {
  return text === undefined || text.length > MARK_CHARACTERS_MAX ? undefined : formOf(text)
}

const formOf = remembered((text): string | undefined => {
  if (!text.isWellFormed()) return undefined
  const form = typeForm(settle(signsOf(text).map(({ out }) => out).join('')))
  return form === '' || form.length > KEY_FIELD_CHARACTERS_MAX ? undefined : form
})

/** A year in four digits of any script; a year in two digits is not known. */
function yearForm(text: string | undefined): string | undefined {
  const form = fieldForm(text)
  return form !== undefined && /^[0-9]{4}$/.test(form) ? form : undefined
}

/** Keys of one reading of a serial (a folded form): *full* where all is known, *type* where the type is, one of each *class*. */
export function keysOfReading(reading: string, classes: readonly string[], context: KeyContext): MatchKey[] {
  if (reading === '' || reading.length > KEY_FIELD_CHARACTERS_MAX) return []
  const [maker, type, year, lot] = [fieldForm(context.maker), fieldForm(context.type), yearForm(context.year), fieldForm(context.lot)]
  const keys: MatchKey[] = []
  if (maker !== undefined && type !== undefined && year !== undefined && lot !== undefined) keys.push(key('full', [maker, type, year, lot], reading))
  if (type !== undefined) keys.push(key('type', [type], reading))
  for (const each of classes) keys.push(key('class', [each], withoutZeros(reading)))
  return keys
}

/**
 * The keys under which an item is declared, up to three: *full*, *type*, *class*. None where its serial is unknown, empty, too long or
 * holds a character that nobody could read.
 */
export function keysOfItem(identity: Identity): MatchKey[] {
  const serial = known(identity.serial)
  if (serial === undefined || UNREADABLE.test(serial) || serial.length > MARK_CHARACTERS_MAX || !serial.isWellFormed()) return []
  return keysOfReading(publishedForm(serial), [identity.class], {
    maker: known(identity.maker), type: known(identity.type), year: known(identity.year), lot: known(identity.lot),
  })
}
