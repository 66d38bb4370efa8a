// Rows of one file that may be the same item: rows whose cells are equal, and rows that share class and serial and contradict one another
// in nothing. They are shown to a person; nothing is merged. Memory: about 60 bytes a row, whatever the rows hold.
import { hash } from 'node:crypto'
import { known, type Identity } from '@muster/core/rules/item.ts'
import { fieldForm } from '@muster/core/rules/match-key.ts'

const FIRST_SLOTS = 1 << 12
/** Slots looked at for one key: a serial shared by more rows than this is no serial. */
const PROBES_MAX = 64

/** Open addressing over 64 bits of a hash: several entries of one key stand beside one another. */
interface Table { mask: number, used: number, slots: Uint32Array }

/** Words of a slot: two of the hash, the row, and what the entry carries. */
function openTable(words: number): Table & { readonly words: number } {
  return { mask: FIRST_SLOTS - 1, used: 0, slots: new Uint32Array(FIRST_SLOTS * words), words }
}

function add(table: Table & { readonly words: number }, entry: Uint32Array): void {
  if ((table.used + 1) * 2 > table.mask) {
    const old = table.slots
    table.mask = table.mask * 2 + 1
    table.slots = new Uint32Array((table.mask + 1) * table.words)
    for (let at = 0; at < old.length; at += table.words) if (old[at + 2] !== 0) put(table, old.subarray(at, at + table.words))
  }
  put(table, entry)
  table.used += 1
}

function put({ mask, slots, words }: Table & { readonly words: number }, entry: Uint32Array): void {
  let slot = (entry[0] as number) & mask
  while (slots[slot * words + 2] !== 0) slot = (slot + 1) & mask
  slots.set(entry, slot * words)
}

/** Rows with one hash, in the order in which they were added; at most PROBES_MAX slots are looked at. */
function* found({ mask, slots, words }: Table & { readonly words: number }, low: number, high: number): Generator<Uint32Array> {
  let slot = low & mask
  for (let probes = 0; probes < PROBES_MAX && slots[slot * words + 2] !== 0; probes++, slot = (slot + 1) & mask) {
    const at = slot * words
    if (slots[at] === low && slots[at + 1] === high) yield slots.subarray(at, at + words)
  }
}

/** 64 bits of a text, not for secrets: rows that share them by design are only shown to a person who compares them. */
function words64(text: string, entry: Uint32Array): void {
  let low = 0x9e3779b9
  let high = 0x85ebca6b
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    low = Math.imul(low ^ unit, 0x01000193)
    high = Math.imul(high ^ unit, 0x27d4eb2d) ^ (low >>> 15)
  }
  entry[0] = low ^ (high >>> 13)
  entry[1] = high ^ (low << 7)
}

/** Gives the first row of the file with the same cells; undefined for a row that repeats none. Rows are numbered from 1. */
export function openRepeats(): (row: number, cells: readonly string[]) => number | undefined {
  const table = openTable(3)
  const entry = new Uint32Array(3)
  return (row, cells) => {
    words64(cells.join('\u001f'), entry)
    for (const earlier of found(table, entry[0] as number, entry[1] as number)) return earlier[2]
    entry[2] = row
    add(table, entry)
    return undefined
  }
}

/** 32 bits of a part as it stands in keys; 0 where it is unknown. */
function partWord(value: string | undefined): number {
  const form = fieldForm(value)
  return form === undefined ? 0 : (Number.parseInt(hash('sha256', form, 'hex').slice(0, 8), 16) || 1)
}

function agree(one: Uint32Array, other: Uint32Array): boolean {
  for (let at = 3; at < 7; at++) if (one[at] !== 0 && other[at] !== 0 && one[at] !== other[at]) return false
  return true
}

const PART_WORDS_MAX = 20_000

/** Gives the first earlier row with the same class key whose maker, type, year and lot contradict nothing; undefined where none is. */
export function openLikeness(): (row: number, classKey: string, identity: Identity) => number | undefined {
  const table = openTable(7)
  const entry = new Uint32Array(7)
  const remembered = new Map<string, number>()
  const word = (value: string | undefined): number => {
    if (value === undefined) return 0
    const held = remembered.get(value)
    if (held !== undefined) return held
    const made = partWord(value)
    if (remembered.size < PART_WORDS_MAX) remembered.set(value, made)
    return made
  }
  return (row, classKey, { maker, type, year, lot }) => {
    words64(classKey, entry)
    entry[2] = row
    entry[3] = word(known(maker))
    entry[4] = word(known(type))
    entry[5] = word(known(year))
    entry[6] = word(known(lot))
    let alike: number | undefined
    for (const earlier of found(table, entry[0] as number, entry[1] as number)) {
      if (agree(earlier, entry)) {
        alike = earlier[2]
        break
      }
    }
    add(table, entry)
    return alike
  }
}
