// Characters that nobody could read, those that could be read in two ways, and those easily taken for others (spec/mark.md): `?` stands for one character, `[38]` for
// one of those listed. Everything else of a mark is taken as it stands.
import { isLeftOut, written } from './folding.ts'

/** Wildcards of a mark; three unknown digits are a thousand readings already. */
export const WILDCARDS_MAX = 6
export const DOUBT_CHOICES_MAX = 10

const DIGITS = '0123456789'
/** Every folded letter of the Latin and the Russian alphabet. */
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZБГДЖИЛПФЦЧШЩЪЫЬЭЮЯ'
const WILDCARD = new Set(['?', '\uff1f', '\ufffd'])

type Piece = { readonly text: string } | { readonly oneOf: readonly string[] } | 'unknown'

/** A mark in pieces: what is legible, and the places that are not. */
export interface Pieces { readonly pieces: readonly Piece[], readonly legible: number, readonly digits: number, readonly wildcards: number }

function group(characters: readonly string[], at: number): readonly string[] | undefined {
  const end = characters.indexOf(']', at)
  const inside = end < 0 ? [] : characters.slice(at + 1, end)
  return inside.length >= 2 && inside.length <= DOUBT_CHOICES_MAX && inside.every((one) => isReadable(one)) ? inside : undefined
}

const isReadable = (character: string): boolean => !WILDCARD.has(character) && Array.from(written(character)).every((one) => !isLeftOut(one)) && /[^[\]]/.test(character)

export function piecesOf(text: string): Pieces {
  const characters = Array.from(text)
  const pieces: Piece[] = []
  let [legible, digits, wildcards] = [0, 0, 0]
  for (let at = 0; at < characters.length; at++) {
    const one = characters[at] as string
    const choices = one === '[' ? group(characters, at) : undefined
    if (WILDCARD.has(one)) pieces.push('unknown')
    else if (choices !== undefined) {
      pieces.push({ oneOf: choices })
      at += choices.length + 1
    } else {
      pieces.push({ text: one })
      if (isReadable(one)) legible++
      if (/^[0-9]/.test(written(one))) digits++
      continue
    }
    wildcards++
  }
  return { pieces, legible, digits, wildcards }
}

/** Whether the nearest legible character from `at` in the direction is a letter; undefined where there is none. */
function letterBeside(pieces: readonly Piece[], at: number, step: -1 | 1): boolean | undefined {
  for (let i = at + step; i >= 0 && i < pieces.length; i += step) {
    const piece = pieces[i] as Piece
    if (typeof piece === 'object' && 'text' in piece && isReadable(piece.text)) return !/^[0-9]/.test(written(piece.text))
  }
  return undefined
}

/** What a piece may be: an unknown character is a digit, or a letter where both legible neighbours are letters. */
function choicesOf(pieces: readonly Piece[], at: number): readonly string[] {
  const piece = pieces[at] as Piece
  if (piece !== 'unknown') return 'text' in piece ? [piece.text] : piece.oneOf
  const [before, after] = [letterBeside(pieces, at, -1), letterBeside(pieces, at, 1)]
  return Array.from((before ?? after) === true && (after ?? before) === true ? LETTERS : DIGITS)
}

/** Every way to fill the places, in order; undefined where there are more than `max`. */
export function fillings({ pieces }: Pieces, max: number): string[] | undefined {
  let texts = ['']
  for (let at = 0; at < pieces.length; at++) {
    const choices = choicesOf(pieces, at)
    if (texts.length * choices.length > max) return undefined
    texts = texts.flatMap((text) => choices.map((choice) => text + choice))
  }
  return texts
}

/** Single characters that are easily taken for others, in the folded form: under paint, in a bad photo, by machine reading. */
const CONFUSED: Readonly<Record<string, string>> = { 1: '7', 7: '1', 5: 'S', S: '5', 8: 'B3', B: '83', 3: '8B', 6: 'G9', G: '69', 9: '6G' }

/** A folded reading with each character in turn taken for one that it is easily confused with. */
export function confusionsOf(reading: string): string[] {
  return Array.from(reading).flatMap((character, at, all) => Array.from(CONFUSED[character] ?? '', (other) => [...all.slice(0, at), other, ...all.slice(at + 1)].join('')))
}
