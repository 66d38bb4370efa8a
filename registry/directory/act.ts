// The acts of a directory: offices stated to all other parties, a message sent on to another office, terms stated to another party. One person each:
// they say where to write and by which words, open nothing of an item, move no deadline, and the next statement mends them.
import { toHex } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { standsOn, type Directory, type DirectoryCode, type REROUTES } from '@muster/core/rules/office.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Terms } from '@muster/core/rules/terms-map.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { demandBody, sayWith, type At, type People } from '../said.ts'
import { messagesById } from '../store/messages.ts'
import { directoryBy, officesOf } from './view.ts'

const ID_SHOWN_MIN = 8
const ID_CHARACTERS = 64
const ID = /^[0-9a-f]{8,64}$/

/** States the whole directory to every other party, in one transaction: all of them are told, or none. */
export async function stateDirectory(home: At, directory: Directory, people: People, at: number): Promise<readonly Message[]> {
  const body = demandBody('directory/office', directory)
  const others = [...home.joined.trust.parties.keys()].filter((party) => party !== home.register.file.party)
  return sayWith(home, others.map((to) => ({ to, kind: 'directory/office', body })), people, at)
}

/** The one message to this party whose id begins so. */
async function received({ register, joined }: At, id: string): Promise<Message> {
  const ends = ['0', 'f'].map((digit) => Buffer.from(id.padEnd(ID_CHARACTERS, digit), 'hex'))
  const rows = !ID.test(id) ? [] : await register.db.read<{ sender: PartyId, message_id: Buffer }>(
    "SELECT sender, message_id FROM message WHERE sender = ANY($2) AND message_id BETWEEN $3 AND $4 AND agreement_id = $1 AND direction = 'in' AND kind <> 'receipt' LIMIT 2", [joined.agreement.id, [...joined.trust.parties.keys()], ...ends])
  const [only] = rows
  const [message] = only === undefined || rows.length > 1 ? [] : await messagesById(register, joined, only.sender, [toHex(only.message_id)])
  if (message === undefined) throw new Refusal<DirectoryCode>('directory/not-received', `no one message that was received begins with ${id}: ${ID_SHOWN_MIN} or more characters of its id`, 'id')
  return message
}

/** Sends a received message on to another own office, and tells its sender. It is due when it was. */
export async function reroute(home: At, id: string, { to, reason, note }: { readonly to: string, readonly reason: (typeof REROUTES)[number], readonly note: string | null }, people: People, at: number): Promise<Message> {
  const self = home.register.file.party
  const message = await received(home, id)
  const { from } = message.payload
  const directory = await directoryBy(home, self, timeOf(at), from)
  if (directory === undefined) throw new Refusal<DirectoryCode>('directory/none', `${self} has told ${from} of no office: state a directory first`, 'to')
  const office = directory.body.offices.find(({ code }) => code === to)
  if (office === undefined || !standsOn(office, timeOf(at))) throw new Refusal<DirectoryCode>('directory/no-office', `the directory of ${self} has no office ${to} today`, 'to')
  const lies = (await officesOf(home, [message])).get(message.id)?.office ?? null
  if (lies === to) throw new Refusal<DirectoryCode>('directory/there-already', `message ${message.id} lies with ${to} already`, 'to')
  const [written] = await sayWith(home, [{ to: from, kind: 'directory/rerouted', body: demandBody('directory/rerouted', { request: message.id, from: lies, to, reason, note }), about: message.id }], people, at)
  return written as Message
}

/** States to another party what its terms are to the own ones. */
export async function stateTerms(home: At, to: PartyId, terms: Terms, people: People, at: number): Promise<Message> {
  if (!home.joined.trust.parties.has(to) || to === home.register.file.party) throw new Refusal<DirectoryCode>('directory/no-party', `${to} is no other party of ${home.joined.agreement.id}`, 'to')
  const [written] = await sayWith(home, [{ to, kind: 'directory/terms', body: demandBody('directory/terms', terms) }], people, at)
  return written as Message
}
