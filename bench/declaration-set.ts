// Declarations made for the benches, each by a process of its own.

import { execFile } from 'node:child_process'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export interface DeclarationSet {
  readonly items: number
  readonly size: number
  readonly step: number
}

/** 250,000 items with two keys each and dummies up to 2^20 entries. */
export const MILLION: DeclarationSet = { items: 250_000, size: 1_048_576, step: 262_144 }
/** An eighth of it, for `--quick`. */
export const EIGHTH: DeclarationSet = { items: 31_250, size: 131_072, step: 32_768 }

export interface Built {
  readonly seconds: number
  readonly root: Uint8Array
  /** Of all threads. */
  readonly processorSeconds: number
  readonly memoryMiB: number
}

/** `labels`: a file of labels that the first keys have. */
export async function buildApart(folder: string, { items, size, step }: DeclarationSet, labels?: string): Promise<Built> {
  const child = fileURLToPath(new URL('./declaration-child.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(execPath, [child, folder, String(items), String(size), String(step), ...(labels === undefined ? [] : [labels])])
  const built = JSON.parse(stdout) as Omit<Built, 'root'> & { readonly root: string }
  return { ...built, root: Buffer.from(built.root, 'base64') }
}
