// The verbs: every file of cli/verbs/ is one, loaded only when it is asked for.
import { readdirSync } from 'node:fs'
import { bug, usage } from './errors.ts'
import type { Lang, Verb } from './verb.ts'

const FOLDER = new URL('./verbs/', import.meta.url)
/** A word further away than this many letters is no misprint of a verb. */
const FURTHEST_MISPRINT = 3

/** Names of all verbs, sorted. */
export function verbNames(): string[] {
  return readdirSync(FOLDER).flatMap((file) => /^([a-z][a-z-]*)\.ts$/.exec(file)?.slice(1) ?? []).sort()
}

/** Letters to add, drop or change to get from one word to the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [above, letter] of [...from].entries()) {
    const next = [above + 1]
    for (const [left, other] of [...to].entries()) {
      next.push(Math.min((next[left] ?? 0) + 1, (row[left + 1] ?? 0) + 1, (row[left] ?? 0) + (letter === other ? 0 : 1)))
    }
    row = next
  }
  return row[to.length] ?? 0
}

/** The name nearest to a misprint, or undefined where none is near. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const limit = Math.min(FURTHEST_MISPRINT, Math.max(1, Math.floor(word.length / 2)))
  return names.map((name) => ({ name, far: distance(word, name) })).filter(({ far }) => far <= limit).sort((one, other) => one.far - other.far)[0]?.name
}

/** The verb of that name. An unknown one is a usage error that says the nearest. */
export async function loadVerb(name: string, lang: Lang): Promise<Verb> {
  const names = verbNames()
  if (!names.includes(name)) {
    const near = nearest(name, names)
    const message = lang === 'ru' ? `команды «${name}» нет` : `there is no verb "${name}"`
    const ask = near === undefined ? 'muster help' : `muster ${near}`
    throw usage(message, lang === 'ru' ? `может быть, ${ask}? все команды: muster help` : `did you mean ${ask}? all verbs: muster help`)
  }
  const loaded = await import(new URL(`${name}.ts`, FOLDER).href) as { readonly verb?: Verb }
  if (loaded.verb?.name !== name) throw bug(`cli/verbs/${name}.ts exports no verb of that name`)
  return loaded.verb
}
