// The chain of messages from one party to another under one agreement: sequences from 0, each naming the id of the one before. Two ids for
// one sequence are a breach with both as evidence; a message seen again is answered again; a gap is shown and stops only what depends on it.
import { Breach } from '../bytes/breach.ts'
import type { Message } from './message.ts'

/** Ranges of sequences that have not arrived, both ends included, ascending. */
export type Gap = { readonly first: number, readonly last: number }

export type ChainBreachCode = 'message/same-sequence-two-ids' | 'message/chain-broken'
export type ChainStep = { readonly seen: 'new' | 'again', readonly gap: Gap | undefined }

/** What the receiver holds of the pair's chain; `highest` is −1 before the first message. */
export type ChainView = {
  readonly at: (sequence: number) => Pick<Message, 'id' | 'envelope'> & { readonly previous: string | null } | undefined
  readonly highest: number
}

/** Where a verified message stands in its chain. `gap`: what is missing right before it, from the highest that is held. */
export function checkChain(view: ChainView, message: Message): ChainStep | Breach<ChainBreachCode> {
  const { id, payload: { sequence, previous, from, to } } = message
  const held = view.at(sequence)
  if (held !== undefined && held.id !== id) {
    return new Breach('message/same-sequence-two-ids', `${from} sent ${to} two messages of sequence ${sequence}`, { first: held.envelope, second: message.envelope })
  }
  if (held !== undefined) return { seen: 'again', gap: undefined }
  const before = view.at(sequence - 1)
  if (before !== undefined && before.id !== previous) {
    return new Breach('message/chain-broken', `message ${sequence} from ${from} to ${to} does not name message ${sequence - 1} as its predecessor`, { first: before.envelope, second: message.envelope })
  }
  const after = view.at(sequence + 1)
  if (after !== undefined && after.previous !== id) {
    return new Breach('message/chain-broken', `message ${sequence + 1} from ${from} to ${to} does not name message ${sequence} as its predecessor`, { first: message.envelope, second: after.envelope })
  }
  return { seen: 'new', gap: sequence > view.highest + 1 ? { first: view.highest + 1, last: sequence - 1 } : undefined }
}
