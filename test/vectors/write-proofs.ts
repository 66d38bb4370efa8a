// Writes spec/vectors/{inclusion,checkpoint,cosignature}. Run: node cli/bin/muster.js --run test/vectors/write-proofs.ts

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { checkpointVectors } from './checkpoint.ts'
import { cosignatureVectors } from './cosignature.ts'
import { inclusionVectors } from './inclusion.ts'

const FOLDER = join(import.meta.dirname, '../../spec/vectors')

for (const kind of ['inclusion', 'checkpoint', 'cosignature']) rmSync(join(FOLDER, kind), { recursive: true, force: true })
for (const [name, vector] of [...inclusionVectors(), ...checkpointVectors(), ...cosignatureVectors()]) {
  const path = join(FOLDER, `${name}.json`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(vector, undefined, 1)}\n`)
}
