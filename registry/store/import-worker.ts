// The thread on which an import is made (import-maker.ts). It talks to its host by numbered questions over the thread's port.
import { parentPort, workerData } from 'node:worker_threads'
import { codeOf } from '../engine/fault.ts'
import { SheetRefused } from '../intake/reasons.ts'
import { FRESH_TABLES } from './fresh-batch.ts'
import { makeImport, type MakerOrder } from './import-maker.ts'
import type { Answer, Failed, Question } from './import-thread.ts'

const port = parentPort
if (port === null) throw new Error('this file is the start of a thread')

const waiting = new Map<number, (answer: Answer) => void>()
let asked = 0
port.on('message', (answer: Answer) => {
  waiting.get(answer.of)?.(answer)
  waiting.delete(answer.of)
})

function ask(question: Question, transfer: readonly ArrayBuffer[] = []): Promise<Answer> {
  const of = ++asked
  return new Promise((resolve) => {
    waiting.set(of, resolve)
    port?.postMessage({ of, ...question }, [...transfer])
  })
}

function failed(error: unknown): Failed {
  if (error instanceof SheetRefused) return { what: 'failed', sheet: { code: error.code, words: error.words }, message: error.message }
  const code = codeOf(error)
  return { what: 'failed', message: error instanceof Error ? error.message : String(error), ...(code === undefined ? {} : { code }), ...(error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {}) }
}

try {
  const made = await makeImport(workerData as MakerOrder, {
    loaded: async (fingerprints) => new Set((await ask({ what: 'loaded', fingerprints })).loaded ?? []),
    alike: async (fresh) => (await ask({ what: 'alike', fresh })).alike ?? [],
    write: async (part) => { await ask({ what: 'part', part }, FRESH_TABLES.map((table) => part.lines[table].buffer)) },
    opened: (opened) => { port.postMessage({ what: 'opened', opened }) },
    rows: (rows) => { port.postMessage({ what: 'rows', rows }) },
  })
  port.postMessage({ what: 'made', made })
} catch (error) {
  port.postMessage(failed(error))
}
port.close()
