// Inspections as they are looked at, by the commands and by the API.
import { smallerSamples } from '@muster/core/rules/sample.ts'
import type { Inspection } from '@muster/core/wire/inspection.ts'

export const inspectionView = ({ terms, stage, items, sample: size, opened, drawn, complete, due, failed, wrong, reports, replies }: Inspection) => ({
  ...terms, stage, due: due ?? null, items: items ?? null, sample: size ?? null, smaller: items === undefined || size === undefined ? null : smallerSamples({ items, missing: Math.min(terms.missing, items), confidence: terms.confidence }, size), opened, failed, wrong: wrong === undefined ? null : { code: wrong.code, message: wrong.message }, leaves: drawn.length, complete,
  reports: reports.map(({ from, time, body: { shown } }) => ({ from, time, shown })), replies: replies.map(({ time, body: { stance, reservations } }) => ({ time, stance, reservations })),
})
