// A certificate of destruction (spec/destruction.md): what was destroyed in one act, where, how, and before which witnesses; and the word of a witness of
// another party. The signature is that of the message.
import { date, hex, integer, list, misfit, nullable, object, oneOf, ruled, text, type Shaped } from '../bytes/shape.ts'
import { DESTRUCTION_METHODS, NOT_WITNESSED, WITNESSES_MAX } from '../rules/destruction.ts'
import { DOCUMENT_CHARACTERS_MAX } from '../rules/document.ts'
import { componentClass, identity, PART_CHARACTERS_MAX } from '../rules/item.ts'
import { partyId } from '../rules/party.ts'

export const DESTROYED_ITEMS_MAX = 1_024
const name = text(200)
const destructionId = hex(16)
const note = nullable(text(1_000))

const members = object({
  destruction: destructionId, party: partyId, number: text(DOCUMENT_CHARACTERS_MAX), date, region: text(100), method: oneOf(...DESTRUCTION_METHODS),
  counts: list(object({ class: componentClass, type: nullable(text(PART_CHARACTERS_MAX)), items: integer(1, DESTROYED_ITEMS_MAX) }), 1, DESTROYED_ITEMS_MAX),
  items: list(identity, 1, DESTROYED_ITEMS_MAX), witnesses: list(object({ party: partyId, name, office: name }), 1, WITNESSES_MAX), note,
})
const certified = ruled(members, 'each class and type once; as many items of each as are counted; each witness once', ({ counts, items, witnesses }) => {
  const seen = new Set<string>()
  counts.forEach(({ class: kind, type, items: count }, i) => {
    if (seen.size === seen.add(JSON.stringify([kind, type])).size) misfit(`counts[${i}]`, 'each class and type once')
    const listed = items.filter((each) => each.class === kind && (typeof each.type === 'object' ? each.type.is : null) === type).length
    if (listed !== count) misfit(`counts[${i}].items`, `as many as are listed, ${listed}`)
  })
  if (counts.reduce((sum, { items: count }) => sum + count, 0) !== items.length) misfit('counts', 'every listed item counted')
  if (new Set(witnesses.map((each) => JSON.stringify([each.party, each.name]))).size !== witnesses.length) misfit('witnesses', 'each witness once')
})
export type DestructionCertificate = Shaped<typeof certified>

/** The body of each kind of message about a destruction. */
export const DESTRUCTION_BODY = {
  'destruction/certify': certified,
  'destruction/witnessed': object({ destruction: destructionId, request: hex(32), witness: name, note }),
  'destruction/not-witnessed': object({ destruction: destructionId, request: hex(32), witness: name, reason: oneOf(...NOT_WITNESSED), note }),
} as const
