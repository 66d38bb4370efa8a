// Tables of plain text for people: widths are columns of a terminal, not characters; long cells wrap at spaces.
export type Column = { readonly title: string, readonly align?: 'left' | 'right' }
export type Cell = string | number | undefined

const GAP = 2
const NARROWEST_COLUMN = 6

const isWide = (point: number): boolean =>
  (point >= 0x1100 && point <= 0x115f) || (point >= 0x2e80 && point <= 0xa4cf) || (point >= 0xac00 && point <= 0xd7a3)
  || (point >= 0xf900 && point <= 0xfaff) || (point >= 0xfe30 && point <= 0xfe6f) || (point >= 0xff00 && point <= 0xff60)
  || (point >= 0xffe0 && point <= 0xffe6) || (point >= 0x1f300 && point <= 0x1faff) || (point >= 0x20000 && point <= 0x3fffd)

/** Columns of a terminal that a text takes: two for East Asian wide characters, none for marks that combine. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) {
    if (/\p{Mn}|\p{Me}|\p{Cf}/u.test(character)) continue
    width += isWide(character.codePointAt(0) ?? 0) ? 2 : 1
  }
  return width
}

/** Control characters of a foreign text must not reach a terminal: an escape sequence in a mark could rewrite the screen. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')

/** Cuts a word that is longer than a line. */
function pieces(word: string, width: number): string[] {
  const cut: string[] = []
  let piece = ''
  for (const character of word) {
    if (piece !== '' && widthOf(piece) + widthOf(character) > width) {
      cut.push(piece)
      piece = ''
    }
    piece += character
  }
  return [...cut, piece]
}

/** Lines of a text no wider than `width`, broken at spaces where there are any. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap((long) => (widthOf(long) > width ? pieces(long, width) : [long]))) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

/** Widths that fit: natural ones if there is room, else the widest columns give way, evenly. */
function widthsWithin(natural: readonly number[], room: number): number[] {
  const widths = [...natural]
  let over = widths.reduce((sum, width) => sum + width, 0) - room
  while (over > 0) {
    const widest = Math.max(...widths)
    if (widest <= NARROWEST_COLUMN) break
    const index = widths.indexOf(widest)
    widths[index] = widest - 1
    over -= 1
  }
  return widths
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)))
  return align === 'right' ? space + text : text + space
}

/**
 * A table as lines, no wider than `room` columns of the terminal where the columns allow it. A cell that is undefined shows as a dash.
 * Control characters are replaced; nothing is cut off;
 * rows stand apart once one of them takes several lines.
 */
export function tableLines(columns: readonly Column[], rows: readonly (readonly Cell[])[], room: number): string[] {
  const texts = rows.map((row) => columns.map((_, index) => printable(String(row[index] ?? '–'))))
  const natural = columns.map((column, index) => texts.reduce((widest, row) => Math.max(widest, widthOf(row[index] ?? '')), widthOf(column.title)))
  const widths = widthsWithin(natural, Math.max(1, room - GAP * (columns.length - 1)))
  const lineOf = (cells: readonly string[]): string =>
    cells.map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align ?? 'left')).join(' '.repeat(GAP)).trimEnd()
  const block = (cells: readonly string[]): string[] => {
    const wrapped = cells.map((cell, index) => wrap(cell, widths[index] ?? 1))
    const height = Math.max(1, ...wrapped.map((lines) => lines.length))
    return Array.from({ length: height }, (_, at) => lineOf(wrapped.map((lines) => lines[at] ?? '')))
  }
  const blocks = texts.map(block)
  const spaced = blocks.some((lines) => lines.length > 1)
  return [
    ...block(columns.map((column) => column.title)), lineOf(widths.map((width) => '─'.repeat(width))),
    ...blocks.flatMap((lines, index) => (spaced && index > 0 ? ['', ...lines] : lines)),
  ]
}
