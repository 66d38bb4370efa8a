// The exercise without registries: sheets read by the real intake, custody by the real law, answers as honest parties would give them. What the
// conclusion is here, it must be in the demo, where nobody sees another's register.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { Time } from '@muster/core/bytes/time.ts'
import { conclude, type Conclusion, type DeclaredItem, type Hit, type PartyOutcome, type Whom } from '@muster/core/rules/chain.ts'
import { chanceOf, madeUpKeys } from '@muster/core/rules/chance.ts'
import type { Counterparty } from '@muster/core/rules/place.ts'
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import { fold, type Holding } from '@muster/core/rules/holding.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { known } from '@muster/core/rules/item.ts'
import { candidatesTried, type Candidate } from '@muster/core/rules/ladder.ts'
import { keysOfItem } from '@muster/core/rules/match-key.ts'
import { contradicts, ladderOfFind, recordedFind } from '@muster/core/rules/recovered-mark.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { readSheet } from '@muster/registry/intake/sheet.ts'
import type { RowRefusal } from '@muster/registry/intake/row.ts'
import { eventOfRow, type IntakeKind } from '@muster/registry/store/intake-event.ts'
import { additions, officers, recordsOf } from './custody.ts'
import { inventoryOf, seizureSheet } from './inventory.ts'
import { inventoryMapping, seizureMapping, type ReadMapping } from './mappings.ts'
import { sheetBytes, type Sheet } from './sheet.ts'
import { ASKER, stateOf, STATES, type State } from './states.ts'
import { COMPONENTS, type Component } from './story.ts'

export interface Loaded { readonly events: readonly CustodyEvent[], readonly refused: readonly RowRefusal[] }

/** The sheet as the real intake reads it from a file. */
async function load(state: State, sheet: Sheet, { mapping }: ReadMapping, as: IntakeKind, written: Time): Promise<Loaded> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-rehearsal-'))
  const [by, and] = officers(state.party)
  const events: CustodyEvent[] = []
  const refused: RowRefusal[] = []
  try {
    const path = join(folder, sheet.name)
    await writeFile(path, sheetBytes(sheet))
    for await (const row of readSheet(path, mapping, { encoding: sheet.encoding })) {
      const event = row.kind === 'refusal' ? row : eventOfRow(row, randomUUID() as ItemId, { as, party: state.title.en, by, and, written })
      if ('reason' in event && event.kind === 'refusal') refused.push(event)
      else events.push(event)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
  return { events, refused }
}

/** A state's register: each item's events. */
export interface Register { readonly state: State, readonly items: readonly (readonly CustodyEvent[])[], readonly refused: readonly RowRefusal[] }

export async function registerOf(state: State, written: Time): Promise<Register> {
  const { events, refused } = state.part === 'silent' ? { events: [], refused: [] } : await load(state, inventoryOf(state), inventoryMapping(state), 'items', written)
  const items = new Map<ItemId, readonly CustodyEvent[]>(events.map((event) => [event.item, [event]]))
  for (const record of COMPONENTS.flatMap(recordsOf)) {
    if (record.party !== state.party) continue
    const entered = record.mark === undefined ? undefined : events.find((event) => known((fold([event]) as Holding).identity.serial) === record.mark)
    if (record.mark !== undefined && entered === undefined) throw new Error(`${record.component}: ${record.mark} does not stand in the sheet of ${state.party}`)
    const item = entered?.item ?? randomUUID() as ItemId
    const held = entered === undefined ? [] : [entered]
    items.set(item, [...held, ...additions(item, held, record.requests, written).map(({ event }) => event)])
  }
  return { state, items: [...items.values()], refused }
}

export async function finds(day: string, written: Time): Promise<Map<Component, CustodyEvent>> {
  const { events, refused } = await load(stateOf(ASKER), seizureSheet(day), seizureMapping(), 'recoveries', written)
  if (refused.length > 0 || events.length !== COMPONENTS.length) throw new Error(`${events.length} of ${COMPONENTS.length} components taken: ${refused.map(({ message }) => message.en).join('; ')}`)
  return new Map(COMPONENTS.map((component, i) => [component, events[i] as CustodyEvent]))
}

interface Searchable { readonly party: string, readonly keys: ReadonlyMap<string, readonly Holding[]> }

export function searchable({ state, items }: Register): Searchable {
  const keys = new Map<string, Holding[]>()
  for (const events of items) {
    const holding = fold(events) as Holding
    for (const { bytes } of keysOfItem(holding.identity)) keys.set(toHex(bytes), [...keys.get(toHex(bytes)) ?? [], holding])
  }
  return { party: state.party, keys }
}

const who = (counterparty: Counterparty | undefined): Whom | null => typeof counterparty === 'object' ? counterparty : null

function declaredItem(party: State['party'], holding: Holding, find: NonNullable<ReturnType<typeof recordedFind>>): DeclaredItem {
  return {
    party, label: holding.item, contradicts: contradicts(holding.identity, find.identity), status: holding.status, since: holding.since, acquiredHow: holding.acquired.how,
    acquiredFrom: who(holding.acquired.from), acquiredWhen: holding.acquired.when, releasedTo: who(holding.released?.to), releasedWhen: holding.released?.when ?? null,
  }
}

function hitOf(state: State, { keys }: Searchable, candidate: Candidate, candidates: readonly Candidate[], find: NonNullable<ReturnType<typeof recordedFind>>): Hit | undefined {
  const held = keys.get(toHex(candidate.key))
  if (held === undefined) return undefined
  const made = madeUpKeys(candidate.key, candidate.rung, new Uint8Array(32).fill(7), nodePrimitives.sha256)
  const chance = made === undefined ? '100' : chanceOf(made.filter((key) => keys.has(toHex(key))).length, made.length)
  return {
    party: state.party, kind: candidate.kind, rung: candidate.rung, closed: null, shared: held.length, chancePercent: Number(chance), tried: candidatesTried(candidates, candidate.rung),
    items: held.map((holding) => declaredItem(state.party, holding, find)),
  }
}

/** What an honest federation would conclude of one find. */
export function concluded(event: CustodyEvent, registers: ReadonlyMap<string, Searchable>): Conclusion {
  const find = recordedFind(event)
  if (find === undefined) throw new Error('the event records no find')
  const ladder = ladderOfFind(find.queries)
  const candidates = ladder.verdict === 'readable' ? ladder.candidates : []
  const hits = STATES.flatMap((state) => {
    const register = state.part === 'declares' || state.part === 'asks' ? registers.get(state.party) : undefined
    return register === undefined ? [] : candidates.flatMap((candidate) => hitOf(state, register, candidate, candidates, find) ?? [])
  })
  const outcome = (state: State): PartyOutcome => {
    if (ladder.verdict === 'unreadable') return 'unreachable'
    if (state.part === 'silent') return 'silent'
    if (state.part === 'declines') return 'no-current-declaration'
    return hits.some(({ party }) => party === state.party) ? 'present' : 'absent'
  }
  return conclude({ answers: STATES.map((state) => ({ party: state.party, outcome: outcome(state), asOf: outcome(state) === 'present' || outcome(state) === 'absent' ? event.written : null })), readable: ladder.verdict === 'readable', candidates: candidates.length, markCondition: find.condition, hits })
}
