// What people read, in parts of sheets: the terminal and a page show the same.
import type { Context } from './verb.ts'

export type Sheet = { readonly id: string, readonly title: string, readonly notes: readonly string[], readonly columns: readonly string[], readonly rows: readonly (readonly string[])[] }
export type Part = { readonly id: string, readonly title: string, readonly lead: string, readonly sheets: readonly Sheet[] }
/** `origin`: where all of it comes from, said first. */
export type Told = { readonly title: string, readonly origin: string, readonly parts: readonly Part[] }

export function showTold(context: Context, { title, origin, parts }: Told): void {
  context.out(title)
  context.out(origin)
  for (const part of parts) {
    context.out(`\n${part.title.toUpperCase()}`)
    context.out(part.lead)
    for (const sheet of part.sheets) {
      context.out('')
      if (sheet.title !== '') context.out(sheet.title)
      context.table(sheet.columns.map((column) => ({ title: column })), sheet.rows)
      for (const note of sheet.notes) context.out(note)
    }
  }
}
