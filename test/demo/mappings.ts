// Which shipped mapping reads which sheet of the exercise.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Mapping } from '@muster/registry/intake/mapping.ts'
import { parseMapping } from '@muster/registry/intake/mapping-file.ts'
import type { State } from './states.ts'

export interface ReadMapping { readonly mapping: Mapping, readonly sha256: Uint8Array }

function read(name: string): ReadMapping {
  const bytes = readFileSync(new URL(`../../examples/mappings/${name}`, import.meta.url))
  return { mapping: parseMapping(bytes.toString('utf8')), sha256: createHash('sha256').update(bytes).digest() }
}

export function inventoryMapping({ alphabet }: State): ReadMapping {
  return read(alphabet === 'cyrillic' ? 'ru-stock.json' : 'en-stock.json')
}

export function seizureMapping(): ReadMapping {
  return read('ru-recoveries.json')
}
