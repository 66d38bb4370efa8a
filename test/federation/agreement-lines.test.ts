// The lines of `muster agreement` as people type them, in both languages: taken up, proposed, spoken of, signed, owed and reported, amended, left.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { agreementBytes, type Agreement } from '@muster/core/rules/agreement.ts'
import { addMonths } from '@muster/core/rules/duty.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { scratchFolder } from '@muster/registry/store/scratch.ts'
import { command, type Printed } from './command.ts'
import { deliverAll, listed, makeParty, memberOf, removeAll, type MadeParty, type Member } from './served.ts'
import { agreementWith, clock, DRILL } from './two.ts'

const DAY = 86_400
const TWO = ['--by', 'A. Petrova', '--and', 'B. Karimov']
const SIGNATORY = ['--signatory', 'M. Minister', '--office', 'Ministry of the exercise']
let folder: string
let made: MadeParty[]
let draft: Agreement
const members = new Map<string, Member>()
const codeOf = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code

const run = (party: string, line: string, more: readonly string[] = []): Promise<Printed> => command(join(folder, party), `agreement ${line}`, { more })
/** What people see, in a language. */
const read = async (party: string, lang: 'en' | 'ru', line: string, more: readonly string[] = []): Promise<string> => (await command(join(folder, party), `agreement ${line}`, { lang, json: false, more })).out
const deliver = (party: string): Promise<void> => deliverAll(members.get(party) as Member)
const standing = async (party: string) => {
  const { state, sequence, texts } = (await run(party, `show ${DRILL}`)).json as { state: string, sequence: number, texts: { missing: string[] }[] }
  return [state, sequence, texts.at(-1)?.missing]
}

before(async () => {
  folder = await scratchFolder()
  made = await Promise.all((['AA', 'BB'] as PartyId[]).map((party) => makeParty(folder, party)))
  draft = agreementWith(made.map(listed), { exchanges: [{ what: 'holdings', from: addMonths(timeOf(clock()), -13), everyMonths: 12, dueDays: 90 }] })
  await writeFile(join(folder, 'draft.json'), agreementBytes(draft))
  for (const { party, record } of made) await writeFile(join(folder, `${party}.record`), record)
})
after(() => removeAll(folder, members.values()))

test('a draft is taken up from its file with the key records, and refused without them', async () => {
  const file = join(folder, 'draft.json')
  const records = made.map(({ party }) => `--record ${join(folder, `${party}.record`)}`)
  await assert.rejects(run('AA', `take ${file} ${records[0] ?? ''}`))
  for (const [i, [lang, words]] of ([['en', /Draft exercise-2 taken up/], ['ru', /Проект exercise-2 принят/]] as const).entries()) {
    const [own, other] = [made[i], made[1 - i]] as [MadeParty, MadeParty]
    assert.match(await read(own.party, lang, `take ${file} ${records.join(' ')} --peer ${other.party}=http://127.0.0.1:${other.port}`), words)
    const member = await memberOf(own.party, own.dataDir, own.port)
    members.set(own.party, member)
    await member.up()
  }
  assert.deepEqual(await standing('AA'), ['draft', 0, ['AA', 'BB']])
})

test('it is proposed and spoken of; a concern that is on no list is a usage error', async () => {
  assert.match(await read('AA', 'ru', `propose ${DRILL} --by Petrova`), /Подписано: agreement\/propose для BB/)
  await deliver('AA')
  assert.deepEqual(await standing('BB'), ['proposed', 0, ['AA', 'BB']])
  await assert.rejects(run('BB', `position ${DRILL} --concern price --by Karimov`), /--concern price/)
  const { json } = await run('BB', `position ${DRILL} --kind objection --place quota.askerElements --concern quota --by Karimov`, ['--words', 'Too many for one asker.'])
  assert.deepEqual([json.kind, json.to], ['agreement/position', ['AA']])
  await deliver('BB')
  const [{ position }] = (await run('AA', `show ${DRILL}`)).json.positions as [{ position: string }]
  await run('AA', `position ${DRILL} --place quota.askerElements --concern quota --answers ${position.slice(0, 8)} --by Petrova`)
  for (const [lang, words] of [['en', /objection.*quota\.askerElements.*Too many for one asker\./], ['ru', /возражение.*quota\.askerElements.*Too many for one asker\./]] as const) assert.match(await read('AA', lang, `show ${DRILL}`), words)
})

test('two people sign for each party, and it is in force when both parties have', async () => {
  await assert.rejects(run('AA', `sign ${DRILL} --by Petrova`, SIGNATORY), codeOf('two-people/second-missing'))
  await assert.rejects(run('AA', `sign ${DRILL} --office Ministry`, TWO), /--signatory/)
  const { json } = await run('AA', `sign ${DRILL}`, [...SIGNATORY, ...TWO])
  assert.deepEqual([json.state, json.missing], ['signed', ['BB']])
  await deliver('AA')
  await assert.rejects(run('AA', `report ${DRILL} --what holdings --by Petrova`), codeOf('agreement/not-in-force'))
  assert.equal((await run('BB', `sign ${DRILL}`, [...SIGNATORY, ...TWO])).json.state, 'in-force')
  await deliver('BB')
  for (const party of ['AA', 'BB']) assert.deepEqual(await standing(party), ['in-force', 0, []], party)
  for (const [lang, words] of [['en', /M\. Minister, Ministry of the exercise/], ['ru', /не подписали/]] as const) assert.match(await read('AA', lang, `show ${DRILL}`), words)
})

test('what is owed is listed, reported by rows, and done on both sides', async () => {
  const own = async (party: string) => ((await run(party, `duties ${DRILL}`)).json.duties as { what: string, by: string, state: string }[]).filter(({ what, by }) => what === 'exchange/holdings' && by === 'AA').map(({ state }) => state)
  assert.deepEqual(await own('AA'), ['due'])
  for (const [lang, words] of [['en', /exchange\/holdings.*due/], ['ru', /exchange\/holdings.*предстоит/]] as const) assert.match(await read('AA', lang, `duties ${DRILL}`), words)
  await assert.rejects(run('AA', `report ${DRILL} --what prices --by Petrova`), /--what prices/)
  await assert.rejects(run('AA', `report ${DRILL} --what exports --by Petrova`), codeOf('agreement/no-such-exchange'))
  await assert.rejects(run('AA', `report ${DRILL} --what holdings --count missile/9М39=many --by Petrova`))
  assert.match(await read('AA', 'en', `report ${DRILL} --what holdings --count missile/9М39=40 --count gripstock=12 --by Petrova`), /Signed exchange\/report for BB/)
  await deliver('AA')
  for (const party of ['AA', 'BB']) assert.deepEqual(await own(party), ['done'], party)
})

test('an amendment is a file; its place in the sequence is put in, and it holds when both have signed', async () => {
  const file = join(folder, 'next.json')
  await writeFile(file, JSON.stringify({ ...draft, openOneIn: 7 }))
  assert.match(await read('AA', 'ru', `amend ${DRILL} --file ${file} --by Petrova`), /Подписано: agreement\/amend/)
  await run('AA', `sign ${DRILL}`, [...SIGNATORY, ...TWO])
  await deliver('AA')
  assert.deepEqual((await standing('BB')).slice(0, 2), ['in-force', 0])
  await run('BB', `sign ${DRILL}`, [...SIGNATORY, ...TWO])
  await deliver('BB')
  for (const party of ['AA', 'BB']) assert.deepEqual(await standing(party), ['in-force', 1, []], party)
})

test('a party leaves with a date and two people, once', async () => {
  const from = timeOf(clock() + DAY)
  await assert.rejects(run('BB', `withdraw ${DRILL} --from tomorrow`, TWO), /--from tomorrow/)
  await assert.rejects(run('BB', `withdraw ${DRILL} --from ${from} --by Karimov`), codeOf('two-people/second-missing'))
  assert.equal((await run('BB', `withdraw ${DRILL} --from ${from} --reason no-means`, TWO)).json.kind, 'agreement/withdraw')
  await assert.rejects(run('BB', `withdraw ${DRILL} --from ${from}`, TWO), codeOf('agreement/withdrawn-already'))
  await deliver('BB')
  for (const [lang, words] of [['en', `BB leaves from ${from}.`], ['ru', `BB выходит с ${from}.`]] as const) assert.ok((await read('AA', lang, `show ${DRILL}`)).includes(words), lang)
})
