// Writes spec/vectors/{agreement,key-record,entry,log,period,message,receipt,courier,evidence,correspondence,event,custody,cosigned}. Run: node cli/bin/muster.js --run test/vectors/write-words.ts
// A second run writes the same bytes; `words.test.ts` holds the committed files to what the generators give.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { agreementVectors, keyRecordVectors } from './agreements.ts'
import { courierVectors } from './couriers.ts'
import { correspondenceVectors } from './correspondences.ts'
import { cosignedVectors } from './cosigned.ts'
import { custodyVectors, eventVectors } from './custody-events.ts'
import { defaultVectors } from './defaults.ts'
import { evidenceVectors } from './evidence.ts'
import { logKeyVectors } from './log-keys.ts'
import { entryVectors, logVectors, periodVectors } from './logs.ts'
import { messageVectors, receiptVectors } from './messages.ts'

export const WORDS = ['agreement', 'key-record', 'entry', 'log', 'period', 'message', 'receipt', 'courier', 'evidence', 'correspondence', 'event', 'custody', 'cosigned'] as const
const FOLDER = fileURLToPath(new URL('../../spec/vectors/', import.meta.url))

/** Every file by its path under spec/vectors without `.json`, with its text. */
export function wordVectors(): Map<string, string> {
  const all: [string, unknown][] = [
    ...agreementVectors(), ...keyRecordVectors(), ...entryVectors(), ...logVectors(), ...periodVectors(), ...messageVectors(), ...receiptVectors(), ...courierVectors(), ...evidenceVectors(), ...defaultVectors(), ...logKeyVectors(), ...correspondenceVectors(), ...eventVectors(), ...custodyVectors(), ...cosignedVectors(),
  ]
  const files = new Map(all.map(([path, vector]) => [path, `${JSON.stringify(vector, undefined, 1)}\n`]))
  if (files.size !== all.length) throw new Error('two vectors have one name')
  return files
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  for (const kind of WORDS) rmSync(join(FOLDER, kind), { recursive: true, force: true })
  for (const [path, text] of wordVectors()) {
    mkdirSync(dirname(join(FOLDER, path)), { recursive: true })
    writeFileSync(join(FOLDER, `${path}.json`), text)
  }
}
