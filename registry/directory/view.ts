// Directories as they were stated, the office where a message lies, and terms side by side: read anew from the messages each time.
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { Time } from '@muster/core/bytes/time.ts'
import { officeFor, type Directory, type Placed } from '@muster/core/rules/office.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { sideBySide, type SideBySide } from '@muster/core/rules/terms-map.ts'
import type { Message } from '@muster/core/wire/message.ts'
import type { SaidKind } from '@muster/core/wire/said-body.ts'
import { receiptsFor, saidOf, type At, type Said } from '../said.ts'

/** By the sender's own sequence within its lane, whatever its clock says. */
const inOrder = <K extends SaidKind>(all: readonly Said<K>[]): Said<K>[] => [...all].sort((a, b) => a.message.payload.sequence - b.message.payload.sequence)

/** The directories that `owner` stated, oldest first: to `reader` where this party is the owner, else to this party. */
export async function directoriesOf(home: At, owner: PartyId, reader?: PartyId): Promise<Said<'directory/office'>[]> {
  const own = owner === home.register.file.party
  const all = await saidOf(home, 'directory/office', own ? 'out' : 'in')
  return inOrder(all.filter(({ message: { payload: { from, to } } }) => own ? reader === undefined || to === reader : from === owner))
}

/** The newest directory of a party that was stated by `at`; of this party's own, the newest that any other party was told. */
export async function directoryBy(home: At, owner: PartyId, at: Time, reader?: PartyId): Promise<Said<'directory/office'> | undefined> {
  const all = await directoriesOf(home, owner, reader)
  const known = all.filter(({ message }) => message.payload.time <= at)
  return reader === undefined && owner === home.register.file.party ? known.reduce<Said<'directory/office'> | undefined>((newest, each) => newest === undefined || newest.message.payload.time <= each.message.payload.time ? each : newest, undefined) : known.at(-1)
}

/** When messages arrived: here by the own clock, there by the receipt; undefined for one that is under way. */
async function arrivals(home: At, messages: readonly Message[]): Promise<ReadonlyMap<string, Time>> {
  const { register, joined } = home
  const own = register.file.party
  const rows = await register.db.read<{ message_id: Buffer, stored: Time }>("SELECT message_id, stored FROM message WHERE agreement_id = $1 AND direction = 'in' AND message_id = ANY($2)",
    [joined.agreement.id, messages.map(({ id }) => Buffer.from(id, 'hex'))])
  const receipts = await receiptsFor(home, messages.filter(({ payload: { from, to } }) => from === own && to !== own))
  return new Map([...rows.map(({ message_id, stored }): [string, Time] => [toHex(message_id), stored]), ...[...receipts].map(([id, { payload }]): [string, Time] => [id, payload.time])])
}

/** The office where each message lies, by the directory of its receiver in force when it arrived and every rerouting since. What is under way lies nowhere. */
export async function officesOf(home: At, messages: readonly Message[]): Promise<ReadonlyMap<string, Placed>> {
  if (messages.length === 0) return new Map()
  const self = home.register.file.party
  const [arrived, own, theirs, sent, told] = await Promise.all([arrivals(home, messages), saidOf(home, 'directory/office', 'out'), saidOf(home, 'directory/office', 'in'), saidOf(home, 'directory/rerouted', 'out'), saidOf(home, 'directory/rerouted', 'in')])
  return new Map(messages.flatMap(({ id, payload: { kind, from, to } }): [string, Placed][] => {
    const at = arrived.get(id)
    if (at === undefined) return []
    const [stated, rerouted] = to === self ? [own, sent] : [theirs, told]
    // What a party says to itself has no lane of statements: its newest to anybody holds.
    const ofLane = <K extends SaidKind>(all: readonly Said<K>[]) => from === to ? all : inOrder(all.filter(({ message: { payload } }) => payload.from === to && payload.to === from))
    const last = ofLane(rerouted).findLast(({ body }) => body.request === id)
    if (last !== undefined) return [[id, { by: 'rerouted', office: last.body.to, reason: last.body.reason }]]
    const directory: Directory | undefined = ofLane(stated).findLast(({ message }) => message.payload.time <= at)?.body
    return [[id, officeFor(directory, kind.slice(0, kind.indexOf('/')), at)]]
  }))
}

/** What this party and another say of their terms, side by side; of each the newest statement. */
export async function termsWith(home: At, other: PartyId): Promise<{ readonly own: Said<'directory/terms'> | undefined, readonly theirs: Said<'directory/terms'> | undefined, readonly rows: readonly SideBySide[] }> {
  const [own] = inOrder((await saidOf(home, 'directory/terms', 'out')).filter(({ message }) => message.payload.to === other)).slice(-1)
  const [theirs] = inOrder((await saidOf(home, 'directory/terms', 'in')).filter(({ message }) => message.payload.from === other)).slice(-1)
  return { own, theirs, rows: sideBySide(own?.body.rows ?? [], theirs?.body.rows ?? []) }
}
