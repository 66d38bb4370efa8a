// What a trace leaves behind: the labels that it learnt of each party that answered, so that the find stays on watch.
import { randomUUID } from 'node:crypto'
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { Time } from '@muster/core/bytes/time.ts'
import type { PartyOutcome } from '@muster/core/rules/chain.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { WatchedLabel } from '@muster/core/rules/watch.ts'
import type { Joined } from '../store/agreements.ts'
import type { Register } from '../store/register.ts'
import { endsAmong, watchesUnder, type Watch } from '../store/watches.ts'
import { isHit, type Asked } from '../trace/asked.ts'
import type { BoundFind } from '../trace/find.ts'

type At = { readonly register: Register, readonly joined: Joined }

/**
 * The watches that a finished trace begins. Of the own declarations nothing is watched: the register itself tells of duplicates, and the find's own
 * keys come into the next one. A label that an open watch of the same find has is watched there, so that it is told once.
 */
export async function watchesToBegin({ register, joined }: At, find: BoundFind, trace: string, asked: readonly Asked[], outcomes: ReadonlyMap<PartyId, PartyOutcome>, at: Time): Promise<Watch[]> {
  if (find.ladder.verdict === 'unreadable') return []
  const { id: agreement } = joined.agreement
  const held = (await watchesUnder(register, agreement, { item: find.item as ItemId })).filter(({ findSeq }) => findSeq === find.event.seq)
  const ended = await endsAmong(register, agreement, held.map(({ id }) => id))
  const open = held.filter(({ id }) => !ended.has(id))
  const { candidates } = find.ladder
  return asked.flatMap(({ party: { party }, sight, lookups }): Watch[] => {
    const head = sight?.head?.head
    const outcome = outcomes.get(party)
    if (party === register.file.party || head === undefined || (outcome !== 'present' && outcome !== 'absent')) return []
    const watched = new Set(open.filter((each) => each.party === party && each.oprf === head.oprf).flatMap(({ labels }) => labels.map(({ label }) => label)))
    const labels = lookups.filter(({ element, label }) => candidates[element]?.mandatory === true && !watched.has(toHex(label)))
      .map((lookup): WatchedLabel => ({ element: lookup.element, label: toHex(lookup.label), present: isHit(lookup) }))
    return labels.length === 0 ? [] : [{ id: randomUUID(), agreement, party, item: find.item as ItemId, findSeq: find.event.seq, trace, sequence: head.sequence, oprf: head.oprf, labels, started: at }]
  })
}
