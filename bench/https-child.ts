// A process that answers plain look-ups over HTTPS: `https-child.ts KEY CERTIFICATE ITEMS` holds that many serial numbers in memory, prints
// its port and says of each serial asked for whether it is there.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

const [key = '', cert = '', items = '0'] = process.argv.slice(2)
const held = new Map(Array.from({ length: Number(items) }, (_, i) => [String(1_000_000 + i * 7), `depot-${i % 40}`]))
const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
  const site = held.get((request.url ?? '').slice(1))
  response.writeHead(site === undefined ? 404 : 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ site: site ?? null }))
})
server.listen(0, '127.0.0.1', () => { process.stdout.write(`${(server.address() as AddressInfo).port}\n`) })
process.once('disconnect', () => { process.exit() })
