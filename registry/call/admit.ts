// What the door demands of a message about a call before it is stored: a body of its kind, and, of an answer, that it answers a call that this
// party sent to whoever answers.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { callBody, isCallKind } from '@muster/core/wire/call-body.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { messageById } from '../store/messages.ts'
import type { At, CallCode } from './said.ts'

/** Undefined where the message may be stored, as one that is about no call always may. */
export async function admitCall({ register, joined }: At, { payload: { kind, from, body } }: Message): Promise<Refusal | undefined> {
  if (!isCallKind(kind)) return undefined
  const fitted = callBody(kind, body)
  if (fitted instanceof Refusal) return fitted
  if (!('request' in fitted)) return undefined
  const asked = await messageById(register, joined, register.file.party, fitted.request)
  const call = asked?.payload.kind === 'call/issue' && asked.payload.to === from ? callBody('call/issue', asked.payload.body) : undefined
  return call !== undefined && !(call instanceof Refusal) && call.call === fitted.call ? undefined
    : new Refusal<CallCode>('call/unknown', `${from} answers a call that ${register.file.party} did not send it`, 'body.request')
}
