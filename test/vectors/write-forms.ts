// Writes the folders of spec/vectors that FORMS lists. Run: node cli/bin/muster.js --run test/vectors/write-forms.ts
// A second run writes the same bytes; `forms.test.ts` holds the committed files to what the generators give.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { aviationVectors } from './aviation-notices.ts'
import { callVectors } from './call-bodies.ts'
import { caseVectors } from './case-acts.ts'
import { canonicalVectors } from './canonical.ts'
import { certificateVectors } from './certificate-bodies.ts'
import { deliveryVectors } from './delivery-bodies.ts'
import { destructionVectors, productionVectors } from './destruction-bodies.ts'
import { agreementSaidVectors, exchangeVectors } from './agreement-bodies.ts'
import { directoryVectors } from './directory-bodies.ts'
import { drawVectors } from './draws.ts'
import { inspectionVectors, sampleVectors } from './inspection-bodies.ts'
import { licenceVectors } from './licence-acts.ts'
import { mappingVectors } from './mappings.ts'
import { noteVectors } from './notes.ts'
import { noticeVectors } from './notice-bodies.ts'
import { publishedVectors } from './published-loads.ts'
import { reconciliationVectors } from './reconciliation-bodies.ts'
import { reExportVectors } from './re-export-bodies.ts'
import { requestVectors } from './request-bodies.ts'
import { secretariatVectors } from './secretariat-bodies.ts'
import { ticketVectors } from './tickets.ts'
import { traceVectors } from './trace-bodies.ts'
import { transferVectors } from './transfer-bodies.ts'

export const FORMS = [
  'canonical',
  'note',
  'draw',
  'sample',
  'http',
  'trace',
  'call',
  'transfer',
  'notice',
  'delivery',
  'inspection',
  'mapping',
  'case',
  'aviation',
  'reconciliation',
  'certificate',
  're-export',
  'request',
  'licence',
  'secretariat',
  'production',
  'destruction',
  'directory',
  'agreement-said',
  'exchange',
  'published',
] as const
const FOLDER = fileURLToPath(new URL('../../spec/vectors/', import.meta.url))

/** Every file by its path under spec/vectors without `.json`, with its text. */
export function formVectors(): Map<string, string> {
  const all: [string, unknown][] = [
    ...canonicalVectors(),
    ...noteVectors(),
    ...drawVectors(),
    ...ticketVectors(),
    ...traceVectors(),
    ...callVectors(),
    ...transferVectors(),
    ...noticeVectors(),
    ...deliveryVectors(),
    ...inspectionVectors(),
    ...sampleVectors(),
    ...mappingVectors(),
    ...caseVectors(),
    ...aviationVectors(),
    ...reconciliationVectors(),
    ...certificateVectors(),
    ...reExportVectors(),
    ...requestVectors(),
    ...licenceVectors(),
    ...secretariatVectors(),
    ...productionVectors(),
    ...destructionVectors(),
    ...directoryVectors(),
    ...agreementSaidVectors(),
    ...exchangeVectors(),
    ...publishedVectors(),
  ]
  const files = new Map(all.map(([path, vector]) => [path, `${JSON.stringify(vector, undefined, 1)}\n`]))
  if (files.size !== all.length) throw new Error('two vectors have one name')
  return files
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  for (const kind of FORMS) rmSync(join(FOLDER, kind), { recursive: true, force: true })
  for (const [path, text] of formVectors()) {
    mkdirSync(dirname(join(FOLDER, path)), { recursive: true })
    writeFileSync(join(FOLDER, `${path}.json`), text)
  }
}
