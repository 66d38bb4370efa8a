// Lots split and used: `muster lot split` and `muster lot use`.
import { integer, object, optional, text, time } from '@muster/core/bytes/shape.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { REASON_CHARACTERS_MAX } from '@muster/core/rules/custody-event.ts'
import { documents } from '@muster/core/rules/document.ts'
import { itemId, PART_CHARACTERS_MAX, quantity, QUANTITY_MAX } from '@muster/core/rules/item.ts'
import { place } from '@muster/core/rules/place.ts'
import { splitLot, takeFromLot } from '../../lot/act.ts'
import { act, body, type Act } from '../act.ts'

const taking = { lot: itemId, quantity: integer(1, QUANTITY_MAX), reason: text(REASON_CHARACTERS_MAX), happened: optional(time), documents: optional(documents) }

export const LOT_ACTS: readonly Act[] = [
  act('lot', 'split', { what: 'make a part of a lot a lot of its own', takes: body({ ...taking, as: optional(text(PART_CHARACTERS_MAX)), place: optional(place) }), answers: object({ lot: itemId }) },
    async ({ home }, { happened, documents, ...split }, people, now) => ({ lot: await splitLot(home.register, { ...split, happened: happened ?? timeOf(now), documents: documents ?? [] }, people, now) })),
  act('lot', 'use', { what: 'record that so many of a lot were used, and for what', takes: body({ ...taking, for: text(REASON_CHARACTERS_MAX) }), answers: object({ left: quantity }) },
    async ({ home }, { happened, documents, for: purpose, ...used }, people, now) => ({ left: await takeFromLot(home.register, { ...used, happened: happened ?? timeOf(now), documents: documents ?? [] }, purpose, people, now) })),
]
