// `npm run console`: makes the console's files and says where they are, for `muster serve --api N --console FOLDER`.
import { stdout } from 'node:process'
import { makeConsole } from './console.ts'

stdout.write(`${await makeConsole()}\n`)
