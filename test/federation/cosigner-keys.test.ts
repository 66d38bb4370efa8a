// Witness and reader keys that change among real registries: what was cosigned before stays, what is cosigned afterwards is under the new keys, and after a
// compromise nothing rests on the old ones.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { secondsOf, timeOf } from '@muster/core/bytes/time.ts'
import { parseJson } from '@muster/core/bytes/canonical.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { signCosignature } from '@muster/core/proof/cosignature.ts'
import { formatNote, parseNote } from '@muster/core/proof/note.ts'
import { parseCheckpoint } from '@muster/core/proof/tree-head.ts'
import { witnessName } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { cosignedBy } from '@muster/core/wire/cosigned.ts'
import { parseDossier } from '@muster/core/wire/dossier.ts'
import type { PartyTrust, Trust } from '@muster/core/wire/trust.ts'
import { verifyDossier } from '@muster/core/wire/verify.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { declare } from '@muster/registry/log/declare.ts'
import { logFolder } from '@muster/registry/log/own-log.ts'
import { addLaterKeys, freshLaterKeys, type AgreementKeys } from '@muster/registry/store/keys.ts'
import { traceFind, type Traced } from '@muster/registry/trace/trace.ts'
import { servedRegistries, type Member, type Served, until } from './served.ts'
import { clock, DRILL, enter } from './two.ts'

const CLI = join(import.meta.dirname, '../../cli/bin/muster.js')
const PATIENCE_MS = 20_000
const [AA, BB] = ['AA', 'BB'] as PartyId[] as [PartyId, PartyId]

let served: Served
let group: Group
let seized: readonly string[]
let earlier: Traced
/** What a thief of the first keys of BB has. */
let old: AgreementKeys
const of = (party: string): Member => served.of(party)
const trust = (party: string): Trust => of(party).hall().joined.trust
const recordsOf = (whom: PartyId, by: string): number => (trust(by).parties.get(whom) as PartyTrust).records.length
const own = (): Promise<string> => readFile(join(logFolder(of('AA').hall().log), 'checkpoint'), 'utf8')
const witnessesOf = (note: string): readonly PartyId[] => [...cosignedBy(p, trust('AA'), note, 'witness').keys()]
const witnesses = async (): Promise<readonly PartyId[]> => witnessesOf(await own())
/** A checkpoint as it stands once both have cosigned it: one just committed bears its log's line alone. */
async function cosigned(): Promise<string> {
  let note = ''
  await until(async () => witnessesOf(note = await own()).length === 2)
  return note
}

before(async () => {
  group = await fastGroup()
  served = await servedRegistries(['AA', 'BB'], { quorum: 2, periodSeconds: 1 })
  for (const party of ['AA', 'BB']) await of(party).up()
  old = of('BB').hall().joined.keys
  seized = await enter(of('AA').side(), 'seized', [{ type: '9M39', serial: '77120' }, { type: '9M39', serial: '77121' }])
  for (const party of ['AA', 'BB']) await declare(of(party).side().log, clock())
  await until(async () => (of('AA').hall().mirror.known(BB)?.heads.length === 1))
  earlier = await traced(0)
})
after(() => served.remove())

async function traced(n: number): Promise<Traced> {
  const member = of('AA')
  return traceFind({ home: member.home(), hall: member.hall(), group, own: member.answering().message }, seized[n] as string, { wait_ms: PATIENCE_MS, untilSilent: false })
}

/** `muster keys` in the stopped registry of BB, which is served again afterwards, until AA has read the record. */
async function changed(...args: string[]): Promise<void> {
  await of('BB').down()
  await promisify(execFile)(process.execPath, [CLI, 'keys', ...args, '--by', 'A. Petrova', '--and', 'B. Karimov', '--dir', of('BB').dataDir], { env: { ...process.env, DATABASE_URL: '' } })
  await of('BB').restart()
  await of('BB').up()
  const records = recordsOf(BB, 'BB')
  await until(async () => (recordsOf(BB, 'AA') === records))
}

const readersOf = (dossier: Uint8Array, party: PartyId): string[] => {
  const { declaration } = parseDossier(dossier).parties.find((each) => each.party === party) as { declaration: { checkpoint: string } }
  return [...cosignedBy(p, trust('AA'), declaration.checkpoint, 'reader').keys()]
}

test('after a change the witness and the reader sign with new keys: the same declarations are cosigned anew, and a dossier has its quorum', async () => {
  await changed('change', '--purpose', 'witness', '--purpose', 'reader')
  assert.equal(trust('AA').cosigners.witness.length, 3)
  await until(async () => (await witnesses()).length === 2)
  const result = await traced(1)
  const verified = verifyDossier(p, group, result.dossier, trust('BB').bytes, clock())
  assert.ok(verified.verdict === 'proven', JSON.stringify(verified.findings))
  assert.deepEqual([...verified.assessment.outcomes.values()], ['absent', 'absent'])
  await until(async () => readersOf((await traced(1)).dossier, AA).length === 2)
  assert.equal(verifyDossier(p, group, earlier.dossier, trust('BB').bytes, clock()).verdict, 'proven', 'a dossier of before holds as it stands')
})

test('a line under the replaced key counts for the time before the change and not for the time after', async () => {
  const { text, signatures } = parseNote(await cosigned())
  const lineAt = (at: number) => signCosignature(p, parseCheckpoint(text), witnessName(BB, DRILL), old.witness, at)
  const from = secondsOf((trust('AA').parties.get(BB) as PartyTrust).records[1]?.record.from as string)
  const with_ = (at: number): string => formatNote({ text, signatures: [...signatures.filter(({ name }) => name !== witnessName(BB, DRILL)), lineAt(at)] })
  const counts = (note: string): boolean => cosignedBy(p, trust('AA'), note, 'witness').has(BB)
  assert.deepEqual([counts(with_(from - 1)), counts(with_(from)), counts(with_(clock()))], [true, false, false])
})

test('after a compromise a line of the stolen key lifts no checkpoint to the quorum, however it is dated; the new key does', async () => {
  const { text, signatures } = parseNote(await cosigned())
  const stolen = signCosignature(p, parseCheckpoint(text), witnessName(BB, DRILL), old.witness, clock() - 3600)
  const forged = formatNote({ text, signatures: [...signatures.filter(({ name }) => name !== witnessName(BB, DRILL)), stolen] })
  assert.ok(cosignedBy(p, trust('AA'), forged, 'witness').has(BB), 'whoever has not read the record is deceived')
  await changed('compromise', '--since', timeOf(clock() - 1), '--purpose', 'witness')
  assert.deepEqual([...cosignedBy(p, trust('AA'), forged, 'witness').keys()], [AA])
  await until(async () => (await witnesses()).length === 2)
  const { records } = trust('AA').parties.get(BB) as PartyTrust
  assert.deepEqual(records.map(({ record: { reason } }) => reason), ['first', 'rotation', 'compromise'])
  const again = verifyDossier(p, group, earlier.dossier, trust('AA').bytes, clock(), records.map(({ bytes }) => parseJson(bytes)))
  assert.ok(again.verdict === 'proven', JSON.stringify(again.findings))
  assert.equal(again.assessment.conclusion.quorum.find, 1, 'of two witnesses one is left')
})

test('seeds for a record that was never kept are not used, and the next change takes their place', async () => {
  await of('BB').down()
  const { joined } = of('BB').hall()
  const { later } = joined.keys
  await addLaterKeys(of('BB').dataDir, joined.agreement.id, later.length + 1, await freshLaterKeys(joined.keys, timeOf(clock() - 5), ['log', 'witness']))
  await of('BB').restart()
  assert.equal(of('BB').hall().joined.keys.later.length, later.length)
  await changed('change', '--purpose', 'witness')
  assert.equal(of('BB').hall().joined.keys.later.length, later.length + 1)
  await until(async () => (await witnesses()).length === 2)
})
