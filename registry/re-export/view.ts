// Re-exports as they stand, read anew from the messages and the events: what was asked of whom, what it was answered, and which items are bound.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import { inForce } from '@muster/core/rules/holding.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { ReExportCode } from '@muster/core/rules/re-export.ts'
import { saidOf, type At, type Said } from '../said.ts'
import type { Joined } from '../store/agreements.ts'
import { messageById } from '../store/messages.ts'
import type { Register } from '../store/register.ts'

export interface ReExport {
  /** `out`: asked by this party; `in`: asked of it, the origin. */
  readonly direction: 'out' | 'in'
  readonly with: PartyId
  readonly asked: Said<'re-export/ask'>
  readonly consents: readonly Said<'re-export/consent'>[]
  readonly refused: Said<'re-export/refuse'> | undefined
}

/** All that was asked under the agreement, oldest first. */
export async function reExports(home: At): Promise<ReExport[]> {
  const read = async (direction: 'out' | 'in'): Promise<ReExport[]> => {
    const back = direction === 'out' ? 'in' : 'out'
    const [asked, consents, refusals] = [await saidOf(home, 're-export/ask', direction), await saidOf(home, 're-export/consent', back), await saidOf(home, 're-export/refuse', back)]
    return asked.map((each) => {
      const { id, payload: { from, to } } = each.message
      const answers = <T extends { readonly message: Said<'re-export/ask'>['message'], readonly body: { readonly request: string } }>({ message, body }: T): boolean => body.request === id && message.payload.from === to && message.payload.to === from
      return { direction, with: direction === 'out' ? to : from, asked: each, consents: consents.filter(answers), refused: refusals.find(answers) }
    })
  }
  return [...await read('out'), ...await read('in')].sort((a, b) => a.asked.message.payload.time < b.asked.message.payload.time ? -1 : 1)
}

const ID_SHOWN_MIN = 8

/** The one question that was put to this party whose id begins so. */
export async function reExportBy(home: At, id: string, other?: PartyId): Promise<ReExport> {
  const named = id.length < ID_SHOWN_MIN ? [] : (await reExports(home)).filter((each) => each.direction === 'in' && each.asked.body.ask.startsWith(id) && (other === undefined || each.with === other))
  const [only] = named
  if (only === undefined || named.length > 1) throw new Refusal<ReExportCode>('re-export/unknown', `no one question begins with ${id}: ${ID_SHOWN_MIN} or more characters of its id, as muster re-export list has it, and --of CODE where two parties used one id`, 'id')
  return only
}

/** An undertaking given to an origin, and under which agreement. */
export interface Bond { readonly origin: PartyId, readonly under: Joined }

/**
 * What binds an item: the undertakings of own certificates under which it came, of whichever agreement, each until the item has gone back to that party,
 * as its own receipt says. A correction of the event by which the item came does not loose it: the receipt was given.
 */
export async function bondsOf(register: Register, halls: readonly Joined[], events: readonly CustodyEvent[]): Promise<Bond[]> {
  const standing = new Set(inForce(events).map(({ seq }) => seq))
  const last = new Map<PartyId, Bond | undefined>()
  for (const { kind, seq, data } of events) {
    if (kind !== 'received' || typeof data.from !== 'object' || !('party' in data.from) || data.receipt === undefined) continue
    const origin = data.from.party
    const under = await undertaken(register, halls, origin, data.receipt)
    if (under !== undefined || standing.has(seq)) last.set(origin, under === undefined ? undefined : { origin, under })
  }
  return [...last.values()].flatMap((bond) => bond ?? [])
}

/** The agreement under which the notice that a receipt names came with such a certificate; undefined for any other. */
async function undertaken(register: Register, halls: readonly Joined[], origin: PartyId, receipt: string): Promise<Joined | undefined> {
  const rows = await register.db.read<{ agreement_id: string }>("SELECT agreement_id FROM message WHERE sender = $1 AND message_id = $2 AND direction = 'in' AND kind = 'transfer/notify'", [origin, Buffer.from(receipt, 'hex')])
  const under = halls.find(({ agreement }) => rows.some(({ agreement_id }) => agreement_id === agreement.id))
  const notice = under === undefined ? undefined : await messageById(register, under, origin, receipt)
  if (under === undefined || notice === undefined) return undefined
  const { certificate } = notice.payload.body
  const issued = (await saidOf({ register, joined: under }, 'certificate/issue', 'out')).find(({ message, body }) => body.certificate === certificate && message.payload.to === origin)
  return issued?.body.undertakings.includes('no-re-export-without-consent') === true ? under : undefined
}
