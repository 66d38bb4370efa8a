// Destruction by number, witnessed and certified: the words of a certificate, and which items one may be of. Pure.
import { Refusal } from '../bytes/refusal.ts'
import type { CustodyEvent } from './custody-event.ts'
import { inForce } from './holding.ts'

export const DESTRUCTION_METHODS = ['cutting', 'crushing', 'melting', 'detonation', 'burning', 'dismantling', 'firing'] as const
export const NOT_WITNESSED = ['not-present', 'other-items', 'fewer-items', 'not-destroyed', 'other-date', 'other-place', 'other-method'] as const
export const WITNESSES_MAX = 16

export type DestructionCode =
  | 'destruction/unknown' | 'destruction/no-items' | 'destruction/no-party' | 'destruction/not-destroyed' | 'destruction/other-certificate' | 'destruction/other-date' | 'destruction/certified-already' | 'destruction/number-used' | 'destruction/no-such-witness' | 'destruction/answered-already'

/** Undefined where the item was destroyed whole, on that day, under that certificate; what happened is what its events in force say. */
export function refuseCertified(item: string, events: readonly CustodyEvent[], number: string, date: string): Refusal<DestructionCode> | undefined {
  const last = inForce(events).at(-1)
  if (last?.kind !== 'destroyed') return new Refusal('destruction/not-destroyed', `item ${item} is not destroyed: record that first`, 'items')
  if (last.data.certificate !== number) return new Refusal('destruction/other-certificate', `item ${item} was destroyed under ${last.data.certificate === undefined ? 'no certificate' : `certificate ${last.data.certificate}`}, and not ${number}`, 'items')
  return last.happened.slice(0, 10) === date ? undefined : new Refusal('destruction/other-date', `item ${item} was destroyed on ${last.happened.slice(0, 10)}`, 'date')
}

/** A witness of another party speaks for itself, under the name by which the certificate has it. */
export function refuseWitness(witnesses: readonly { readonly party: string, readonly name: string }[], party: string, name: string): Refusal<DestructionCode> | undefined {
  return witnesses.some((each) => each.party === party && each.name === name) ? undefined : new Refusal('destruction/no-such-witness', `the certificate names no witness ${name} of ${party}`, 'body.witness')
}
