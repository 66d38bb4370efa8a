// A reading of a public register of transfers, as `muster published load` keeps it; the rows are sent, no file is read.
import { date, integer, list, object, optional, text } from '@muster/core/bytes/shape.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { PUBLISHED_ROWS_MAX, publishedRow, summed } from '@muster/core/rules/published.ts'
import { loadPublished } from '../../published/act.ts'
import { act, body, note, type Act } from '../act.ts'

const name = text(200)

export const PUBLISHED_ACTS: readonly Act[] = [
  act('published', 'load', { what: 'keep what a public register of transfers states', takes: body({ source: name, day: optional(date), file: name, rows: list(publishedRow, 1, PUBLISHED_ROWS_MAX), note }), answers: object({ figures: integer(1, PUBLISHED_ROWS_MAX) }) },
    async ({ home: { register } }, { source, day, file, rows, note }, { by }, now) => {
      const figures = summed(rows)
      await loadPublished(register, { source, day: day ?? timeOf(now).slice(0, 10), by, file, note: note ?? null, rows: figures }, now)
      return { figures: figures.length }
    }),
]
