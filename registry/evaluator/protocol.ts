// What the process that serves others and the evaluator say to one another: one JSON object a line.
import type { OprfCode } from '@muster/core/oprf/oprf-error.ts'
import type { Suspension } from './journal.ts'
import type { QuotaFacts } from './quota.ts'

/** `envelope`: base64 of the signed question. `oprf`: under which of its keys, by the public key in the head that the question is about. `forgive` without requests ends all suspensions of the asker; with them, those of theirs that are `late`. */
export type Order =
  | { readonly do: 'evaluate', readonly agreement: string, readonly envelope: string, readonly oprf: string }
  | { readonly do: 'suspend', readonly agreement: string, readonly asker: string, readonly request: string, readonly why: Suspension }
  | { readonly do: 'forgive', readonly agreement: string, readonly asker: string, readonly requests?: readonly string[] }
  | { readonly do: 'facts', readonly agreement: string }

/** Why nothing is evaluated. The codes of core/oprf say which element of the batch is none. */
export type EvaluatorCode =
  | 'line-too-long' | 'order' | 'unknown-agreement' | 'message' | 'signature' | 'other-receiver' | 'other-key' | 'other-kind' | 'batch-size' | 'suspended' | 'quota' | 'not-in-force' | 'failed' | OprfCode

export interface Evaluated { readonly elements: readonly string[], readonly proof: string }
export type Reply = { readonly id: number | null } & (
  | Evaluated
  | { readonly facts: QuotaFacts }
  | { readonly error: EvaluatorCode, readonly message: string }
)
