// Figures as people read them: a table on the terminal, a section for each row in docs/bench.md.

import { cpus, loadavg, platform, arch, totalmem } from 'node:os'
import { tableLines, type Cell } from '../cli/table.ts'
import type { Measured } from './measure.ts'
import { shortly, type BenchResult } from './row.ts'

const GIBIBYTE = 2 ** 30

export interface Machine { readonly processor: string, readonly cores: number, readonly memoryGiB: number, readonly system: string, readonly node: string }

export function machine(): Machine {
  const all = cpus()
  return { processor: all[0]?.model.trim() ?? 'unknown', cores: all.length, memoryGiB: Math.round(totalmem() / GIBIBYTE), system: `${platform()} ${arch()}`, node: process.version }
}

export function machineText({ processor, cores, memoryGiB, system, node }: Machine): string {
  return `${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node.slice(1)}`
}

/** Load averages of one, five and fifteen minutes; zeros where the system counts none. */
export function load(): readonly number[] {
  return loadavg().map((value) => Number(value.toFixed(2)))
}

export function missed({ result }: Measured): boolean {
  return result !== undefined && result.limits.some(({ met }) => !met)
}

function measuredText({ median, unit }: BenchResult): string {
  return `${shortly(median)} ${unit}`
}

/** Each peer with its figure, and how many times it the row is. */
function peerTexts({ median, unit, peers }: BenchResult): string[] {
  return peers.map((peer) => Number.isFinite(peer.median) && peer.median > 0
    ? `${peer.name}: ${shortly(peer.median)} ${unit} (ratio ${shortly(median / peer.median)})` : `${peer.name}: not measured`)
}

function limitTexts({ limits }: BenchResult): string[] {
  return limits.map(({ text, met }) => `${met ? 'met' : 'MISSED'}: ${text}`)
}

export function table(rows: readonly Measured[], columns: number): string[] {
  const cells = rows.map(({ name, result, error }): Cell[] => result === undefined
    ? [name, 'not measured', undefined, (error ?? '').split('\n').at(-1)]
    : [name, measuredText(result), limitTexts(result).join(' · '), peerTexts(result).join(' · ')])
  return tableLines([{ title: 'row' }, { title: 'median', align: 'right' }, { title: 'limit' }, { title: 'beside' }], cells, columns)
}

function section({ claim, result, name }: Measured, when: string): string {
  if (result === undefined) return ''
  const notes = (result.notes ?? []).map((note) => `- ${note}`)
  return [
    `## ${name}`, '', `${claim[0]?.toUpperCase() ?? ''}${claim.slice(1)}.`, '',
    `- median **${measuredText(result)}** of ${result.samples.map(shortly).join(' · ')}`, ...limitTexts(result).map((text) => `- ${text}`),
    ...peerTexts(result).map((text) => `- beside ${text}`), ...notes, `- measured ${when}`, '',
  ].join('\n')
}

const HEAD = `# Figures

What \`npm run bench\` last measured in full: medians of five, each beside its peers and its limit in the same run. \`npm run bench -- --write\`
writes this page anew; with \`--only NAME\` it replaces that row alone.

The limits were set on a machine where one thread of noble makes 1,373 labels a second, and libsodium in WebAssembly 12,191: \`labels\` says how
many both make here, and so how much slower or faster this machine is.
`

/** The page with the sections of these rows put in, the others kept, in the order of their names. */
export function page(before: string, rows: readonly Measured[], when: string): string {
  const sections = new Map(before.split(/^(?=## )/m).filter((part) => part.startsWith('## ')).map((part) => [part.slice(3, part.indexOf('\n')), part.trimEnd()]))
  for (const row of rows) if (row.result !== undefined) sections.set(row.name, section(row, when).trimEnd())
  return `${[HEAD.trimEnd(), ...[...sections.keys()].sort().map((name) => sections.get(name) ?? '')].join('\n\n')}\n`
}
