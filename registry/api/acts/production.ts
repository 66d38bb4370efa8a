// Acts of what is made and what is destroyed, by number: `muster production` and `muster destruction`.
import { anyObject, date, hex, integer, list, object, oneOf, optional, text, time } from '@muster/core/bytes/shape.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { PARTIES_MAX } from '@muster/core/rules/agreement.ts'
import { REASON_CHARACTERS_MAX } from '@muster/core/rules/custody-event.ts'
import { DESTRUCTION_METHODS, NOT_WITNESSED, WITNESSES_MAX } from '@muster/core/rules/destruction.ts'
import { DOCUMENT_CHARACTERS_MAX } from '@muster/core/rules/document.ts'
import { componentClass, itemId, PART_CHARACTERS_MAX, partOf } from '@muster/core/rules/item.ts'
import { partyId } from '@muster/core/rules/party.ts'
import { site } from '@muster/core/rules/place.ts'
import { DESTROYED_ITEMS_MAX } from '@muster/core/wire/destruction-body.ts'
import { PRODUCED_SERIALS_MAX } from '@muster/core/wire/production-body.ts'
import { certifyDestruction, recordDestroyed, witnessDestruction } from '../../destruction/act.ts'
import { recordProduction, stateReturn } from '../../production/act.ts'
import { act, body, note, of, signed, told, type Act } from '../act.ts'

const part = text(PART_CHARACTERS_MAX)
const why = text(REASON_CHARACTERS_MAX)
const number = text(DOCUMENT_CHARACTERS_MAX)
const name = text(200)
const destroyed = list(itemId, 1, DESTROYED_ITEMS_MAX)

export const PRODUCTION_ACTS: readonly Act[] = [
  act('production', 'record', {
    what: 'record what was made, each item by its number', answers: object({ recorded: integer(1, PRODUCED_SERIALS_MAX), items: list(itemId, 1, PRODUCED_SERIALS_MAX) }),
    takes: body({ class: componentClass, type: part, maker: part, year: optional(part), lot: optional(part), serials: list(part, 1, PRODUCED_SERIALS_MAX), site: optional(site), happened: optional(time), reason: optional(why) }),
  }, async ({ home: { register } }, { class: kind, type, maker, year, lot, serials, site, happened, reason }, people, now) => {
    const items = await recordProduction(register, { identity: { class: kind, type: partOf(type), maker: partOf(maker), year: partOf(year), lot: partOf(lot) }, serials, site: site ?? 'unknown', happened: happened ?? timeOf(now), reason: reason ?? 'manufactured' }, people, now)
    return { recorded: items.length, items }
  }),
  act('production', 'return', { what: 'state the return of a period to the licensor: of the newest that has ended, where `until` is left out', takes: body({ type: part, maker: optional(part), until: optional(time), note }), answers: anyObject },
    async ({ at }, { type, maker, until, note }, people, now) => {
      const { message, body } = await stateReturn(at(), { type, maker, until, note: note ?? null }, people, now)
      return { message: message.id, to: message.payload.to, ...body }
    }),
]

const witnessed = body({ id: number, of, witness: name, note })

export const DESTRUCTION_ACTS: readonly Act[] = [
  act('destruction', 'record', { what: 'record that items were destroyed in one act under one number', two: true, takes: body({ number, items: destroyed, happened: optional(time), reason: why }), answers: object({ recorded: integer(1, DESTROYED_ITEMS_MAX), number }) },
    async ({ home: { register } }, { number, items, happened, reason }, people, now) => ({ recorded: await recordDestroyed(register, { items, number, happened: happened ?? timeOf(now), reason }, people, now), number })),
  act('destruction', 'certify', {
    what: 'certify a destruction to other parties: all that was destroyed under the number on that day, where no item is named', two: true,
    takes: body({ number, date: optional(date), region: text(100), method: oneOf(...DESTRUCTION_METHODS), witnesses: list(object({ party: partyId, name, office: name }), 1, WITNESSES_MAX), items: optional(destroyed), to: optional(list(partyId, 1, PARTIES_MAX)), note }),
    answers: object({ destruction: hex(16), messages: list(hex(32), 1, PARTIES_MAX), to: list(partyId, 1, PARTIES_MAX) }),
  }, async ({ at }, { number, date, region, method, witnesses, items, to, note }, people, now) => {
    const { destruction, messages } = await certifyDestruction(at(), { number, date: date ?? timeOf(now).slice(0, 10), region, method, witnesses, note: note ?? null, items, to }, people, now)
    return { destruction, messages: messages.map(({ id }) => id), to: messages.map(({ payload: { to: each } }) => each) }
  }),
  act('destruction', 'confirm', { what: 'the word of an own witness: it is as certified', takes: witnessed, answers: signed },
    async ({ at }, { id, of, witness, note }, people, now) => told(await witnessDestruction(at(), id, witness, { kind: 'destruction/witnessed' }, note ?? null, people, now, of))),
  act('destruction', 'deny', { what: 'the word of an own witness: it is not as certified', takes: body({ id: number, of, witness: name, reason: oneOf(...NOT_WITNESSED), note }), answers: signed },
    async ({ at }, { id, of, witness, reason, note }, people, now) => told(await witnessDestruction(at(), id, witness, { kind: 'destruction/not-witnessed', reason }, note ?? null, people, now, of))),
]
