// The acts of an inspection (DESIGN section 5, spec/inspection.md), of both sides: announced with a bound share, drawn, opened, shown, reported, replied to.
// Nobody's share is given before the other side's is bound; what opens leaves or counts is disclosure and needs two people.
import { randomBytes } from 'node:crypto'
import { canonical } from '@muster/core/bytes/canonical.ts'
import { fromHex, toHex } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { DisclosedSection } from '@muster/core/rules/terms.ts'
import { approve } from '@muster/core/rules/disclosure.ts'
import { bindShare } from '@muster/core/rules/draw.ts'
import type { Identity } from '@muster/core/rules/item.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { twoPeople } from '@muster/core/rules/two-people.ts'
import { SHOWN_LEAVES_MAX, type InspectionBody, type InspectionKind, type ShownLeaf } from '@muster/core/wire/inspection-body.ts'
import { bodyHash, checkDraw, checkReport, drawnAs, metAs, provenBy, shownBy, type Inspection, type Stage } from '@muster/core/wire/inspection.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { lookedUpName } from '@muster/core/wire/met-proof.ts'
import type { ReadHead } from '@muster/core/wire/head.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { openedCounts } from '../call/count.ts'
import type { Hall } from '../home.ts'
import { declarationOf, type StoredDeclarationRow } from '../log/declare.ts'
import { demandBody, sayWith, type At, type People } from '../said.ts'
import { inspectionShare } from '../store/secrets.ts'
import { BODY_BYTES_MAX } from '../trace/packing.ts'
import { openDrawn } from './leaves.ts'
import { inspectionBy, type InspectionViewCode } from './view.ts'

const INSPECTION_ID_BYTES = 16

/** What an inspection runs on: the register, and under the agreement its log and its copies of the others' logs. */
export type InspectionHome = At & Pick<Hall, 'log' | 'mirror'>
export type InspectionActCode = InspectionViewCode
  | 'inspection/no-party' | 'inspection/no-declaration' | 'inspection/head-not-logged' | 'inspection/not-its-part' | 'inspection/not-now' | 'inspection/done-already' | 'inspection/not-failed' | 'inspection/counts-lost'

export interface Announced {
  readonly inspected: PartyId
  /** Other parties that inspect together with this one. */
  readonly together: readonly PartyId[]
  readonly day: string
  readonly site: string | null
  readonly missing: number
  readonly confidence: number
  readonly note: string | null
}

const refuse = (code: InspectionActCode, message: string, at?: string): Refusal<InspectionActCode> => new Refusal(code, message, at)

/** The heads in a party's log, as it was copied last or is copied now. Throws where the party cannot be reached and nothing of it is here. */
async function headsOf({ mirror }: InspectionHome, party: PartyId, fresh: boolean): Promise<readonly ReadHead[]> {
  const followed = (fresh ? undefined : mirror.known(party)) ?? await mirror.follow(party)
  return followed.heads.map(({ head }) => head)
}

function announcement({ register, joined }: At, terms: Omit<InspectionBody<'inspection/announce'>, 'binding'>): InspectionBody<'inspection/announce'> {
  const share = inspectionShare(register.secrets, joined.agreement.id, terms.inspection, terms.head)
  return { ...terms, binding: toHex(bindShare(p, fromHex(terms.head) as Uint8Array, register.file.party, share)) }
}

/** Says it to the inspected party and to all others that inspect. */
async function sayAround<K extends InspectionKind>(home: InspectionHome, { inspected, inspectors }: InspectionBody<'inspection/announce'>, kind: K, body: InspectionBody<K>, people: People, at: number): Promise<readonly Message[]> {
  const to = [inspected, ...inspectors].filter((party) => party !== home.register.file.party)
  const fitted = demandBody(kind, body as never)
  return sayWith(home, to.map((party) => ({ to: party, kind, body: fitted })), people, at)
}

/** Announces an inspection of the newest declaration in the inspected party's log, and binds this party's share in its draw. */
export async function announceInspection(home: InspectionHome, { inspected, together, day, site, missing, confidence, note }: Announced, people: People, at: number): Promise<{ readonly inspection: string, readonly head: string, readonly messages: readonly Message[] }> {
  const { register, joined } = home
  const inspectors = [...new Set([register.file.party, ...together])].sort()
  const stranger = [inspected, ...inspectors].find((party) => !joined.trust.parties.has(party))
  if (stranger !== undefined || inspectors.includes(inspected)) throw refuse('inspection/no-party', `${stranger ?? inspected} is no other party of ${joined.agreement.id}`, 'inspected')
  const head = (await headsOf(home, inspected, true)).at(-1)
  if (head === undefined) throw refuse('inspection/no-declaration', `${inspected} has declared nothing yet under ${joined.agreement.id}: there is nothing to draw from`, 'inspected')
  return announceTerms(home, { inspection: randomBytes(INSPECTION_ID_BYTES).toString('hex'), inspected, inspectors, head: head.hash, day, site, missing, confidence, instead: null, note }, people, at)
}

async function announceTerms(home: InspectionHome, terms: Omit<InspectionBody<'inspection/announce'>, 'binding'>, people: People, at: number): Promise<{ readonly inspection: string, readonly head: string, readonly messages: readonly Message[] }> {
  const body = announcement(home, terms)
  const messages = await sayAround(home, body, 'inspection/announce', body, people, at)
  return { inspection: body.inspection, head: body.head, messages }
}

/** Holds the draw of a failed inspection anew, with fresh shares and without the inspecting parties that failed. */
export async function announceAnew(home: InspectionHome, id: string, people: People, at: number): Promise<{ readonly inspection: string, readonly head: string, readonly messages: readonly Message[] }> {
  const { terms, failed, stage } = await partOf(home, id, at, 'inspecting')
  if (stage !== 'failed' || failed.includes(terms.inspected) || failed.length === 0) throw refuse('inspection/not-failed', 'no inspecting party has failed in this draw: it is held anew only without those who have', 'id')
  const inspectors = terms.inspectors.filter((party) => !failed.includes(party))
  if (!inspectors.includes(home.register.file.party)) throw refuse('inspection/not-its-part', `${home.register.file.party} has itself failed in this draw: another inspecting party holds it anew`, 'id')
  const { inspected, head, day, site, missing, confidence, note } = terms
  return announceTerms(home, { inspection: randomBytes(INSPECTION_ID_BYTES).toString('hex'), inspected, inspectors, head, day, site, missing, confidence, instead: terms.inspection, note }, people, at)
}

/** The inspection, where it is at the stage at which the act belongs and the act is this party's. */
export async function partOf(home: InspectionHome, id: string, at: number, part: 'inspecting' | 'inspected', stages?: readonly Stage[]): Promise<Inspection> {
  const inspection = await inspectionBy(home, id, at)
  const { terms, stage, failed, wrong, due } = inspection
  const self = home.register.file.party
  if (part === 'inspected' ? terms.inspected !== self : !terms.inspectors.includes(self)) throw refuse('inspection/not-its-part', part === 'inspected' ? `it is ${terms.inspected} that is inspected` : `${self} does not inspect here`, 'id')
  if (wrong !== undefined && stages !== undefined) throw wrong
  if (stages === undefined || stages.includes(stage)) return inspection
  const why = stage !== 'failed' ? `this inspection is ${stage}: the act belongs to ${stages.join(' or ')}` : `it was due at ${due ?? '?'}, and ${failed.join(', ')} has failed: hold the draw anew`
  throw refuse('inspection/not-now', why, 'id')
}

/** Joins an inspection that another party announced together with this one: the same terms, and a share of its own. */
export async function joinInspection(home: InspectionHome, id: string, people: People, at: number): Promise<readonly Message[]> {
  const { terms, announced } = await partOf(home, id, at, 'inspecting', ['announced'])
  if (announced.some(({ from }) => from === home.register.file.party)) throw refuse('inspection/done-already', 'this party has announced it already', 'id')
  await demandLogged(home, terms)
  const { binding: _, ...rest } = terms
  return (await announceTerms(home, rest, people, at)).messages
}

/** A head that is not in the log could still be chosen: nobody binds or opens a share for it. */
async function demandLogged(home: InspectionHome, { inspected, head }: InspectionBody<'inspection/announce'>): Promise<void> {
  const holds = (heads: readonly ReadHead[]): boolean => heads.some(({ hash }) => hash === head)
  if (!holds(await headsOf(home, inspected, false)) && !holds(await headsOf(home, inspected, true))) throw refuse('inspection/head-not-logged', `the log of ${inspected} holds no head ${head}`, 'head')
}

async function ownDeclaration({ log }: InspectionHome, head: string): Promise<StoredDeclarationRow> {
  const declaration = await declarationOf(log, head)
  if (declaration === undefined) throw refuse('inspection/no-declaration', `this party has made no declaration under head ${head}`, 'head')
  return declaration
}

/** The inspected party's share, with the counts that say how many items there are to draw from. Two people: it discloses them. */
export async function drawInspection(home: InspectionHome, id: string, people: People, at: number): Promise<readonly Message[]> {
  const { register, joined } = home
  const alone = twoPeople('disclosure', people.by, people.and)
  if (alone !== undefined) throw alone
  const { terms, announced } = await partOf(home, id, at, 'inspected', ['announced'])
  const absent = terms.inspectors.filter((party) => !announced.some(({ from }) => from === party))
  if (absent.length > 0) throw refuse('inspection/not-now', `${absent.join(', ')} has not bound a share yet: whoever gave one first could choose`, 'id')
  const declaration = await ownDeclaration(home, terms.head)
  const declared = await openedCounts(register, joined, declaration)
  if (declared === null) throw refuse('inspection/counts-lost', 'the counts that the head binds cannot be made again because an item has changed its class since: declare anew, and let that be inspected', 'head')
  const bound = announced.map(({ from, id: announce, body: { binding } }) => ({ party: from, announce, binding })).sort((a, b) => a.party < b.party ? -1 : 1)
  const share = toHex(inspectionShare(register.secrets, joined.agreement.id, terms.inspection, terms.head))
  return sayToInspectors(home, terms, [['inspection/draw', { inspection: terms.inspection, bound, share, head: declaration.head.head, salt: declared.salt, counts: declared.counts }]], people, at)
}

function sayToInspectors<K extends InspectionKind>(home: InspectionHome, { inspectors }: InspectionBody<'inspection/announce'>, bodies: readonly (readonly [K, InspectionBody<K>])[], people: People, at: number): Promise<readonly Message[]> {
  const fitted = bodies.map(([kind, body]) => ({ kind, body: demandBody(kind, body as never) }))
  return sayWith(home, inspectors.flatMap((to) => fitted.map(({ kind, body }) => ({ to, kind, body }))), people, at)
}

/** Opens this party's share, when the inspected party's is there and the draw is the one that was bound for. */
export async function openInspection(home: InspectionHome, id: string, people: People, at: number): Promise<readonly Message[]> {
  const { register, joined } = home
  const { terms, announced, draw, drawHash, opened } = await partOf(home, id, at, 'inspecting', ['drawn'])
  if (opened.includes(register.file.party)) throw refuse('inspection/done-already', 'this party has opened its share already', 'id')
  const wrong = checkDraw(p, joined.agreement.id, announced, draw as NonNullable<typeof draw>)
  if (wrong !== undefined) throw wrong
  await demandLogged(home, terms)
  const share = toHex(inspectionShare(register.secrets, joined.agreement.id, terms.inspection, terms.head))
  return sayAround(home, terms, 'inspection/open', { inspection: terms.inspection, draw: drawHash as string, share }, people, at)
}

/** Of each item that is drawn these are open, whatever else two people approve. */
const ALWAYS_SHOWN: readonly DisclosedSection[] = ['status', 'marks']

/** Shows the drawn leaves to those who inspect. Two people approve the sections. */
export async function showInspection(home: InspectionHome, id: string, sections: readonly DisclosedSection[], people: People, at: number): Promise<{ readonly leaves: number, readonly messages: readonly Message[] }> {
  const approved = approve([...ALWAYS_SHOWN, ...sections], people.by, people.and, timeOf(at))
  if (approved instanceof Refusal) throw approved
  const { terms, drawHash, seed, sample, drawn } = await partOf(home, id, at, 'inspected', ['opened'])
  if (drawn.length > 0) throw refuse('inspection/done-already', 'the leaves are shown already', 'id')
  const leaves = await openDrawn(home, await ownDeclaration(home, terms.head), seed as Uint8Array, sample as number, approved.sections)
  const bodies = packed(leaves).map(({ first, leaves: some, last }) => ['inspection/show', { inspection: terms.inspection, draw: drawHash as string, first, last, leaves: some }] as const)
  return { leaves: leaves.length, messages: await sayToInspectors(home, terms, bodies, people, at) }
}

/** As many leaves to a message as it holds. */
export function packed(leaves: readonly ShownLeaf[], bytesMax = BODY_BYTES_MAX): { readonly first: number, readonly leaves: readonly ShownLeaf[], readonly last: boolean }[] {
  const parts: ShownLeaf[][] = [[]]
  let bytes = 0
  for (const leaf of leaves) {
    const more = Buffer.byteLength(canonical(leaf)) + 1
    const filling = parts.at(-1) as ShownLeaf[]
    if (filling.length > 0 && (filling.length >= SHOWN_LEAVES_MAX || bytes + more > bytesMax)) {
      parts.push([leaf])
      bytes = more
    } else {
      filling.push(leaf)
      bytes += more
    }
  }
  let first = 0
  return parts.map((part, i) => {
    const at = first
    first += part.length
    return { first: at, leaves: part, last: i === parts.length - 1 }
  })
}

/** What was found of the drawn items, and which items were met. */
export interface Findings { readonly findings: InspectionBody<'inspection/report'>['findings'], readonly met: readonly Identity[] }

/** Reports what was found, with what it shows: that follows from the findings and the proofs, and is not for anybody to word. */
export async function reportInspection(home: InspectionHome, id: string, { findings, met }: Findings, note: string | null, people: People, at: number): Promise<{ readonly shown: InspectionBody<'inspection/report'>['shown'], readonly messages: readonly Message[] }> {
  const inspection = await partOf(home, id, at, 'inspecting', ['shown', 'reported'])
  const { terms, drawHash, reports } = inspection
  const { party: self } = home.register.file
  if (reports.some(({ from }) => from === self)) throw refuse('inspection/done-already', 'this party has reported already', 'id')
  const proofs = inspection.proofs.filter(({ by }) => by === self)
  const named = proofs.map(({ hash }) => hash).sort()
  const proven = provenBy(inspection, self, named)
  const keyless = new Set(inspection.drawn.filter((leaf) => drawnAs(proven, leaf) === 'not-declared').map(({ index }) => index))
  const all = new Map([...met, ...proofs.flatMap(({ looked }) => looked.flatMap(({ index, identity }) => index === null ? [identity] : []))].map((identity) => [lookedUpName({ index: null, identity }), identity]))
  const found = {
    proofs: named,
    findings: findings.map((each) => each.what === 'seen' && keyless.has(each.index) ? { ...each, what: 'key-missing' as const } : each).sort((a, b) => a.index - b.index),
    met: [...all.values()].map((identity) => ({ identity, what: metAs(proven, identity) })),
  }
  const body = { inspection: terms.inspection, draw: drawHash as string, ...found, shown: shownBy(inspection, terms, self, found), note }
  const wrong = checkReport(inspection, terms, self, body)
  if (wrong !== undefined) throw wrong
  return { shown: body.shown, messages: await sayAround(home, terms, 'inspection/report', body, people, at) }
}

/** The inspected party's word on a report: it accepts it, or reserves by code what it contests. */
export async function replyToReport(home: InspectionHome, id: string, { of, reservations, note }: { readonly of: PartyId | undefined } & Pick<InspectionBody<'inspection/reply'>, 'reservations' | 'note'>, people: People, at: number): Promise<readonly Message[]> {
  const { terms, reports, replies } = await partOf(home, id, at, 'inspected', ['reported'])
  const [report, another] = reports.filter(({ from }) => of === undefined || from === of)
  if (report === undefined || another !== undefined) throw refuse('inspection/not-now', `name the inspecting party whose report is meant: ${reports.map(({ from }) => from).join(', ')}`, 'of')
  const hash = bodyHash(p, report.body)
  if (replies.some(({ body }) => body.report === hash)) throw refuse('inspection/done-already', 'this party has replied to that report already', 'id')
  const stance = reservations.length === 0 ? 'accepts' as const : 'reserves' as const
  return sayToInspectors(home, terms, [['inspection/reply', { inspection: terms.inspection, report: hash, stance, reservations, note }]], people, at)
}
