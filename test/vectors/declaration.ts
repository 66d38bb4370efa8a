// Writes the vectors of declarations: spec/vectors/{leaf,opening,absence,declaration}/{valid,invalid}/<what-is-wrong>.json.
//   muster --run test/vectors/declaration.ts
// A second run writes the same bytes; a test holds the committed files to what `declarationVectors` gives.

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { absenceVectors } from './absence.ts'
import { folderVectors } from './declaration-folder.ts'
import { leafVectors, openingVectors } from './opening.ts'

export const VECTORS = fileURLToPath(new URL('../../spec/vectors/', import.meta.url))

/** Every file by its path under spec/vectors, with its text. */
export function declarationVectors(): Map<string, string> {
  const files = new Map<string, string>()
  for (const [path, vector] of [...leafVectors(), ...openingVectors(), ...absenceVectors(), ...folderVectors()]) {
    files.set(`${path}.json`, `${JSON.stringify(vector, null, 1)}\n`)
  }
  return files
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of declarationVectors()) {
    mkdirSync(dirname(VECTORS + path), { recursive: true })
    writeFileSync(VECTORS + path, text)
  }
}
