// Returns of licensed production as they were stated, by this party and to it: of one period the newest counts, and what it restates stays beside it.
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Message } from '@muster/core/wire/message.ts'
import type { ProductionReturn } from '@muster/core/wire/production-body.ts'
import { saidOf, type At } from '../said.ts'

export interface HeldReturn {
  readonly direction: 'out' | 'in'
  readonly with: PartyId
  readonly message: Message
  readonly body: ProductionReturn
  /** True where a later return states the same period anew. */
  readonly restated: boolean
}

const periodOf = ({ maker, class: kind, type, from, until }: ProductionReturn, party: PartyId): string => JSON.stringify([party, maker, kind, type, from, until])

/** All returns under the agreement, oldest first. */
export async function productionReturns(home: At): Promise<HeldReturn[]> {
  const read = async (direction: 'out' | 'in'): Promise<HeldReturn[]> => {
    const said = (await saidOf(home, 'production/return', direction)).map((each) => ({ ...each, party: direction === 'out' ? each.message.payload.to : each.message.payload.from }))
    return said.map(({ message, body, party }, i) => ({ direction, with: party, message, body, restated: said.slice(i + 1).some((later) => periodOf(later.body, later.party) === periodOf(body, party)) }))
  }
  return [...await read('out'), ...await read('in')]
}
