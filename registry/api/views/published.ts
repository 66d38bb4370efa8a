// Published figures as they are looked at, by the commands and by the API.
import { comparePublished, figuresOf, type Reading } from '@muster/core/rules/published.ts'
import { publishedLoads, recordedTransfers } from '../../published/act.ts'
import type { At } from '../../said.ts'
import type { Register } from '../../store/register.ts'

export async function publishedView(register: Register) {
  return { loads: (await publishedLoads(register)).map(({ rows, ...each }) => ({ ...each, figures: rows.length })) }
}

/** What sources state of transfers to and from this party, beside what was recorded; without `all`, what differs or was restated. */
export async function comparedView(at: At, reading: Reading, { source, all: shown }: { readonly source: string | undefined, readonly all: boolean }, now: number) {
  const { register, joined: { agreement, trust: { parties } } } = at
  const [self, known] = [register.file.party as string, new Set<string>([...parties.keys()])]
  const figures = figuresOf((await publishedLoads(register)).filter((each) => source === undefined || each.source === source))
  const rows = comparePublished(figures, await recordedTransfers(at, now), reading, (exporter, importer) => (exporter === self || importer === self) && known.has(exporter) && known.has(importer))
  return { exercise: agreement.exercise, compared: rows.length, rows: shown ? rows : rows.filter(({ difference, figures: of }) => difference !== 0 || of.some(({ history }) => history.length > 1)) }
}
