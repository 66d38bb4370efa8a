// An idle registry: the serving process, its evaluator and its database, beside an idle Node and a PostgreSQL with no client.

import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { postmasterOf } from '@muster/registry/engine/cluster.ts'
import { initDataDirectory, joinCluster } from '@muster/registry/engine/lease.ts'
import { readPlace } from '@muster/registry/engine/place.ts'
import { removeParty } from '@muster/registry/store/party-file.ts'
import { freePorts, ready, startRegistry, type Child } from '../test/demo/children.ts'
import { memoryOf, withDescendants, type Memory } from './memory.ts'
import { foundParty, joinAll, type BenchParty } from './party.ts'
import { judge, median, SAMPLES, shortly, type BenchOptions, type BenchResult, type BenchRow } from './row.ts'

const LIMIT = { metric: 'MB of proportional set size', op: '<=', value: 250 } as const
const PERIOD_SECONDS = 3600
/** After the start, until the processes rest. */
const SETTLE_MS = 6_000
const BETWEEN_MS = 500

async function samplesOf(pids: () => Promise<readonly number[]>, settle_ms: number): Promise<Memory[]> {
  await pause(settle_ms)
  const samples: Memory[] = []
  for (let i = 0; i < SAMPLES; i++) {
    const memory = memoryOf(withDescendants(await pids()))
    if (memory === undefined) throw new Error('/proc/PID/smaps cannot be read here')
    samples.push(memory)
    await pause(BETWEEN_MS)
  }
  return samples
}

const aloneOf = (samples: readonly Memory[]): number => median(samples.map(({ alone }) => alone))

async function serverOf(dataDir: string): Promise<number> {
  const place = await readPlace(dataDir)
  const server = place === undefined ? undefined : postmasterOf(place)
  if (server === undefined) throw new Error(`no server runs for ${dataDir}`)
  return server.pid
}

/** An agreement takes two: the other one's register is made and then closed. */
async function registry(folder: string): Promise<Memory[]> {
  const parties: BenchParty[] = []
  let child: Child | undefined
  try {
    for (const code of ['QM', 'QN']) parties.push(await foundParty(folder, code))
    const ports = await freePorts(parties.length)
    await joinAll(parties, new Map(parties.map(({ party }, i) => [party, `http://127.0.0.1:${ports[i] as number}`])), PERIOD_SECONDS)
    const [{ dir, register }, other] = parties as [BenchParty, BenchParty]
    await other.register.close()
    const served = startRegistry(dir, ports[0] as number, [], process.env)
    child = served
    await ready(served, dir)
    await register.close()
    return await samplesOf(async () => [served.pid, await serverOf(dir)], SETTLE_MS)
  } finally {
    await child?.stop()
    for (const { dir, register } of parties) {
      await register.close()
      await removeParty(dir)
    }
  }
}

async function bareServer(folder: string): Promise<number> {
  const dir = join(folder, 'bare')
  mkdirSync(dir)
  await initDataDirectory(dir, {})
  const lease = await joinCluster(dir, {})
  try {
    return aloneOf(await samplesOf(async () => [await serverOf(dir)], BETWEEN_MS))
  } finally {
    await lease.leave()
    await removeParty(dir)
  }
}

async function bareNode(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1e9)'], { stdio: 'ignore' })
  try {
    return aloneOf(await samplesOf(async () => [child.pid as number], BETWEEN_MS))
  } finally {
    child.kill()
  }
}

async function run(_: BenchOptions): Promise<BenchResult> {
  if (platform() !== 'linux') throw new Error('the proportional set size is read from /proc: this row is for Linux')
  const folder = mkdtempSync(join(tmpdir(), 'muster-bench-idle-'))
  chmodSync(folder, 0o711)
  try {
    const memory = await registry(folder)
    const samples = memory.map(({ alone }) => alone)
    const node = await bareNode()
    const server = await bareServer(folder)
    return {
      name: row.name, unit: 'MB', median: median(samples), samples,
      peers: [{ name: 'an idle Node and a PostgreSQL of the same settings without a client', median: node + server }, { name: 'the idle Node alone', median: node }, { name: 'that PostgreSQL alone', median: server }],
      limits: [judge(LIMIT, median(samples))],
      notes: [
        'serving process, evaluator and PostgreSQL of a registry with one agreement, a few seconds after its start; 10^6 bytes a MB',
        `pages of files are counted as if nothing else ran; the kernel, which lets other programs on this machine carry their part, tells ${shortly(median(memory.map(({ told }) => told)))} MB`,
      ],
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const row: BenchRow = {
  name: 'idle', claim: 'an idle registry with its database (proportional set size of all its processes, evaluator included)', limit: [LIMIT], seconds: { full: 20, quick: 20 }, run,
}
export default row
