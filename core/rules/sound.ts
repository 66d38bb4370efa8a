// Marks copied from one alphabet into the other (DESIGN section 3.1, spec/mark.md): by sound throughout (В as V), or by shape where the
// other alphabet has the shape and by sound elsewhere (В as B, П as P). All results are in the folded form.
import { BACKWARD, SOUNDS, TWINS, TYPE_LETTERS } from './folding-table.ts'
import { shape, written } from './folding.ts'

/** Cyrillic originals of one kind; a Latin text may stand for more than this, the first count. */
export const ORIGINALS_MAX = 8

const decomposed = (letter: string): string => Array.from(letter, written).join('')
const sounds: ReadonlyMap<string, readonly string[]> = new Map(SOUNDS.split(' ').map((entry) => {
  const [letter, ...latin] = entry.split(',') as [string, ...string[]]
  return [decomposed(letter), latin]
}))
const twinOf: ReadonlyMap<string, string> = new Map(Array.from(TWINS, (letter) => [shape(letter), letter]))
const typeLetters: ReadonlyMap<string, string> = new Map(TYPE_LETTERS.split(' ').map((pair) => [pair.charAt(0), pair.charAt(1)]))

/** Latin spellings to Cyrillic letters, the longest first; `shaped`: the letter has a Latin shape, so a copy by shape never spells it. */
const spellings: readonly { readonly latin: string, readonly cyrillic: string, readonly shaped: boolean }[] = Array.from(BACKWARD, decomposed)
  .flatMap((cyrillic) => (sounds.get(cyrillic) ?? []).map((latin) => ({ latin, cyrillic, shaped: shape(cyrillic) !== cyrillic })))
  .filter(({ latin }) => latin !== '')
  .sort((a, b) => b.latin.length - a.latin.length)

/** A settled written form in Latin letters; undefined where it has no Cyrillic letter. */
function forward(text: string, byShape: boolean, spelling: 0 | 1): string | undefined {
  const characters = Array.from(text)
  let whole = ''
  let any = false
  for (let i = 0; i < characters.length; i++) {
    const one = characters[i] as string
    const two = one + (characters[i + 1] ?? '')
    const letter = two !== one && sounds.has(two) ? two : one
    const latin = sounds.get(letter)
    if (latin === undefined) {
      whole += shape(one)
      continue
    }
    any = true
    if (letter === two) i++
    whole += byShape && shape(letter) !== letter ? shape(letter) : shape(latin[spelling] ?? latin[0] as string)
  }
  return any ? whole : undefined
}

/** How a mark in Cyrillic letters comes out in Latin ones; empty where it has none. Takes the settled written form. */
export function toLatin(text: string): string[] {
  const readings = [forward(text, true, 0), forward(text, false, 0), forward(text, true, 1), forward(text, false, 1)]
  return [...new Set(readings.filter((reading) => reading !== undefined))]
}

type Choice = { readonly taken: number, readonly read: string }

function choicesAt(text: string, at: number, byShape: boolean): Choice[] {
  const one = text.charAt(at)
  if (one < 'A' || one > 'Z') return [{ taken: 1, read: one }]
  const twin = byShape ? twinOf.get(shape(one)) : undefined
  const choices: Choice[] = twin === undefined ? [] : [{ taken: 1, read: twin }]
  for (const { latin, cyrillic, shaped } of spellings) {
    if (text.startsWith(latin, at) && !(byShape && shaped)) choices.push({ taken: latin.length, read: cyrillic })
  }
  return choices
}

/** The Cyrillic texts that come out as this Latin one; each place is known to lead to an end before it is entered, so the cost is bounded. */
function originals(text: string, byShape: boolean): string[] {
  const choices = Array.from({ length: text.length }, (_, at) => choicesAt(text, at, byShape))
  const ends = new Array<boolean>(text.length + 1).fill(false)
  ends[text.length] = true
  for (let at = text.length - 1; at >= 0; at--) ends[at] = (choices[at] as Choice[]).some(({ taken }) => ends[at + taken] === true)
  let open: { at: number, read: string }[] = ends[0] === true ? [{ at: 0, read: '' }] : []
  while (open.some(({ at }) => at < text.length)) {
    open = open.flatMap(({ at, read }) => at === text.length ? [{ at, read }] : (choices[at] as Choice[])
      .filter(({ taken }) => ends[at + taken] === true).map((choice) => ({ at: at + choice.taken, read: read + choice.read }))).slice(0, ORIGINALS_MAX)
  }
  return open.map(({ read }) => read)
}

/**
 * What a mark in Latin letters may have been, or may stand as elsewhere, when it was copied from Cyrillic ones: each Cyrillic original, by
 * shape and by sound, and how that is spelt by sound. Empty where it has no Latin letter or one that is neither.
 */
export function fromLatin(text: string): string[] {
  if (!/[A-Z]/.test(text) || /[^\u0000-\u007f]/.test(text)) return []
  const found = new Set([...originals(text, false), ...originals(text, true)])
  return [...new Set([...Array.from(found, shape), ...Array.from(found, (original) => [forward(original, true, 0), forward(original, false, 0)]).flat()])]
    .filter((reading) => reading !== undefined)
}

/** One form for a type, maker or lot however it was copied: `9П516`, `9P516`; `Игла-С`, `Igla-S`. Takes the settled written form. */
export function typeForm(text: string): string {
  let whole = ''
  for (const character of forward(text, true, 0) ?? shape(text)) whole += typeLetters.get(character) ?? character
  return whole.replaceAll('KH', 'X')
}
