// An exercise and the real never mix: not in keys, not in an agreement, not in a register, not in a message, whichever way it is tried.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Breach } from '@muster/core/bytes/breach.ts'
import { fromUtf8, toBase64, utf8 } from '@muster/core/bytes/bytes.ts'
import { canonicalBytes } from '@muster/core/bytes/canonical.ts'
import { noble as p } from '@muster/core/bytes/noble.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { agreementBytes, agreementOf, type Agreement, type AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { signKeyRecord } from '@muster/core/wire/key-record.ts'
import { parseEnvelope } from '@muster/core/wire/message.ts'
import { trustOf, type Trust } from '@muster/core/wire/trust.ts'
import { AA, agreementJson, AGREEMENT, BB, CC, firstRecord, hashOf, keyRecordBody, logSeeds, payload, sealed } from '../vectors/three-parties.ts'
import { muster } from './page.ts'

const REAL = 'missiles-2026' as AgreementId
const folder = mkdtempSync(join(tmpdir(), 'muster-earnest-'))
const at = (name: string): string => join(folder, name)

/** Under the real agreement the same parties have, at the worst, the very keys that they had in the exercise. */
const realRecord = (party: PartyId): Uint8Array => signKeyRecord(p, keyRecordBody(party, { agreement: REAL }), logSeeds(party))
const real = agreementOf({
  ...agreementJson(), id: REAL, exercise: false, marking: { level: 'official', caveats: [] },
  parties: [AA, BB, CC].map((id) => ({ id, name: { en: id, ru: id }, keyRecord: hashOf(realRecord(id)) })),
}) as Agreement

async function refused(words: readonly string[], what: RegExp): Promise<void> {
  const { code, errors } = await muster(words)
  assert.notEqual(code, 0, words.join(' '))
  assert.match(errors, what)
}

before(async () => {
  for (const [name, agreement, record] of [['exercise', agreementJson(), firstRecord], ['real', real, realRecord]] as const) {
    writeFileSync(at(`${name}.json`), agreementBytes(agreement))
    for (const party of [AA, BB, CC]) writeFileSync(at(`${name}-${party}.json`), record(party))
  }
  assert.equal((await muster(['init', '--party', 'AA', '--name', 'A', '--dir', at('R')])).code, 0)
  assert.equal((await muster(['init', '--party', 'BB', '--name', 'B', '--exercise', '--dir', at('X')])).code, 0)
})

after(async () => {
  for (const dir of ['R', 'X']) await muster(['init', '--remove', '--dir', at(dir)])
  rmSync(folder, { recursive: true, force: true })
})

test('keys of an exercise are made by a register of an exercise, under a name that says so, and real ones by a real one', async () => {
  await refused(['agreement', 'keys', AGREEMENT, '--dir', at('R')], /exercise-1 names an exercise, and this register is none/)
  await refused(['agreement', 'keys', REAL, '--dir', at('X')], /this register is an exercise[^]*missiles-2026 is not/)
  assert.equal((await muster(['agreement', 'keys', REAL, '--dir', at('R')])).code, 0)
  assert.equal((await muster(['agreement', 'keys', AGREEMENT, '--dir', at('X')])).code, 0)
})

test('no agreement is drafted under the name of the other', async () => {
  const records = (name: string): string[] => [AA, BB, CC].flatMap((party) => ['--record', at(`${name}-${party}.json`)])
  await refused(['agreement', 'draft', REAL, ...records('real'), '--exercise', '--out', at('mixed.json')], /id: expected exercise, or an id that begins with exercise-/)
  await refused(['agreement', 'draft', AGREEMENT, ...records('exercise'), '--out', at('mixed.json')], /id: expected an id without the word exercise/)
})

test('a register joins no agreement of the other', async () => {
  for (const [dir, name, said] of [['R', 'exercise', 'the agreement is an exercise and the register is none'], ['X', 'real', 'the agreement is none and the register is one']] as const) {
    await refused(['agreement', 'join', at(`${name}.json`), ...[AA, BB, CC].flatMap((party) => ['--record', at(`${name}-${party}.json`)]), '--dir', at(dir)], new RegExp(said))
  }
})

test('a message of an exercise is no word under a real agreement, nor the reverse, though the keys be the same and its agreement be written anew', () => {
  const trusts: Readonly<Record<string, Trust>> = { [AGREEMENT]: trustOf(p, agreementJson(), firstRecord), [REAL]: trustOf(p, real, realRecord) }
  for (const [under, other] of [[AGREEMENT, REAL], [REAL, AGREEMENT]] as const) {
    const message = sealed(payload(AA, BB, 0, null, { agreement: under }))
    const read = (envelope: Uint8Array, trust: string) => parseEnvelope(p, envelope, (trusts[trust] as Trust).messageKeys)
    assert.ok(!(read(message.envelope, under) instanceof Error), 'a true one is read at home')
    const foreign = read(message.envelope, other)
    assert.ok(foreign instanceof Refusal && foreign.code === 'message/unknown-sender')
    const relabelled = canonicalBytes({ payload: toBase64(utf8((fromUtf8(message.payloadBytes) as string).replace(under, other))), signatures: message.signatures })
    const forged = read(relabelled, other)
    assert.ok(forged instanceof Breach && forged.code === 'message/signature')
  }
})

test('the keys of an exercise are no keys under a real agreement, nor the reverse', () => {
  assert.throws(() => trustOf(p, agreementJson(), realRecord), Breach)
  assert.throws(() => trustOf(p, real, firstRecord), Breach)
})
