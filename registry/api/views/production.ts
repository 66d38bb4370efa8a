// Returns of licensed makers and certificates of destruction as they are looked at, by the commands and by the API.
import type { Destruction } from '../../destruction/view.ts'
import type { HeldReturn } from '../../production/view.ts'

export const returnView = ({ direction, with: party, message, body, restated }: HeldReturn) => ({ direction, with: party, message: message.id, stated: message.payload.time, restated, ...body })

export const destructionView = ({ direction, messages, body, witnesses }: Destruction) => ({ direction, certified: messages[0]?.payload.time ?? null, messages: messages.map(({ id }) => id), ...body, witnesses })

/** In a list the items are counted. */
export const destructionsView = (all: readonly Destruction[]) => ({ destructions: all.map((each) => ({ ...destructionView(each), items: each.body.items.length })) })
