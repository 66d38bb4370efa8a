// One value of a document changed: another of its kind, or of another kind. How a maker without a plan forges.
import type { Json } from '@muster/core/bytes/canonical.ts'

type Path = readonly (string | number)[]

/** The place of every value that is no list and no object. */
export function leavesOf(value: Json, path: Path): Path[] {
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap((each, i) => leavesOf(each, [...path, i]))
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([name, each]) => leavesOf(each, [...path, name]))
  return [path]
}

/** The document with the value at one place changed; `i` picks how. */
export function changedAt(value: Json, [name, ...rest]: Path, i: number): Json {
  if (name === undefined) return changed(value, i)
  if (Array.isArray(value)) return (value as readonly Json[]).map((each, at) => at === name ? changedAt(each, rest, i) : each)
  const members = value as { readonly [name: string]: Json }
  return { ...members, [name]: changedAt(members[name] as Json, rest, i) }
}

function changed(value: Json, i: number): Json {
  if (i % 10 === 9) return value === null ? 'something' : null
  switch (typeof value) {
    case 'number': return value + 1 + (i % 3)
    case 'boolean': return !value
    case 'string': {
      const at = Math.floor(value.length / 2)
      const other = value.charAt(at) === '0' ? '1' : '0'
      return value === '' ? 'x' : value.slice(0, at) + other + value.slice(at + 1)
    }
    default: return 0
  }
}
