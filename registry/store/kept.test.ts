import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { keep, kept, KEPT_BYTES_MAX, keptNames } from './kept.ts'

let dataDir = ''
before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'muster-kept-'))
})
after(() => rm(dataDir, { recursive: true }))

const bytes = (text: string) => new TextEncoder().encode(text)

test('what is kept is had again, the newest of each name, and nothing where nothing was kept', async () => {
  assert.equal(await kept(dataDir, 'checkpoint'), undefined)
  assert.deepEqual(await keptNames(dataDir), [])
  await keep(dataDir, 'checkpoint', bytes('one'))
  await keep(dataDir, 'checkpoint', bytes('two\n\0'))
  await keep(dataDir, 'witness.lr', new Uint8Array(0))
  assert.deepEqual(await kept(dataDir, 'checkpoint'), bytes('two\n\0'))
  assert.deepEqual(await kept(dataDir, 'witness.lr'), new Uint8Array(0))
  assert.deepEqual(await keptNames(dataDir), ['checkpoint', 'witness.lr'])
})

test('every single byte flip and every truncation of a kept file is noticed', async () => {
  await keep(dataDir, 'flipped', bytes('origin\n12\nroot\n'))
  const path = join(dataDir, 'kept', 'flipped')
  const whole = await readFile(path)
  for (let i = 0; i < whole.length; i++) {
    const damaged = Buffer.from(whole)
    damaged[i] = (damaged[i] as number) ^ 1
    await writeFile(path, damaged)
    await assert.rejects(kept(dataDir, 'flipped'), { code: 'kept-damaged' }, `byte ${i}`)
    await writeFile(path, whole.subarray(0, i))
    await assert.rejects(kept(dataDir, 'flipped'), { code: 'kept-damaged' }, `cut at ${i}`)
  }
  await writeFile(path, Buffer.alloc(KEPT_BYTES_MAX + 500))
  await assert.rejects(kept(dataDir, 'flipped'), { code: 'kept-damaged' })
})

test('a name that is no plain name, and too many bytes, are refused', async () => {
  for (const name of ['', '..', '../x', 'a/b', 'Ä', 'x'.repeat(201), 'x.new-0123456789abcdef']) await assert.rejects(keep(dataDir, name, bytes('x')), RangeError, name)
  await assert.rejects(keep(dataDir, 'large', new Uint8Array(KEPT_BYTES_MAX + 1)), RangeError)
})

test('a process that is killed while it replaces leaves one whole value, at any moment', async () => {
  const code = `import { keep } from ${JSON.stringify(new URL('./kept.ts', import.meta.url).href)}
    await keep(process.argv[1], 'raced', new Uint8Array(200_000).fill(0))
    process.stdout.write('x')
    for (let i = 0; ; i++) await keep(process.argv[1], 'raced', new Uint8Array(200_000).fill(i))`
  for (let round = 0; round < 8; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', code, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    await new Promise((resolve) => setTimeout(resolve, 5 + 7 * round))
    child.kill('SIGKILL')
    await once(child, 'close')
    const value = await kept(dataDir, 'raced')
    assert.equal(value?.length, 200_000)
    assert.ok(value.every((byte) => byte === value[0]))
  }
  await keptNames(dataDir)
  assert.deepEqual((await readdir(join(dataDir, 'kept'))).filter((name) => name.includes('.new-')), [])
})
