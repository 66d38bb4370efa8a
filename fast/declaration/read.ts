// Reading another party's declaration in full, as a reader must before it cosigns: every entry, every tile, the root, and every label
// of the previous declaration. A large one is split among worker threads, a small one is read in short stretches with a turn of the
// event loop after each, so the caller goes on serving either way.

import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { DeclarationTree } from '@muster/core/proof/absence.ts'
import { checkSize, checkTop, PROBLEMS_MAX, type CheckedStretch, type DeclarationProblem } from '@muster/core/proof/declaration.ts'
import { HASH_BYTES } from '@muster/core/proof/merkle.ts'
import { TILE_WIDTH } from '@muster/core/proof/tile.ts'
import { nodePrimitives } from '../primitives.ts'
import { folderReader } from './files.ts'
import { readStretch, type StretchOrder } from './stretch.ts'

/** Two cores are what is promised for; a thread costs 60 ms to start, as much as reading 15,000 entries. */
const THREADS_MAX = 2
const ENTRIES_WORTH_THREADS = 131_072
/** Bundles read between two turns of the event loop: some 20 ms. */
const STRETCH_BUNDLES = 16

export interface ReadRequest {
  readonly folder: string
  /** Size and root as the signed head states them. */
  readonly tree: DeclarationTree
  readonly step: number
  /** The reader's own copy of the previous declaration, read in full when it came. */
  readonly previous?: { readonly folder: string; readonly size: number }
  /** Worker threads, 0 for none; by default as many as pay. */
  readonly threads?: number
}

/** No problem: the files are a lawful declaration of that size and root. Rejects only for faults of this machine. */
export async function readDeclaration(request: ReadRequest): Promise<DeclarationProblem[]> {
  const { folder, tree, step, previous, threads = tree.size < ENTRIES_WORTH_THREADS ? 0 : THREADS_MAX } = request
  const unfit = checkSize(tree.size, step, previous?.size ?? 0)
  if (unfit !== undefined) return [unfit]
  const bundles = tree.size / TILE_WIDTH
  const count = threads === 0 ? Math.ceil(bundles / STRETCH_BUNDLES) : threads
  const orders = Array.from({ length: count }, (_, i): StretchOrder => {
    const [from, to] = [Math.floor((bundles * i) / count), Math.floor((bundles * (i + 1)) / count)]
    return { folder, size: tree.size, from, to, previous }
  })
  const checked = threads === 0 ? await inTurns(orders) : await Promise.all(orders.map(inThread))
  const problems = checked.flatMap((stretch) => stretch.problems)
  if (problems.length >= PROBLEMS_MAX) return problems.slice(0, PROBLEMS_MAX)
  const roots = Buffer.concat(checked.map((stretch) => stretch.roots), bundles * HASH_BYTES)
  return [...problems, ...checkTop(nodePrimitives, tree, roots, folderReader(folder))]
}

async function inTurns(orders: readonly StretchOrder[]): Promise<CheckedStretch[]> {
  const checked: CheckedStretch[] = []
  let problems = 0
  for (const order of orders) {
    const stretch = readStretch(order)
    checked.push(stretch)
    problems += stretch.problems.length
    if (problems >= PROBLEMS_MAX) break
    await setImmediate()
  }
  return checked
}

function inThread(order: StretchOrder): Promise<CheckedStretch> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./stretch-worker.ts', import.meta.url), { workerData: order })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the thread reading ${order.folder} ended early with code ${code}`)))
  })
}
