import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { labelsOfKeys } from '@muster/core/oprf/label.ts'
import { nobleGroup } from '@muster/core/oprf/noble-group.ts'
import { openLabelPool } from './label-pool.ts'
import { packKeys, runsOf, unpackKeys } from './packed-keys.ts'
import { sodiumGroup } from './sodium-group.ts'

const text = (value: string) => new Uint8Array(Buffer.from(value))
const secretKey = nobleGroup.hashToScalar(text('key'), text('muster/test'))
const keys = Array.from({ length: 1_300 }, (_, i) => text(`${'key '.repeat(i % 5)}${i}`))
const expected = async (list: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(labelsOfKeys(await sodiumGroup(), secretKey, list)))

test('packed keys come out as they went in, in runs that end with a key', () => {
  const packed = packKeys([...keys, new Uint8Array(0)])
  assert.deepEqual(unpackKeys(packed), [...keys, new Uint8Array(0)])
  const runs = runsOf(packed, 100)
  assert.deepEqual(runs.map((run) => run.keys), [...Array.from({ length: 13 }, () => 100), 1])
  assert.equal(runs.at(-1)?.to, packed.length)
  assert.deepEqual(unpackKeys(new Uint8Array(0)), [])
  assert.throws(() => unpackKeys(packed.subarray(0, 2)), /within the key that begins at byte 0/)
  assert.throws(() => unpackKeys(Uint8Array.of(0, 1, 9, 0)), /begins at byte 3/)
  assert.throws(() => packKeys([new Uint8Array(65_536)]), RangeError)
})

test('two threads give the labels of a second implementation in the order of the keys, and say how far they are', async () => {
  const pool = await openLabelPool(secretKey, 2)
  try {
    const heard: number[] = []
    const labels = await pool.labels(packKeys(keys), (done, all) => {
      heard.push(done)
      assert.equal(all, keys.length)
    })
    assert.deepEqual(labels, await expected(keys))
    assert.deepEqual(labels.subarray(32, 96), new Uint8Array(Buffer.concat(labelsOfKeys(nobleGroup, secretKey, keys.slice(1, 3)))))
    assert.equal(heard.at(-1), keys.length)
    assert.deepEqual(heard, heard.toSorted((a, b) => a - b))
    assert.deepEqual(await pool.labels(new Uint8Array(0)), new Uint8Array(0))
    const [first, second] = await Promise.all([pool.labels(packKeys(keys.slice(0, 600))), pool.labels(packKeys(keys.slice(600)))])
    assert.deepEqual(Buffer.concat([first, second]), Buffer.from(labels))
  } finally {
    await pool.close()
  }
})

test('a bad secret key is told to the caller, and the pool goes on', async () => {
  const pool = await openLabelPool(new Uint8Array(32), 1)
  try {
    await assert.rejects(pool.labels(packKeys(keys.slice(0, 3))), { kind: 'refusal', code: 'scalar-zero', place: 'secretKey' })
    await assert.rejects(pool.labels(packKeys(keys.slice(0, 3))), /secretKey: a scalar of zero/)
  } finally {
    await pool.close()
  }
})

test('a truncated buffer is refused before any thread sees it', async () => {
  const pool = await openLabelPool(secretKey, 1)
  try {
    await assert.rejects(pool.labels(packKeys(keys).subarray(0, -1)), RangeError)
    assert.equal((await pool.labels(packKeys(keys.slice(0, 1)))).length, 32)
  } finally {
    await pool.close()
  }
})

test('closing ends the calls under way and refuses later ones', async () => {
  const pool = await openLabelPool(secretKey, 1)
  const running = pool.labels(packKeys(keys))
  const failed = assert.rejects(running, /the label pool is closed/)
  await pool.close()
  await failed
  await assert.rejects(pool.labels(packKeys(keys)), /the label pool is closed/)
  await pool.close()
  await assert.rejects(openLabelPool(secretKey, 0), RangeError)
})

test('a pool whose threads cannot start is refused, with their reason', async () => {
  const script = `import { openLabelPool } from '@muster/fast/label-pool.ts'
    try { await openLabelPool(new Uint8Array(32).fill(1), 2); console.log('opened') } catch (thrown) { console.log(thrown.code) }`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { cwd: new URL('..', import.meta.url), timeout: 60_000 })
  assert.equal(stdout.trim(), 'ERR_INPUT_TYPE_NOT_ALLOWED')
})
