// An import that kills its own process where a step begins: node killed-child.ts DIR FILE MAPPING STEP
import { readFileSync } from 'node:fs'
import { argv, kill, pid } from 'node:process'
import { timeOf } from '@muster/core/bytes/time.ts'
import { parseMapping } from '@muster/registry/intake/mapping-file.ts'
import { importSheet } from '@muster/registry/store/intake-store.ts'
import { openRegister } from '@muster/registry/store/register.ts'

const [dataDir = '', path = '', mapping = '', at = ''] = argv.slice(2)
const register = await openRegister(dataDir)
await importSheet(register, {
  path, as: 'items', mapping: parseMapping(readFileSync(mapping, 'utf8')), mappingSha256: Buffer.alloc(32), goodRows: true, dryRun: false, keep: [], by: 'A', and: null, written: timeOf(1_750_000_000), lang: 'en',
}, { onStep: (step) => { if (step === at) kill(pid, 'SIGKILL') } })
await register.close()
