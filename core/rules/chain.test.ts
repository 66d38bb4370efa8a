import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Time } from '../bytes/time.ts'
import { conclude, PARTY_OUTCOMES, TRACE_OUTCOMES, type Conclusion, type DeclaredItem, type Hit, type PartyOutcome, type TraceFacts } from './chain.ts'
import type { PartyId } from './party.ts'
import { STATUSES } from './status.ts'

const [AA, BB, CC, DD] = ['AA', 'BB', 'CC', 'DD'] as unknown as [PartyId, PartyId, PartyId, PartyId]
const AS_OF: Time = '2026-03-01T00:00:00Z'

function item(party: PartyId, more: Partial<DeclaredItem> = {}): DeclaredItem {
  return {
    party, label: `${party.toLowerCase()}01`, contradicts: false, status: 'held', since: '2025-01-01T00:00:00Z', acquiredHow: 'received', acquiredFrom: null, acquiredWhen: null, releasedTo: null, releasedWhen: null, ...more,
  }
}

const made = (party: PartyId, more: Partial<DeclaredItem> = {}) => item(party, { acquiredHow: 'manufactured', acquiredWhen: '2024-01-01T00:00:00Z', ...more })
const sentTo = (to: PartyId, when = '2024-06-01T00:00:00Z'): Partial<DeclaredItem> => ({ status: 'released', releasedTo: { party: to }, releasedWhen: when })
const from = (party: PartyId, when = '2024-06-10'): Partial<DeclaredItem> => ({ acquiredFrom: { party }, acquiredWhen: when })

function hit(party: PartyId, items: readonly DeclaredItem[], more: Partial<Hit> = {}): Hit {
  return { party, kind: 'type', rung: 'written', closed: null, shared: items.length, chancePercent: 0.1, tried: 2, items, ...more }
}

/** Every party of four, those with a hit present, the others absent unless something else is said. */
function concluded(hits: readonly Hit[], others: Partial<Record<string, PartyOutcome>> = {}, more: Partial<TraceFacts> = {}): Conclusion {
  const answers = [AA, BB, CC, DD].map((party) => ({ party, outcome: hits.some((each) => each.party === party) ? 'present' : others[party] ?? 'absent', asOf: AS_OF } as const))
  return conclude({ answers, readable: true, candidates: 2, markCondition: 'intact', hits, ...more })
}

const steps = ({ chain }: Conclusion) => chain.map(({ step, party, with: other }) => other === null ? `${step} ${party}` : `${step} ${party} ${other}`)
const gaps = (conclusion: Conclusion) => conclusion.gaps.map(({ gap, party }) => `${gap} ${party}`)
const whats = ({ explanations }: Conclusion) => explanations.map(({ what }) => what)

test('made, delivered and lost: the chain runs through both, and the last lawful holder is the one that lost it', () => {
  const told = concluded([hit(AA, [made(AA, sentTo(BB))]), hit(BB, [item(BB, { ...from(AA), status: 'lost' })])])
  assert.deepEqual([told.outcome, told.lastHolder, told.grade, told.chancePercent], ['last-holder', BB, 'written', 0.2])
  assert.deepEqual(steps(told), ['made AA', 'held AA', 'delivered AA BB', 'held BB AA', 'ended BB'])
  assert.deepEqual(gaps(told), ['lost-reported BB'])
})

test('the order in which hits and answers come changes nothing', () => {
  const hits = [hit(AA, [made(AA, sentTo(BB))]), hit(BB, [item(BB, { ...from(AA), ...sentTo(CC, '2024-09-01T00:00:00Z') })]), hit(CC, [item(CC, { ...from(BB, '2024-09-02'), status: 'stolen' })])]
  const told = concluded(hits)
  assert.deepEqual(concluded(hits.toReversed()), told)
  assert.deepEqual([told.outcome, told.lastHolder, told.chain.length], ['last-holder', CC, 7])
})

test('the last status makes the ending', () => {
  const due: Record<(typeof STATUSES)[number], readonly [Conclusion['outcome'], PartyId | null, string]> = {
    'held': ['still-held', AA, 'still-claimed AA'], 'issued': ['still-held', AA, 'still-claimed AA'], 'lost': ['last-holder', AA, 'lost-reported AA'], 'stolen': ['last-holder', AA, 'lost-reported AA'],
    'missing': ['last-holder', AA, 'lost-reported AA'], 'destroyed': ['destroyed', AA, 'recorded-destroyed AA'], 'expended': ['destroyed', AA, 'recorded-destroyed AA'], 'demilitarised': ['destroyed', AA, 'recorded-destroyed AA'],
    'in-transit': ['not-received', AA, 'on-the-way AA'], 'disputed': ['not-received', AA, 'receipt-disputed AA'], 'released': ['unanswered', null, 'addressee-not-named AA'], 'entered-in-error': ['absent', null, 'entered-in-error AA'],
  }
  for (const status of STATUSES) {
    const told = concluded([hit(AA, [made(AA, { status })])])
    assert.deepEqual([told.outcome, told.lastHolder, gaps(told).at(-1)], due[status], status)
  }
})

test('a release ends where its addressee does: absent, silent, unanswered or outside', () => {
  const sent = [hit(AA, [made(AA, sentTo(BB))])]
  const ends = (others: Partial<Record<string, PartyOutcome>>) => {
    const { outcome, lastHolder, gaps: [gap] } = concluded(sent, others)
    return [outcome, lastHolder, gap?.gap]
  }
  assert.deepEqual(ends({}), ['not-received', AA, 'not-received'])
  assert.deepEqual(ends({ BB: 'silent' }), ['silent', null, 'addressee-silent'])
  for (const outcome of ['refused', 'unreachable', 'no-current-declaration'] as const) assert.deepEqual(ends({ BB: outcome }), ['unanswered', null, 'addressee-unanswered'])
  for (const [to, party] of [[{ party: 'ZZ' as PartyId }, 'ZZ'], [{ name: 'BB' }, '"BB"']] as const) {
    const told = concluded([hit(AA, [made(AA, { status: 'released', releasedTo: to })])])
    assert.deepEqual([told.outcome, gaps(told), whats(told)[0]], ['unanswered', [`addressee-outside ${party}`], 'went-outside-the-agreement'])
  }
})

test('nobody is accused of not having received by a declaration that is older than the delivery, or by closed sections', () => {
  const late = concluded([hit(AA, [made(AA, sentTo(BB, '2026-03-05T00:00:00Z'))])])
  assert.deepEqual([late.outcome, late.lastHolder, gaps(late)], ['unanswered', null, ['addressee-declared-before BB']])
  const closed = concluded([hit(AA, [made(AA, sentTo(BB))]), hit(BB, [], { closed: 'refused', shared: 0, chancePercent: null })])
  assert.deepEqual([closed.outcome, closed.lastHolder, gaps(closed)], ['unanswered', null, ['sections-closed BB']])
})

test('hits that stay closed are a gap and no verdict', () => {
  const told = concluded([hit(BB, [], { closed: 'not-opened', shared: 0, chancePercent: null })])
  assert.deepEqual([told.outcome, told.grade, gaps(told), whats(told)], ['unanswered', 'written', ['sections-closed BB'], ['held-by-a-party-that-did-not-answer', 'false-or-copied-mark']])
})

test('a hit that chance explains starts no chain: five per cent is the limit, times the candidates tried', () => {
  const tried = (count: number, percent: number | null) => concluded([hit(AA, [made(AA)], { tried: count, chancePercent: percent })])
  assert.deepEqual([tried(5, 1).outcome, tried(5, 1).chancePercent], ['still-held', 5])
  assert.deepEqual([tried(51, 0.1).outcome, tried(51, 0.1).chancePercent], ['by-chance', 5.1])
  assert.deepEqual([tried(200, 30).chancePercent, tried(1, null).chancePercent], [100, 100])
  assert.equal(tried(1, null).outcome, 'by-chance')
})

test('what chance explains beside a telling hit does not make it ambiguous', () => {
  const told = concluded([hit(AA, [made(AA)]), hit(BB, [made(BB)], { tried: 100, chancePercent: 1 })])
  assert.deepEqual([told.outcome, told.lastHolder], ['still-held', AA])
})

test('the better key and rung lead, equal ones are ambiguous', () => {
  const better = concluded([hit(AA, [made(AA)]), hit(BB, [made(BB)], { rung: 'zeros' }), hit(CC, [made(CC)], { kind: 'class' })])
  assert.deepEqual([better.outcome, better.lastHolder, better.grade], ['still-held', AA, 'written'])
  const equal = concluded([hit(AA, [made(AA)]), hit(BB, [made(BB)])])
  assert.deepEqual([equal.outcome, equal.lastHolder, equal.chain, whats(equal)], ['ambiguous', null, [], ['one-of-several', 'misread-mark']])
})

test('two items of one party under one key are two, one item under two keys is one', () => {
  assert.equal(concluded([hit(AA, [made(AA), made(AA, { label: 'aa02' })])]).outcome, 'ambiguous')
  assert.equal(concluded([hit(AA, [made(AA)]), hit(AA, [made(AA)], { kind: 'class', rung: 'zeros' })]).outcome, 'still-held')
})

test('a key that more items share than an answer opens is ambiguous, and by chance where it is not telling', () => {
  assert.equal(concluded([hit(AA, [], { shared: 65 })]).outcome, 'ambiguous')
  assert.equal(concluded([hit(AA, [], { shared: 65, chancePercent: 10 })]).outcome, 'by-chance')
  assert.equal(concluded([hit(AA, [made(AA)]), hit(BB, [], { shared: 65, rung: 'zeros' })]).outcome, 'still-held')
})

test('an item that contradicts the mark, or was entered in error, is named and left aside', () => {
  const other = concluded([hit(AA, [made(AA, { contradicts: true })])])
  assert.deepEqual([other.outcome, other.lastHolder, gaps(other)], ['absent', null, ['another-item AA']])
  assert.deepEqual(other.explanations.find(({ what }) => what === 'misread-mark')?.for, [{ fact: 'record-of-another-item', party: AA }])
  const beside = concluded([hit(AA, [made(AA, { contradicts: true })]), hit(BB, [made(BB, { status: 'lost' })])])
  assert.deepEqual([beside.outcome, beside.lastHolder], ['last-holder', BB])
})

test('a delivery that one side alone records ties two records only where the other side leaves it open', () => {
  const oneSided = concluded([hit(AA, [made(AA, sentTo(BB))]), hit(BB, [item(BB, { status: 'lost' })])])
  assert.deepEqual([oneSided.outcome, oneSided.lastHolder, gaps(oneSided)], ['last-holder', BB, ['receipt-not-shown BB', 'lost-reported BB']])
  const claimed = concluded([hit(AA, [made(AA, { status: 'in-transit' })]), hit(BB, [item(BB, { ...from(AA), status: 'lost' })])])
  assert.deepEqual([claimed.outcome, claimed.lastHolder, gaps(claimed)], ['last-holder', BB, ['release-not-shown AA', 'lost-reported BB']])
  const denied = concluded([hit(AA, [made(AA)]), hit(BB, [item(BB, { ...from(AA), status: 'lost' })])])
  assert.deepEqual([denied.outcome, denied.lastHolder], ['ambiguous', null])
  const elsewhere = concluded([hit(AA, [made(AA, sentTo(CC))]), hit(BB, [item(BB, { ...from(AA), status: 'lost' })])])
  assert.equal(elsewhere.outcome, 'ambiguous')
})

test('a receipt from before the release is no receipt of it', () => {
  assert.equal(concluded([hit(AA, [made(AA, sentTo(BB, '2024-06-20T00:00:00Z'))]), hit(BB, [item(BB, { ...from(AA, '2024-06-10'), status: 'lost' })])]).outcome, 'ambiguous')
  assert.equal(concluded([hit(AA, [made(AA, sentTo(BB, '2024-06-10T12:00:00Z'))]), hit(BB, [item(BB, { ...from(AA, '2024-06-10'), status: 'lost' })])]).outcome, 'last-holder')
})

test('records that send the weapon round in a ring end all the same', () => {
  const told = concluded([
    hit(AA, [item(AA, { ...from(CC, '2024'), ...sentTo(BB) })]), hit(BB, [item(BB, { ...from(AA), ...sentTo(CC, '2024-09-01T00:00:00Z') })]), hit(CC, [item(CC, { ...from(BB, '2024-09-02'), ...sentTo(AA, '2025-01-01T00:00:00Z') })]),
  ])
  assert.deepEqual(told.chain.filter(({ step }) => step === 'held').map(({ party }) => party), [AA, BB, CC])
  assert.equal(told.chain[0]?.step, 'held', 'nobody made it')
  assert.equal(gaps(told)[0], 'origin-not-shown AA')
})

test('a name never stands for a party', () => {
  const told = concluded([hit(AA, [made(AA, { status: 'released', releasedTo: { name: 'BB' }, releasedWhen: null })]), hit(BB, [item(BB, { acquiredFrom: { name: 'AA' }, status: 'lost' })])])
  assert.equal(told.outcome, 'ambiguous')
})

test('absent says of what was left unsearched, and unreadable concludes nothing', () => {
  const all = concluded([])
  assert.deepEqual([all.outcome, all.explanations[0]], ['absent', { what: 'from-outside-the-agreement', for: [{ fact: 'all-answered', party: null }], against: [] }])
  const some = concluded([], { BB: 'silent', CC: 'refused' })
  assert.deepEqual([some.outcome, some.silent], ['absent', [BB]])
  assert.deepEqual(some.explanations[0], { what: 'from-outside-the-agreement', for: [], against: [{ fact: 'silent-party', party: BB }, { fact: 'refused', party: CC }] })
  const none = concluded([], {}, { readable: false, candidates: 0, markCondition: 'erased' })
  assert.deepEqual([none.outcome, none.grade, whats(none)], ['unreadable', null, ['misread-mark']])
})

test('every explanation stands beside another, with what speaks for and against it, and a damaged mark speaks against a reading', () => {
  const ends = [
    concluded([hit(AA, [made(AA)])]), concluded([hit(AA, [made(AA, { status: 'lost' })])]), concluded([hit(AA, [made(AA, { status: 'destroyed' })])]), concluded([hit(AA, [made(AA, sentTo(BB))])]),
    concluded([hit(AA, [made(AA), made(AA, { label: 'aa02' })])]), concluded([]), concluded([hit(AA, [made(AA, sentTo(BB))])], { BB: 'silent' }), concluded([hit(AA, [made(AA)], { chancePercent: 100 })]),
  ]
  assert.equal(new Set(ends.map(({ outcome }) => outcome)).size, ends.length)
  for (const told of ends) assert.ok(told.explanations.length >= 2 && new Set(whats(told)).size === told.explanations.length, told.outcome)
  const [sure, damaged] = ['intact', 'altered'].map((markCondition) => concluded([hit(AA, [made(AA)])], {}, { markCondition }).explanations)
  assert.deepEqual(sure?.[0], { what: 'taken-unnoticed', for: [{ fact: 'mark-intact', party: null }, { fact: 'read-as-written', party: null }], against: [{ fact: 'record-says-held', party: AA }] })
  assert.deepEqual(damaged?.[1], { what: 'false-or-copied-mark', for: [{ fact: 'record-says-held', party: AA }, { fact: 'mark-damaged', party: null }], against: [{ fact: 'read-as-written', party: null }] })
})

test('each party is counted once, under one outcome', () => {
  for (const outcome of PARTY_OUTCOMES.filter((each) => each !== 'present')) {
    const { counts } = concluded([], { AA: outcome, BB: outcome, CC: outcome, DD: outcome })
    assert.deepEqual(Object.values(counts).filter((count) => count > 0), [4], outcome)
  }
  assert.equal(TRACE_OUTCOMES.length, 10)
})
