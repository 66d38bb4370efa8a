import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'

const launcher = fileURLToPath(new URL('./muster.js', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'muster-launcher-'))
after(() => { rmSync(dir, { recursive: true, force: true }) })

/** Makes this Node call itself 20, so that the launcher takes the road of an old one wherever the test runs. */
const OLD = 'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.0.0"}})'
const ROADS = { 'a Node that is new enough': [], 'an older Node': ['--import', OLD] } as const

type End = { code: number | null, signal: NodeJS.Signals | null, out: string, err: string }

function start(flags: readonly string[], words: readonly string[], file = launcher): { child: ReturnType<typeof spawn>, end: Promise<End>, first: Promise<string> } {
  const child = spawn(process.execPath, [...flags, file, ...words], { stdio: ['pipe', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  const first = new Promise<string>((done) => child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString(); done(out) }))
  child.stderr.on('data', (chunk: Buffer) => { err += chunk.toString() })
  const end = new Promise<End>((done) => child.on('close', (code, signal) => { done({ code, signal, out, err }) }))
  return { child, end, first }
}

function script(name: string, text: string): string {
  const file = join(dir, name)
  writeFileSync(file, text)
  return file
}

const echo = script('echo.ts', 'const words: string[] = process.argv.slice(2)\nprocess.stdout.write(JSON.stringify(words))\n')
const leave = script('leave.ts', 'process.exitCode = Number(process.argv[2])\n')
const read = script('read.ts', 'let n = 0\nfor await (const chunk of process.stdin) n += chunk.length\nprocess.stdout.write(String(n))\nprocess.stderr.write("done")\n')
const wait = script('wait.ts', 'process.stdout.write(String(process.pid))\nsetInterval(() => undefined, 1000)\n')
const polite = script('polite.ts', 'process.on("SIGTERM", () => { process.stdout.write(" bye"); process.exit(7) })\nprocess.stdout.write("here")\nsetInterval(() => undefined, 1000)\n')

for (const [name, flags] of Object.entries(ROADS)) {
  test(`${name}: arguments arrive as they were written`, async () => {
    const words = ['--', '-x', '', 'two words', '№ 9П516', '"quoted"', '$HOME', '--run']
    const { out, code } = await start(flags, ['--run', echo, ...words]).end
    assert.deepEqual(JSON.parse(out), words)
    assert.equal(code, 0)
  })

  test(`${name}: exit codes pass through`, async () => {
    for (const code of [0, 1, 2, 3, 42]) assert.equal((await start(flags, ['--run', leave, String(code)]).end).code, code)
  })

  test(`${name}: standard input, output and error are the script's own`, async () => {
    const { child, end } = start(flags, ['--run', read])
    child.stdin?.end(Buffer.alloc(300_000, 'x'))
    assert.deepEqual(await end, { code: 0, signal: null, out: '300000', err: 'done' })
  })

  test(`${name}: a script that dies by a signal is seen to die by it`, async () => {
    const { child, end, first } = start(flags, ['--run', wait])
    await first
    child.kill('SIGTERM')
    assert.equal((await end).signal, 'SIGTERM')
  })

  test(`${name}: SIGINT reaches the script once`, async () => {
    const counting = script('count.ts', 'let n = 0\nprocess.on("SIGINT", () => { n += 1; setTimeout(() => { process.stdout.write(String(n)); process.exit(0) }, 200) })\nprocess.stdout.write("n=")\nsetInterval(() => undefined, 1000)\n')
    const { child, end, first } = start(flags, ['--run', counting])
    await first
    child.kill('SIGINT')
    assert.equal((await end).out, 'n=1')
  })

  test(`${name}: a script that handles a signal decides how it ends`, async () => {
    const { child, end, first } = start(flags, ['--run', polite])
    await first
    child.kill('SIGTERM')
    assert.deepEqual(await end, { code: 7, signal: null, out: 'here bye', err: '' })
  })

  test(`${name}: without --run the command line answers`, async () => {
    const { out, code } = await start(flags, ['help', '--lang', 'en']).end
    assert.match(out, /^Muster: /)
    assert.equal(code, 0)
  })

  test(`${name}: --run without a script is a usage error`, async () => {
    const missing = await start(flags, ['--run', join(dir, 'none.ts')]).end
    assert.equal(missing.code, 2)
    assert.match(missing.err, /none\.ts/)
    assert.equal((await start(flags, ['--run']).end).code, 2)
  })
}

test('an older Node without the one that npm brings gets one sentence that says what to install', async () => {
  const alone = join(dir, 'muster.mjs')
  copyFileSync(launcher, alone)
  const { code, err, out } = await start(ROADS['an older Node'], ['--run', echo], alone).end
  assert.equal(code, 3)
  assert.equal(out, '')
  assert.match(err, /^muster: no Node 24 for \S+ came with the installation: install Node 24\.12 or newer and run the same command with it\.\n$/)
})

test('a verb that is being waited for stops when its launcher is killed outright', async () => {
  const stop = pathToFileURL(fileURLToPath(new URL('../stop.ts', import.meta.url))).href
  const orphan = script('orphan.ts', `import { stopOnSignals } from ${JSON.stringify(stop)}
const stopped = stopOnSignals(process.env.MUSTER_LAUNCHER)
const hold = setInterval(() => undefined, 1000)
stopped.addEventListener('abort', () => { process.stdout.write(' stopped'); clearInterval(hold) })
process.stdout.write('up')
`)
  const { child, end, first } = start(ROADS['an older Node'], ['--run', orphan])
  await first
  child.kill('SIGKILL')
  assert.deepEqual(await end, { code: null, signal: 'SIGKILL', out: 'up stopped', err: '' })
})
