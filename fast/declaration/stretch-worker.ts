// One worker thread of `readDeclaration`: checks its stretch of bundles and posts what core says of it.

import { parentPort, workerData } from 'node:worker_threads'
import { checkStretch } from '@muster/core/proof/declaration.ts'
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

const { folder, size, from, to, previous } = workerData as StretchOrder
const before = previous === undefined ? undefined : { size: previous.size, read: folderReader(previous.folder) }
parentPort?.postMessage(checkStretch(nodePrimitives, { size, read: folderReader(folder) }, from, to, before))
