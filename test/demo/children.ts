// The registries' processes: one `muster serve` each, with its evaluator as a process of its own. Each stops when it is told to, and by itself
// when the demo that started it is gone.
import { spawn, type ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { servedAt } from '@muster/registry/main.ts'

const CLI = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))
/** Below the range from which systems give ports to outgoing connections. */
const PORT_MIN = 20_000
const PORT_MAX = 31_000
const READY_MS_MAX = 180_000
const STOP_MS_MAX = 20_000
const POLL_MS = 50

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => { resolve(false) })
    server.listen(port, '127.0.0.1', () => { server.close(() => { resolve(true) }) })
  })
}

/** So many ports that nobody listens on, from a random place on, so that two demos at once hardly meet. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  for (let port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN - 50 * count)); ports.length < count; port++) {
    if (port > PORT_MAX) throw new Error('no free ports: stop what listens on this machine')
    if (await isFree(port)) ports.push(port)
  }
  return ports
}

export interface Child {
  readonly pid: number
  readonly url: string
  /** What it said last, for the message of a failure. */
  readonly log: string
  readonly stop: () => Promise<void>
}

function endOf(child: ChildProcess): Promise<void> {
  return child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : new Promise((resolve) => child.once('exit', () => { resolve() }))
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  const killing = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
  await endOf(child)
  clearTimeout(killing)
}

/** Serves the registry of a data directory on a port; `more`: what else `muster serve` is told. Resolves at once; `ready` waits. */
export function startRegistry(dir: string, port: number, more: readonly string[], environment: NodeJS.ProcessEnv): Child {
  const log = join(dir, 'serve.log')
  const out = openSync(log, 'a', 0o600)
  const child = spawn(process.execPath, [CLI, 'serve', '--dir', dir, '--port', String(port), ...more], {
    // A group of its own: an interrupt from the terminal reaches the demo alone, which then stops all in order.
    detached: true, stdio: ['ignore', out, out], env: { ...environment, DATABASE_URL: '', MUSTER_LAUNCHER: String(process.pid) },
  })
  closeSync(out)
  return { pid: child.pid ?? 0, url: `http://127.0.0.1:${port}`, log, stop: () => stop(child) }
}

/** Waits until the registry answers. */
export async function ready(child: Child, dir: string): Promise<void> {
  for (const end = performance.now() + READY_MS_MAX; performance.now() < end; await pause(POLL_MS)) {
    if (await servedAt(dir) === child.url) return
    try {
      process.kill(child.pid, 0)
    } catch {
      throw new Error(`the registry of ${dir} ended: see ${child.log}`)
    }
  }
  throw new Error(`the registry of ${dir} did not answer in ${READY_MS_MAX / 1000} s: see ${child.log}`)
}
