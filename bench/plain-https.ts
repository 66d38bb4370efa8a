// What a federated trace is measured beside: plain look-ups over HTTPS on this machine, all at once, a connection each, in clear text to the
// one who answers, with nothing proven.

import { execFileSync, fork } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const CHILD = fileURLToPath(new URL('./https-child.ts', import.meta.url))

function ask(port: number, ca: Buffer, serial: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: `/${serial}`, ca, servername: 'localhost', agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => { text += piece }).on('end', () => { resolve(text) })
    }).on('error', reject)
  })
}

/** Milliseconds of each round of `count` look-ups among `items`; the first round is not counted. Why not, where there is no openssl for a certificate. */
export async function plainLookUps(count: number, items: number, rounds: number): Promise<readonly number[] | string> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-bench-https-'))
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    try {
      execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'], { stdio: 'ignore' })
    } catch {
      return 'there is no openssl to make a certificate with'
    }
    const child = fork(CHILD, [key, cert, String(items)], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
    try {
      const port = await new Promise<number>((resolve, reject) => {
        child.stdout?.once('data', (told: Buffer) => { resolve(Number(told.toString())) })
        child.once('exit', () => { reject(new Error('the server of the plain look-ups ended')) })
      })
      const samples: number[] = []
      for (let round = 0; round <= rounds; round++) {
        const began = performance.now()
        const answers = await Promise.all(Array.from({ length: count }, (_, i) => ask(port, readFileSync(cert), String(1_000_000 + (round * count + i) * 7))))
        samples.push(performance.now() - began)
        if (!answers.every((answer) => answer.includes('depot'))) throw new Error('a plain look-up failed')
      }
      return samples.slice(1)
    } finally {
      child.disconnect()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
