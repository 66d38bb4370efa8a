// Writes the tables of spec/folding/1 that follow from Unicode (made with Unicode 17) and, from all of them, core/rules/folding-table.ts.
//   muster --run test/folding/generate.ts
// The tables are closed: this is run to make a new version of them, never to refresh version 1.
import { readFileSync, writeFileSync } from 'node:fs'

/** [first source, last source, target code points]: a range of sources has targets that rise with it, one code point each. */
export type Run = readonly [number, number, readonly number[]]

export interface Tables {
  digits: number[]
  compatibility: Run[]
  stripped: [number, number][]
  combining: [number, number][]
}

const HANGUL = [0xac00, 0xd7a3] as const
const LAST_POINT = 0x10ffff
const DASHES_BEYOND_PD = '\u02d7\u2043\u207b\u208b\u2212\u23af\u2500\u2501\u2796\u30fc'
const POINTS = '.\u00b7\u2027\u2219\u22c5\u3002\u30fb'
const SLASHES = '/\\\u2044\u2215\u2216\u2571\u2572\u29f5\u29f8\u29f9'
const STRIPPED = /^[\p{White_Space}\p{Pd}\p{Default_Ignorable_Code_Point}\p{Cc}]$/u

function* points(): Generator<[number, string]> {
  for (let point = 0; point <= LAST_POINT; point++) {
    if (point < 0xd800 || point > 0xdfff) yield [point, String.fromCodePoint(point)]
  }
}

/** Compatibility decomposition and upper case, one after the other until nothing changes. */
export function unfold(text: string): string {
  const once = text.normalize('NFKD').toUpperCase().normalize('NFKD')
  return once === text ? text : unfold(once)
}

function reorders(character: string): boolean {
  const low = character + '\u0334'
  const high = '\u0345' + character
  return low.normalize('NFD') !== low || high.normalize('NFD') !== high || character === '\u0345' || character === '\u0334'
}

/** All tables as this runtime's Unicode has them. */
export function tablesOfRuntime(): Tables {
  const digits: number[] = []
  const compatibility: [number, number, number[]][] = []
  const stripped: [number, number][] = []
  const combining: [number, number][] = []
  for (const [point, character] of points()) {
    if (/^\p{Nd}$/u.test(character)) {
      if (digits.length === 0 || point >= (digits.at(-1) as number) + 10) digits.push(point)
      continue
    }
    if (STRIPPED.test(character) || DASHES_BEYOND_PD.includes(character) || POINTS.includes(character) || SLASHES.includes(character)) extend(stripped, point)
    if (unfold(character) === character && reorders(character)) extend(combining, point)
    if (point >= HANGUL[0] && point <= HANGUL[1]) continue
    const target = Array.from(unfold(character), (c) => c.codePointAt(0) as number)
    if (String.fromCodePoint(...target) === character) continue
    const last = compatibility.at(-1)
    const rises = last !== undefined && last[2].length === 1 && target.length === 1 && last[1] + 1 === point && (last[2][0] as number) + point - last[0] === target[0]
    if (rises) last[1] = point
    else compatibility.push([point, point, target])
  }
  return { digits, compatibility, stripped, combining }
}

function extend(ranges: [number, number][], point: number): void {
  const last = ranges.at(-1)
  if (last !== undefined && last[1] + 1 === point) last[1] = point
  else ranges.push([point, point])
}

const hex = (point: number): string => point.toString(16).toUpperCase().padStart(4, '0')
const range = (from: number, to: number): string => (from === to ? hex(from) : `${hex(from)}..${hex(to)}`)

function json(about: string, name: string, rows: string[], row_count: number): string {
  const lines: string[] = []
  for (let i = 0; i < rows.length; i += row_count) lines.push('    ' + rows.slice(i, i + row_count).map((row) => `"${row}"`).join(', '))
  return `{\n  "about": "${about}",\n  "${name}": [\n${lines.join(',\n')}\n  ]\n}\n`
}

/** The files of spec/folding/1 that follow from Unicode: name to text. */
export function specFiles(tables: Tables): Record<string, string> {
  const runs = tables.compatibility.map(([from, to, target]) => `${range(from, to)} ${target.map(hex).join(' ')}`)
  return {
    'digits.json': json('The zero of each run of ten decimal digits (General_Category Nd).', 'zeros', tables.digits.map(hex), 16),
    'compatibility.json': json(
      'Compatibility decomposition (NFKD) and upper case, to the end: a character, or a range of them, and what stands for it; the targets of a range rise with it. Hangul syllables follow from arithmetic.',
      'runs', runs, 6),
    'stripped.json': json('Left out: white space, controls, characters without a glyph, dashes, points, slashes.', 'ranges', tables.stripped.map(([a, b]) => range(a, b)), 12),
    'combining.json': json('Marks that canonical ordering moves: a run of them is sorted by code point.', 'ranges', tables.combining.map(([a, b]) => range(a, b)), 12),
  }
}

/** Base 36, each number as its distance from the one before, so that the table stays small enough to read past. */
function packRuns(runs: readonly Run[]): string {
  let at = 0
  return runs.map(([from, to, target]) => {
    const head = (from - at).toString(36) + (to > from ? `-${(to - from).toString(36)}` : '')
    at = to
    return `${head}>${target.map((point) => point.toString(36)).join('.')}`
  }).join(' ')
}

function packRanges(ranges: readonly (readonly [number, number])[]): string {
  let at = 0
  return ranges.map(([from, to]) => {
    const text = (from - at).toString(36) + (to > from ? `-${(to - from).toString(36)}` : '')
    at = to
    return text
  }).join(' ')
}

const WIDTH = 140

function literal(name: string, text: string): string {
  const lines: string[] = []
  for (let rest = text; rest !== '';) {
    const cut = rest.length <= WIDTH ? rest.length : rest.lastIndexOf(' ', WIDTH) + 1
    lines.push(`  '${rest.slice(0, cut)}'`)
    rest = rest.slice(cut)
  }
  return `export const ${name} =\n${lines.join(' +\n')}\n`
}

interface LookAlikes { shapes: { to: string, from: string }[], secondShapes: { raw: string, to: string }[] }
interface Sounds { backward: string, twins: string, types: string[], sounds: { letter: string, latin: string[] }[] }

const SPEC = new URL('../../spec/folding/1/', import.meta.url)
export const TABLE = new URL('../../core/rules/folding-table.ts', import.meta.url)

/** The text of core/rules/folding-table.ts. */
export function tableSource(tables: Tables): string {
  const shapes = (JSON.parse(readFileSync(new URL('look-alikes.json', SPEC), 'utf8')) as LookAlikes)
  const { sounds, backward, twins, types } = JSON.parse(readFileSync(new URL('sounds.json', SPEC), 'utf8')) as Sounds
  return [
    '// Made by test/folding/generate.ts from spec/folding/1: edit the tables there. Numbers are base 36, each the distance from the one',
    '// before; `a-b` is a range of b more; what stands after `>` is the target, in code points.',
    '',
    'export const FOLDING_VERSION = 1',
    '',
    '/** Zeros of the runs of ten decimal digits. */',
    literal('DIGIT_ZEROS', packRanges(tables.digits.map((zero) => [zero, zero] as const))),
    '/** Compatibility forms and case. */',
    literal('COMPATIBILITY', packRuns(tables.compatibility)),
    '/** Left out. */',
    literal('STRIPPED', packRanges(tables.stripped)),
    '/** Sorted by code point within a run. */',
    literal('COMBINING', packRanges(tables.combining)),
    '/** One shape: the first character stands for the others. */',
    literal('SHAPES', shapes.shapes.map(({ to, from }) => to + from).join(' ')),
    '/** What a character as typed may also be: the first character is read as the rest. */',
    literal('SECOND_SHAPES', shapes.secondShapes.map(({ raw, to }) => raw + to).join(' ')),
    '/** Cyrillic letters in Latin by sound: letter, then its spellings after commas. */',
    literal('SOUNDS', sounds.map(({ letter, latin }) => [letter, ...latin].join(',')).join(' ')),
    '/** The letters that a Latin spelling by sound is read back into, in this order. */',
    literal('BACKWARD', backward),
    '/** Cyrillic letters with a Latin letter of the same shape. */',
    literal('TWINS', twins),
    '/** In types, makers and lots: the first letter is read as the second. */',
    literal('TYPE_LETTERS', types.join(' ')),
  ].join('\n')
}

if (import.meta.main) {
  const tables = tablesOfRuntime()
  for (const [name, text] of Object.entries(specFiles(tables))) writeFileSync(new URL(name, SPEC), text)
  writeFileSync(TABLE, tableSource(tables))
  process.stdout.write(`Unicode ${process.versions.unicode}: ${tables.digits.length} runs of digits, ${tables.compatibility.length} of compatibility forms\n`)
}
