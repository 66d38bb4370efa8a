// The kinds of message (DESIGN section 6). A request asks for something and may expire; a notice or an answer says something, and no date
// unsays it.
import type { Json } from '../bytes/canonical.ts'

const MESSAGE_ID = /^[0-9a-f]{64}$/

/** Which kinds are requests, which may carry an expiry, and which state something. */
export const MESSAGE_KINDS = {
  'receipt': 'statement',
  'agreement/propose': 'request', 'agreement/position': 'statement', 'agreement/sign': 'statement', 'agreement/amend': 'request', 'agreement/withdraw': 'statement',
  'call/issue': 'request', 'call/remind': 'statement', 'call/acknowledge': 'statement', 'call/answer': 'statement', 'call/decline': 'statement',
  'trace/request': 'request', 'trace/acknowledge': 'statement', 'trace/clarify': 'request', 'trace/clarified': 'statement', 'trace/interim': 'statement', 'trace/answer': 'statement',
  'trace/look': 'statement', 'trace/refuse': 'statement', 'trace/withdraw': 'statement', 'trace/outcome': 'statement',
  'directory/office': 'statement', 'directory/rerouted': 'statement', 'directory/terms': 'statement', 'exchange/report': 'statement',
  'evaluation/request': 'request', 'evaluation/answer': 'statement', 'evaluation/refuse': 'statement', 'evaluation/open': 'statement',
  'transfer/notify': 'statement', 'transfer/receive': 'statement', 'transfer/dispute': 'statement',
  'certificate/issue': 'statement', 'certificate/withdraw': 'statement', 'certificate/verify': 'request', 'certificate/verified': 'statement',
  're-export/ask': 'request', 're-export/consent': 'statement', 're-export/refuse': 'statement',
  'production/return': 'statement', 'destruction/certify': 'statement', 'destruction/witnessed': 'statement', 'destruction/not-witnessed': 'statement',
  'reconciliation/propose': 'request', 'reconciliation/accept': 'statement', 'reconciliation/decline': 'statement', 'reconciliation/open': 'request', 'reconciliation/counts': 'statement',
  'reconciliation/ask': 'request', 'reconciliation/answer': 'statement', 'reconciliation/refuse': 'statement', 'reconciliation/show': 'statement', 'reconciliation/report': 'statement',
  'loss/notice': 'statement', 'theft/notice': 'statement', 'recovery/notice': 'statement',
  'delivery/ask': 'statement', 'delivery/stated': 'statement', 'delivery/missing': 'statement',
  'inspection/announce': 'statement', 'inspection/draw': 'statement', 'inspection/open': 'statement', 'inspection/show': 'statement',
  'inspection/ask': 'request', 'inspection/evaluated': 'statement', 'inspection/refuse': 'statement', 'inspection/prove': 'statement', 'inspection/report': 'statement', 'inspection/reply': 'statement',
  'council/assessment': 'statement', 'council/meeting': 'statement', 'council/decision': 'statement', 'council/commitment': 'statement',
  'council/pledge': 'statement', 'council/progress': 'statement',
} as const

export type MessageKind = keyof typeof MESSAGE_KINDS

export function isMessageKind(value: unknown): value is MessageKind {
  return typeof value === 'string' && Object.hasOwn(MESSAGE_KINDS, value)
}

export function mayExpire(kind: MessageKind): boolean {
  return MESSAGE_KINDS[kind] === 'request'
}

/** Kinds that travel with the question they ask or answer, one exchange each; every other kind goes by the outbox until its receipt is there. */
const EXCHANGED = /^(receipt$|evaluation\/|trace\/(request|answer|refuse)$|reconciliation\/(open|counts|ask|answer|refuse|show)$|inspection\/(ask|evaluated|refuse)$)/

export function goesByOutbox(kind: MessageKind): boolean {
  return !EXCHANGED.test(kind)
}

/** Kinds that are said of an agreement whether or not it is in force; every other kind needs one that is. */
const BEFORE_FORCE = /^(receipt$|agreement\/|directory\/)/

export function saidBeforeForce(kind: MessageKind): boolean {
  return BEFORE_FORCE.test(kind)
}

/** Kinds by which a question is answered for good, by the kind of question: it gets one message of these, once. */
export const FINAL_ANSWERS: Readonly<Record<'evaluation' | 'trace' | 'reconciliation' | 'inspection', readonly MessageKind[]>> = {
  evaluation: ['evaluation/answer', 'evaluation/refuse'], trace: ['trace/answer', 'trace/refuse'], reconciliation: ['reconciliation/counts', 'reconciliation/answer', 'reconciliation/refuse'],
  inspection: ['inspection/evaluated', 'inspection/refuse'],
}

/** By which kind of message a blinded batch is evaluated, by the kind that asks it. */
export const EVALUATED_BY = { 'evaluation/request': 'evaluation/answer', 'reconciliation/ask': 'reconciliation/answer', 'inspection/ask': 'inspection/evaluated' } as const satisfies Readonly<Partial<Record<MessageKind, MessageKind>>>
export type Asking = keyof typeof EVALUATED_BY

export function isAsking(kind: unknown): kind is Asking {
  return typeof kind === 'string' && Object.hasOwn(EVALUATED_BY, kind)
}

/** The id of the message that a statement answers, as its body names it; undefined where it answers none. */
export function answeredBy({ kind, body }: { readonly kind: MessageKind, readonly body: { readonly [name: string]: Json } }): string | undefined {
  const named = MESSAGE_KINDS[kind] === 'statement' ? body.request : undefined
  return typeof named === 'string' && MESSAGE_ID.test(named) ? named : undefined
}
