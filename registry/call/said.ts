// One call by its id, as people type it.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { saidOf, type At, type Said } from '../said.ts'

export type CallCode = 'call/unknown' | 'call/no-party' | 'call/over'

const ID_SHOWN_MIN = 8

/** The call that was received under an id, or the beginning of one. A caller that said it twice is answered on the newest. */
export async function receivedCall(at: At, id: string): Promise<Said<'call/issue'>> {
  return only(await saidOf(at, 'call/issue', 'in'), id)
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
  if (last === undefined || new Set(named.map(({ body }) => body.call)).size > 1) {
    throw new Refusal<CallCode>('call/unknown', `no one call begins with ${id}: ${ID_SHOWN_MIN} or more characters of its id, as muster call list has it`, 'id')
  }
  return last
}
