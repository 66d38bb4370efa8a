// An inspection as its messages show it (DESIGN section 5, spec/inspection.md): each side and any third reads the same messages by this law. The draw is
// a toss of coins; whose word is missing in time has failed, by name. Pure; time is an argument.
import { fromHex, toHex } from '../bytes/bytes.ts'
import { canonical, canonicalBytes } from '../bytes/canonical.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { addSeconds, type Time } from '../bytes/time.ts'
import type { AgreementId } from '../rules/agreement.ts'
import { draws, drawSeed, type DrawCode } from '../rules/draw.ts'
import { tallyOf, TO_BE_SEEN, type MetFinding, type Tally } from '../rules/inspection.ts'
import type { PartyId } from '../rules/party.ts'
import { sampleSize, type SampleCode } from '../rules/sample.ts'
import { bindCounts } from './call-body.ts'
import { headHash } from './head.ts'
import { SAMPLE_MAX, type InspectionBody, type InspectionKind, type ShownLeaf } from './inspection-body.ts'
import { identityOf, lookedUpName, provenOf, readProof, type Evaluating, type LookedUp, type MetCode } from './met-proof.ts'
import { readShownLeaf, type DrawnLeaf, type LeafCode } from './shown-leaf.ts'

export type InspectionCode = DrawCode | SampleCode | LeafCode | MetCode
  | 'inspection/other-head' | 'inspection/counts' | 'inspection/other-binding' | 'inspection/second-draw' | 'inspection/nothing-to-see' | 'inspection/sample-too-large'
  | 'inspection/leaf-withheld' | 'inspection/too-many-leaves' | 'inspection/fewer-items' | 'inspection/finding-missing' | 'inspection/finding-of-none' | 'inspection/other-tally' | 'inspection/proof-missing' | 'inspection/other-than-proven'

/** A verified message of one kind. */
export interface Word<K extends InspectionKind> { readonly id: string, readonly from: PartyId, readonly to: PartyId, readonly time: Time, readonly sequence: number, readonly body: InspectionBody<K> }
/** Everything that was said under one id, in any order. */
export type Words = { readonly [K in InspectionKind]: readonly Word<K>[] }

export type Stage = 'announced' | 'drawn' | 'opened' | 'shown' | 'reported' | 'failed'

export interface Inspection {
  readonly terms: InspectionBody<'inspection/announce'>
  readonly stage: Stage
  readonly announced: readonly Word<'inspection/announce'>[]
  readonly draw: InspectionBody<'inspection/draw'> | undefined
  /** By which later words name the draw. */
  readonly drawHash: string | undefined
  readonly opened: readonly PartyId[]
  /** Items to be seen by the counts that the head binds, and how many of them are drawn. */
  readonly items: number | undefined
  readonly sample: number | undefined
  readonly seed: Uint8Array | undefined
  /** Leaves shown so far, in the order drawn. */
  readonly drawn: readonly DrawnLeaf[]
  readonly complete: boolean
  /** What each inspecting party has shown of marks that it read off items, by the hash of the body that shows it; only what holds. */
  readonly proofs: readonly InspectionProof[]
  readonly reports: readonly Word<'inspection/report'>[]
  readonly replies: readonly Word<'inspection/reply'>[]
  /** By when the next word is due, where the agreement says so. */
  readonly due: Time | undefined
  /** Who did not say it in time, or said what does not hold. */
  readonly failed: readonly PartyId[]
  readonly wrong: Refusal<InspectionCode> | undefined
}

export interface InspectionProof { readonly by: PartyId, readonly hash: string, readonly looked: readonly LookedUp[] }

/** The hash by which a later message names the body of an earlier one, whoever it went to. */
export function bodyHash(p: Primitives, body: InspectionBody<'inspection/draw' | 'inspection/report' | 'inspection/prove'>): string {
  return toHex(p.sha256(canonicalBytes(body)))
}

/** What all inspecting parties say alike. */
export function termsOf({ inspection, inspected, inspectors, head, day, site, missing, confidence, instead }: InspectionBody<'inspection/announce'>): string {
  return canonical({ inspection, inspected, inspectors, head, day, site, missing, confidence, instead })
}

const earlier = (a: Word<InspectionKind>, b: Word<InspectionKind>): number => a.time < b.time ? -1 : a.time > b.time ? 1 : a.sequence - b.sequence

/** How many items the sample has, by the counts that the head binds. */
function sampleOf({ missing, confidence }: InspectionBody<'inspection/announce'>, counts: Readonly<Record<string, number>>): { readonly items: number, readonly sample: number } | Refusal<InspectionCode> {
  const items = Object.entries(counts).reduce((sum, [name, held]) => TO_BE_SEEN.some((status) => name.endsWith(` ${status}`)) ? sum + held : sum, 0)
  if (items === 0) return new Refusal('inspection/nothing-to-see', 'the declaration states no item to be in hand', 'counts')
  const sample = sampleSize({ items, missing: Math.min(missing, items), confidence })
  if (sample instanceof Refusal) return sample
  return sample <= SAMPLE_MAX ? { items, sample } : new Refusal('inspection/sample-too-large', `a sample of ${sample} of ${items} items is more than the ${SAMPLE_MAX} of one inspection: agree on a larger detectable loss, or inspect class by class`, 'missing')
}

/** What is wrong with a draw; undefined where nothing is. */
export function checkDraw(p: Primitives, agreement: AgreementId, announced: readonly Word<'inspection/announce'>[], { bound, head, salt, counts }: InspectionBody<'inspection/draw'>): Refusal<InspectionCode> | undefined {
  const [{ body: terms }] = announced as [Word<'inspection/announce'>]
  const { inspected, inspectors } = terms
  if (headHash(p, head) !== terms.head || head.party !== inspected || head.agreement !== agreement) return new Refusal('inspection/other-head', `${inspected} draws from another declaration than the one that was announced`, 'head')
  if (bindCounts(p, fromHex(salt) as Uint8Array, counts) !== head.counts) return new Refusal('inspection/counts', 'the counts that are opened are not those that the head binds', 'counts')
  if (canonical(bound.map(({ party }) => party)) !== canonical(inspectors)) return new Refusal('inspection/other-binding', `${inspected} does not draw for exactly ${inspectors.join(', ')}`, 'bound')
  for (const { party, announce, binding } of bound) {
    const said = announced.filter(({ from }) => from === party)
    if (said.some(({ body, to, id }) => body.binding !== binding || (to === inspected && id !== announce))) return new Refusal('inspection/other-binding', `${party} bound another share than ${inspected} says`, 'bound')
  }
  return undefined
}

/** The first word of each name: who says something twice has said the first. */
function firstOf<K extends InspectionKind>(words: readonly Word<K>[], nameOf: (word: Word<K>) => string = ({ from }) => from): Word<K>[] {
  return [...new Map(words.toSorted(earlier).reverse().map((word) => [nameOf(word), word])).values()].sort(earlier)
}

/** The leaves that are shown, place after place, each from the first message that shows it. */
function shownLeaves(shows: readonly Word<'inspection/show'>[]): { readonly leaves: readonly ShownLeaf[], readonly last: boolean } {
  const leaves: ShownLeaf[] = []
  let last = false
  for (const { body } of shows.toSorted((a, b) => a.body.first - b.body.first || earlier(a, b))) {
    if (body.first !== leaves.length) continue
    leaves.push(...body.leaves)
    last ||= body.last
  }
  return { leaves, last }
}

interface Read { readonly drawn: readonly DrawnLeaf[], readonly complete: boolean, readonly wrong: Refusal<InspectionCode> | undefined }

/** Holds what is shown to what was drawn: every leaf in its turn, until so many items to be seen are open, and then no more. */
function readLeaves(p: Primitives, { head }: InspectionBody<'inspection/draw'>, sample: number, seed: Uint8Array, { leaves, last }: ReturnType<typeof shownLeaves>): Read {
  const drawn: DrawnLeaf[] = []
  const stop = (code: InspectionCode, message: string): Read => ({ drawn, complete: false, wrong: new Refusal(code, message, `place ${drawn.length}`) })
  let seen = 0
  for (const index of toBeOpened(p, seed, head.size)) {
    if (seen === sample) break
    const shown = leaves[drawn.length]
    if (shown === undefined) return last ? stop('inspection/leaf-withheld', `leaf ${index} was drawn and is not shown`) : { drawn, complete: false, wrong: undefined }
    const leaf = readShownLeaf(p, head, shown, index)
    if (leaf instanceof Refusal) return { drawn, complete: false, wrong: leaf }
    drawn.push(leaf)
    if (leaf.toBeSeen) seen += 1
  }
  if (seen < sample) return stop('inspection/fewer-items', `all leaves are open and hold ${seen} items to be seen, fewer than the head's counts state`)
  if (leaves.length > drawn.length) return stop('inspection/too-many-leaves', 'more leaves are shown than were drawn')
  return { drawn, complete: true, wrong: undefined }
}

/** The places that are drawn, in their order, without the entries before and after all others, which bind nothing. */
export function* toBeOpened(p: Primitives, seed: Uint8Array, size: number): Generator<number, void, undefined> {
  for (const index of draws(p, seed, size)) if (index > 0 && index < size - 1) yield index
}

export interface ReadAt { readonly agreement: AgreementId, readonly inspectionSeconds: number | undefined, readonly at: Time, readonly evaluating: Evaluating }

/** The inspection as it stands at `at`. `announced`: at least one, all of the same terms. */
export function readInspection(p: Primitives, words: Words, { agreement, inspectionSeconds, at, evaluating }: ReadAt): Inspection {
  const announced = words['inspection/announce'].toSorted(earlier)
  const [first] = announced as [Word<'inspection/announce'>]
  const { body: terms } = first
  const { inspected, inspectors } = terms
  const dueAfter = (time: Time): Time | undefined => inspectionSeconds === undefined ? undefined : addSeconds(time, inspectionSeconds)
  const late = (due: Time | undefined): boolean => due !== undefined && at > due
  const base = {
    terms, announced, draw: undefined, drawHash: undefined, opened: [], items: undefined, sample: undefined, seed: undefined, drawn: [], complete: false, proofs: [], reports: [], replies: [], due: undefined, failed: [], wrong: undefined,
  }
  const failing = (stage: Stage, due: Time | undefined, failed: readonly PartyId[], so: Partial<Inspection> = {}): Inspection =>
    late(due) ? { ...base, ...so, stage: 'failed', due, failed } : { ...base, ...so, stage, due }
  const absent = inspectors.filter((party) => !announced.some(({ from }) => from === party))
  const bodies = new Map(words['inspection/draw'].filter(({ from }) => from === inspected).toSorted(earlier).map(({ body, time }) => [bodyHash(p, body), { body, time }]))
  const [drawnFirst, drawnAgain] = bodies
  if (drawnFirst === undefined) return absent.length > 0 ? failing('announced', dueAfter(first.time), absent) : failing('announced', dueAfter((announced.at(-1) ?? first).time), [inspected])
  const [drawHash, { body: draw, time: drawnAt }] = drawnFirst
  const wrongDraw = drawnAgain === undefined ? checkDraw(p, agreement, announced, draw) : new Refusal<InspectionCode>('inspection/second-draw', `${inspected} gave two shares for one draw`, 'share')
  const sized = sampleOf(terms, draw.counts)
  if (wrongDraw !== undefined) return { ...base, stage: 'failed', draw, drawHash, failed: [inspected], wrong: wrongDraw }
  if (sized instanceof Refusal) return { ...base, stage: 'failed', draw, drawHash, wrong: sized }
  const openDue = dueAfter(drawnAt)
  const opens = firstOf(words['inspection/open'].filter(({ from, time, body }) => body.draw === drawHash && inspectors.includes(from) && (openDue === undefined || time <= openDue)))
  const opened = opens.map(({ from }) => from)
  const at2 = { draw, drawHash, opened, ...sized }
  const seed = drawSeed(p, {
    head: fromHex(terms.head) as Uint8Array, inspected, bindings: draw.bound.map(({ party, binding }) => ({ party, binding: fromHex(binding) as Uint8Array })),
    shares: [{ party: inspected, share: fromHex(draw.share) as Uint8Array }, ...opens.map(({ from, body }) => ({ party: from, share: fromHex(body.share) as Uint8Array }))],
  })
  const closed = inspectors.filter((party) => !opened.includes(party))
  if (closed.length > 0) return failing('drawn', openDue, closed, at2)
  if (seed instanceof Refusal) return { ...base, ...at2, stage: 'failed', failed: inspectors.filter((party) => party === seed.at), wrong: seed }
  const read = readLeaves(p, draw, sized.sample, seed, shownLeaves(words['inspection/show'].filter(({ from, body }) => from === inspected && body.draw === drawHash)))
  const at3 = { ...at2, seed, ...read }
  if (read.wrong !== undefined) return { ...base, ...at3, stage: 'failed', failed: [inspected] }
  if (!read.complete) return failing('opened', dueAfter((opens.at(-1) as Word<'inspection/open'>).time), [inspected], at3)
  const proofs = proofsIn(p, evaluating, words['inspection/prove'], { ...at3, terms, draw, drawHash })
  const at4 = { ...at3, proofs }
  const reports = firstOf(words['inspection/report'].filter(({ from, body }) => inspectors.includes(from) && body.draw === drawHash && checkReport(at4, terms, from, body) === undefined))
  const hashes = reports.map(({ body }) => bodyHash(p, body))
  const replies = firstOf(words['inspection/reply'].filter(({ from, body }) => from === inspected && hashes.includes(body.report)), ({ body }) => body.report)
  return { ...base, ...at4, stage: reports.length > 0 ? 'reported' : 'shown', reports, replies }
}

/** What holds of what was proven, each body once. What does not hold shows nothing, and accuses nobody. */
function proofsIn(p: Primitives, evaluating: Evaluating, words: readonly Word<'inspection/prove'>[], { terms, draw, drawHash, drawn }: Pick<Inspection, 'terms' | 'drawn'> & { readonly draw: InspectionBody<'inspection/draw'>, readonly drawHash: string }): InspectionProof[] {
  const { inspection, inspected, inspectors, head: headHash } = terms
  const bodies = new Map(words.filter(({ from, body }) => inspectors.includes(from) && body.draw === drawHash).map(({ from, body }) => [`${from} ${bodyHash(p, body)}`, { from, body }]))
  return [...bodies].flatMap(([name, { from, body }]): InspectionProof[] => {
    const looked = readProof(p, evaluating, { inspector: from, inspected, inspection, draw: drawHash, head: draw.head, headHash, drawn }, body)
    return looked instanceof Error ? [] : [{ by: from, hash: name.slice(name.indexOf(' ') + 1), looked }]
  })
}

type Report = Pick<InspectionBody<'inspection/report'>, 'findings' | 'met' | 'proofs'>
type Shown = Pick<Inspection, 'drawn' | 'items' | 'sample' | 'proofs'>

/** What the named proofs of one inspecting party show, by the name of each item. */
export function provenBy({ proofs }: Pick<Inspection, 'proofs'>, by: PartyId, named: readonly string[]): ReturnType<typeof provenOf> {
  return provenOf(proofs.filter((each) => each.by === by && named.includes(each.hash)).flatMap(({ looked }) => looked))
}

/** What an item that was met comes to, by what was proven. */
export function metAs(proven: ReturnType<typeof provenOf>, identity: LookedUp['identity']): MetFinding {
  const shown = proven.get(lookedUpName({ index: null, identity }))
  return shown === 'declared' ? 'met-declared' : shown === 'not-declared' ? 'met-not-declared' : 'met-not-looked-up'
}

/** What was proven of a drawn item under the marks read off it; undefined where nothing was. */
export function drawnAs(proven: ReturnType<typeof provenOf>, leaf: DrawnLeaf): 'declared' | 'not-declared' | undefined {
  const identity = identityOf(leaf)
  return identity === undefined ? undefined : proven.get(lookedUpName({ index: leaf.index, identity }))
}

/** What findings show of a sample that was drawn. */
export function shownBy({ items = 0, sample = 0, drawn, proofs }: Shown, { missing, confidence }: InspectionBody<'inspection/announce'>, by: PartyId, { findings, met, proofs: named }: Report): Tally {
  const proven = provenBy({ proofs }, by, named)
  const seen = new Set(findings.filter(({ what }) => what === 'seen').map(({ index }) => index))
  const found = drawn.filter((leaf) => seen.has(leaf.index) && drawnAs(proven, leaf) === 'declared').length
  return tallyOf({ items, sample, missing: Math.min(missing, items), confidence }, findings.map(({ what }) => what), met.map(({ what }) => what), found)
}

/** What is wrong with a report: a finding of each drawn item that was to be seen, of nothing else, what was proven and no more shown than follows. */
export function checkReport(inspection: Shown, terms: InspectionBody<'inspection/announce'>, by: PartyId, report: Report & Pick<InspectionBody<'inspection/report'>, 'shown'>): Refusal<InspectionCode> | undefined {
  const due = new Set(inspection.drawn.filter(({ toBeSeen }) => toBeSeen).map(({ index }) => index))
  const stray = report.findings.findIndex(({ index }) => !due.has(index))
  if (stray >= 0) return new Refusal('inspection/finding-of-none', `leaf ${report.findings[stray]?.index ?? 0} is no drawn item that was to be seen`, `findings[${stray}]`)
  for (const { index } of report.findings) due.delete(index)
  const [unsaid] = due
  if (unsaid !== undefined) return new Refusal('inspection/finding-missing', `of leaf ${unsaid}, which was drawn, and ${due.size - 1} more the report says nothing: where an item could not be reached, it says why`, 'findings')
  const unproven = report.proofs.find((hash) => !inspection.proofs.some((each) => each.by === by && each.hash === hash))
  if (unproven !== undefined) return new Refusal('inspection/proof-missing', `the report rests on ${unproven}, which ${by} has not shown, or which does not hold`, 'proofs')
  return otherThanProven(inspection, by, report)
    ?? (canonical({ ...shownBy(inspection, terms, by, report) }) === canonical({ ...report.shown }) ? undefined : new Refusal('inspection/other-tally', 'the report states something else than its findings show', 'shown'))
}

/** Whether a mark is declared is nobody's word: it is as the proofs show it. */
function otherThanProven(inspection: Shown, by: PartyId, { findings, met, proofs }: Report): Refusal<InspectionCode> | undefined {
  const proven = provenBy(inspection, by, proofs)
  const other = met.findIndex(({ identity, what }) => metAs(proven, identity) !== what)
  if (other >= 0) return new Refusal('inspection/other-than-proven', `the report says ${met[other]?.what ?? ''}, and its proofs show ${metAs(proven, (met[other] as (typeof met)[number]).identity)}`, `met[${other}]`)
  const leaves = new Map(inspection.drawn.map((leaf) => [leaf.index, leaf]))
  const keyless = findings.findIndex(({ index, what }) => (what === 'key-missing' || what === 'seen') && (drawnAs(proven, leaves.get(index) as DrawnLeaf) === 'not-declared') !== (what === 'key-missing'))
  return keyless < 0 ? undefined : new Refusal('inspection/other-than-proven', `the report says of leaf ${findings[keyless]?.index ?? 0} something else than its proofs show`, `findings[${keyless}]`)
}
