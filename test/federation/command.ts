// A verb of the command line on a data directory, in this process: as fast as the act, with what it prints and its exit code.
import { readArgs } from '@muster/cli/args.ts'
import { tableLines } from '@muster/cli/table.ts'
import type { Lang } from '@muster/cli/verb.ts'
import { loadVerb } from '@muster/cli/verbs.ts'

export interface Printed { readonly code: number, readonly out: string, readonly json: Record<string, unknown> }

const WIDTH = 200

/** `line` without `muster`, its words parted by spaces; `more`: words that contain some. Throws what the command line would report. */
export async function command(dir: string, line: string, { lang = 'en', json = true, more = [] }: { readonly lang?: Lang, readonly json?: boolean, readonly more?: readonly string[] } = {}): Promise<Printed> {
  const [name = '', ...words] = line.split(' ')
  const verb = await loadVerb(name, lang)
  const lines: string[] = []
  const answers: unknown[] = []
  const code = await verb.run({
    args: readArgs(verb, [...words, ...more], lang), json, lang, dir, databaseUrl: undefined,
    out: (text) => { lines.push(text) }, answer: (value) => { answers.push(JSON.parse(JSON.stringify(value))) }, table: (columns, rows) => { if (!json) lines.push(...tableLines(columns, rows, WIDTH)) },
    progress: () => ({ at: () => undefined, add: () => undefined, end: () => undefined }), stderr: () => undefined, clear: () => undefined, say: (text) => text[lang], stopped: () => new AbortController().signal,
  })
  return { code, out: lines.join('\n'), json: (answers.at(-1) ?? {}) as Record<string, unknown> }
}
