// `muster breach`: what another party signed and may not have signed, listed, and written as a file that convicts it before anybody.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Breach } from '@muster/core/bytes/breach.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { agreementBytes } from '@muster/core/rules/agreement.ts'
import { PAYLOAD_BYTES_MAX, sealEnvelope } from '@muster/core/wire/message.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { catchUp } from '@muster/registry/main.ts'
import { recordBreach } from '@muster/registry/store/breaches.ts'
import { AA, BB, oneRegistry, type One } from './one.ts'
import { filler } from './puppet.ts'

const CLI = join(import.meta.dirname, '../../cli/bin/muster.js')
let one: One

before(async () => {
  one = await oneRegistry()
  await one.puppet.publish()
  await catchUp(one.home(), one.hall())
  one.puppet.entries[1] = filler()
  one.puppet.entries.push(filler())
  await one.puppet.publish()
  await catchUp(one.home(), one.hall())
  await writeFile(join(one.folder, 'agreement.json'), agreementBytes(one.agreement))
})
after(() => one.remove())

async function muster(...args: string[]): Promise<{ readonly code: number, readonly out: string, readonly error: string }> {
  return new Promise((done) => {
    const child = execFile(process.execPath, [CLI, ...args], { env: { ...process.env, DATABASE_URL: '' } }, (_, out, error) => { done({ code: child.exitCode ?? -1, out, error }) })
  })
}

test('a fork is listed, written as a file, and proven by whoever holds the agreement, in both languages', async () => {
  const { breaches } = JSON.parse((await muster('breach', 'list', '--dir', one.dataDir, '--json')).out) as { breaches: { id: string, party: string, charge: string | null, code: string }[] }
  const [fork] = breaches
  assert.deepEqual(breaches.map(({ party, charge, code }) => ({ party, charge, code })), [{ party: BB, charge: 'fork', code: 'mirror/fork' }])
  const table = await muster('breach', 'list', '--dir', one.dataDir, '--lang', 'ru')
  assert.match(table.out, /подписаны две истории одного/)
  assert.match(table.error, /^УЧЕНИЯ · AA · /)
  const file = join(one.folder, 'fork.json')
  const written = await muster('breach', 'write', fork?.id.slice(0, 8) ?? '', '--out', file, '--dir', one.dataDir)
  assert.equal(written.code, 0, written.error)
  const again = await muster('breach', 'write', fork?.id ?? '', '--out', file, '--dir', one.dataDir)
  assert.equal(again.code, 3)
  assert.match(again.error, /is there already/)

  const agreement = join(one.folder, 'agreement.json')
  const proven = await muster('verify', file, '--agreement', agreement)
  assert.equal(proven.code, 0, proven.out + proven.error)
  assert.match(proven.out, /^BB · \S+ · signed two histories of one log\nEXERCISE.*\nPROVEN/)
  assert.deepEqual({ ...JSON.parse((await muster('verify', file, '--json')).out) as object, found: '' }, { verdict: 'consistent', findings: [], exercise: true, agreement: one.agreement.id, party: BB, charge: 'fork', found: '' })
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace('"charge":"fork"', '"charge":"unsorted"'))
  await writeFile(`${file}.laid-out`, `${text}\n`)
  assert.match((await muster('verify', `${file}.laid-out`, '--agreement', agreement)).out, /^REFUSED: this is no evidence of anything\n {2}evidence\/not-canonical/)
  const refused = await muster('verify', file, '--agreement', agreement, '--lang', 'ru')
  assert.equal(refused.code, 1)
  assert.match(refused.out, /^ОТВЕРГНУТО: это ничего не доказывает\n {2}evidence\/shape/)
})

test('a breach that only its witness can know of is listed, and no file is made of it', async () => {
  await one.wipe(['breach'])
  const note = one.puppet.sign(one.puppet.entries.length, new Uint8Array(32))
  await recordBreach(one.home().register, one.agreement.id, BB, new Breach('mirror/root', 'the entries that BB serves do not give the root that it signed', { note }), one.home().now())
  const { breaches } = JSON.parse((await muster('breach', 'list', '--dir', one.dataDir, '--json')).out) as { breaches: { id: string, charge: string | null }[] }
  assert.deepEqual(breaches.map(({ charge }) => charge), [null])
  const written = await muster('breach', 'write', breaches[0]?.id ?? '', '--out', join(one.folder, 'none.json'), '--dir', one.dataDir)
  assert.equal(written.code, 1)
  assert.match(written.error, /cannot be shown to a third/)
  assert.equal((await muster('breach', 'write', 'ffffffff', '--out', join(one.folder, 'none.json'), '--dir', one.dataDir)).code, 2)
})

test('two messages of the greatest length convict as well as short ones', async () => {
  await one.wipe(['breach', 'settlement'])
  const long = (fill: string) => sealEnvelope(p, {
    v: 'muster/message/1', kind: 'recovery/notice', from: BB, to: AA, agreement: one.agreement.id, sequence: 0, previous: null, time: timeOf(one.home().now()), expiry: null, marking: one.agreement.marking,
    body: { note: fill.repeat(PAYLOAD_BYTES_MAX - 400) },
  }, one.puppet.keys.message)
  const [first, second] = [long('a'), long('b')]
  assert.ok(first.payloadBytes.length > 0.99 * PAYLOAD_BYTES_MAX)
  await recordBreach(one.home().register, one.agreement.id, BB, new Breach('message/same-sequence-two-ids', 'two', { first: first.envelope, second: second.envelope }), one.home().now())
  assert.equal(await one.charged('message/same-sequence-two-ids'), 'two-messages')
})

test('two people settle what is on file, and the list says so', async () => {
  const settle = (...people: string[]) => muster('breach', 'settle', BB, '--reason', 'a restored disk', '--by', 'A. Petrova', ...people, '--dir', one.dataDir, '--json')
  assert.equal((await settle()).code, 1)
  assert.deepEqual(JSON.parse((await settle('--and', 'B. Karimov')).out), { agreement: one.agreement.id, party: BB, settled: 1 })
  const { breaches } = JSON.parse((await muster('breach', 'list', '--dir', one.dataDir, '--json')).out) as { breaches: { settled: string | null }[] }
  assert.match(breaches[0]?.settled ?? '', /^\d{4}-/)
  assert.equal((await muster('breach', 'settle', 'ZZ', '--reason', 'x', '--by', 'A', '--and', 'B', '--dir', one.dataDir)).code, 2)
})
