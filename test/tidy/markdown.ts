// What a document names: paths, commands, links and sentences.
import { files, read } from './tree.ts'

export const documents: readonly string[] = files.filter((path) => path.endsWith('.md') && !path.includes('/vectors/'))

export type Named = { readonly document: string, readonly line: number, readonly text: string }

/** Inline code and the lines of fenced blocks. */
export function codeOf(document: string): Named[] {
  let fenced = false
  return read(document).split('\n').flatMap((text, index): Named[] => {
    if (text.trimStart().startsWith('```')) {
      fenced = !fenced
      return []
    }
    const pieces = fenced ? [text] : [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
    return pieces.map((piece) => ({ document, line: index + 1, text: piece.trim() }))
  })
}

/** Targets of links that stay in the tree. */
export function linksOf(document: string): Named[] {
  return read(document).split('\n').flatMap((text, index) =>
    [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)|(?:src|href|srcset)="([^"#]+)"/g)].map((match) => match[1] ?? match[2] ?? '')
      .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
      .map((target) => ({ document, line: index + 1, text: target })))
}

/** The text below a heading, to the next heading of its depth or less deep. */
export function sectionOf(document: string, title: string): string {
  const lines = read(document).split('\n')
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === title)
  if (start < 0) return ''
  const depth = /^#+/.exec(lines[start] ?? '')?.[0].length ?? 1
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => (/^(#+) /.exec(line)?.[1]?.length ?? 9) <= depth)
  return rest.slice(0, end < 0 ? undefined : end).join('\n')
}

/** Text without the marks of its layout. */
export const plain = (text: string): string => text.replace(/[`*_]/g, '').replace(/\[([^\]]+)\]\([^)]+\)/g, '$1').replace(/\s+/g, ' ').trim()

/** The sentences of a section: list marks, tables and blocks of code left out. */
export function sentencesOf(section: string): string[] {
  const prose = section.replace(/```[^]*?```/g, '').split('\n').filter((line) => !/^\s*(\||<|!\[)/.test(line))
  const paragraphs = prose.map((line) => line.replace(/^\s*([-*]|\d+\.) /, '\n\n')).join('\n').split(/\n\s*\n/)
  return paragraphs.map(plain).flatMap((paragraph) => paragraph.split(/(?<=[.!?]) (?=[A-Z0-9`“"])/)).map((text) => text.trim()).filter((text) => text !== '')
}

/** Rows of the tables of a document, cells trimmed, head and rule left out. */
export function rowsOf(document: string): string[][] {
  const lines = read(document).split('\n')
  return lines.flatMap((line, index) => {
    const isRow = line.startsWith('|') && !/^\|[\s:|-]+\|$/.test(line)
    const isHead = /^\|[\s:|-]+\|$/.test(lines[index + 1] ?? '')
    return isRow && !isHead ? [line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim())] : []
  })
}
