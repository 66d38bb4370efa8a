import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { addSeconds, timeOf } from '@muster/core/bytes/time.ts'
import { ROLES, WHOLE } from '@muster/core/rules/rights.ts'
import { leave, makePerson } from './persons.ts'
import { scratchParty, type ScratchRegister } from './scratch-register.ts'
import { endOffice, officeOf } from './office.ts'
import { bearerOf, makeToken, revokeToken, tokens, TOKEN_DAYS_MAX, TOKENS_MAX } from './tokens.ts'

const NOW = 1_770_000_000
let scratch: ScratchRegister
const at = () => scratch
const personOf = async (header: string | undefined, now: number) => (await bearerOf(at(), header, now))?.person
before(async () => {
  scratch = await scratchParty()
  for (const person of ['A. Petrova', 'C. Orlova', 'D. Rahimi', 'E. Many', 'F. Left']) await makePerson(scratch, { person, rights: { roles: ROLES, scope: WHOLE } }, { by: 'B. Karimov', and: 'G. Sokol' }, NOW)
})
after(() => scratch.remove())

test('a token opens for its person until it ends, is kept as a hash only, and no other word opens', async () => {
  const { id, token, until } = await makeToken(at(), { person: 'A. Petrova', by: 'B. Karimov', until: addSeconds(timeOf(NOW), 100) }, NOW)
  assert.equal(until, timeOf(NOW + 100))
  for (const scheme of ['Bearer', 'bearer', 'BEARER ']) assert.equal(await personOf(`${scheme} ${token}`, NOW), 'A. Petrova')
  const secret = token.slice(40)
  for (const wrong of [undefined, '', token, `Basic ${token}`, `Bearer ${token}x`, `Bearer ${token} ${token}`, 'Bearer', `Bearer ${token.slice(0, -1)}`, ...'ABCDEFGH'.split('').filter((last) => !token.endsWith(last)).map((last) => `Bearer ${token.slice(0, -1)}${last}`), `Bearer muster-${'0'.repeat(32)}-${secret}`, `Bearer ${token.slice(0, 40)}${'A'.repeat(43)}`, `Bearer ${token.toUpperCase()}`]) {
    assert.equal(await personOf(wrong, NOW), undefined, String(wrong))
  }
  assert.equal(await personOf(`Bearer ${token}`, NOW + 99), 'A. Petrova')
  assert.equal(await personOf(`Bearer ${token}`, NOW + 100), undefined)
  const rows = JSON.stringify(await officeOf(at(), id))
  assert.ok(!rows.includes(secret) && !rows.includes(Buffer.from(secret, 'base64url').toString('hex')))
})

test('a revoked token opens nothing, is not revoked twice, and stays in the list with who did it', async () => {
  const { id, token } = await makeToken(at(), { person: 'C. Orlova', by: 'B. Karimov' }, NOW)
  await revokeToken(at(), id.slice(0, 8), 'B. Karimov', NOW + 1)
  assert.equal(await personOf(`Bearer ${token}`, NOW + 1), undefined)
  await assert.rejects(revokeToken(at(), id, 'A. Petrova', NOW + 2), { code: 'token/revoked' })
  await assert.rejects(revokeToken(at(), id.slice(0, 7), 'A. Petrova', NOW + 2), { code: 'token/unknown' })
  const held = (await tokens(at())).find((each) => each.id === id)
  assert.deepEqual([held?.revoked, held?.revokedBy, held?.madeBy], [timeOf(NOW + 1), 'B. Karimov', 'B. Karimov'])
})

test('of two that end one at the same time one has done it', async () => {
  const { id } = await makeToken(at(), { person: 'D. Rahimi', by: 'B. Karimov' }, NOW)
  const ends = await Promise.all(['A', 'B', 'C', 'D'].map((person) => endOffice(at(), id, 'revoked', person, NOW)))
  assert.equal(ends.filter((done) => done).length, 1)
  assert.equal((await officeOf(at(), id)).length, 2)
})

test('a token ends within its bound, has a name, and a person has so many', async () => {
  for (const until of [timeOf(NOW), timeOf(NOW - 1), addSeconds(timeOf(NOW), TOKEN_DAYS_MAX * 86_400 + 1)]) await assert.rejects(makeToken(at(), { person: 'A', by: 'B', until }, NOW), { code: 'token/until' })
  for (const person of ['', ' A', 'A\n', 'A'.repeat(201)]) await assert.rejects(makeToken(at(), { person, by: 'B' }, NOW), { code: 'token/shape' })
  for (let i = 0; i < TOKENS_MAX; i++) await makeToken(at(), { person: 'E. Many', by: 'B' }, NOW)
  await assert.rejects(makeToken(at(), { person: 'E. Many', by: 'B' }, NOW), { code: 'token/too-many' })
})

test('only who may use the registry has a token, and with whoever leaves every token of theirs opens nothing', async () => {
  await assert.rejects(makeToken(at(), { person: 'H. Nobody', by: 'B. Karimov' }, NOW), { code: 'person/unknown' })
  const { token } = await makeToken(at(), { person: 'F. Left', by: 'B. Karimov' }, NOW)
  assert.equal(await personOf(`Bearer ${token}`, NOW), 'F. Left')
  await leave(at(), 'F. Left', 'B. Karimov', NOW)
  assert.equal(await personOf(`Bearer ${token}`, NOW), undefined)
})
