// What each code means, in both languages, and what to do next: `codes.json`. A code of the form `<format>/<what>` that every format has, such as
// `agreement/shape`, has its line under `*/shape`. A test holds the list to the codes in the source.
import { readFileSync } from 'node:fs'

export interface Told { readonly en: string, readonly ru: string }
export interface Meaning extends Told { readonly code: string, readonly next: Told }

interface CodesFile { readonly next: Readonly<Record<string, Told>>, readonly codes: Readonly<Record<string, readonly [next: string, en: string, ru: string]>> }

const { next, codes } = JSON.parse(readFileSync(new URL('codes.json', import.meta.url), 'utf8')) as CodesFile

/** Undefined for a code that there is not. */
export function meaningOf(code: string): Meaning | undefined {
  const family = code.indexOf('/')
  const name = Object.hasOwn(codes, code) ? code : family < 0 ? '' : `*${code.slice(family)}`
  const line = Object.hasOwn(codes, name) ? codes[name] : undefined
  return line === undefined ? undefined : { code, en: line[1], ru: line[2], next: next[line[0]] as Told }
}

/** All of them, those that several formats share with a star for the format. */
export function allMeanings(): Meaning[] {
  return Object.keys(codes).map((code) => meaningOf(code) as Meaning)
}
