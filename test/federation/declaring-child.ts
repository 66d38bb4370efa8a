// One declaration in a process of its own, which kills itself at a step. Arguments: data directory, step, time in POSIX seconds.
import { declare } from '@muster/registry/log/declare.ts'
import { openHome } from '@muster/registry/main.ts'
import { countSteps } from './broken-steps.ts'
import { DRILL } from './two.ts'

const [dataDir = '', step = '0', at = '0'] = process.argv.slice(2)
const home = await openHome(dataDir)
const hall = home.halls.get(DRILL)
if (hall === undefined) throw new Error('the agreement is not joined')
const steps = countSteps(hall.log.db, { step: Number(step), how: 'killed after' })
await declare({ ...hall.log, db: steps.db }, Number(at))
steps.end()
await home.close()
