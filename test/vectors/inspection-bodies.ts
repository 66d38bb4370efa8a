// Vectors of what is said about an inspection, and of the size of its sample.
import { toBase64, toHex } from '@muster/core/bytes/bytes.ts'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { missedChance, sampleSize, type Wanted } from '@muster/core/rules/sample.ts'
import { AA, AGREEMENT, BB, CC, drawn } from './three-parties.ts'

/** `at`: the member at which a body is refused. */
export type InspectionVector = { what: string, kind: string, body: Json, at: string | null }
/** `sample`: the smallest; `missed`: the chance that it misses the loss, to six decimals. */
export type SampleVector = { what: string, wanted: Wanted, sample: number | null, missed: string | null, code: string | null }

const ID = toHex(drawn('inspection').slice(0, 16))
const h = (name: string): string => toHex(drawn(name))
const HEAD = {
  v: 'muster/head/1', agreement: AGREEMENT, party: AA, sequence: 0, asOf: '2026-03-01T00:00:00Z', previous: null, oprf: toBase64(drawn('oprf')), folding: 1, size: 256, root: toBase64(drawn('root')), counts: h('counts'), rekeyed: false,
}
const ANNOUNCE = { inspection: ID, inspected: AA, inspectors: [BB, CC], head: h('head'), day: '2026-03-02T00:00:00Z', site: 'North', missing: 20, confidence: 9500, binding: h('binding'), instead: null, note: null }
const BOUND = [BB, CC].map((party) => ({ party, announce: h(`${party} announce`), binding: h(`${party} binding`) }))
const DRAW = { inspection: ID, bound: BOUND, share: h('share'), head: HEAD, salt: h('salt'), counts: { 'missile held': 400, 'missile expended': 12 } }
const OPEN = { inspection: ID, draw: h('draw'), share: h('share of BB') }
const section = (text: string) => ({ salt: h(`salt of ${text}`), bytes: toBase64(new TextEncoder().encode(text)) })
const LEAF = { index: 7, label: h('label'), digests: [h('one'), h('two')], path: [toBase64(drawn('path'))], sections: { kind: section('dummy'), preimage: section('x') } }
const SHOW = { inspection: ID, draw: h('draw'), first: 0, last: true, leaves: [LEAF] }
const SHOWN = { items: 400, sample: 2, missing: 20, confidence: 9500, seen: 1, notSeen: 0, notAccessible: 0, markDiffers: 1, keyMissing: 0, found: 1, metDeclared: 1, metNotDeclared: 0, metNotLookedUp: 0, noticed: 380, outcome: 'discrepancies' }
const SEEN = { index: 3, what: 'seen', reason: null, read: null }
const IDENTITY = { class: 'missile', maker: 'unknown', type: { is: '9М39' }, year: 'unknown', lot: 'unknown', serial: { is: '0101' } }
const ELEMENT = toBase64(drawn('element'))
const ENTRY = toBase64(new Uint8Array([...drawn('label'), ...drawn('binding')]))
const SIGNED = { payload: toBase64(drawn('payload')), signatures: { ed25519: toBase64(new Uint8Array(64)), mldsa44: toBase64(new Uint8Array(2420)) } }
const PROVE = {
  inspection: ID, draw: h('draw'), asked: SIGNED, evaluated: SIGNED, items: [{ index: null, identity: IDENTITY }], opened: [{ input: ELEMENT, blind: h('blind'), item: 0 }, { input: ELEMENT, blind: h('blind'), item: null }],
  present: [{ element: 0, index: 7, entry: ENTRY, path: [ELEMENT] }], absent: [],
}
const REPORT = { inspection: ID, draw: h('draw'), proofs: [h('proof')], findings: [SEEN, { index: 9, what: 'mark-differs', reason: null, read: '9М39 № 0108' }], met: [{ identity: IDENTITY, what: 'met-declared' }], shown: SHOWN, note: null }
const REPLY = { inspection: ID, report: h('report'), stance: 'reserves', reservations: [{ index: 9, met: null, why: 'read-wrongly' }], note: null }

const valid = (name: string, what: string, kind: string, body: Json): [string, InspectionVector] => [`inspection/valid/${name}`, { what, kind, body, at: null }]
const invalid = (name: string, what: string, kind: string, body: Json, at: string): [string, InspectionVector] => [`inspection/invalid/${name}`, { what, kind, body, at }]

export function inspectionVectors(): [string, InspectionVector][] {
  return [
    valid('announce', 'two parties inspect a third', 'inspection/announce', ANNOUNCE),
    valid('draw', 'the inspected party\'s share, beside what was bound before it', 'inspection/draw', DRAW),
    valid('open', 'a share opened', 'inspection/open', OPEN),
    valid('show', 'one leaf, the last', 'inspection/show', SHOW),
    valid('ask', 'a mark read off an item, blinded, and padding', 'inspection/ask', { inspection: ID, draw: h('draw'), n: 0, elements: [ELEMENT, ELEMENT] }),
    valid('evaluated', 'its evaluation', 'inspection/evaluated', { inspection: ID, request: h('ask'), head: h('head'), elements: [ELEMENT, ELEMENT], proof: toBase64(new Uint8Array([...drawn('p'), ...drawn('q')])) }),
    valid('refuse', 'more than the sample gives', 'inspection/refuse', { inspection: ID, request: h('ask'), reason: 'beyond-the-sample' }),
    valid('prove', 'an item that was met, found in the declaration', 'inspection/prove', PROVE),
    valid('report', 'one item seen, one with other marks', 'inspection/report', REPORT),
    valid('reply', 'a reservation', 'inspection/reply', REPLY),
    invalid('nothing-missing', 'a sample that would notice nothing', 'inspection/announce', { ...ANNOUNCE, missing: 0 }, 'missing'),
    invalid('certainty', 'a confidence that only who sees everything has', 'inspection/announce', { ...ANNOUNCE, confidence: 10_000 }, 'confidence'),
    invalid('inspects-itself', 'the inspected party among those who inspect', 'inspection/announce', { ...ANNOUNCE, inspectors: [AA, BB] }, 'inspectors'),
    invalid('inspector-twice', 'one party named twice', 'inspection/announce', { ...ANNOUNCE, inspectors: [BB, BB] }, 'inspectors[1]'),
    invalid('route', 'a route to the store', 'inspection/announce', { ...ANNOUNCE, route: 'by the north gate' }, 'route'),
    invalid('draw-of-nobody', 'a share that answers no binding', 'inspection/draw', { ...DRAW, bound: [] }, 'bound'),
    invalid('short-share', 'a share of 31 bytes', 'inspection/draw', { ...DRAW, share: h('share').slice(2) }, 'share'),
    invalid('another-status', 'counts of a status that there is not', 'inspection/draw', { ...DRAW, counts: { 'missile hidden': 1 } }, 'counts.missile hidden'),
    invalid('unknown-section', 'a section that no leaf has', 'inspection/show', { ...SHOW, leaves: [{ ...LEAF, sections: { ...LEAF.sections, guard: section('x') } }] }, 'leaves[0].sections.guard'),
    invalid('no-reason', 'not reached, and not why', 'inspection/report', { ...REPORT, findings: [{ ...SEEN, what: 'not-accessible' }] }, 'findings[0].reason'),
    invalid('differs-from-what', 'other marks, and not which', 'inspection/report', { ...REPORT, findings: [{ ...SEEN, what: 'mark-differs' }] }, 'findings[0].read'),
    invalid('finding-twice', 'two findings of one leaf', 'inspection/report', { ...REPORT, findings: [SEEN, SEEN] }, 'findings[1]'),
    invalid('outcome-of-its-own', 'an outcome that is on no list', 'inspection/report', { ...REPORT, shown: { ...SHOWN, outcome: 'satisfactory' } }, 'shown.outcome'),
    invalid('refuses-in-words', 'a reason that is no code', 'inspection/refuse', { inspection: ID, request: h('ask'), reason: 'not today' }, 'reason'),
    invalid('half-a-neighbour', 'an absence with one neighbour', 'inspection/prove', { ...PROVE, present: [], absent: [{ element: 0, index: 7, entries: [ENTRY], paths: [[], []] }] }, 'absent[0].entries'),
    invalid('proves-nothing', 'a batch of no item', 'inspection/prove', { ...PROVE, items: [] }, 'items'),
    invalid('reserves-in-words', 'a reservation that is no code', 'inspection/reply', { ...REPLY, reservations: [{ index: 9, met: null, why: 'it rained' }] }, 'reservations[0].why'),
  ]
}

function sample(name: string, what: string, items: number, missing: number, confidence = 9500): [string, SampleVector] {
  const wanted = { items, missing, confidence }
  const size = sampleSize(wanted)
  return size instanceof Refusal ? [`sample/invalid/${name}`, { what, wanted, sample: null, missed: null, code: size.code }]
    : [`sample/valid/${name}`, { what, wanted, sample: size, missed: missedChance(wanted, size).toFixed(6), code: null }]
}

export function sampleVectors(): [string, SampleVector][] {
  return [
    sample('20-of-20000', 'a small loss in a large stock', 20_000, 20), sample('200-of-20000', 'ten times the loss', 20_000, 200), sample('5-of-500', 'one store', 500, 5),
    sample('all-missing', 'one item tells', 500, 500), sample('one-of-two-at-a-half', 'a tie, decided in whole numbers', 2, 1, 5000), sample('one-of-100-nearly-certain', 'everything must be seen', 100, 1, 9999),
    sample('nothing-missing', 'no loss is noticed by no sample', 500, 0), sample('more-than-there-is', 'more missing than there is', 500, 501), sample('no-items', 'nothing to draw from', 0, 1),
    sample('certainty', 'only who sees everything is certain', 500, 5, 10_000),
  ]
}
