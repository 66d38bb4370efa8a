// Re-exports as they stand, read anew from the messages and the events: what was asked of whom, what it was answered, and which items are bound.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import { inForce } from '@muster/core/rules/holding.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { ReExportCode } from '@muster/core/rules/re-export.ts'
import { saidOf, type At, type Said } from '../said.ts'
import { messageById } from '../store/messages.ts'

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

/**
 * The parties whose consent an item needs: those from which it last came under an own certificate with that undertaking. What went back to such a party
 * has a later event of it, its receipt, and is bound no more.
 */
export async function boundTo(home: At, events: readonly CustodyEvent[]): Promise<PartyId[]> {
  const last = new Map<PartyId, string>()
  for (const event of inForce(events)) {
    if (event.kind === 'received' && typeof event.data.from === 'object' && 'party' in event.data.from && event.data.receipt !== undefined) last.set(event.data.from.party, event.data.receipt)
  }
  if (last.size === 0) return []
  const issued = await saidOf(home, 'certificate/issue', 'out')
  const bound: PartyId[] = []
  for (const [origin, receipt] of last) {
    const notice = await messageById(home.register, home.joined, origin, receipt)
    const certificate = notice?.payload.kind === 'transfer/notify' ? notice.payload.body.certificate : undefined
    const under = certificate === undefined ? undefined : issued.find(({ message, body }) => body.certificate === certificate && message.payload.to === origin)
    if (under?.body.undertakings.includes('no-re-export-without-consent') === true) bound.push(origin)
  }
  return bound
}
