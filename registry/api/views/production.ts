// Returns of licensed makers and certificates of destruction as they are looked at, by the commands and by the API.
import { known } from '@muster/core/rules/item.ts'
import type { Destruction } from '../../destruction/view.ts'
import type { HeldReturn } from '../../production/view.ts'
import type { At } from '../../said.ts'
import { designationsWith } from './directory.ts'

/** Each with what was stated of the designation of its type. */
export async function returnsView(at: At, all: readonly HeldReturn[]) {
  return { returns: await Promise.all(all.map(async ({ direction, with: party, message, body, restated }) => ({ direction, with: party, message: message.id, stated: message.payload.time, restated, ...body, designations: await designationsWith(at, [party], [body.type]) }))) }
}

const destructionView = ({ direction, messages, body, witnesses }: Destruction) => ({ direction, certified: messages[0]?.payload.time ?? null, messages: messages.map(({ id }) => id), ...body, witnesses })

/** Beside each party that it was certified to, or that certified it, what was stated of the designations in it. */
export async function destructionShown(at: At, held: Destruction) {
  const parties = held.direction === 'in' ? [held.body.party] : held.messages.map(({ payload: { to } }) => to)
  return { ...destructionView(held), designations: await designationsWith(at, parties, held.body.items.map(({ type }) => known(type))) }
}

/** In a list the items are counted. */
export const destructionsView = (all: readonly Destruction[]) => ({ destructions: all.map((each) => ({ ...destructionView(each), items: each.body.items.length })) })
