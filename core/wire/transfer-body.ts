// What two states say about a transfer (DESIGN section 6, spec/transfer.md): the serial list of what was dispatched, its receipt item by item, and
// what is disputed. No route, escort or time of the way is said; the list names what each side's register then holds or gave up.
import { hex, integer, list, misfit, nullable, object, oneOf, optional, ruled, text, time, type Shape } from '../bytes/shape.ts'
import { MARKS_MAX, recordedMark } from '../rules/custody-event.ts'
import { documents } from '../rules/document.ts'
import { identity } from '../rules/item.ts'
import { DISPUTES } from '../rules/transfer.ts'

export const TRANSFER_ITEMS_MAX = 1_024
const NOTE_CHARACTERS_MAX = 1_000

const transferId = hex(16)
const note = nullable(text(NOTE_CHARACTERS_MAX))
const place = integer(0, TRANSFER_ITEMS_MAX - 1)

/** Photos stay at home: what is said of a mark is its text and condition. */
const listedMark = ruled(recordedMark, 'photo is null', (mark, at) => {
  if (mark.photo !== null) misfit(`${at}.photo`, 'null: a photo is shown with a trace, not with a transfer')
})

/** Places in the list, ascending, each once. */
function places<T>(shape: Shape<T>, placeOf: (value: T) => number): Shape<readonly T[]> {
  return ruled(list(shape, 1, TRANSFER_ITEMS_MAX), 'places that ascend, each once', (items, at) => {
    items.forEach((item, i) => { if (i > 0 && placeOf(item) <= placeOf(items[i - 1] as T)) misfit(`${at}[${i}]`, 'places that ascend, each once') })
  })
}

/** The body of each kind of message about a transfer. `documents` of a notice: the licence, and the end-user certificate where there is one. */
export const TRANSFER_BODY = {
  'transfer/notify': object({
    transfer: transferId, documents, due: time, items: list(object({ identity, marks: optional(list(listedMark, 1, MARKS_MAX)) }), 1, TRANSFER_ITEMS_MAX), note,
    /** The end-user certificate of the receiver under which the items are sent. */
    certificate: optional(hex(16)),
  }),
  'transfer/receive': object({ transfer: transferId, request: hex(32), happened: time, items: places(place, (item) => item), note }),
  'transfer/dispute': object({ transfer: transferId, request: hex(32), items: places(object({ item: place, what: oneOf(...DISPUTES) }), ({ item }) => item), note }),
} as const
