// One row of the bench in a process of its own: `run-row.ts FILE full|quick` runs it and prints its result as the last line. Rows do not warm
// up or burden one another, and one that takes too long can be stopped.

import { pathToFileURL } from 'node:url'
import type { BenchRow } from './row.ts'

const [file = '', speed] = process.argv.slice(2)
const { default: row } = await import(pathToFileURL(file).href) as { readonly default: BenchRow }
const result = await row.run({ quick: speed === 'quick' })
process.stdout.write(`\n${JSON.stringify(result)}\n`)
