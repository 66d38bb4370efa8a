// The books opened, closed and opened again: `muster book open`, `close` and `reopen`.
import { anyObject, list, object, text, time } from '@muster/core/bytes/shape.ts'
import { REASON_CHARACTERS_MAX } from '@muster/core/rules/custody-event.ts'
import { closeBooks, type Closing } from '../../book/close.ts'
import type { Home } from '../../home.ts'
import type { People } from '../../said.ts'
import { act, body, type Act } from '../act.ts'

const why = text(REASON_CHARACTERS_MAX)
const closing = body({ until: time, reason: why })
const answers = object({ until: time, rows: list(anyObject, 0, 10_000) })

async function write({ register }: Home, said: Omit<Closing, 'by' | 'and'>, { by, and }: People, now: number) {
  const { until, rows } = await closeBooks(register, { ...said, by, and: and ?? '' }, now)
  return { until, rows }
}

export const BOOK_ACTS: readonly Act[] = [
  act('book', 'open', { what: 'the opening balance: what was there, on which sources, and what is still open', two: true, takes: body({ until: time, reason: why, sources: list(why, 1, 64), questions: list(why, 0, 64) }), answers },
    ({ home }, { until, reason, sources, questions }, people, now) => write(home, { kind: 'opening', until, reason, sources, questions }, people, now)),
  act('book', 'close', { what: 'close the books up to a time: of a time before only corrections are written', two: true, takes: closing, answers },
    ({ home }, { until, reason }, people, now) => write(home, { kind: 'closed', until, reason, sources: [], questions: [] }, people, now)),
  act('book', 'reopen', { what: 'open the books again after a time, by two others than those who closed them', two: true, takes: closing, answers },
    ({ home }, { until, reason }, people, now) => write(home, { kind: 'reopened', until, reason, sources: [], questions: [] }, people, now)),
]
