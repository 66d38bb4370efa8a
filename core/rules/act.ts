// One act against the holding before it: what the status permits, and what the act itself must say. The law of one step; `decide.ts` adds what
// depends on the clock, the people and open counts.
import { Refusal } from '../bytes/refusal.ts'
import type { CustodyEvent, CustodyRequest, EventKind } from './custody-event.ts'
import { changed, enters, type Holding } from './holding.ts'
import { enter, entryOf } from './holding-change.ts'
import { PERMITTED, permits } from './status.ts'

export type ActCode =
  | 'custody/not-permitted' | 'custody/not-entered' | 'custody/after-destruction' | 'custody/entry-missing' | 'custody/entry-again' | 'custody/place-missing'
  | 'custody/due-before-dispatch' | 'custody/document-missing' | 'custody/balance-below-zero' | 'custody/other-receiver-side' | 'custody/not-in-this-set' | 'custody/no-such-seal'

/** Undefined where the event may follow on the holding; undefined holding: on nothing. */
export function checkAct(holding: Holding | undefined, event: CustodyEvent): Refusal<ActCode> | undefined {
  return checkPermitted(holding, event)
    ?? checkEntry(holding, event.kind, entryOf(event) !== undefined)
    ?? checkDocuments(event)
    ?? checkTransfer(holding, event)
    ?? checkQuantity(holding, event)
    ?? checkParts(holding, event)
}

/** The first event, of events in force in their order, that may not follow on those before it; and the holding up to there. */
export function checkWalk(events: readonly CustodyEvent[]): { readonly holding: Holding | undefined, readonly refused: { readonly event: CustodyEvent, readonly refusal: Refusal<ActCode> } | undefined } {
  let holding: Holding | undefined
  for (const event of events) {
    const refusal = checkAct(holding, event)
    if (refusal !== undefined) return { holding, refused: { event, refusal } }
    holding = holding === undefined ? enter(event) : changed(holding, event)
  }
  return { holding, refused: undefined }
}

function checkPermitted(holding: Holding | undefined, { kind }: CustodyEvent): Refusal<ActCode> | undefined {
  const status = holding?.status ?? 'none'
  if (permits(status, kind)) return undefined
  if (status === 'none') return new Refusal('custody/not-entered', `an item enters the register by ${PERMITTED.none.join(', ')}, not by ${kind}`, 'kind')
  if (status === 'destroyed') return new Refusal('custody/after-destruction', 'a destroyed item has no later event; if it was not destroyed, correct that event', 'kind')
  return new Refusal('custody/not-permitted', `an item that is ${status} cannot be ${kind}; it can be: ${PERMITTED[status].join(', ')}`, 'kind')
}

/** Whether the act takes two people: destruction, and transfer to another state. Disclosure has its own door (`disclosure.ts`). */
export function needsTwo(act: Pick<CustodyRequest, 'kind' | 'data'>): boolean {
  return act.kind === 'destroyed' || (act.kind === 'dispatched' && (act.data as { readonly abroad: boolean }).abroad)
}

function checkEntry(holding: Holding | undefined, kind: EventKind, entry: boolean): Refusal<ActCode> | undefined {
  if (holding === undefined && !entry) return new Refusal('custody/entry-missing', `${kind} is the item's first event: say what it is, who owns it and who has it`, 'data.entry')
  if (holding !== undefined && entry && enters(kind)) return new Refusal('custody/entry-again', 'the item is in the register already: leave the entry out, or record another item', 'data.entry')
  return undefined
}

/** Destruction rests on its certificate, transfer abroad on its licence. */
function checkDocuments(event: CustodyEvent): Refusal<ActCode> | undefined {
  return needsTwo(event) && event.documents.length === 0
    ? new Refusal('custody/document-missing', event.kind === 'destroyed' ? 'name the certificate of destruction' : 'name the licence of the transfer', 'documents') : undefined
}

/** A dispatch says by when its receipt is due; a receipt within the party says where the item is now. */
function checkTransfer(holding: Holding | undefined, event: CustodyEvent): Refusal<ActCode> | undefined {
  if (event.kind === 'dispatched') {
    if (event.data.due <= event.happened) return new Refusal('custody/due-before-dispatch', `the receipt is due at ${event.data.due}, not after the dispatch`, 'data.due')
    if (event.data.abroad && event.data.place !== undefined) return new Refusal('custody/other-receiver-side', 'where it goes in another state is for that state to record', 'data.place')
  }
  if (event.kind !== 'received' || holding === undefined) return undefined
  const abroad = holding.transit?.abroad ?? false
  if (abroad && event.data.place !== undefined) {
    return new Refusal('custody/other-receiver-side', 'this confirms a receipt in another state, whose own record says where it is; if it came back, record it as returned', 'data.place')
  }
  return !abroad && event.data.place === undefined ? new Refusal('custody/place-missing', 'say where it was received: owner, custodian, site, unit', 'data.place') : undefined
}

/** The balance of a lot never falls below zero, and nothing is taken from one numbered component. */
function checkQuantity(holding: Holding | undefined, { kind, data }: CustodyEvent): Refusal<ActCode> | undefined {
  if (holding === undefined || !('quantity' in data) || data.quantity === undefined) return undefined
  const balance = holding.quantity
  if (balance === undefined) return new Refusal('custody/not-permitted', `${kind} with a quantity is for lots; this is one component`, 'data.quantity')
  if (typeof balance === 'number' && typeof data.quantity === 'number' && data.quantity > balance) {
    return new Refusal('custody/balance-below-zero', `${data.quantity} cannot be taken from ${balance}`, 'data.quantity')
  }
  return undefined
}

function checkParts(holding: Holding | undefined, event: CustodyEvent): Refusal<ActCode> | undefined {
  if (holding === undefined) return undefined
  if (event.kind === 'paired' && (holding.set !== undefined || event.data.with.includes(event.item))) {
    return new Refusal('custody/not-in-this-set', holding.set === undefined ? 'an item is not paired with itself' : `the item is in set ${holding.set.id}: unpair it first`, 'data.set')
  }
  if (event.kind === 'unpaired' && holding.set?.id !== event.data.set) return new Refusal('custody/not-in-this-set', `the item is not in set ${event.data.set}`, 'data.set')
  if ((event.kind === 'seal-checked' || event.kind === 'seal-broken') && !holding.seals.some(({ seal }) => seal === event.data.seal)) {
    return new Refusal('custody/no-such-seal', `no seal ${event.data.seal} is recorded here: record it as sealed first`, 'data.seal')
  }
  return undefined
}
