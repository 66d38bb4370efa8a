// What is on watch, as `muster watch` has it, and how people end it.
import { canonical } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { text } from '@muster/core/bytes/shape.ts'
import { shaped } from '@muster/core/bytes/shaped-json.ts'
import { REASON_CHARACTERS_MAX } from '@muster/core/rules/custody-event.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { twoPeople } from '@muster/core/rules/two-people.ts'
import type { WatchState } from '@muster/core/rules/watch.ts'
import type { Hall, Home } from '../home.ts'
import type { People } from '../said.ts'
import { recordAct } from '../store/acts-once.ts'
import { transaction } from '../store/database.ts'
import { endKey, endsAmong, newsOfWatches, watchesUnder, type Watch, type WatchEnd, type WatchNews } from '../store/watches.ts'
import { copiesUnder, followedOf, lookForWatched } from './look.ts'
import { statesOf } from './state.ts'

export interface Watched {
  readonly watch: Watch
  readonly state: WatchState
  /** The newest declaration under the labels' key that was looked up in. */
  readonly looked: { readonly sequence: number, readonly asOf: string } | undefined
  readonly news: readonly WatchNews[]
  readonly ended: WatchEnd | undefined
}

export type WatchCode = 'watch/unknown' | 'watch/ended'

const reasonText = text(REASON_CHARACTERS_MAX)

/** Everything on watch under an agreement, looked up in what is here now. */
export async function watchedIn(home: Home, hall: Hall): Promise<Watched[]> {
  const { register } = home
  const { id: agreement } = hall.joined.agreement
  const watches = await watchesUnder(register, agreement)
  const ended = await endsAmong(register, agreement, watches.map(({ id }) => id))
  const all = new Map<string, Watched>()
  for (const party of new Set(watches.map((watch) => watch.party))) {
    await lookForWatched(home, hall, party)
    for (const each of await ofParty(home, hall, party, watches.filter((watch) => watch.party === party), ended)) all.set(each.watch.id, each)
  }
  return watches.flatMap(({ id }) => all.get(id) ?? [])
}

async function ofParty(home: Home, hall: Hall, party: PartyId, watches: readonly Watch[], ended: ReadonlyMap<string, WatchEnd>): Promise<Watched[]> {
  const { register } = home
  const followed = await followedOf(home, hall, party)
  const states = await statesOf(home, hall, watches, followed)
  const news = await newsOfWatches(register.db, register.secrets, watches.map(({ id }) => id))
  return Promise.all(watches.map(async (watch): Promise<Watched> => {
    const head = followed === undefined ? undefined : (await copiesUnder(home, hall, followed, watch.oprf)).at(-1)?.head.head
    return {
      watch, state: states.get(watch.id) as WatchState, looked: head === undefined ? undefined : { sequence: head.sequence, asOf: head.asOf },
      news: news.filter((each) => each.watch === watch.id), ended: ended.get(watch.id),
    }
  }))
}

/** Two people end a watch, with a reason. Throws the law's Refusal, `watch/unknown` or `watch/ended`. */
export async function endWatch({ register }: Home, { joined }: Hall, id: string, reason: string, { by, and }: People, at: number): Promise<void> {
  const { id: agreement } = joined.agreement
  const refused = twoPeople('ending a watch', by, and)
  if (refused !== undefined) throw refused
  const because = shaped('watch', reasonText, reason)
  if (because instanceof Refusal) throw because
  if (!(await watchesUnder(register, agreement)).some((watch) => watch.id === id)) throw new Refusal<WatchCode>('watch/unknown', `nothing is on watch as ${id} under ${agreement}`, 'id')
  if ((await endsAmong(register, agreement, [id])).has(id)) throw new Refusal<WatchCode>('watch/ended', `the watch ${id} was ended before`, 'id')
  const end: WatchEnd = { by, and: and ?? '', reason: because }
  await transaction(register.db, (tx) => recordAct(tx, register.secrets, endKey(agreement, id), canonical({ ...end }), at))
}
