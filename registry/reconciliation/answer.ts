// The answering side of a reconciliation: the own table for the other's, evaluations within the grant that both tables give, and the opened elements held to what
// was asked. A batch of the grant is given to one request, written down before it is handed out; the next is given when the one before was shown.
import { randomBytes } from 'node:crypto'
import { fromBase64, fromHex, toHex } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { COIN_BYTES, demandCoin, demandOpening, isPadInput } from '@muster/core/oprf/batch.ts'
import { OprfError } from '@muster/core/oprf/oprf-error.ts'
import { batchesOf, grantOf, type PassedRow } from '@muster/core/rules/reconcile.ts'
import { NOTHING_SHOWN, withShown, type ShownItem, type ShownItems } from '@muster/core/rules/shown-item.ts'
import { pickedElements, type ReconciliationRefusal } from '@muster/core/wire/reconciliation-body.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { saidBody, type SaidBody } from '@muster/core/wire/said-body.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import type { AnswerHome } from '../peer/answer.ts'
import { recordFalseOpening, settleOpenings } from '../peer/opening.ts'
import { doneAmong, doOnce } from '../store/acts-once.ts'
import { declarationUnder } from '../store/declarations.ts'
import { messageById, messagesAbout, type Saying } from '../store/messages.ts'
import { saidOf } from '../said.ts'
import { affairs, otherRows, ownTableOf, recordOtherTable, type Affair } from './affair.ts'

type Answer = { readonly kind: 'reconciliation/counts' | 'reconciliation/answer', readonly body: Saying['body'] }

/** What a stored message of a reconciliation is answered with; nothing to what is said by a notice of its own. */
export async function answerReconciliation(home: AnswerHome, message: Message, at: number): Promise<Saying[]> {
  const { kind, from } = message.payload
  const answered = kind === 'reconciliation/open' ? await counts(home, message, at)
    : kind === 'reconciliation/ask' ? await evaluated(home, message, at)
    : kind === 'reconciliation/show' ? await takeShown(home, message, at) : undefined
  if (answered === undefined) return []
  if (typeof answered !== 'string') return [{ to: from, kind: answered.kind, body: answered.body, about: message.id }]
  return [{ to: from, kind: 'reconciliation/refuse', body: { request: message.id, reason: answered }, about: message.id }]
}

/** The shape was checked at the door. */
function bodyOf<K extends 'reconciliation/open' | 'reconciliation/ask' | 'reconciliation/show'>(kind: K, { payload }: Message): SaidBody<K> {
  const body = saidBody(kind, payload.body)
  if (body instanceof Refusal) throw body
  return body
}

async function affairOf(home: AnswerHome, id: string, { payload: { from } }: Message): Promise<Affair | undefined> {
  return (await affairs(home)).find((each) => each.id === id && each.with === from)
}

async function counts(home: AnswerHome, message: Message, at: number): Promise<Answer | ReconciliationRefusal> {
  const { reconciliation, accept } = bodyOf('reconciliation/open', message)
  const affair = await affairOf(home, reconciliation, message)
  if (affair === undefined || affair.proposed || affair.accepted?.message.id !== accept) return 'not-accepted'
  // The first that was received is the one that counts: another opening is not what was bound, or says the same.
  if (otherRows(affair) === 'not-bound') {
    await recordOtherTable(home, affair, at)
    return 'not-bound'
  }
  const { salt, rows } = await ownTableOf(home, affair)
  return { kind: 'reconciliation/counts', body: { reconciliation, request: message.id, salt: toHex(salt), rows: rows as never } }
}

const batchKey = ({ joined: { agreement } }: AnswerHome, what: 'asked' | 'shown', { id, with: asker }: Affair, n: number): string => `reconciled-${what}/${agreement.id}/${id}/${asker}/${n}`

async function evaluated(home: AnswerHome, message: Message, at: number): Promise<Answer | ReconciliationRefusal> {
  const { register, joined, evaluator } = home
  const { reconciliation, n, head, elements } = bodyOf('reconciliation/ask', message)
  const affair = await affairOf(home, reconciliation, message)
  const rows = affair === undefined ? undefined : otherRows(affair)
  if (affair === undefined || rows === undefined) return 'not-accepted'
  if (rows === 'not-bound') return 'not-bound'
  const sizes = await grantedBatches(home, affair, rows)
  if (elements.length > (sizes[n] ?? 0) || !(joined.agreement.batches as readonly number[]).includes(elements.length)) return 'beyond-the-grant'
  const declaration = await declarationUnder(register, joined.agreement.id, head)
  if (declaration === undefined) return 'unknown-head'
  if (n > 0 && (await doneAmong(register, [batchKey(home, 'shown', affair, n - 1)])).size === 0) return 'not-shown'
  const key = batchKey(home, 'asked', affair, n)
  const givenTo = async () => (await doneAmong(register, [key])).get(key)
  if (await givenTo() !== undefined && await givenTo() !== message.id) return 'beyond-the-grant'
  const given = await evaluator.evaluate(joined.agreement.id, message.envelope, declaration.head.head.oprf)
  if ('error' in given) return given.error === 'quota' || given.error === 'suspended' ? given.error : 'malformed'
  // Of requests that are evaluated at once one is given the batch; the others have spent of their quota and get nothing.
  await doOnce(register, [key], message.id, at)
  if (await givenTo() !== message.id) return 'beyond-the-grant'
  return { kind: 'reconciliation/answer', body: { request: message.id, head, elements: given.elements, proof: given.proof, coin: randomBytes(COIN_BYTES).toString('hex') } }
}

/** Grants that were worked out: the own table is read from the whole register. */
const grants = new WeakMap<object, Map<string, readonly number[]>>()

async function grantedBatches(home: AnswerHome, affair: Affair, rows: readonly PassedRow[]): Promise<readonly number[]> {
  const held = grants.get(home.register.db) ?? new Map<string, readonly number[]>()
  grants.set(home.register.db, held)
  const name = `${home.joined.agreement.id} ${affair.id} ${affair.with}`
  const sizes = held.get(name) ?? batchesOf(grantOf((await ownTableOf(home, affair)).rows, rows), home.joined.agreement.batches)
  held.set(name, sizes)
  return sizes
}

/** Undefined where the batch was shown as it should be. What is shown wrongly suspends the asker, as a wrong opening of a trace does. */
async function takeShown(home: AnswerHome, message: Message, at: number): Promise<ReconciliationRefusal | undefined> {
  const { register, joined, evaluator } = home
  const { from } = message.payload
  const shown = bodyOf('reconciliation/show', message)
  const affair = await affairOf(home, shown.reconciliation, message)
  const asked = await messageById(register, joined, from, shown.ask)
  const rows = affair === undefined ? undefined : otherRows(affair)
  const given = (await messagesAbout(register, joined, register.file.party, [shown.ask], 'out')).find(({ payload }) => payload.kind === 'reconciliation/answer')
  if (affair === undefined || rows === undefined || rows === 'not-bound' || asked?.payload.kind !== 'reconciliation/ask' || given === undefined) return 'not-accepted'
  const ask = bodyOf('reconciliation/ask', asked)
  const key = batchKey(home, 'shown', affair, ask.n)
  const before = (await doneAmong(register, [key])).size > 0
  const ledger = before ? NOTHING_SHOWN : await shownItems(home, affair, rows)
  const opened = isOpened(home, ask, given.payload.body.coin as string, shown)
  if (!opened) await recordFalseOpening(home, { request: asked, answer: given }, message, at)
  const now = opened ? withShown(ledger, rows, itemsIn(shown)) : undefined
  if (now === undefined) {
    await evaluator.suspend(joined.agreement.id, from, shown.ask, 'wrong')
    return 'wrong'
  }
  if (!before) ledgerOf(home, affair).shown = now
  await doOnce(register, [key], shown.ask, at)
  await settleOpenings(home, from, [shown.ask], at)
  return undefined
}

const itemsIn = ({ opened }: SaidBody<'reconciliation/show'>): { readonly input: Uint8Array, readonly item: ShownItem }[] =>
  opened.flatMap(({ input, item }) => item === undefined ? [] : [{ input: fromBase64(input) as Uint8Array, item }])

/** What was shown of each reconciliation, as far as this process has read it. */
const ledgers = new WeakMap<object, Map<string, { shown: ShownItems | undefined }>>()

function ledgerOf({ register, joined }: AnswerHome, affair: Affair): { shown: ShownItems | undefined } {
  const held = ledgers.get(register.db) ?? new Map<string, { shown: ShownItems | undefined }>()
  ledgers.set(register.db, held)
  const name = `${joined.agreement.id} ${affair.id} ${affair.with}`
  const ledger = held.get(name) ?? { shown: undefined }
  held.set(name, ledger)
  return ledger
}

/** What the asker has shown rightly in this reconciliation, from the messages where a restart has forgotten it. */
async function shownItems(home: AnswerHome, affair: Affair, rows: readonly PassedRow[]): Promise<ShownItems> {
  const ledger = ledgerOf(home, affair)
  if (ledger.shown !== undefined) return ledger.shown
  const said = (await saidOf(home, 'reconciliation/show', 'in', { member: 'reconciliation', begins: affair.id })).filter(({ message }) => message.payload.from === affair.with)
  const granted = await grantedBatches(home, affair, rows)
  const settled = new Set((await doneAmong(home.register, granted.map((_, n) => batchKey(home, 'shown', affair, n)))).values())
  let all = NOTHING_SHOWN
  for (const { body } of said) {
    // The first right showing of a batch settled it.
    if (settled.delete(body.ask)) all = withShown(all, rows, itemsIn(body)) ?? all
  }
  ledger.shown = all
  return all
}

/** Whether exactly the elements that both coins pick are opened, each to the input and blind that make it, and without an item to padding. */
function isOpened({ group, joined }: AnswerHome, ask: SaidBody<'reconciliation/ask'>, coin: string, { coin: opened, opened: elements }: SaidBody<'reconciliation/show'>): boolean {
  const oneIn = joined.agreement.reconciliation?.openOneIn ?? 1
  try {
    demandCoin((...parts) => p.sha256(...parts), fromHex(ask.coin) as Uint8Array, fromHex(opened) as Uint8Array)
    const due = pickedElements((...parts) => p.sha256(...parts), fromHex(opened) as Uint8Array, fromHex(coin) as Uint8Array, oneIn, ask.elements.length)
    if (elements.length !== due.length || elements.some(({ element }, i) => element !== due[i])) return false
    if (elements.length === 0) return true
    const inputs = elements.map(({ input }) => fromBase64(input) as Uint8Array)
    demandOpening(group, inputs, elements.map(({ blind }) => fromHex(blind) as Uint8Array), due.map((element) => fromBase64(ask.elements[element] as string) as Uint8Array))
    return elements.every(({ item }, i) => item !== undefined || isPadInput(inputs[i] as Uint8Array))
  } catch (error) {
    if (error instanceof OprfError || error instanceof Refusal) return false
    throw error
  }
}
