// What is said in a trace (DESIGN section 5): the bodies of its messages, each with a strict shape. Elements, inputs and opened bytes
// are base64; scalars, hashes, labels and salts are hex.
import { base64, base64UpTo, characters, fit, hex, integer, list, nullable, object, oneOf, optional, text, time, type Shape, type Shaped } from '../bytes/shape.ts'
import { Refusal } from '../bytes/refusal.ts'
import { RUNGS } from '../rules/mark.ts'
import { KEY_KINDS, MATCH_KEY_BYTES_MAX } from '../rules/match-key.ts'
import { receiptShape } from './receipt.ts'

export const ELEMENTS_MAX = 1024
export const RECOVERIES_MAX = 256
export const SHOWN_BATCHES_MAX = 64
export const PROOFS_MAX = 16
export const PATH_HASHES_MAX = 63
export const TLOG_PROOF_CHARACTERS_MAX = 1_000_000
export const EVENT_CHARACTERS_MAX = 65_536
export const SECTION_CHARACTERS_MAX = 500_000
export const HITS_MAX = 256
export const ITEMS_OF_A_KEY_MAX = 64
export const DIGESTS_MAX = 8

export const REFUSAL_REASONS = [
  'quota', 'suspended', 'not-bound', 'not-cosigned', 'unknown-head', 'malformed', 'not-a-party', 'restricted-by-law', 'ongoing-investigation', 'confidentiality', 'national-security',
] as const
/** Why the weapon is illicit, as a code that each side reads in its own language (International Tracing Instrument, paragraph 17). */
export const GROUNDS = ['seized-in-conflict', 'seized-from-crime', 'found-unattended', 'surrendered', 'exercise'] as const
export const USES = ['trace-of-origin', 'criminal-proceedings', 'report-to-council', 'exercise'] as const
export const CHANCES = ['0.1', '1', '3', '10', '30', '100'] as const

const hash = hex(32)
const path = list(hash, 0, PATH_HASHES_MAX)
const position = integer(0, Number.MAX_SAFE_INTEGER)

/** From an event's leaf to an entry of the log: through its batch, through the period's tree, to entry `entry` in the proof `proof`. */
export const bindingPath = object({
  batch: object({ index: position, size: position, path }),
  period: object({ salt: hash, index: position, size: position, path }),
  entry: position,
  proof: integer(0, PROOFS_MAX - 1),
})
export type BindingPath = Shaped<typeof bindingPath>

const openedElement = object({ input: base64UpTo(MATCH_KEY_BYTES_MAX), blind: hash })
export type OpenedElement = Shaped<typeof openedElement>
const openedBatch = list(openedElement, 1, ELEMENTS_MAX)

const evaluate = object({
  head: nullable(hash),
  recoveries: list(object({ binding: hash, path: bindingPath }), 1, RECOVERIES_MAX),
  proofs: list(characters(1, TLOG_PROOF_CHARACTERS_MAX), 1, PROOFS_MAX),
  elements: list(base64(32), 1, ELEMENTS_MAX),
  coin: hash,
})
const evaluated = object({
  request: hash,
  head: nullable(hash),
  elements: nullable(list(base64(32), 1, ELEMENTS_MAX)),
  proof: nullable(base64(64)),
  coin: nullable(hash),
  none: nullable(oneOf('no-declaration', 'stale')),
  /** The newest head, where the question was under the last one of an OPRF key that was replaced: without it the head is the newest. */
  newest: optional(hash),
})
const refuse = object({ request: hash, reason: oneOf(...REFUSAL_REASONS) })
/** The event of a find, and the salt with which it gives the leaf that the question was bound to. */
const openedFind = object({ event: characters(1, EVENT_CHARACTERS_MAX), salt: hash })
/** A batch that is opened comes with all finds of its question, so that their ladders say what it may have asked. */
const shownBatch = object({ request: hash, coin: hash, opened: nullable(openedBatch), recoveries: optional(list(openedFind, 1, RECOVERIES_MAX)) })
export type ShownBatch = Shaped<typeof shownBatch>
const open = object({ batches: list(shownBatch, 1, SHOWN_BATCHES_MAX) })
const request = object({
  request: hash,
  coin: hash,
  opened: openedBatch,
  recovery: openedFind,
  ground: oneOf(...GROUNDS),
  use: oneOf(...USES),
  hits: list(object({ element: integer(0, ELEMENTS_MAX - 1), label: hash }), 1, HITS_MAX),
})

export const openedSection = object({ salt: hash, bytes: base64UpTo(SECTION_CHARACTERS_MAX) })
const section = openedSection
const chance = object({
  kind: oneOf(...KEY_KINDS), pattern: text(200), rung: oneOf(...RUNGS), tried: integer(1, 1_000_000), hits: integer(0, 1_000_000), percent: oneOf(...CHANCES),
})
const openedItem = object({
  label: hash,
  digests: list(hash, 1, DIGESTS_MAX),
  sections: object({
    kind: section, status: optional(section), acquired: optional(section), released: optional(section),
    site: optional(section), unit: optional(section), marks: optional(section), history: optional(section),
  }),
})
const answeredHit = object({
  label: hash,
  digests: list(hash, 1, DIGESTS_MAX),
  sections: object({ kind: section, items: section }),
  chance,
  items: list(openedItem, 0, ITEMS_OF_A_KEY_MAX),
})
const answer = object({ request: hash, hits: list(answeredHit, 0, HITS_MAX), look: nullable(object({ due: time })) })

/** The body of each kind of message in a trace. */
export const TRACE_BODY = {
  'receipt': receiptShape,
  'evaluation/request': evaluate,
  'evaluation/answer': evaluated,
  'evaluation/refuse': refuse,
  'evaluation/open': open,
  'trace/request': request,
  'trace/answer': answer,
  'trace/refuse': refuse,
} as const

export type TraceKind = keyof typeof TRACE_BODY
export type TraceBody<K extends TraceKind> = Shaped<(typeof TRACE_BODY)[K]>
export type AnsweredHit = Shaped<typeof answeredHit>
export type AnsweredItem = Shaped<typeof openedItem>
export type Chance = Shaped<typeof chance>
export type RefusalReason = (typeof REFUSAL_REASONS)[number]

/** The typed body of a message of that kind. Throws a Refusal that names the member. */
export function traceBody<K extends TraceKind>(kind: K, body: unknown): TraceBody<K> {
  const fitted = fit(TRACE_BODY[kind] as Shape<TraceBody<K>>, body)
  if ('misfit' in fitted) throw new Refusal('trace/body', `${kind}: ${fitted.misfit.at} must be ${fitted.misfit.expected}`, fitted.misfit.at)
  return fitted.value
}
