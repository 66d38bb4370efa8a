// The inspected party's side of marks that were read off items: evaluations for a party that opened its share, as many as the sample allows; the next batch
// when everything in the one before was shown, each element padding or a key of an item that the inspecting party names.
import { fromBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { shaped } from '@muster/core/bytes/shaped-json.ts'
import { lookUpsOf } from '@muster/core/rules/inspection.ts'
import { KEYS_AN_ITEM, paddedTo } from '@muster/core/rules/reconcile.ts'
import { INSPECTION_BODY, type InspectionBody, type LOOK_UP_REFUSALS } from '@muster/core/wire/inspection-body.ts'
import type { Inspection } from '@muster/core/wire/inspection.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { readProof } from '@muster/core/wire/met-proof.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import type { AnswerHome } from '../peer/answer.ts'
import { recordFalseOpening, settleOpenings } from '../peer/opening.ts'
import { doneAmong, doOnce } from '../store/acts-once.ts'
import { messageById, type Saying } from '../store/messages.ts'
import { DRAW_KINDS, inspections } from './view.ts'

type LookUpRefusal = (typeof LOOK_UP_REFUSALS)[number]

/** What a stored message about marks read off items is answered with; nothing to everything else of an inspection. */
export async function answerInspection(home: AnswerHome, message: Message, at: number): Promise<Saying[]> {
  const { kind, from, body: { inspection } } = message.payload
  const answered = kind === 'inspection/ask' ? await evaluated(home, message, at) : kind === 'inspection/prove' ? await takeProof(home, message, at) : undefined
  if (answered === undefined || typeof inspection !== 'string') return []
  if (typeof answered !== 'string') return [{ to: from, kind: 'inspection/evaluated', body: answered, about: message.id }]
  return [{ to: from, kind: 'inspection/refuse', body: { inspection, request: message.id, reason: answered }, about: message.id }]
}

/** The inspection of this party in which the sender has opened its share; undefined where there is none. */
async function openedTo({ register, joined }: AnswerHome, from: Message['payload']['from'], { inspection, draw }: { readonly inspection: string, readonly draw: string }, at: number): Promise<Inspection | undefined> {
  return (await inspections({ register, joined }, at, inspection, DRAW_KINDS)).find((each) =>
    each.terms.inspected === register.file.party && each.drawHash === draw && each.opened.includes(from) && each.opened.length === each.terms.inspectors.length)
}

/** Leaves that were shown, which are read once: of a large sample they take seconds, and no later word changes them. */
const shown = new WeakMap<object, Map<string, Inspection['drawn']>>()

async function drawnIn({ register, joined }: AnswerHome, { terms, drawHash }: Inspection, at: number): Promise<Inspection['drawn']> {
  const held = shown.get(register.db) ?? new Map<string, Inspection['drawn']>()
  shown.set(register.db, held)
  const name = `${terms.inspection} ${drawHash ?? ''}`
  const known = held.get(name)
  if (known !== undefined) return known
  const [read] = (await inspections({ register, joined }, at, terms.inspection, [...DRAW_KINDS, 'inspection/show'])).filter((each) => each.drawHash === drawHash)
  if (read?.complete === true) held.set(name, read.drawn)
  return read?.drawn ?? []
}

/** Sizes of the batches that each inspecting party is given, by their numbers. */
export function lookUpBatches(sample: number, sizes: readonly number[]): number[] {
  return paddedTo(lookUpsOf(sample) * KEYS_AN_ITEM, sizes.filter((size, i) => i === 0 || size <= LARGEST))
}

/** Most of a batch of this size are keys: with a path for each it fits into a message. */
const LARGEST = 256

const batchKey = ({ joined: { agreement } }: AnswerHome, what: 'asked' | 'proven', inspection: string, asker: string, n: number): string => `inspected-${what}/${agreement.id}/${inspection}/${asker}/${n}`

async function evaluated(home: AnswerHome, message: Message, at: number): Promise<InspectionBody<'inspection/evaluated'> | LookUpRefusal> {
  const { register, joined, evaluator } = home
  const { from } = message.payload
  const ask = shaped('inspection', INSPECTION_BODY['inspection/ask'], message.payload.body)
  if (ask instanceof Refusal) return 'malformed'
  const { inspection, n, elements } = ask
  const state = await openedTo(home, from, ask, at)
  if (state?.draw === undefined || state.sample === undefined) return 'not-opened'
  const sizes = lookUpBatches(state.sample, joined.agreement.batches)
  if (elements.length > (sizes[n] ?? 0) || !(joined.agreement.batches as readonly number[]).includes(elements.length)) return 'beyond-the-sample'
  if (n > 0 && (await doneAmong(register, [batchKey(home, 'proven', inspection, from, n - 1)])).size === 0) return 'not-shown'
  const key = batchKey(home, 'asked', inspection, from, n)
  const givenTo = async () => (await doneAmong(register, [key])).get(key)
  if (await givenTo() !== undefined && await givenTo() !== message.id) return 'beyond-the-sample'
  const given = await evaluator.evaluate(joined.agreement.id, message.envelope, state.draw.head.oprf)
  if ('error' in given) return given.error === 'quota' || given.error === 'suspended' ? given.error : 'malformed'
  // Of requests that are evaluated at once one is given the batch; the others have spent of their account and get nothing.
  await doOnce(register, [key], message.id, at)
  return await givenTo() === message.id ? { inspection, request: message.id, head: state.terms.head, elements: [...given.elements], proof: given.proof } : 'beyond-the-sample'
}

/** Undefined where everything in the batch is what was asked. What is shown wrongly suspends the asker, as a wrong opening of a trace does. */
async function takeProof(home: AnswerHome, message: Message, at: number): Promise<LookUpRefusal | undefined> {
  const { register, joined, evaluator, group } = home
  const { from } = message.payload
  const proof = shaped('inspection', INSPECTION_BODY['inspection/prove'], message.payload.body)
  if (proof instanceof Refusal) return 'malformed'
  const state = await openedTo(home, from, proof, at)
  if (state?.draw === undefined) return undefined
  const asked = await messageById(register, joined, from, toHex(p.sha256(fromBase64(proof.asked.payload) as Uint8Array)))
  const ask = asked?.payload.kind === 'inspection/ask' ? shaped('inspection', INSPECTION_BODY['inspection/ask'], asked.payload.body) : undefined
  if (asked === undefined || ask === undefined || ask instanceof Refusal || ask.inspection !== proof.inspection) return 'malformed'
  const looked = readProof(p, { group, keysOf: joined.trust.messageKeys }, { inspector: from, inspected: register.file.party, inspection: proof.inspection, draw: proof.draw, head: state.draw.head, headHash: state.terms.head, drawn: await drawnIn(home, state, at) }, proof)
  if (looked instanceof Error) {
    await evaluator.suspend(joined.agreement.id, from, asked.id, 'wrong')
    await recordFalseOpening(home, { request: asked, answer: undefined }, message, at)
    return 'wrong'
  }
  await doOnce(register, [batchKey(home, 'proven', proof.inspection, from, ask.n)], asked.id, at)
  await settleOpenings(home, from, [asked.id], at)
  return undefined
}
