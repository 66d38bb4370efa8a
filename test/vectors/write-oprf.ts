// Writes spec/vectors/oprf but for the two files of public standards. Run: node cli/bin/muster.js --run test/vectors/write-oprf.ts
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { oprfVectors } from './oprf.ts'

const FOLDER = join(import.meta.dirname, '../../spec/vectors')

for (const kind of ['valid', 'invalid']) {
  for (const file of readdirSync(join(FOLDER, 'oprf', kind))) if (!file.startsWith('rfc')) rmSync(join(FOLDER, 'oprf', kind, file))
}
for (const [name, vector] of oprfVectors()) writeFileSync(join(FOLDER, `${name}.json`), `${JSON.stringify(vector, undefined, 1)}\n`)
