// The register as it is read: by mark with the ladder, by what is known of an item, and one item whole, with where in the logs each of its events is bound.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { explainMark } from '@muster/core/rules/explain.ts'
import { componentClass, isItemId } from '@muster/core/rules/item.ts'
import { fit, text } from '@muster/core/bytes/shape.ts'
import { LADDER_LIMITS } from '@muster/core/rules/ladder.ts'
import { within, type Scope } from '@muster/core/rules/rights.ts'
import { readCatalogue } from '../../store/catalogue.ts'
import { boundIn, classesHeld, findByLadder, HITS_MAX, listItems, placesOf, type Filter } from '../../store/items.ts'
import { itemState, type RecordCode } from '../../store/record-event.ts'
import type { Register } from '../../store/register.ts'
import { askedOnce, badQuery, type Asked } from '../act.ts'

const MARK_CHARACTERS_MAX = 200
const FILTERS = ['status', 'custodian', 'site', 'unit', 'type'] as const

export const ITEMS_ASKS = {
  mark: 'a mark as it was read, wildcards and all: what the ladder finds of it', class: 'of this component class', type: 'of this type', status: 'in this state', custodian: 'with this custodian', site: 'at this site', unit: 'of this unit',
  after: 'the next page, after this item',
} as const

function filterAsked(asked: Asked): Filter {
  const given = askedOnce(asked, 'class')
  if (given !== undefined && 'misfit' in fit(componentClass, given)) throw badQuery('class', 'a component class')
  return { class: given, ...Object.fromEntries(FILTERS.map((name) => [name, askedOnce(asked, name)])), scope: asked.scope }
}

/** `grades` beside the items that a mark found; `next` where the list goes on. */
export async function itemsView(register: Register, asked: Asked) {
  const mark = askedOnce(asked, 'mark')
  if (mark !== undefined) return foundView(register, mark, asked)
  const after = askedOnce(asked, 'after')
  if (after !== undefined && !isItemId(after)) throw badQuery('after', 'an item\'s id')
  const { items, next } = await listItems(register.db, filterAsked(asked), { after, rows: asked.limit })
  return { items, next: next ?? null, tried: null, unreadable: null, cut: false }
}

async function foundView({ db, dataDir }: Register, mark: string, asked: Asked) {
  if ('misfit' in fit(text(MARK_CHARACTERS_MAX), mark)) throw badQuery('mark', `a mark of 1 to ${MARK_CHARACTERS_MAX} characters`)
  const { class: one, type } = filterAsked(asked)
  const { ladder } = explainMark(mark, { catalogue: await readCatalogue(dataDir), classes: one === undefined ? await classesHeld(db) : [one], type, script: 'unknown', condition: 'intact', limits: LADDER_LIMITS })
  if (ladder.verdict === 'unreadable') return { items: [], next: null, tried: 0, unreadable: ladder.message, cut: false }
  const hits = await findByLadder(db, ladder)
  return { items: hits.filter(({ site, unit }) => within(asked.scope, { site, unit })), next: null, tried: ladder.candidates.length, unreadable: null, cut: hits.length === HITS_MAX }
}

/** An item outside the scope is not there for whoever asks. */
export async function itemView(register: Register, id: string, scope: Scope) {
  const unknown = () => new Refusal<RecordCode>('event/unknown-item', `the register holds no item ${id}`, 'item')
  if (!isItemId(id) || !(await placesOf(register.db, [id])).every((place) => within(scope, place))) throw unknown()
  const { holding, events } = await itemState(register, id)
  return { item: id, exercise: register.file.exercise, holding, events, bound: await boundIn(register.db, id) }
}
