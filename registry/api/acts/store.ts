// Stores: `muster store rule`, `inspected`, `remedied` and `hand-over`.
import { anyObject, boolean, date, integer, list, nullable, object, optional, text, time } from '@muster/core/bytes/shape.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { REASON_CHARACTERS_MAX } from '@muster/core/rules/custody-event.ts'
import { documents } from '@muster/core/rules/document.ts'
import { componentClass, itemId } from '@muster/core/rules/item.ts'
import { NAME_CHARACTERS_MAX } from '@muster/core/rules/place.ts'
import type { StoreAct } from '@muster/core/rules/store.ts'
import { actAtStore } from '../../keeping/act.ts'
import { HANDED_MAX, handOver } from '../../keeping/hand-over.ts'
import type { Home } from '../../home.ts'
import type { People } from '../../said.ts'
import { act, body, type Act } from '../act.ts'
import { storeView } from '../views/store.ts'

const site = text(NAME_CHARACTERS_MAX)
const why = text(REASON_CHARACTERS_MAX)
const NOTHING = { apart: [], twoPersons: false, everyDays: null, on: null, findings: [], finding: null } as const

async function write({ register }: Home, said: Pick<StoreAct, 'kind' | 'site' | 'reason'> & Partial<StoreAct>, { by, and }: People, now: number) {
  return storeView(await actAtStore(register, { ...NOTHING, ...said, by, and: and ?? '' }, now))
}

export const STORE_ACTS: readonly Act[] = [
  act('store', 'rule', { what: 'the rule of a store: what lies apart, whether every move takes two people, within how many days it is inspected', two: true, takes: body({ site, reason: why, apart: list(list(componentClass, 2, 16), 0, 16), twoPersons: boolean, everyDays: optional(nullable(integer(1, 3_660))) }), answers: anyObject },
    ({ home }, { site, reason, apart, twoPersons, everyDays }, people, now) => write(home, { kind: 'rule', site, reason, apart, twoPersons, everyDays: everyDays ?? null }, people, now)),
  act('store', 'inspected', { what: 'an inspection of a store, with what it found', two: true, takes: body({ site, reason: why, on: date, findings: list(why, 0, 64) }), answers: anyObject },
    ({ home }, { site, reason, on, findings }, people, now) => write(home, { kind: 'inspected', site, reason, on, findings }, people, now)),
  act('store', 'remedied', { what: 'a finding of an inspection that was put right', two: true, takes: body({ site, reason: why, on: date, finding: integer(1, Number.MAX_SAFE_INTEGER) }), answers: anyObject },
    ({ home }, { site, reason, on, finding }, people, now) => write(home, { kind: 'remedied', site, reason, on, finding }, people, now)),
  act('store', 'hand-over', { what: 'a place passes from one custodian to the next by a joint count: what was seen is handed over, the rest is missing', two: true, takes: body({ site, from: why, to: why, missing: list(itemId, 0, HANDED_MAX), reason: why, happened: optional(time), documents: optional(documents) }), answers: object({ expected: integer(0, HANDED_MAX), seen: integer(0, HANDED_MAX) }) },
    ({ home }, { happened, documents, agreement: _, ...said }, people, now) => handOver(home.register, { ...said, happened: happened ?? timeOf(now), documents: documents ?? [] }, people, now)),
]
