// How a message reaches its receiver: over HTTP, or, for the own registry when nothing serves it, through its own door within this process.
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { deliver, notTaken, readReply, REPLY_BYTES_MAX, type Reply } from './peer/exchange.ts'
import { parseJson } from '@muster/core/bytes/canonical.ts'
import { utf8 } from '@muster/core/bytes/bytes.ts'
import type { MessageDoor } from './door.ts'
import type { Hall, Home } from './home.ts'
import { servedAt } from './served.ts'

/** Sends a message of this home. `own`: the door to use for messages to itself where no server answers for it. */
export async function send(home: Home, hall: Hall, message: Message, own: MessageDoor | undefined): Promise<Reply> {
  const self: PartyId = home.register.file.party
  const { signal } = home.leaving
  if (message.payload.to !== self) return deliver(home.register, hall.joined, message, home.now(), signal)
  if (own === undefined) return deliver(home.register, await reachingItself(home, hall), message, home.now(), signal)
  const { status, body } = await own(home, hall, message.envelope)
  if (status !== 200) throw notTaken('http://own.invalid', status, utf8(body))
  return readReply(home.register, hall.joined, message, parseJson(utf8(body), { bytes: REPLY_BYTES_MAX, depth: 64 }), home.now())
}

/** Where the own registry answers is known from its data directory: the server that runs there said so. */
async function reachingItself({ register }: Home, { joined }: Hall): Promise<Hall['joined']> {
  const url = await servedAt(register.dataDir)
  return url === undefined ? joined : { ...joined, urls: new Map([...joined.urls, [register.file.party, url]]) }
}
