// One period of a registry in a process of its own, which kills itself at a step. Arguments: data directory, step.
import { openHome, sequence } from '@muster/registry/main.ts'
import { countSteps } from './broken-steps.ts'
import { DRILL } from './two.ts'

const [dataDir = '', step = '0'] = process.argv.slice(2)
const home = await openHome(dataDir)
const hall = home.halls.get(DRILL)
if (hall === undefined) throw new Error('the agreement is not joined')
const steps = countSteps(hall.log.db, { step: Number(step), how: 'killed after' })
const broken = { ...hall, log: { ...hall.log, db: steps.db } }
await sequence({ ...home, halls: new Map([[DRILL, broken]]) }, broken)
steps.end()
await home.close()
process.stdout.write(JSON.stringify(steps.taken))
