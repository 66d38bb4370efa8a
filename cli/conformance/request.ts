// What the questions of the conformance door have in common: a request is a JSON object, unknown members are ignored, and what cannot be
// read is answered with a code.
import { fit, type Shape } from '@muster/core/bytes/shape.ts'

export type Request = Readonly<Record<string, unknown>>

/** Codes of the door itself; a question adds those of what it calls. */
export const DOOR_CODES = ['malformed', 'unknown-op', 'out-of-range', 'line-too-long', 'unreadable', 'fault'] as const
export type DoorCode = (typeof DOOR_CODES)[number]

export interface ValidAnswer { readonly valid: boolean, readonly error?: string }

export const MALFORMED = { valid: false, error: 'malformed' } as const satisfies ValidAnswer & { readonly error: DoorCode }

/** The members of these names, checked; undefined where one is missing or out of its range. Members of other names do not count. */
export function membersOf<T>(request: Request, shape: Shape<T>, names: readonly string[]): T | undefined {
  const fitted = fit(shape, Object.fromEntries(names.filter((name) => Object.hasOwn(request, name)).map((name) => [name, request[name]])))
  return 'value' in fitted ? fitted.value : undefined
}
