// Log keys that change: the others take the record up from the log itself and go on; and after a compromise nothing rests on
// the old keys.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { agreementBytes } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { verifyDossier } from '@muster/core/wire/verify.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { declare } from '@muster/registry/log/declare.ts'
import { traceFind, type Traced } from '@muster/registry/trace/trace.ts'
import { servedRegistries, type Member, type Served, until } from './served.ts'
import { clock, enter } from './two.ts'

const CLI = join(import.meta.dirname, '../../cli/bin/muster.js')
const PATIENCE_MS = 20_000
const BB = 'BB' as PartyId

let served: Served
let group: Group
let seized: readonly string[]
let earlier: Traced
const of = (party: string): Member => served.of(party)
const theirs = (): PartyTrust => of('AA').hall().joined.trust.parties.get(BB) as PartyTrust
const size = (): number => of('AA').hall().mirror.known(BB)?.checkpoint.size ?? 0
const traced = (n: number): Promise<Traced> =>
  traceFind({ home: of('AA').home(), hall: of('AA').hall(), group, own: of('AA').answering().message }, seized[n] as string, { wait_ms: PATIENCE_MS, untilSilent: false })
const muster = (...args: string[]): Promise<string> => new Promise((done) => { execFile(process.execPath, [CLI, ...args], { env: { ...process.env, DATABASE_URL: '' } }, (_, out) => { done(out) }) })
const changed = async (...args: string[]): Promise<void> => {
  await of('BB').down()
  await muster('keys', ...args, '--purpose', 'log', '--by', 'A. Petrova', '--and', 'B. Karimov', '--dir', of('BB').dataDir)
  await of('BB').restart()
  await of('BB').up()
}
const proven = async (n: number): Promise<void> => {
  const verified = verifyDossier(p, group, (await traced(n)).dossier, of('BB').hall().joined.trust.bytes, clock())
  assert.ok(verified.verdict === 'proven', JSON.stringify(verified.findings))
  assert.deepEqual([...verified.assessment.outcomes.values()], ['absent', 'absent'])
  assert.equal(verified.assessment.conclusion.quorum?.parties.length ?? 2, 2)
}

before(async () => {
  group = await fastGroup()
  served = await servedRegistries(['AA', 'BB'], { quorum: 2, periodSeconds: 1 })
  for (const party of ['AA', 'BB']) await of(party).up()
  seized = await enter(of('AA').side(), 'seized', [{ type: '9M39', serial: '77120' }, { type: '9M39', serial: '77121' }, { type: '9M39', serial: '77122' }])
  for (const party of ['AA', 'BB']) await declare(of(party).side().log, clock())
  await until(async () => of('AA').hall().mirror.known(BB)?.heads.length === 1)
  earlier = await traced(0)
})
after(() => served.remove())

test('a log goes on under new keys, is followed and cosigned, and the declaration of before stays as it was signed', async () => {
  await changed('change')
  await until(async () => theirs().records.length === 2)
  const before = size()
  await until(async () => size() > before)
  await proven(1)
  assert.equal(verifyDossier(p, group, earlier.dossier, of('AA').hall().joined.trust.bytes, clock()).verdict, 'proven')
})

test('after a compromise declarations are signed anew, and a dossier rests on nothing of the old keys', async () => {
  await changed('compromise', '--since', timeOf(clock() - 3600))
  await until(async () => theirs().records.length === 3)
  const before = size()
  await until(async () => size() > before)
  await proven(2)
  const held = join(served.folder, 'records.json')
  await muster('keys', 'write', held, '--dir', of('AA').dataDir)
  const file = join(served.folder, 'earlier.json')
  await writeFile(file, earlier.dossier)
  const agreement = join(served.folder, 'agreement.json')
  await writeFile(agreement, agreementBytes(served.agreement))
  const verdict = async (...more: string[]): Promise<string> => (JSON.parse(await muster('verify', file, '--agreement', agreement, ...more, '--json')) as { verdict: string }).verdict
  assert.equal(await verdict(), 'proven', 'a dossier of before carries no record of the compromise')
  assert.equal(await verdict('--records', held), 'refused', 'whoever holds it counts nothing that was signed since')
})
