// Reading another party's declaration in full, as a reader must before it cosigns: every entry, every tile, the root, and every label
// of the previous declaration. The work is split among worker threads, so the caller's event loop stays free.

import { Worker } from 'node:worker_threads'
import { checkSize, checkTop, PROBLEMS_MAX, type CheckedStretch, type DeclarationProblem } from '@muster/core/proof/declaration.ts'
import type { DeclarationTree } from '@muster/core/proof/absence.ts'
import { HASH_BYTES } from '@muster/core/proof/merkle.ts'
import { TILE_WIDTH } from '@muster/core/proof/tile.ts'
import { nodePrimitives } from '../primitives.ts'
import { folderReader } from './files.ts'
import type { StretchOrder } from './stretch-worker.ts'

/** A third thread gained nothing on two cores; a thread costs 60 ms to start, as much as it reads of 20,000 entries. */
const THREADS_MAX = 2
const ENTRIES_WORTH_A_THREAD = 65_536

export interface ReadRequest {
  readonly folder: string
  /** Size and root as the signed head states them. */
  readonly tree: DeclarationTree
  readonly step: number
  /** The reader's own copy of the previous declaration, read in full when it came. */
  readonly previous?: { readonly folder: string; readonly size: number }
}

/** No problem: the files are a lawful declaration of that size and root. Rejects only for faults of this machine. */
export async function readDeclaration({ folder, tree, step, previous }: ReadRequest): Promise<DeclarationProblem[]> {
  const unfit = checkSize(tree.size, step, previous?.size ?? 0)
  if (unfit !== undefined) return [unfit]
  const bundles = tree.size / TILE_WIDTH
  const threads = Math.max(1, Math.min(THREADS_MAX, Math.floor(tree.size / ENTRIES_WORTH_A_THREAD)))
  const cuts = Array.from({ length: threads + 1 }, (_, i) => Math.floor((bundles * i) / threads))
  const orders = Array.from({ length: threads }, (_, i): StretchOrder => ({ folder, size: tree.size, from: cuts[i] as number, to: cuts[i + 1] as number, previous }))
  const checked = await Promise.all(orders.map(inThread))
  const problems = checked.flatMap((stretch) => stretch.problems)
  if (problems.length >= PROBLEMS_MAX) return problems.slice(0, PROBLEMS_MAX)
  const roots = new Uint8Array(bundles * HASH_BYTES)
  for (const [i, stretch] of checked.entries()) roots.set(stretch.roots, (cuts[i] as number) * HASH_BYTES)
  return [...problems, ...checkTop(nodePrimitives, tree, roots, folderReader(folder))]
}

function inThread(order: StretchOrder): Promise<CheckedStretch> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./stretch-worker.ts', import.meta.url), { workerData: order })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the thread reading ${order.folder} ended early with code ${code}`)))
  })
}
