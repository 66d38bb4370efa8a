// A blinded batch that this party evaluated, of whatever kind: the question as it came and the evaluation as it was said.
import type { PartyId } from '@muster/core/rules/party.ts'
import { evaluatedBatch } from '@muster/core/wire/batch-body.ts'
import { EVALUATED_BY, isAsking, type MessageKind } from '@muster/core/wire/message-kind.ts'
import type { Message } from '@muster/core/wire/message.ts'
import type { Joined } from '../store/agreements.ts'
import { messageById, messagesAbout } from '../store/messages.ts'
import type { Register } from '../store/register.ts'

export interface AnsweredQuestion { readonly request: Message, readonly answer: Message }

/** Kinds of answers that hold an evaluation. */
export const EVALUATIONS: readonly MessageKind[] = Object.values(EVALUATED_BY)

/** Undefined where the question is none of that asker's, or got no evaluation. */
export async function answeredQuestion(register: Register, joined: Joined, asker: PartyId, requestId: string): Promise<AnsweredQuestion | undefined> {
  const request = await messageById(register, joined, asker, requestId)
  const kind = request?.payload.kind
  if (request === undefined || !isAsking(kind) || request.payload.to !== register.file.party) return undefined
  for (const answer of await messagesAbout(register, joined, register.file.party, [requestId], 'out')) {
    const evaluated = answer.payload.to === asker ? evaluatedBatch(kind, answer.payload) : undefined
    if (evaluated?.request === requestId && evaluated.elements !== null) return { request, answer }
  }
  return undefined
}
