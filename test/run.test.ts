import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env, execPath } from 'node:process'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const RUN = fileURLToPath(new URL('run.ts', import.meta.url))
const VECTORS = fileURLToPath(new URL('../fast/oprf-vectors.test.ts', import.meta.url))

/** A test runner that runs inside another is told so by a variable, and stays silent. */
const { NODE_TEST_CONTEXT: _, ...outside } = env

const runs = (...args: string[]): Promise<{ readonly code: number, readonly text: string }> => new Promise((done) => {
  const child = execFile(execPath, args, { env: outside }, (_error, text) => { done({ code: child.exitCode ?? -1, text }) })
})

describe('the run of all tests', () => {
  let dir: string
  before(async () => { dir = await mkdtemp(join(tmpdir(), 'muster-run-')) })
  after(async () => rm(dir, { recursive: true }))
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(dir, `${name}.test.ts`), `import { test } from 'node:test'\n${text}\n`)
    return dir
  }

  test('every result of a file is counted', async () => {
    const alone = /^. pass (\d+)$/m.exec((await runs(VECTORS)).text)?.[1]
    assert.ok(Number(alone) > 40, `${alone} tests`)
    const { code, text } = await runs(RUN, 'fast/oprf-vectors')
    assert.match(text, new RegExp(`^${alone} passed, 0 failed$`, 'm'))
    assert.equal(code, 0)
  })

  test('a file without a test, one that ends in the middle of its tests and one that fails are failures', async () => {
    await file('empty', 'export const nothing = test.name')
    await file('leaves', "test('done', () => {})\ntest('never told', () => { process.exit(0) })")
    await file('fails', "test('fails', () => { throw new Error('as it should') })")
    await file('holds', "test('holds', () => {})")
    const { code, text } = await runs(RUN, dir)
    assert.equal(code, 1)
    assert.match(text, /FAIL \S*empty\.test\.ts: it has no test/)
    assert.match(text, /FAIL \S*leaves\.test\.ts: it has no test, or ended before its tests did/)
    assert.match(text, /FAIL \S*fails\.test\.ts: fails/)
    assert.match(text, /\n1 passed, 3 failed\n$/)
  })
})
