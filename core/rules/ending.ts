// Where a chain of custody ends: what the last record says, and what that makes of the trace (DESIGN section 5, step 6).
import type { DeclaredItem, PartyAnswer, TraceFacts, TraceOutcome, Whom } from './chain.ts'
import type { PartyId } from './party.ts'
import { dayOf } from './thread.ts'

export interface Link {
  readonly step: 'made' | 'delivered' | 'held' | 'released' | 'ended'
  readonly party: PartyId
  /** A party's id, or a name in double quotes, so that no name reads like a party. */
  readonly with: string | null
  readonly when: string | null
  readonly status: string | null
}

export interface Gap {
  readonly gap: 'origin-not-shown' | 'receipt-not-shown' | 'release-not-shown' | 'not-received' | 'on-the-way' | 'receipt-disputed' | 'addressee-silent' | 'addressee-unanswered'
    | 'addressee-outside' | 'addressee-not-named' | 'addressee-declared-before' | 'lost-reported' | 'still-claimed' | 'recorded-destroyed' | 'sections-closed'
    | 'another-item' | 'entered-in-error'
  /** A party's id; of `addressee-outside` a name in double quotes. */
  readonly party: string
}

export function textOf(whom: Whom): string {
  return 'party' in whom ? whom.party : `"${whom.name}"`
}

export interface Ending { readonly outcome: TraceOutcome, readonly held: boolean, readonly link: Link | undefined, readonly gap: Gap }

export function ending(last: DeclaredItem, facts: TraceFacts): Ending {
  const { party, status, since, releasedTo } = last
  if (releasedTo !== null) return released(last, releasedTo, facts)
  const link: Link = { step: 'ended', party, with: null, when: since, status }
  switch (status) {
    case null: return { outcome: 'unanswered', held: false, link: undefined, gap: { gap: 'sections-closed', party } }
    case 'lost':
    case 'stolen':
    case 'missing': return { outcome: 'last-holder', held: true, link, gap: { gap: 'lost-reported', party } }
    case 'destroyed':
    case 'expended':
    case 'demilitarised': return { outcome: 'destroyed', held: true, link, gap: { gap: 'recorded-destroyed', party } }
    case 'held':
    case 'issued': return { outcome: 'still-held', held: true, link: undefined, gap: { gap: 'still-claimed', party } }
    // Sent, and nobody's record shows that it came; to whom may stay unsaid until the receipt.
    case 'in-transit': return { outcome: 'not-received', held: true, link: { ...link, step: 'released' }, gap: { gap: 'on-the-way', party } }
    case 'disputed': return { outcome: 'not-received', held: true, link: { ...link, step: 'released' }, gap: { gap: 'receipt-disputed', party } }
    case 'released': return { outcome: 'unanswered', held: false, link: { ...link, step: 'released' }, gap: { gap: 'addressee-not-named', party } }
    // Left aside before; said here so that no record of a mistake ever accuses.
    case 'entered-in-error': return { outcome: 'unanswered', held: false, link, gap: { gap: 'entered-in-error', party } }
  }
}

function released(last: DeclaredItem, to: Whom, facts: TraceFacts): Ending {
  const link: Link = { step: 'released', party: last.party, with: textOf(to), when: last.releasedWhen, status: last.status }
  const open = (gap: Gap['gap'], party: string): Ending => ({ outcome: 'unanswered', held: false, link, gap: { gap, party } })
  if ('name' in to) return open('addressee-outside', textOf(to))
  const addressee = facts.answers.find((answer) => answer.party === to.party)
  switch (addressee?.outcome) {
    case undefined: return open('addressee-outside', to.party)
    case 'silent': return { outcome: 'silent', held: false, link, gap: { gap: 'addressee-silent', party: to.party } }
    case 'no-current-declaration':
    case 'refused':
    case 'unreachable': return open('addressee-unanswered', to.party)
    case 'present':
    case 'absent': return notReceived(last, addressee, facts) ?? { outcome: 'not-received', held: true, link, gap: { gap: 'not-received', party: to.party } }
  }

  /** Why an answer does not say that the item never came: its sections are closed, or it is older than the delivery. */
  function notReceived(item: DeclaredItem, { party, asOf }: PartyAnswer, { hits }: TraceFacts): Ending | undefined {
    if (hits.some((hit) => hit.party === party && (hit.closed !== null || hit.items.length === 0))) return open('sections-closed', party)
    const [declared, sent] = [dayOf(asOf), dayOf(item.releasedWhen)]
    return declared !== undefined && sent !== undefined && declared < sent ? open('addressee-declared-before', party) : undefined
  }
}
