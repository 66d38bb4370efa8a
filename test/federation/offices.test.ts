// One server, one sequencer, one declaration a data directory; a command beside a server; a server that was killed.
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { isHeld, takeOffice } from '@muster/registry/engine/lease.ts'
import { newestDeclaration } from '@muster/registry/log/declare.ts'
import { openHome, sequence, servedAt, serveHome } from '@muster/registry/main.ts'
import { oneRegistry, type One } from './one.ts'
import { DRILL, enter } from './two.ts'

const CLI = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')
let one: One
before(async () => {
  one = await oneRegistry()
  await enter(one.side(), 'baseline', [{ type: '9М39', serial: '0123' }])
  await sequence(one.home(), one.hall())
})
after(() => one.remove())

async function started(): Promise<{ child: ChildProcess, url: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'serve-child.ts'), one.dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = await once(child.stdout, 'data') as [Buffer]
  return { child, url: said.toString('utf8').trim() }
}

async function killed(child: ChildProcess): Promise<void> {
  const end = once(child, 'close')
  child.kill('SIGKILL')
  await end
}

/** `muster` with its arguments; the last line is its answer. The other party's door is in this process, so nothing here may block. */
async function muster(...args: string[]): Promise<{ status: number | null, answer: Record<string, unknown>, stderr: string }> {
  const child = spawn(process.execPath, [CLI, ...args, '--dir', one.dataDir, '--json'], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, DATABASE_URL: '' } })
  const said = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => { said.stdout += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { said.stderr += text })
  const [status] = await once(child, 'close') as [number | null]
  const last = said.stdout.trimEnd().split('\n').at(-1) ?? ''
  return { status, stderr: said.stderr, answer: last.startsWith('{') ? JSON.parse(last) as Record<string, unknown> : {} }
}

const serve = () => serveHome(one.home(), { port: 0, host: '127.0.0.1', message: () => Promise.resolve({ status: 503, body: '{}' }) })

test('a second server and a second sequencer are refused, by name of the process that is there', async () => {
  const { child, url } = await started()
  const message = new RegExp(`already by another process \\(process ${child.pid}\\): stop that one first, or send it your request`)
  await assert.rejects(serve(), { code: 'already-served', message })
  await assert.rejects(takeOffice(one.dataDir, 'sequencer'), { code: 'already-sequenced', message })
  assert.equal(await servedAt(one.dataDir), url)
  const cli = await muster('serve')
  assert.deepEqual([cli.status, /is being served already by another process/.test(cli.stderr)], [3, true], cli.stderr)
  assert.equal((await fetch(`${url}/health`)).status, 200)
  await killed(child)
})

test('a command beside a server lets it sequence: what is declared waits for its next period, and nothing is sequenced twice', async () => {
  const { child } = await started()
  const size = async () => (await one.home().register.db.read<{ n: number }>('SELECT count(*) AS n FROM log_entry'))[0]?.n
  const before = await size()
  const { status, answer, stderr } = await muster('declare')
  assert.equal(status, 0, stderr)
  assert.equal(answer.agreement, DRILL)
  assert.equal(await size(), before)
  const newest = await newestDeclaration(one.hall().log)
  assert.equal(newest?.head.hash, answer.head)
  await killed(child)
})

test('a killed server leaves nothing in the way: not its address, not its offices, not what it was about to say', async () => {
  const { child, url } = await started()
  await killed(child)
  const { url: said } = JSON.parse(await readFile(join(one.dataDir, 'serve.json'), 'utf8')) as { url: string }
  assert.equal(said, url, 'its file is still there')
  assert.equal(await servedAt(one.dataDir), undefined)
  assert.equal(isHeld(one.dataDir, 'serve'), false)
  const { status, answer, stderr } = await muster('declare')
  assert.equal(status, 0, stderr)
  const rows = await one.home().register.db.read<{ entry: Buffer }>('SELECT entry FROM log_entry WHERE get_byte(entry, 0) = 1 ORDER BY entry_index DESC LIMIT 1')
  assert.match(rows[0]?.entry.toString('utf8') ?? '', new RegExp(`"sequence":${String(answer.sequence)}`), 'the command sequenced itself')
  const again = await started()
  assert.equal(await servedAt(one.dataDir), again.url)
  await killed(again.child)
})

test('looking whether a directory is served never keeps a server from starting', async () => {
  let looking = true
  const look = (async () => {
    while (looking) {
      await servedAt(one.dataDir)
      isHeld(one.dataDir, 'sequencer')
      await new Promise((resolve) => { setImmediate(resolve) })
    }
  })()
  for (let i = 0; i < 3; i++) {
    const { child } = await started()
    await killed(child)
  }
  looking = false
  await look
})

test('a port that is taken is said to be so, and nothing stays held', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => { other.listen(0, '127.0.0.1', resolve) })
  const { port } = other.address() as AddressInfo
  await assert.rejects(serveHome(one.home(), { port, host: '127.0.0.1', message: () => Promise.resolve({ status: 503, body: '{}' }) }), { code: 'port-taken', message: /--port/ })
  other.close()
  assert.equal(isHeld(one.dataDir, 'serve'), false)
  assert.equal(await servedAt(one.dataDir), undefined)
  const home = await openHome(one.dataDir)
  const serving = await serveHome(home, { port: 0, host: '127.0.0.1', message: () => Promise.resolve({ status: 503, body: '{}' }) })
  await serving.close()
  await home.close()
  assert.equal(isHeld(one.dataDir, 'sequencer'), false)
})
