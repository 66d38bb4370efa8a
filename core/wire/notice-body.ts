// What a notice of loss, theft or recovery says (DESIGN section 6, spec/notice.md): class, type and number of the items, a region as coarse as others
// may know; the numbers on them only where they are listed.
import { hex, integer, list, misfit, nullable, object, oneOf, ruled, text, time, type Shaped } from '../bytes/shape.ts'
import { componentClass, identity } from '../rules/item.ts'
import { CIRCUMSTANCES } from '../rules/notice.ts'

export const NOTICE_ITEMS_MAX = 1_024
export const TYPES_MAX = 64
const COUNT_MAX = 1_000_000

const members = object({
  notice: hex(16), discovered: time, region: nullable(text(100)), circumstances: oneOf(...CIRCUMSTANCES),
  items: list(object({ class: componentClass, type: nullable(text(200)), items: integer(1, COUNT_MAX) }), 1, TYPES_MAX), listed: nullable(list(identity, 1, NOTICE_ITEMS_MAX)),
  /** The id of an earlier notice of the same sender that this one completes or puts right. */
  follows: nullable(hex(32)), note: nullable(text(1_000)),
})
const notice = ruled(members, 'each class and type once; `listed` names as many items as are counted, or is null', (whole) => {
  const rows = whole.items.map(({ class: kind, type }) => `${kind}\n${type ?? ''}`)
  const seen = new Set<string>()
  rows.forEach((row, i) => { if (seen.size === seen.add(row).size) misfit(`items[${i}]`, 'each class and type once') })
  const counted = whole.items.reduce((sum, { items }) => sum + items, 0)
  if (whole.listed !== null && whole.listed.length !== counted) misfit('listed', `each of the ${counted} items, or null`)
})

/** The body of each kind of notice. */
export const NOTICE_BODY = { 'loss/notice': notice, 'theft/notice': notice, 'recovery/notice': notice } as const
export type NoticeBody = Shaped<typeof notice>
