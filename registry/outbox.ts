// The outbox at work (DESIGN section 6): what is due to a party goes out in the order of its sequence, one after the other, until its receipt is
// stored. A party that cannot be reached is tried again with growing pauses, and holds up no other.
import { setTimeout as sleep } from 'node:timers/promises'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { lookAgain } from './agreement/renew.ts'
import type { MessageDoor } from './door.ts'
import { textOf } from './engine/fault.ts'
import { keepBreach, type Hall, type Home } from './home.ts'
import { Unreachable } from './peer/client.ts'
import { NotTaken } from './peer/exchange.ts'
import { send } from './send.ts'
import { messagesById } from './store/messages.ts'
import { dueTo, RAN_OUT, receiversDue, standAside, takeOffTheWay, tryAgain, type OnItsWay } from './store/outbox.ts'

const LOOK_MS = 1_000
const AGAIN_MS_MIN = 500
/** A party that was away for months is tried as often as this. */
const AGAIN_MS_MAX = 600_000
const TAKEN_AT_ONCE = 64

export interface Delivery { readonly delivered: number, readonly refused: number, readonly lapsed: number, readonly due: number }
type Tally = { delivered: number, refused: number, lapsed: number }

/** Delivers what is due, as it becomes due, until `signal`. `own`: the door for messages to this party itself. */
export async function keepDelivering(home: Home, hall: Hall, own: MessageDoor | undefined, signal: AbortSignal): Promise<void> {
  const lanes = new Map<PartyId, Promise<void>>()
  for (let started = false; !signal.aborted;) {
    try {
      if (!started) await tryAgain(home.register, hall.joined.agreement.id)
      started = true
      await lookAgain({ register: home.register, joined: hall.joined }, home.now())
      for (const party of await receiversDue(home.register, hall.joined.agreement.id)) {
        if (lanes.has(party) || !reachable(home, hall, party)) continue
        lanes.set(party, laneTo(home, hall, party, own, signal).finally(() => lanes.delete(party)))
      }
    } catch (error) {
      tell(home, error)
    }
    await pause(LOOK_MS, signal)
  }
  await Promise.all(lanes.values())
}

/** Tries everything that is due once. Parties without an address keep theirs for the courier. */
export async function deliverOnce(home: Home, hall: Hall, own: MessageDoor | undefined): Promise<Delivery> {
  const tally: Tally = { delivered: 0, refused: 0, lapsed: 0 }
  const { id } = hall.joined.agreement
  await tryAgain(home.register, id)
  await Promise.all((await receiversDue(home.register, id)).filter((party) => reachable(home, hall, party)).map(async (party) => {
    for (let before = ''; ;) {
      const first = await drain(home, hall, party, own, tally, home.leaving.signal).catch((error: unknown): undefined => { tell(home, error) })
      if (first === undefined || first === before) return
      before = first
    }
  }))
  const left = await Promise.all((await receiversDue(home.register, id)).map((party) => dueTo(home.register, id, party, Number.MAX_SAFE_INTEGER)))
  return { ...tally, due: left.flat().length }
}

function reachable({ register }: Home, { joined }: Hall, party: PartyId): boolean {
  return party === register.file.party || joined.urls.has(party)
}

async function laneTo(home: Home, hall: Hall, party: PartyId, own: MessageDoor | undefined, signal: AbortSignal): Promise<void> {
  const tally: Tally = { delivered: 0, refused: 0, lapsed: 0 }
  for (let [again, before] = [AGAIN_MS_MIN, '']; !signal.aborted;) {
    const delivered = tally.delivered
    try {
      const first = await drain(home, hall, party, own, tally, signal)
      if (first === undefined) return
      // What is still due after it was delivered would go round and round.
      if (first === before) throw new Error(`message ${first} to ${party} was delivered and is still due: run muster audit`)
      before = first
    } catch (error) {
      if (!(error instanceof Unreachable)) tell(home, error)
      again = tally.delivered > delivered ? AGAIN_MS_MIN : Math.min(2 * again, AGAIN_MS_MAX)
      before = ''
      await pause(again, signal)
    }
  }
}

/** Sends the first of what is due to a party, in order; resolves to the id of the first, undefined where nothing is due. Throws at the first that did not get through. */
async function drain(home: Home, hall: Hall, party: PartyId, own: MessageDoor | undefined, tally: Tally, signal: AbortSignal): Promise<string | undefined> {
  const { register } = home
  const { joined } = hall
  const due = await dueTo(register, joined.agreement.id, party, TAKEN_AT_ONCE)
  const messages = new Map((await messagesById(register, joined, register.file.party, due.map(({ id }) => id))).map((message) => [message.id, message]))
  for (const each of due) {
    if (signal.aborted) break
    const message = messages.get(each.id)
    if (message === undefined) throw new Error(`message ${each.id} to ${party} is on its way and is not stored: run muster audit`)
    await sendOne(home, hall, each, message, own, tally)
  }
  return due[0]?.id
}

async function sendOne(home: Home, hall: Hall, due: OnItsWay, message: Message, own: MessageDoor | undefined, tally: Tally): Promise<void> {
  const { register } = home
  const { id } = hall.joined.agreement
  const { expiry, kind, to } = message.payload
  if (expiry !== null && expiry < timeOf(home.now())) {
    await standAside(register, id, due, RAN_OUT)
    tally.lapsed += 1
    home.report(`${kind} to ${to} ran out at ${expiry} before it arrived: it is asked no more`)
    return
  }
  try {
    const { receipt } = await send(home, hall, message, own)
    if (kind === 'receipt') await takeOffTheWay(register, id, due)
    else if (receipt === undefined) throw new Unreachable('http://no-receipt.invalid', new Error(`${to} gave no receipt`))
    tally.delivered += 1
  } catch (error) {
    await keepBreach(home, hall, to, error)
    if (!(error instanceof NotTaken)) throw error
    await standAside(register, id, due, error.code)
    tally.refused += 1
    home.report(`${to} refuses ${kind} ${due.sequence} for good: ${error.message}`)
  }
}

function tell(home: Home, error: unknown): void {
  if (!home.leaving.signal.aborted) home.report(textOf(error))
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}
