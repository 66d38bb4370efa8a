// One custody event, recorded by hand under the law: `muster event`.
import { anyObject, boolean, either, integer, object, oneOf, optional, text, time } from '@muster/core/bytes/shape.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { needsTwo } from '@muster/core/rules/act.ts'
import { EVENT_KINDS, REASON_CHARACTERS_MAX, requestOf, SEQ_MAX, type CustodyRequest } from '@muster/core/rules/custody-event.ts'
import { documents } from '@muster/core/rules/document.ts'
import { itemId } from '@muster/core/rules/item.ts'
import type { Place } from '@muster/core/rules/place.ts'
import { within, type No } from '@muster/core/rules/rights.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { People } from '../../said.ts'
import { placesOf } from '../../store/items.ts'
import { recordByHand } from '../../transfer/by-hand.ts'
import { act, body, type Act } from '../act.ts'

const takes = body({ item: either(itemId, oneOf('new'), 'an item\'s id, or new'), kind: oneOf(...EVENT_KINDS), reason: text(REASON_CHARACTERS_MAX), happened: optional(time), documents: optional(documents), data: optional(anyObject), seen: optional(integer(-1, SEQ_MAX)) })
type Body = ReturnType<typeof takes>

function requestFrom({ kind, reason, happened, documents: given, data }: Body, { by, and }: People, now: number): CustodyRequest {
  const request = requestOf({ kind, reason, happened: happened ?? timeOf(now), by, and, documents: given ?? [], data: data ?? {} })
  if (request instanceof Error) throw request
  return request
}

/** For a look at what is asked before it is known who does it. */
const SOME: People = { by: 'the first', and: 'the second' }

/** What takes an act of two back, or puts another in its place, is a correction: each takes two people here, since a browser does not see what it corrects. */
function takesTwo(said: Body): boolean {
  return said.kind === 'corrected' || needsTwo(requestFrom(said, SOME, 0))
}

const OUTSIDE = 'the item lies outside the sites and units that this person keeps'

/** Of an item that is in the register: where it lies; of one that enters it: where it will. */
async function concerned({ register }: Parameters<Act['perform']>[0], said: Body): Promise<readonly { readonly site: string | undefined, readonly unit: string | undefined }[]> {
  if (said.item !== 'new') return placesOf(register.db, [said.item])
  const { entry } = requestFrom(said, SOME, 0).data as { readonly entry?: { readonly place: Place } }
  const { site, unit } = entry?.place ?? { site: 'unknown', unit: 'unknown' }
  return [{ site: typeof site === 'string' ? undefined : site.code, unit: typeof unit === 'string' ? undefined : unit.is }]
}

export const EVENT_ACTS: readonly Act[] = [
  act('event', 'event', {
    what: 'record what happened to an item', takes, answers: object({ item: itemId, seq: integer(0, SEQ_MAX), kind: oneOf(...EVENT_KINDS), written: time, again: boolean }), two: (said) => takesTwo(said as Body),
    within: async (home, said, scope) => {
      if (!(await concerned(home, said)).every((place) => within(scope, place))) throw new Refusal<No>('rights/scope', OUTSIDE, 'item')
    },
  }, async ({ home }, said, people, now) => {
    const { event, again } = await recordByHand(home.register, { item: said.item, request: requestFrom(said, people, now), seen: said.seen, at: timeOf(now) })
    return { item: event.item, seq: event.seq, kind: event.kind, written: event.written, again }
  }),
]
