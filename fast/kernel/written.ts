// The kernel's module as it is written from its functions. `module.ts` holds the same bytes, since writing them takes 40 ms of each process.
//   node cli/bin/muster.js --run fast/kernel/written.ts      writes module.ts anew
import { writeFileSync } from 'node:fs'
import { fieldFunctions } from './field.ts'
import { PAGES, SCRATCH_AT } from './layout.ts'
import { pointFunctions } from './point.ts'
import { moduleOf } from './wasm.ts'

const LINE = /.{1,140}/g

/** The text of `module.ts`. */
export function writtenModule(): string {
  const fields = fieldFunctions()
  const bytes = moduleOf([...fields, ...pointFunctions(fields.length, { at: SCRATCH_AT })], PAGES)
  return `// The kernel's WebAssembly, base64. Written by \`written.ts\`, and held to it by a test.
export const MODULE =
${(Buffer.from(bytes).toString('base64').match(LINE) ?? []).map((line) => `  '${line}'`).join(' +\n')}
`
}

if (import.meta.main) writeFileSync(new URL('module.ts', import.meta.url), writtenModule())
