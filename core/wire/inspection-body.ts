// What is said about an inspection (DESIGN section 5, spec/inspection.md): announced with a bound share, drawn by the inspected party, opened, shown leaf
// by leaf, reported, and replied to. No route, guard, lock or time of the way is said; a site is as coarse as both sides may know.
import { base64, base64UpTo, boolean, hex, integer, list, misfit, nullable, object, oneOf, optional, ruled, text, time, type Shape, type Shaped } from '../bytes/shape.ts'
import { SEQUENCE_MAX } from '../rules/agreement.ts'
import { DRAWN_FINDINGS, MET_FINDINGS, NO_ACCESS_REASONS, OUTCOMES, RESERVATIONS } from '../rules/inspection.ts'
import { identity } from '../rules/item.ts'
import { MATCH_KEY_BYTES_MAX } from '../rules/match-key.ts'
import { partyId } from '../rules/party.ts'
import { CONFIDENCE_WHOLE, SAMPLED_ITEMS_MAX } from '../rules/sample.ts'
import { boundCounts } from './call-body.ts'
import { headShape } from './head.ts'
import { envelope } from './message.ts'
import { DIGESTS_MAX, ELEMENTS_MAX, openedSection, PATH_HASHES_MAX } from './trace-body.ts'

export const INSPECTORS_MAX = 16
/** Items of one sample: a report holds a finding of each. */
export const SAMPLE_MAX = 8_192
/** Leaves of one message; they are fewer where they are long. */
export const SHOWN_LEAVES_MAX = 1_024
export const MET_MAX = 1_024
/** Batches of one party in one inspection. */
export const LOOKED_UP_BATCHES_MAX = 1_024
/** Keys of items in one batch: with a path for each it stays below the bound of a message. */
export const LOOKED_UP_MAX = 256
const NOTE_CHARACTERS_MAX = 1_000

const inspection = hex(16)
const note = nullable(text(NOTE_CHARACTERS_MAX))
const index = integer(0, SEQUENCE_MAX)
const count = integer(0, SAMPLED_ITEMS_MAX)

/** Entries of a list that ascend by a name of theirs, each once. */
function ascending<T>(shape: Shape<readonly T[]>, nameOf: (value: T) => string | number, what: string): Shape<readonly T[]> {
  return ruled(shape, `${what} that ascend, each once`, (all, at) => {
    all.forEach((each, i) => { if (i > 0 && nameOf(each) <= nameOf(all[i - 1] as T)) misfit(`${at}[${i}]`, `${what} that ascend, each once`) })
  })
}

const announceMembers = object({
  inspection, inspected: partyId, inspectors: ascending(list(partyId, 1, INSPECTORS_MAX), (party) => party, 'parties'),
  /** Of the declaration that is inspected: SHA-256 of its head. */
  head: hex(32), day: time, site: nullable(text(200)), missing: integer(1, SAMPLED_ITEMS_MAX), confidence: integer(1, CONFIDENCE_WHOLE - 1),
  /** What the sender's share will be held to (spec/draw.md). */
  binding: hex(32),
  /** The inspection whose draw failed and is held anew here, without the parties that failed. */
  instead: nullable(inspection), note,
})
const announce = ruled(announceMembers, 'the inspected party is none of the inspectors', (whole) => {
  if (whole.inspectors.includes(whole.inspected)) misfit('inspectors', 'parties other than the inspected one')
})

const draw = object({
  inspection,
  /** What each inspecting party bound, and the message in which the inspected party had it before it gave its share. */
  bound: ascending(list(object({ party: partyId, announce: hex(32), binding: hex(32) }), 1, INSPECTORS_MAX), ({ party }) => party, 'parties'),
  share: hex(32),
  /** The head itself, and the counts that it binds: how many items there are to be drawn from is not for anybody to say now. */
  head: headShape, salt: hex(32), counts: boundCounts,
})

const leaf = object({
  index, label: hex(32), digests: list(hex(32), 2, DIGESTS_MAX), path: list(base64(32), 0, PATH_HASHES_MAX),
  sections: object({
    kind: openedSection, status: optional(openedSection), acquired: optional(openedSection), released: optional(openedSection), site: optional(openedSection), unit: optional(openedSection),
    marks: optional(openedSection), history: optional(openedSection), items: optional(openedSection), preimage: optional(openedSection),
  }),
})
export type ShownLeaf = Shaped<typeof leaf>

const drawnFinding = object({ index, what: oneOf(...DRAWN_FINDINGS), reason: nullable(oneOf(...NO_ACCESS_REASONS)), read: nullable(text(200)) })
export const inspectionFinding = ruled(drawnFinding, '`reason` where it was not accessible and only there, `read` where the mark differs and only there', (whole, at) => {
  if ((whole.reason !== null) !== (whole.what === 'not-accessible')) misfit(`${at}.reason`, whole.what === 'not-accessible' ? 'why it could not be reached' : 'null')
  if ((whole.read !== null) !== (whole.what === 'mark-differs')) misfit(`${at}.read`, whole.what === 'mark-differs' ? 'what is written on it' : 'null')
})
export const inspectionTally = object({
  items: count, sample: count, missing: count, confidence: integer(1, CONFIDENCE_WHOLE - 1), seen: count, notSeen: count, notAccessible: count, markDiffers: count,
  keyMissing: count, found: count, metDeclared: count, metNotDeclared: count, metNotLookedUp: count, noticed: nullable(count), outcome: oneOf(...OUTCOMES),
})

const element = integer(0, ELEMENTS_MAX - 1)
const entry = base64(64)
const path = list(base64(32), 0, PATH_HASHES_MAX)
/** Why a batch, or what is shown of it, is refused. */
export const LOOK_UP_REFUSALS = ['not-opened', 'beyond-the-sample', 'not-shown', 'wrong', 'quota', 'suspended', 'malformed'] as const
const batch = integer(0, LOOKED_UP_BATCHES_MAX - 1)
/** One batch with everything that was in it: `index` of a drawn item whose marks were read off, null of one that was met. */
const proof = object({
  inspection, draw: hex(32), asked: envelope, evaluated: envelope, items: list(object({ index: nullable(index), identity }), 1, LOOKED_UP_MAX),
  /** Every element in its order; `item` is its place in `items`, null of padding. */
  opened: list(object({ input: base64UpTo(MATCH_KEY_BYTES_MAX, 1), blind: hex(32), item: nullable(integer(0, LOOKED_UP_MAX - 1)) }), 1, ELEMENTS_MAX),
  present: list(object({ element, index, entry, path }), 0, LOOKED_UP_MAX),
  absent: list(object({ element, index, entries: list(entry, 2, 2), paths: list(path, 2, 2) }), 0, LOOKED_UP_MAX),
})

/** The body of each kind of message about an inspection. `draw`, `report`: the SHA-256 of the body that is meant, which is the same for every receiver. */
export const INSPECTION_BODY = {
  'inspection/announce': announce,
  'inspection/draw': draw,
  'inspection/open': object({ inspection, draw: hex(32), share: hex(32) }),
  /** Leaves in the order drawn, from place `first` on; `last`: there are no more. */
  'inspection/show': object({ inspection, draw: hex(32), first: integer(0, SEQUENCE_MAX), last: boolean, leaves: list(leaf, 0, SHOWN_LEAVES_MAX) }),
  /** The `n`-th batch of the marks that this party reads off items, from 0. */
  'inspection/ask': object({ inspection, draw: hex(32), n: batch, elements: list(base64(32), 1, ELEMENTS_MAX) }),
  'inspection/evaluated': object({ inspection, request: hex(32), head: hex(32), elements: list(base64(32), 1, ELEMENTS_MAX), proof: base64(64) }),
  'inspection/refuse': object({ inspection, request: hex(32), reason: oneOf(...LOOK_UP_REFUSALS) }),
  'inspection/prove': proof,
  /** `proofs`: SHA-256 of the bodies that prove what was looked up. */
  'inspection/report': object({
    inspection, draw: hex(32), proofs: list(hex(32), 0, LOOKED_UP_BATCHES_MAX), findings: ascending(list(inspectionFinding, 1, SAMPLE_MAX), (each) => each.index, 'indices'),
    met: list(object({ identity, what: oneOf(...MET_FINDINGS) }), 0, MET_MAX), shown: inspectionTally, note,
  }),
  'inspection/reply': object({
    inspection, report: hex(32), stance: oneOf('accepts', 'reserves'),
    reservations: list(object({ index: nullable(index), met: nullable(integer(0, MET_MAX - 1)), why: oneOf(...RESERVATIONS) }), 0, SAMPLE_MAX), note,
  }),
} as const
export type InspectionKind = keyof typeof INSPECTION_BODY
export type InspectionBody<K extends InspectionKind> = Shaped<(typeof INSPECTION_BODY)[K]>

/** Kinds that the inspected party says; the others are said by those who inspect. */
export const SAID_BY_INSPECTED: readonly InspectionKind[] = ['inspection/draw', 'inspection/show', 'inspection/evaluated', 'inspection/refuse', 'inspection/reply']

/** Kinds of single batches: two parties exchange them, and what came of them stands in `inspection/prove`. */
export const BATCH_KINDS = ['inspection/ask', 'inspection/evaluated', 'inspection/refuse'] as const satisfies readonly InspectionKind[]

export function isInspectionKind(kind: string): kind is InspectionKind {
  return Object.hasOwn(INSPECTION_BODY, kind)
}
