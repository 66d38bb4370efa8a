// What a verb is. One file a verb in cli/verbs/, named as the verb; the file exports `verb`. Nothing else registers it.
import type { Lang, Words } from '@muster/core/words/lang.ts'
import type { Column, Cell } from './table.ts'
import type { Progress } from './progress.ts'

export type { Lang, Words } from '@muster/core/words/lang.ts'

export type Option = {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  /** May be given more than once; read with `texts`. */
  readonly multiple?: boolean
  /** What stands for the value in the help: FILE, CODE, N. */
  readonly value?: string
  readonly help: Words
}

/** The arguments after the verb, checked against the verb's own options. Asking for an option that the verb does not name is a bug. */
export type Args = {
  readonly positionals: readonly string[]
  text(name: string): string | undefined
  /** A value that must be there: its absence is a usage error that names the option. */
  required(name: string): string
  texts(name: string): readonly string[]
  flag(name: string): boolean
  /** A whole number between two limits, both included; anything else is a usage error that names the option. */
  integer(name: string, limits: { readonly min: number, readonly max: number }): number | undefined
}

export type Context = {
  readonly args: Args
  /** Machine output asked for: `out` then carries JSON lines only, the last of them the result; `table` and progress are silent. */
  readonly json: boolean
  readonly lang: Lang
  /** Absolute path of the data directory (`--dir`, default ./muster-data). It may not exist. */
  readonly dir: string
  /** DATABASE_URL, or undefined for the PostgreSQL that Muster brings. */
  readonly databaseUrl: string | undefined
  /** One line to standard output. */
  out(line: string): void
  /** One JSON value as one line to standard output. */
  answer(value: unknown): void
  /** A table for people; nothing with --json. */
  table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): void
  /** A bar on a terminal once the work takes more than a second; silent with --json or without a terminal. */
  progress(label: string, total?: number): Progress
  /** Empties the terminal for what is shown anew; nothing with --json or without a terminal. */
  clear(): void
  /** One line to standard error. */
  stderr(line: string): void
  /** The text in the language of this run. */
  say(words: Words): string
  /** Raised at the first SIGINT or SIGTERM. A verb that never asks for it dies by the signal as any program does. */
  stopped(): AbortSignal
}

export type Verb = {
  readonly name: string
  readonly summary: Words
  /** Usage lines, without options that every verb has: 'muster import FILE --as recoveries --map FILE'. */
  readonly usage: readonly string[]
  readonly options: Readonly<Record<string, Option>>
  /** How many arguments without a dash it takes; none unless stated. */
  readonly positionals?: { readonly min: number, readonly max: number }
  /** Exit code: 0, or 1 where the answer is no. Usage errors and faults are thrown (cli/errors.ts). */
  run(context: Context): Promise<number>
}
