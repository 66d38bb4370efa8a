import assert from 'node:assert/strict'
import { test } from 'node:test'
import { at, BASELINE, ENTRY, history, IDENTITY, ITEM, OTHER, PAPER, PLACE } from '../../test/custody/history.ts'
import { Refusal } from '../bytes/refusal.ts'
import { caseActOf, claimsByMatter, contradictions, decideCase, foldCase, type CaseAct, type WrittenAct } from './case.ts'
import type { CustodyEvent } from './custody-event.ts'
import { decide } from './decide.ts'
import { fold, type Holding } from './holding.ts'
import { recoveryOf, seizures, type Recovery } from './recovery.ts'
import { pair, strayFrom, unpair } from './set.ts'

const words = { happened: at(5), by: 'A. Petrova', and: null, reason: 'found together', documents: [PAPER] }

test('a set is entered and left by all its items or by none', () => {
  const states = [{ item: ITEM, events: history(BASELINE) }, { item: OTHER, events: history(BASELINE).map((event) => ({ ...event, item: OTHER })) }]
  const paired = pair(states, 'S1', words, at(5))
  assert.ok(!(paired instanceof Refusal))
  assert.deepEqual(paired.map(({ item, data }) => [item, data]), [[ITEM, { set: 'S1', with: [OTHER] }], [OTHER, { set: 'S1', with: [ITEM] }]])
  const after = states.map((state, i) => ({ ...state, events: [...state.events, paired[i] as CustodyEvent] }))
  assert.equal((pair(after, 'S2', words, at(6)) as Refusal).code, 'custody/not-in-this-set')
  assert.equal((unpair([after[0], states[1]] as typeof after, 'S1', words, at(6)) as Refusal).code, 'custody/not-in-this-set')
  assert.equal((pair([states[0] as typeof after[0]], 'S1', words, at(5)) as Refusal).code, 'set/too-few')
  assert.equal((pair([states[0], states[0]] as typeof after, 'S1', words, at(5)) as Refusal).code, 'set/item-twice')
  const holdings = [fold((after[0] as typeof states[0]).events), fold((states[1] as typeof states[0]).events)] as Holding[]
  assert.deepEqual(strayFrom(holdings), [{ item: ITEM, set: 'S1', missing: OTHER }])
})

const FOUND: Recovery = (() => {
  const found = recoveryOf({
    v: 'muster/recovery/1', id: 'r-1', happened: at(0), region: 'East', circumstances: 'in a cellar', place: PLACE, by: 'A. Petrova', and: 'B. Karimov', documents: [PAPER],
    components: [{ item: ITEM, identity: IDENTITY, marks: [] }, { item: OTHER, identity: { ...IDENTITY, class: 'gripstock', serial: 'unreadable' }, marks: [] }],
  })
  if (found instanceof Refusal) throw found
  return found
})()

test('each component of a recovery becomes an item in the finder\'s custody, those without a readable mark too', () => {
  for (const { item, request } of seizures(FOUND)) {
    const result = decide({ item, events: [] }, request, at(1))
    assert.ok(!(result instanceof Refusal))
    const holding = fold(result)
    assert.deepEqual([holding?.status, holding?.acquired.how, holding?.place], ['held', 'seized', ENTRY.place])
  }
  assert.match((recoveryOf({ ...FOUND, components: [FOUND.components[0], FOUND.components[0]] }) as Refusal).message, /components/)
})

function filed(...acts: readonly CaseAct[]): WrittenAct[] {
  const all: WrittenAct[] = []
  for (const each of acts) {
    const result = decideCase(all, each, at(all.length))
    if (result instanceof Refusal) assert.fail(`${each.kind}: ${result.code}: ${result.message}`)
    all.push(result)
  }
  return all
}

const by = { by: 'A. Petrova', and: 'B. Karimov' }
const OPENED: CaseAct = { ...by, kind: 'opened', data: { title: 'Launchers in the east' } }
const CLAIM = { about: 'how many', unit: 'launchers', figure: null, standing: 'reported', by: null } as const
const ACTS: CaseAct[] = [
  OPENED,
  { ...by, kind: 'recovery-added', data: { id: FOUND.id, items: [ITEM, OTHER] } },
  { ...by, kind: 'claim-added', data: { ...CLAIM, id: 'c-1', source: 'Agency A', date: '2024-01', value: 118 } },
  { ...by, kind: 'claim-added', data: { ...CLAIM, id: 'c-2', source: 'Agency B', date: 'unknown', value: 96 } },
  { ...by, kind: 'explained', data: { id: 'stolen', what: 'stolen from a depot', for: [{ says: 'the depot counted short', rests: 'c-1' }], against: [] } },
  { ...by, kind: 'explained', data: { id: 'copied', what: 'a copied mark', for: [], against: [{ says: 'the depot counted short', rests: 'c-1' }] } },
  { ...by, kind: 'fact-added', data: { explanation: 'stolen', side: 'against', fact: { says: 'fewer were there', rests: 'c-2' } } },
]

test('competing explanations stay side by side, each with its facts for and against, and claims that disagree are both kept', () => {
  const file = foldCase(filed(...ACTS))
  assert.deepEqual(file?.explanations.map(({ id, for: pro, against }) => [id, pro.length, against.length]), [['stolen', 1, 1], ['copied', 0, 1]])
  assert.deepEqual(file.claims.map(({ value }) => value), [118, 96])
  assert.deepEqual([...claimsByMatter(file.claims)].map(([about, claims]) => [about, claims.map(({ id }) => id)]), [['how many', ['c-1', 'c-2']]])
  assert.deepEqual(contradictions(file.claims).map((pair) => pair.map(({ id }) => id)), [['c-1', 'c-2']])
  const [one, other] = file.claims as [(typeof file.claims)[number], (typeof file.claims)[number]]
  assert.deepEqual(contradictions([{ ...one, value: 'more than 90', figure: { least: 91 } }, other]), [], 'more than 90 and 96 can both be so')
  assert.deepEqual(contradictions([one, { ...other, about: 'how long' }]), [])
  assert.deepEqual(contradictions([one, { ...other, unit: 'missiles' }]), [])
})

test('a case is opened and closed by two, holds what its facts rest on, and forgets nothing', () => {
  const acts = filed(...ACTS)
  const code = (request: CaseAct, before: readonly WrittenAct[] = acts) => (decideCase(before, request, at(50)) as Partial<Refusal>).code
  assert.equal(code({ ...OPENED, and: null }, []), 'two-people/second-missing')
  assert.equal(code(ACTS[1] as CaseAct, []), 'case/not-open')
  assert.equal(code(OPENED), 'case/open-already')
  assert.equal(code(ACTS[2] as CaseAct), 'case/id-twice')
  assert.equal(code({ ...by, kind: 'explained', data: { id: 'new', what: 'x', for: [{ says: 'y', rests: 'nothing' }], against: [] } }), 'case/no-such-id')
  assert.equal(code({ ...by, kind: 'fact-added', data: { explanation: 'nothing', side: 'for', fact: { says: 'y', rests: 'c-1' } } }), 'case/no-such-id')
  assert.equal(code({ ...by, and: 'A. Petrova', kind: 'closed', data: { because: 'done' } }), 'two-people/same-person')
  const closed = filed(...ACTS, { ...by, kind: 'closed', data: { because: 'done' } })
  assert.equal(code({ ...by, kind: 'recovery-added', data: { id: 'r-2' as Recovery['id'], items: [ITEM] } }, closed), 'case/not-open')
  const disputed = filed(...ACTS, { ...by, kind: 'closed', data: { because: 'done' } }, { ...by, kind: 'disputed', data: { id: 'c-1', by: 'Agency C', says: 'not so' } })
  assert.deepEqual([foldCase(disputed)?.disputes.length, foldCase(disputed)?.claims.length, foldCase(disputed)?.open], [1, 2, false])
  assert.deepEqual(foldCase(filed(...ACTS, { ...by, kind: 'closed', data: { because: 'done' } }, OPENED))?.explanations, foldCase(acts)?.explanations)
})

test('an act from outside is read strictly', () => {
  assert.deepEqual(caseActOf(ACTS[2]), ACTS[2])
  assert.match((caseActOf({ ...ACTS[2], data: { id: 'c-1' } }) as Refusal).message, /data\.about/)
  assert.equal((caseActOf({ ...by, kind: 'dropped', data: {} }) as Refusal).code, 'case/shape')
})
