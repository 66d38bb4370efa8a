// What a refusal, a breach or a fault is over HTTP. Decided here and nowhere else; the body names the code and says what to do.
import { Breach } from '@muster/core/bytes/breach.ts'
import { canonical } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { Fault } from '../engine/fault.ts'

export interface Reply { readonly status: number, readonly body: string }

const OF_REFUSAL: Readonly<Record<string, number>> = {
  'envelope/too-long': 413, 'message/too-long': 413,
  'message/unknown-sender': 403, 'message/not-a-party': 403,
  'message/other-receiver': 421, 'message/other-agreement': 421,
  'message/expired': 410,
}
const MALFORMED = 400
const OF_BREACH: Readonly<Record<string, number>> = { 'message/same-sequence-two-ids': 409, 'message/chain-broken': 409 }
const NOT_BELIEVED = 403
const OF_FAULT: Readonly<Record<string, number>> = { 'disk-full': 507 }
const AGAIN_LATER = 503

function told(status: number, code: string, message: string): Reply {
  return { status, body: canonical({ code, message }) }
}

function ofCode({ code, message }: { readonly code: string, readonly message: string }, statuses: Readonly<Record<string, number>>, otherwise: number): Reply {
  return told(statuses[code] ?? otherwise, code, message)
}

/** The answer to what went wrong; undefined for a bug, which is nobody's answer. A fault is told without its inside. */
export function replyTo(error: unknown): Reply | undefined {
  if (error instanceof Refusal) return ofCode(error as Refusal, OF_REFUSAL, MALFORMED)
  if (error instanceof Breach) return ofCode(error as Breach, OF_BREACH, NOT_BELIEVED)
  if (error instanceof Fault) return told(OF_FAULT[error.code] ?? AGAIN_LATER, error.code, 'this registry cannot answer now: send the same message again')
  return undefined
}
