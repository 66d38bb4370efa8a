// A problem over HTTP (RFC 9457): what went wrong, by a stable code whose meaning is served under `type`. `detail` and `message` say the same, `message`
// for registries that know of no problem details; `at` is the field, row or byte.
import { canonical } from '@muster/core/bytes/canonical.ts'
import { characters, either, integer, object, optional, pattern, text } from '@muster/core/bytes/shape.ts'
import { meaningOf } from './codes.ts'

export const PROBLEM_TYPE = 'application/problem+json'
const TEXT_CHARACTERS_MAX = 10_000

const code = pattern(/^[a-z0-9-]+(\/[a-z0-9-]+)?$/, 'a code of letters, digits and dashes, with its family before it')
export const problemShape = object({
  type: pattern(/^\/problem\/[a-z0-9-]+(\/[a-z0-9-]+)?$/, 'where the code is explained'), title: text(500), status: integer(400, 599), detail: characters(0, TEXT_CHARACTERS_MAX),
  code, message: characters(0, TEXT_CHARACTERS_MAX), at: optional(either(integer(0, Number.MAX_SAFE_INTEGER), characters(0, TEXT_CHARACTERS_MAX), 'a place')),
})

/** `lang`: of the title; what is wrong in this very case is said in English, with the names of members. */
export function problemBody(status: number, code: string, message: string, at?: string | number, lang: 'en' | 'ru' = 'en'): string {
  const said = message.slice(0, TEXT_CHARACTERS_MAX)
  return canonical({ type: `/problem/${code}`, title: meaningOf(code)?.[lang] ?? code, status, detail: said, code, message: said, ...(at === undefined ? {} : { at: typeof at === 'string' ? at.slice(0, TEXT_CHARACTERS_MAX) : at }) })
}
