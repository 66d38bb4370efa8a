// A blinded batch, whatever it is asked for: of a find, of what passed between two parties, of marks read off items. What a question and its evaluation
// have in common, in one form, so that one law holds for all of them.
import type { Json } from '../bytes/canonical.ts'
import { Refusal } from '../bytes/refusal.ts'
import { EVALUATED_BY, type Asking, type MessageKind } from './message-kind.ts'
import { saidBody } from './said-body.ts'
import { traceBody } from './trace-body.ts'

type Body = { readonly [name: string]: Json }
/** `coin`: the binding of the asker's; null where everything in the batch is shown. */
export interface AskedBatch { readonly elements: readonly string[], readonly coin: string | null }
export interface EvaluatedBatch { readonly request: string, readonly head: string | null, readonly elements: readonly string[] | null, readonly proof: string | null, readonly coin: string | null }

function demanded<T>(body: T | Refusal): T {
  if (body instanceof Refusal) throw body
  return body
}

/** Throws a Refusal that names the member. */
export function askedBatch(kind: Asking, body: Body): AskedBatch {
  if (kind === 'evaluation/request') return traceBody(kind, body)
  if (kind === 'reconciliation/ask') return demanded(saidBody(kind, body))
  return { elements: demanded(saidBody(kind, body)).elements, coin: null }
}

/** The evaluation of a batch of that kind; undefined where the message is none. Throws a Refusal that names the member. */
export function evaluatedBatch(asking: Asking, { kind, body }: { readonly kind: MessageKind, readonly body: Body }): EvaluatedBatch | undefined {
  if (kind !== EVALUATED_BY[asking]) return undefined
  if (asking === 'evaluation/request') return traceBody('evaluation/answer', body)
  if (asking === 'reconciliation/ask') return demanded(saidBody('reconciliation/answer', body))
  return { ...demanded(saidBody('inspection/evaluated', body)), coin: null }
}
