// One worker thread of `readDeclaration`: checks its stretch and posts what core says of it.

import { parentPort, workerData } from 'node:worker_threads'
import { readStretch, type StretchOrder } from './stretch.ts'

parentPort?.postMessage(readStretch(workerData as StretchOrder))
