// Writes spec/vectors/dossier. Run: node cli/bin/muster.js --run test/vectors/write-dossiers.ts
// A second run writes the same bytes; `dossiers.test.ts` holds the committed files to what the generator gives.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import type { Group } from '@muster/core/oprf/group.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { dossierVectors } from './dossiers.ts'

const FOLDER = fileURLToPath(new URL('../../spec/vectors/', import.meta.url))

/** Every file by its path under spec/vectors without `.json`, with its text. */
export function dossierFiles(group: Group): Map<string, string> {
  const all = dossierVectors(group)
  const files = new Map(all.map(([path, vector]) => [path, `${JSON.stringify(vector, undefined, 1)}\n`]))
  if (files.size !== all.length) throw new Error('two vectors have one name')
  return files
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  rmSync(join(FOLDER, 'dossier'), { recursive: true, force: true })
  for (const [path, text] of dossierFiles(await fastGroup())) {
    mkdirSync(dirname(join(FOLDER, path)), { recursive: true })
    writeFileSync(join(FOLDER, `${path}.json`), text)
  }
}
