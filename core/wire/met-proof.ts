// What an inspecting party looked up by the marks that it read off items (spec/inspection.md): question and evaluation as they were signed, every element
// opened, and the place of each label in the inspected declaration. The blinded elements bound the marks before the answer was known, so nobody can put an
// absent mark in the place of the one that was asked; the order is the promise, as in a dossier: signatures, proof, re-blinding, and only then a label.
import { equal, fromBase64, fromHex } from '../bytes/bytes.ts'
import { Breach } from '../bytes/breach.ts'
import { canonical } from '../bytes/canonical.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import type { Shape } from '../bytes/shape.ts'
import { shaped } from '../bytes/shaped-json.ts'
import { isPadInput, openBatch } from '../oprf/batch.ts'
import type { Group } from '../oprf/group.ts'
import { labelOfOutput } from '../oprf/label.ts'
import { OprfError } from '../oprf/oprf-error.ts'
import { verifyAbsent, verifyPresent } from '../proof/absence.ts'
import type { Identity } from '../rules/item.ts'
import type { PartyId } from '../rules/party.ts'
import { lookUpKeys } from '../rules/reconcile.ts'
import type { Head } from './head.ts'
import { INSPECTION_BODY, type InspectionBody, type InspectionKind } from './inspection-body.ts'
import { openEnvelope, type Envelope, type MessageKeysOf, type SignedPayload } from './message.ts'
import type { DrawnLeaf } from './shown-leaf.ts'

export type MetCode = 'inspection/other-question' | 'inspection/false-evaluation' | 'inspection/not-its-mark' | 'inspection/not-looked-up'

/** What verifying takes beside the primitives. */
export interface Evaluating { readonly group: Group, readonly keysOf: MessageKeysOf }
type Proof = InspectionBody<'inspection/prove'>
/** Between whom, in which draw, and the declaration that is inspected. */
export interface LookedUpIn { readonly inspector: PartyId, readonly inspected: PartyId, readonly inspection: string, readonly draw: string, readonly head: Head, readonly headHash: string, readonly drawn: readonly DrawnLeaf[] }

/** By the name of an item: which of its keys are shown to be absent, and whether one is shown to be declared. */
export interface LookedUp { readonly index: number | null, readonly identity: Identity, readonly declared: boolean, readonly absent: readonly Uint8Array[] }

/** What an item of a sample, or one that was met, is told from others by. */
export function lookedUpName({ index, identity }: Pick<LookedUp, 'index' | 'identity'>): string {
  return canonical({ index, identity })
}

/** The identity that a drawn item bears by its own declaration. */
export function identityOf({ status }: DrawnLeaf): Identity | undefined {
  if (status === undefined) return undefined
  const { class: kind, maker, type, year, lot, serial } = status
  return { class: kind, maker, type, year, lot, serial }
}

function messageIn<K extends InspectionKind>(p: Primitives, keysOf: MessageKeysOf, packed: Envelope, kind: K, from: PartyId, to: PartyId): { readonly message: SignedPayload, readonly body: InspectionBody<K> } {
  const message = openEnvelope(p, packed, keysOf)
  if (message instanceof Refusal || message instanceof Breach) throw message
  const { payload } = message
  if (payload.kind !== kind || payload.from !== from || payload.to !== to) throw new Refusal<MetCode>('inspection/other-question', `a ${payload.kind} from ${payload.from} to ${payload.to} stands where a ${kind} from ${from} to ${to} belongs`)
  const body = shaped('inspection', INSPECTION_BODY[kind] as unknown as Shape<InspectionBody<K>>, payload.body)
  if (body instanceof Refusal) throw body
  return { message, body }
}

/** What one batch shows of its items, or why it shows nothing. */
export function readProof(p: Primitives, { group, keysOf }: Evaluating, within: LookedUpIn, proof: Proof): readonly LookedUp[] | Refusal | Breach {
  try {
    const { inspector, inspected, inspection, draw } = within
    const ask = messageIn(p, keysOf, proof.asked, 'inspection/ask', inspector, inspected)
    const answer = messageIn(p, keysOf, proof.evaluated, 'inspection/evaluated', inspected, inspector)
    if (ask.body.inspection !== inspection || ask.body.draw !== draw || answer.body.inspection !== inspection || answer.body.request !== ask.message.id || answer.body.head !== within.headHash) throw new Refusal<MetCode>('inspection/other-question', 'question and evaluation are of another inspection, or of two', 'asked')
    const outputs = outputsOf(group, within.head, ask.body, answer.body, proof)
    return lookedUp(p, within, proof, outputs)
  } catch (thrown) {
    if (thrown instanceof Refusal || thrown instanceof Breach) return thrown
    throw thrown
  }
}

/** The output of every element, in order: all are opened. */
function outputsOf(group: Group, head: Head, { elements }: InspectionBody<'inspection/ask'>, answered: InspectionBody<'inspection/evaluated'>, { opened }: Proof): Uint8Array[] {
  const of64 = (text: string): Uint8Array => fromBase64(text) as Uint8Array
  const all = opened.map(({ input, blind }, element) => ({ element, input: of64(input), blind: fromHex(blind) as Uint8Array }))
  if (all.length !== elements.length) throw new Refusal<MetCode>('inspection/other-question', `${elements.length} elements were asked and ${all.length} are opened`, 'opened')
  try {
    return openBatch(group, of64(head.oprf), { blindedElements: elements.map(of64), evaluationElements: answered.elements.map(of64) }, of64(answered.proof), all)
  } catch (thrown) {
    if (thrown instanceof OprfError) throw new Refusal<MetCode>('inspection/false-evaluation', `the batch does not hold: ${thrown.message} [${thrown.code}]`, 'opened')
    throw thrown
  }
}

function lookedUp(p: Primitives, { head, drawn }: LookedUpIn, { items, opened, present, absent }: Proof, outputs: readonly Uint8Array[]): LookedUp[] {
  const refuse = (message: string, at: string) => new Refusal<MetCode>('inspection/not-its-mark', message, at)
  const inputs = opened.map(({ input }) => fromBase64(input) as Uint8Array)
  const keys = items.map(({ identity }) => lookUpKeys(identity).map(({ key }) => key))
  items.forEach((item, i) => {
    const leaf = item.index === null ? undefined : drawn.find(({ index, toBeSeen }) => index === item.index && toBeSeen)
    const own = leaf === undefined ? undefined : identityOf(leaf)
    if (item.index !== null && (own === undefined || canonical(own) !== canonical(item.identity))) throw refuse(`leaf ${item.index} is no drawn item of these marks`, `items[${i}]`)
  })
  opened.forEach(({ item }, i) => {
    const input = inputs[i] as Uint8Array
    if (item === null ? !isPadInput(input) : keys[item]?.some((key) => equal(key, input)) !== true) throw refuse(`element ${i} is neither padding nor a key of its item`, `opened[${i}]`)
  })
  const tree = { size: head.size, root: fromBase64(head.root) as Uint8Array }
  const of64 = (text: string): Uint8Array => fromBase64(text) as Uint8Array
  const labelAt = (element: number): Uint8Array => labelOfOutput(outputs[element] ?? new Uint8Array(64))
  const wrong = (element: number, problem: string) => new Refusal<MetCode>('inspection/not-looked-up', `what is shown of element ${element} is not its place in the declaration: ${problem}`, `element ${element}`)
  const declared = new Set<number>()
  for (const { element, index, entry, path } of present) {
    const problem = verifyPresent(p, tree, labelAt(element), { index, entry: of64(entry), path: path.map(of64) })
    if (problem !== undefined) throw wrong(element, problem)
    declared.add(opened[element]?.item ?? -1)
  }
  const gone = new Map<number, Uint8Array[]>()
  for (const { element, index, entries: [before = '', after = ''], paths: [up = [], down = []] } of absent) {
    const problem = verifyAbsent(p, tree, labelAt(element), { index, entries: [of64(before), of64(after)], paths: [up.map(of64), down.map(of64)] })
    if (problem !== undefined) throw wrong(element, problem)
    const item = opened[element]?.item ?? -1
    gone.set(item, [...gone.get(item) ?? [], inputs[element] as Uint8Array])
  }
  return items.map(({ index, identity }, i) => ({ index, identity, declared: declared.has(i), absent: gone.get(i) ?? [] }))
}

/** What several batches show of each item together: declared by one key, absent by all that a trace of its mark would ask for, or neither. */
export function provenOf(all: readonly LookedUp[]): ReadonlyMap<string, 'declared' | 'not-declared'> {
  const byName = new Map<string, LookedUp[]>()
  for (const each of all) byName.set(lookedUpName(each), [...byName.get(lookedUpName(each)) ?? [], each])
  const proven = new Map<string, 'declared' | 'not-declared'>()
  for (const [name, looked] of byName) {
    const keys = lookUpKeys((looked[0] as LookedUp).identity)
    const absent = looked.flatMap((each) => each.absent)
    if (looked.some(({ declared }) => declared)) proven.set(name, 'declared')
    else if (keys.length > 0 && keys.every(({ key }) => absent.some((each) => equal(each, key)))) proven.set(name, 'not-declared')
  }
  return proven
}
