import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { hold, tryHold } from './lock.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-lock-'))
})
after(() => rm(folder, { recursive: true }))

/** A process that takes a lock, says so, and keeps it until it is killed. */
async function holder(path: string, mode: 'alone' | 'shared') {
  const code = `import { tryHold } from ${JSON.stringify(new URL('./lock.ts', import.meta.url).href)}
    process.stdout.write(tryHold(${JSON.stringify(path)}, '${mode}') === undefined ? 'no' : 'yes'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  return { said: said.toString(), kill: async () => {
    child.kill('SIGKILL')
    await once(child, 'close')
  } }
}

test('a lock that is held alone excludes every other holder, in this process and in another', async () => {
  const path = join(folder, 'alone')
  const mine = tryHold(path, 'alone')
  assert.ok(mine)
  assert.equal(tryHold(path, 'alone'), undefined)
  assert.equal(tryHold(path, 'shared'), undefined)
  const other = await holder(path, 'alone')
  assert.equal(other.said, 'no')
  await other.kill()
  mine.release()
  mine.release()
  assert.ok(tryHold(path, 'alone'))
})

test('shared holders stand side by side and keep out whoever wants to be alone', async () => {
  const path = join(folder, 'shared')
  const mine = tryHold(path, 'shared')
  const other = await holder(path, 'shared')
  assert.equal(other.said, 'yes')
  mine?.release()
  assert.equal(tryHold(path, 'alone'), undefined)
  await other.kill()
  assert.ok(tryHold(path, 'alone'))
})

test('a lock ends with a holder that is killed, and nothing was written to its file', async () => {
  const path = join(folder, 'killed')
  const other = await holder(path, 'alone')
  assert.equal(other.said, 'yes')
  assert.equal(tryHold(path, 'alone'), undefined)
  await other.kill()
  const mine = tryHold(path, 'alone')
  assert.ok(mine)
  mine.release()
  assert.equal((await readFile(path)).length, 0)
  const third = await holder(path, 'alone')
  assert.deepEqual((await readdir(folder)).filter((name) => name.startsWith('killed')), ['killed'])
  await third.kill()
})

test('waiting for a lock ends with the lock or after the time that was given', async () => {
  const path = join(folder, 'waited')
  const mine = tryHold(path, 'alone')
  const began = performance.now()
  assert.equal(await hold(path, 'alone', 60), undefined)
  assert.ok(performance.now() - began >= 60)
  setTimeout(() => mine?.release(), 50)
  assert.ok(await hold(path, 'alone', 5_000))
})

test('a lock whose owner forgot the handle is not lost to the garbage collector', async () => {
  const path = join(folder, 'forgotten')
  tryHold(path, 'alone')
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let i = 0; i < 3; i++) {
    collect()
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.equal(tryHold(path, 'alone'), undefined)
})
