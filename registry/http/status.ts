// What a refusal, a breach or a fault is over HTTP. Decided here and nowhere else; the body names the code and says what to do.
import { Breach } from '@muster/core/bytes/breach.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { Fault } from '../engine/fault.ts'
import { problemBody } from './problem.ts'

export interface Reply { readonly status: number, readonly body: string }

/** What the door itself refuses, before anybody looks at what was sent. */
const AT_DOOR = {
  'http/not-found': [404, 'there is nothing here for whoever asks'],
  'http/method': [405, 'this path is not asked by this method: `allow` names those that it is'],
  'http/too-long': [413, 'the body is longer than is read here'],
  'http/media-type': [415, 'a body of another type is taken here: /openapi.json names it'],
  'http/unavailable': [503, 'this registry cannot answer now: its operator finds the reason in its log'],
} as const
export type DoorCode = keyof typeof AT_DOOR

const OF_REFUSAL: Readonly<Record<string, number>> = {
  'envelope/too-long': 413, 'message/too-long': 413,
  'message/unknown-sender': 403,
  'message/other-receiver': 421, 'message/other-agreement': 421,
  'message/expired': 410,
  'api/unauthorized': 401, 'api/own-act': 403, 'rights/role': 403, 'rights/scope': 403, 'api/other-origin': 403, 'api/not-known': 403, 'person/invitation': 403, 'event/unknown-item': 404, 'api/asker-revoked': 403, 'api/no-pending': 404, 'api/settled': 409, 'api/under-way': 409, 'api/pending-expired': 410, 'api/too-long': 413, 'api/other-request': 422,
  'api/too-many-pending': 429, 'api/too-many-keys': 429, 'api/too-many-tries': 429, 'person/busy': 429,
}
const MALFORMED = 400
const OF_BREACH: Readonly<Record<string, number>> = { 'message/same-sequence-two-ids': 409, 'message/chain-broken': 409 }
const NOT_BELIEVED = 403
const OF_FAULT: Readonly<Record<string, number>> = { 'disk-full': 507 }
const AGAIN_LATER = 503

/** Which statuses tlog-witness gives to what a cosigner will not sign, with our code for each. Its 409 has a form of its own and is no problem. */
const OF_COSIGNER: Readonly<Record<number, string>> = { 400: 'malformed', 403: 'not-believed', 404: 'unknown-origin', 422: 'not-cosigned' }

type Lang = 'en' | 'ru'

function told(status: number, code: string, message: string, at?: string | number, lang?: Lang): Reply {
  return { status, body: problemBody(status, code, message, at, lang) }
}

export function atDoor(code: DoorCode, message: string = AT_DOOR[code][1], lang?: Lang): Reply {
  return told(AT_DOOR[code][0], code, message, undefined, lang)
}

/** What the witness or the reader will not sign, as a problem; undefined for a status that has a form of its own. */
export function notCosigned(status: number, message: string): Reply | undefined {
  const what = OF_COSIGNER[status]
  return what === undefined ? undefined : told(status, `cosigner/${what}`, message.trimEnd())
}

/** The answer to what went wrong; undefined for a bug, which is nobody's answer. A fault is told without its inside. */
export function replyTo(error: unknown, lang?: Lang): Reply | undefined {
  if (error instanceof Refusal) return told(OF_REFUSAL[error.code as string] ?? MALFORMED, error.code as string, error.message, error.at, lang)
  if (error instanceof Breach) return told(OF_BREACH[error.code as string] ?? NOT_BELIEVED, error.code as string, error.message, undefined, lang)
  if (error instanceof Fault) return told(OF_FAULT[error.code] ?? AGAIN_LATER, error.code, 'this registry cannot answer now: send the same message again', undefined, lang)
  return undefined
}
