// What passes on paper about a call to count: a state without a registry is addressed by a note, and its answer is entered by hand, marked as such
// (DESIGN section 6). Dates are those on the paper.
import { date, integer, list, misfit, object, oneOf, ruled, stated, text, type Shape, type Shaped } from '../bytes/shape.ts'
import { schemaOf } from '../bytes/schema.ts'
import { CLASSES_MAX } from './agreement.ts'
import { NO_COUNT_REASONS, type Word } from './call.ts'
import { componentClass } from './item.ts'
import { isPartyId } from './party.ts'

export const STATE_CHARACTERS_MAX = 100
const COUNT_MAX = 1_000_000_000
const count = integer(0, COUNT_MAX)

/** The name of a state without a registry, as people call it. A party's code is no such name: a party answers for itself. */
export const stateName = ruled(text(STATE_CHARACTERS_MAX), 'not a party\'s code', (name, at) => {
  if (isPartyId(name)) misfit(at, 'the name of a state without a registry, not a party\'s code')
})

const SAID = {
  'addressed': object({ kind: oneOf('addressed') }),
  'delivered': object({ kind: oneOf('delivered'), on: date }),
  'answered': object({ kind: oneOf('answered'), on: date, counts: list(object({ class: componentClass, opened: count, sealed: count, records: count }), 0, CLASSES_MAX) }),
  'declined': object({ kind: oneOf('declined'), on: date, reason: oneOf(...NO_COUNT_REASONS) }),
  'objected': object({ kind: oneOf('objected'), on: date, reason: oneOf(...NO_COUNT_REASONS) }),
} as const

export type PaperSaid = { [K in keyof typeof SAID]: Shaped<(typeof SAID)[K]> }[keyof typeof SAID]

export const paperSaid: Shape<PaperSaid> = stated((value, at) => {
  const { kind } = (typeof value === 'object' && value !== null ? value : {}) as { readonly kind?: unknown }
  if (typeof kind !== 'string' || !Object.hasOwn(SAID, kind)) return misfit(at === '' ? 'kind' : `${at}.kind`, `one of ${Object.keys(SAID).join(', ')}`)
  return (SAID[kind as keyof typeof SAID] as Shape<PaperSaid>)(value, at)
}, () => ({ oneOf: Object.values(SAID).map(schemaOf) }))

/** What a paper says, as a word in the matrix; undefined for one that only says that the note went out or arrived. */
export function wordOf(said: PaperSaid): Word | undefined {
  if (said.kind === 'addressed' || said.kind === 'delivered') return undefined
  const time = `${said.on}T00:00:00Z`
  return said.kind === 'answered' ? { kind: 'answered', time, counts: said.counts.map((row) => ({ ...row, type: null })) } : { kind: said.kind, time, reason: said.reason }
}
