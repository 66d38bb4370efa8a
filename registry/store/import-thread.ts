// Starts the thread of an import and answers it. Whatever fails on either side ends the thread and rejects.
import { Worker } from 'node:worker_threads'
import { SheetRefused } from '../intake/reasons.ts'
import type { Opened } from '../intake/sheet.ts'
import type { FreshPart } from './fresh-batch.ts'
import type { Made, MakerHost, MakerOrder } from './import-maker.ts'
import type { Alike, Fresh } from './likeness.ts'

export type Question =
  | { readonly what: 'loaded', readonly fingerprints: readonly Uint8Array[] }
  | { readonly what: 'alike', readonly fresh: readonly Fresh[] }
  | { readonly what: 'part', readonly part: FreshPart }
export interface Answer { readonly of: number, readonly loaded?: readonly string[], readonly alike?: readonly Alike[] }
export interface Failed {
  readonly what: 'failed'
  readonly message: string
  readonly code?: string
  readonly stack?: string
  readonly sheet?: Pick<SheetRefused, 'code' | 'words'>
}
type Told = (Question & { readonly of: number }) | { readonly what: 'opened', readonly opened: Opened } | { readonly what: 'rows', readonly rows: number } | { readonly what: 'made', readonly made: Made } | Failed

function errorOf({ message, code, stack, sheet }: Failed): Error {
  if (sheet !== undefined) return Object.assign(new SheetRefused(sheet.code), { words: sheet.words, message: sheet.words.en })
  return Object.assign(new Error(message), code === undefined ? {} : { code }, stack === undefined ? {} : { stack })
}

async function answer(host: MakerHost, question: Question & { readonly of: number }): Promise<Answer> {
  const { of } = question
  switch (question.what) {
    case 'loaded': return { of, loaded: [...await host.loaded(question.fingerprints)] }
    case 'alike': return { of, alike: await host.alike(question.fresh) }
    case 'part':
      await host.write(question.part)
      return { of }
  }
}

/** Makes an import on a thread of its own; the same as `makeImport`. */
export async function makeOnThread(order: MakerOrder, host: MakerHost): Promise<Made> {
  const worker = new Worker(new URL('./import-worker.ts', import.meta.url), { workerData: order })
  try {
    return await new Promise<Made>((resolve, reject) => {
      worker.on('error', reject)
      worker.on('exit', () => { reject(new Error('the thread of the import ended before its work')) })
      worker.on('message', (told: Told) => {
        if (told.what === 'made') resolve(told.made)
        else if (told.what === 'failed') reject(errorOf(told))
        else if (told.what === 'opened') host.opened(told.opened)
        else if (told.what === 'rows') host.rows(told.rows)
        else answer(host, told).then((reply) => { worker.postMessage(reply) }, reject)
      })
    })
  } finally {
    await worker.terminate()
  }
}
