// One stretch of a declaration's bundles to be checked, in a thread of its own or in the caller's.

import { checkStretch, type CheckedStretch } from '@muster/core/proof/declaration.ts'
import { nodePrimitives } from '../primitives.ts'
import { folderReader } from './files.ts'

export interface StretchOrder {
  readonly folder: string
  readonly size: number
  /** Bundles, `to` not included. */
  readonly from: number
  readonly to: number
  readonly previous: { readonly folder: string; readonly size: number } | undefined
}

export function readStretch({ folder, size, from, to, previous }: StretchOrder): CheckedStretch {
  const before = previous === undefined ? undefined : { size: previous.size, read: folderReader(previous.folder) }
  return checkStretch(nodePrimitives, { size, read: folderReader(folder) }, from, to, before)
}
