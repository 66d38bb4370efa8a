// One call by its id, as people type it.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { saidOf, type At, type Said } from '../said.ts'

export type CallCode = 'call/unknown' | 'call/no-party' | 'call/over' | 'call/sooner-than-agreed'

const ID_SHOWN_MIN = 8

/** The call that was received under an id, or the beginning of one. Where two parties used one id, an answer must not go to the wrong one: `from` says whose is meant. */
export async function receivedCall(at: At, id: string, from?: PartyId): Promise<Said<'call/issue'>> {
  return only((await saidOf(at, 'call/issue', 'in')).filter(({ message: { payload } }) => from === undefined || payload.from === from), id)
}

/** The messages of an own call, one to each addressee. */
export async function issuedCall(at: At, id: string): Promise<Said<'call/issue'>[]> {
  const all = await saidOf(at, 'call/issue', 'out')
  const { body } = only(all, id)
  return all.filter((each) => each.body.call === body.call)
}

function only(said: readonly Said<'call/issue'>[], id: string): Said<'call/issue'> {
  const named = id.length >= ID_SHOWN_MIN ? said.filter(({ body }) => body.call.startsWith(id)) : []
  const last = named.at(-1)
  if (last === undefined || new Set(named.map(({ body, message }) => `${body.call} ${message.payload.from}`)).size > 1) {
    throw new Refusal<CallCode>('call/unknown', `no one call begins with ${id}: ${ID_SHOWN_MIN} or more characters of its id, as muster call list has it, and --of CODE where two parties used one id`, 'id')
  }
  return last
}
