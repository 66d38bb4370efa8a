// A served registry in a process of its own, until it is killed. Argument: data directory.
import { openHome, serveHome } from '@muster/registry/main.ts'

const home = await openHome(process.argv[2] ?? '', { report: () => undefined })
const { url } = await serveHome(home, { port: 0, host: '127.0.0.1', message: () => Promise.resolve({ status: 503, body: '{}' }) })
process.stdout.write(`${url}\n`)
