// The vectors under spec/vectors as tests read them.

import { readdirSync, readFileSync } from 'node:fs'
import { fromHex } from '@muster/core/bytes/bytes.ts'

const VECTORS = new URL('../../spec/vectors/', import.meta.url)

/** All vectors of one folder, such as `absence/invalid`, by name. */
export function vectorsIn<T>(folder: string): [name: string, vector: T][] {
  return readdirSync(new URL(`${folder}/`, VECTORS)).toSorted().map((file) => [file.replace(/\.json$/, ''), vectorAt<T>(`${folder}/${file.replace(/\.json$/, '')}`)])
}

/** One vector by its path without `.json`. */
export function vectorAt<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(`${path}.json`, VECTORS), 'utf8')) as T
}

export function unhex(text: string): Uint8Array {
  const bytes = fromHex(text)
  if (bytes === undefined) throw new Error(`not hex: ${text.slice(0, 40)}`)
  return bytes
}

interface Filed { readonly base: string | null; readonly files: Readonly<Record<string, string | null>> }

/** The files of a declaration vector, those of its base under its own. */
export function filesOf(vector: Filed): Map<string, Uint8Array> {
  const files = vector.base === null ? new Map<string, Uint8Array>() : filesOf(vectorAt<Filed>(vector.base))
  for (const [path, hex] of Object.entries(vector.files)) {
    if (hex === null) files.delete(path)
    else files.set(path, unhex(hex))
  }
  return files
}
