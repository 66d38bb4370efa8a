// What a row of the bench is: one claim, measured beside its peers and its limits in the same run.

export interface BenchLimit { readonly metric: string, readonly op: '>=' | '<=', readonly value: number }
export interface BenchOptions { readonly quick: boolean }

export interface BenchResult {
  readonly name: string
  /** Of the median, the samples and the peers. */
  readonly unit: string
  readonly median: number
  readonly samples: readonly number[]
  readonly peers: readonly { readonly name: string, readonly median: number }[]
  readonly limits: readonly { readonly text: string, readonly met: boolean }[]
  readonly notes?: readonly string[]
}

/** The default export of a file in this folder; `bench/main.ts` finds the files that have one. */
export interface BenchRow {
  readonly name: string
  readonly claim: string
  readonly limit: readonly BenchLimit[]
  /** What a run takes, for the estimate that is shown until one has been measured here. */
  readonly seconds?: { readonly full: number, readonly quick: number }
  readonly run: (options: BenchOptions) => Promise<BenchResult>
}

/** Samples of a median. */
export const SAMPLES = 5

/** Middle of an odd number of samples; the mean of the two middle ones otherwise. Throws for none. */
export function median(samples: readonly number[]): number {
  if (samples.length === 0) throw new RangeError('no samples have no median')
  const sorted = samples.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] as number : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2
}

/** The limit with the measured value beside it, as one line, and whether it is met. */
export function judge(limit: BenchLimit, measured: number): { readonly text: string, readonly met: boolean } {
  const met = limit.op === '>=' ? measured >= limit.value : measured <= limit.value
  return { text: `${limit.metric} ${limit.op} ${shortly(limit.value)} (measured ${shortly(measured)})`, met }
}

/** Three digits that count, grouped. */
export function shortly(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  const [whole, part] = value.toFixed(digits).split('.') as [string, string | undefined]
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return part === undefined || /^0+$/.test(part) ? grouped : `${grouped}.${part.replace(/0+$/, '')}`
}

/** `act` timed: units a second by the wall clock. */
export async function rateOf(units: number, act: () => unknown): Promise<number> {
  const start = performance.now()
  await act()
  return units / ((performance.now() - start) / 1000)
}

/** Processor milliseconds of this process, all its threads, while `act` runs. */
export function processorMs(act: () => void): number {
  const before = process.cpuUsage()
  act()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
