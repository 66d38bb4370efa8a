// The command lines of certificate, re-export, licence, transfer, production, destruction and published figures, in both languages, in one process.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readArgs } from '@muster/cli/args.ts'
import { tableLines } from '@muster/cli/table.ts'
import type { Context, Lang } from '@muster/cli/verb.ts'
import { loadVerb } from '@muster/cli/verbs.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { readPublished } from '@muster/registry/published/act.ts'
import { servedRegistries, type Member, type Served } from './served.ts'
import { clock, enter } from './two.ts'

const TWO = ['--by', 'A. Petrova', '--and', 'B. Karimov']
const ONE = ['--by', 'C. Orlova']
const PUBLIC = fileURLToPath(new URL('../../../shared/data/transfers/manpads-2025-01.csv', import.meta.url))
const HEADER = 'Supplier,Recipient,Designation,Numbers delivered,Delivery year'
let served: Served
let items: ItemId[] = []
const of = (party: string): Member => served.of(party)
const send = async (party: string) => { await deliverOnce(of(party).home(), of(party).hall(), undefined) }
const until = () => timeOf(clock() + 3600)

interface Ran { readonly said: string, readonly answer: Record<string, unknown> }

/** Runs one line in both languages where it only shows, else once; with --json what it answers. */
async function muster(party: string, words: readonly string[], { lang = 'en', json = false }: { lang?: Lang, json?: boolean } = {}): Promise<Ran> {
  const [name = '', ...rest] = words
  const verb = await loadVerb(name, lang)
  const lines: string[] = []
  let answer: Record<string, unknown> = {}
  const context: Context = {
    args: readArgs(verb, rest, lang), json, lang, dir: of(party).dataDir, databaseUrl: undefined, out: (line) => { lines.push(line) }, answer: (value) => { answer = value as Record<string, unknown> },
    table: (columns, rows) => { if (!json) lines.push(...tableLines(columns, rows, 200)) }, progress: () => ({ step: () => undefined, end: () => undefined }) as never, stderr: () => undefined, clear: () => undefined, say: (each) => each[lang], stopped: () => new AbortController().signal,
  }
  assert.equal(await verb.run(context), 0, words.join(' '))
  return { said: lines.join('\n'), answer }
}

/** What is shown says something in each language, and something else in Russian. */
async function shows(party: string, words: readonly string[], en: RegExp, ru: RegExp): Promise<void> {
  assert.match((await muster(party, words)).said, en)
  assert.match((await muster(party, words, { lang: 'ru' })).said, ru)
}

before(async () => {
  served = await servedRegistries(['AA', 'BB', 'CC'], { quorum: 2, certificates: true })
  for (const party of ['AA', 'BB', 'CC']) await of(party).up()
  items = await enter(of('AA').side(), 'baseline', ['0101', '0102', '0103'].map((serial) => ({ type: '9М39', serial })))
})
after(() => served.remove())

test('a certificate is issued and shown, a licence granted on it, and a dispatch under both is overdue until it is received', async () => {
  await shows('AA', ['licence', 'list'], /No licence/, /Лицензий нет/)
  await muster('BB', ['certificate', 'issue', '--of', 'AA', '--number', 'EUC-1', '--until', until(), '--end-user', 'Exercise brigade 4', '--end-use', 'armed-forces', '--item', 'missile:9М39=2', '--undertaking', 'no-re-export-without-consent', ...TWO])
  await send('BB')
  await shows('AA', ['certificate', 'list'], /EUC-1 .*valid/, /EUC-1 .*действует/)
  assert.match((await muster('AA', ['licence', 'grant', '--of', 'BB', '--number', 'L-1', '--end-user', 'Exercise brigade 4', '--item', 'missile:9М39=1', '--until', until(), '--certificate', 'EUC-1', ...TWO], { lang: 'ru' })).said, /выдана/)
  const [first = '', second = ''] = items
  const dispatch = (item: string) => ['transfer', 'send', '--of', 'BB', '--item', item, '--licence', 'L-1', '--due', timeOf(clock() + 2), '--reason', 'contract 9', ...TWO]
  const { answer } = await muster('AA', dispatch(first), { json: true })
  await assert.rejects(muster('AA', dispatch(second)), (error) => error instanceof Refusal && error.code === 'licence/exhausted')
  await muster('AA', ['licence', 'amend', 'L-1', '--item', 'missile:9М39=2', '--because', 'the order was changed', ...TWO])
  await shows('AA', ['licence', 'show', 'L-1'], /amended: the order was changed/, /изменена: the order was changed/)
  await send('AA')
  await sleep(3_100)
  await shows('AA', ['transfer', 'overdue'], /→ BB .*0101/, /→ BB .*0101/)
  await muster('BB', ['transfer', 'receive', answer.transfer as string, ...ONE])
  await send('BB')
  await shows('AA', ['transfer', 'overdue'], /Nothing is overdue/, /Просроченного нет/)
  await muster('AA', ['licence', 'revoke', 'L-1', '--reason', 'embargo', ...TWO])
  await shows('AA', ['licence', 'list'], /L-1 .*revoked/, /L-1 .*отозвана/)
})

test('a re-export is asked and consented to', async () => {
  const [row] = await of('BB').home().register.db.read<{ item_id: string }>("SELECT item_id FROM item WHERE serial = '0101'")
  await muster('BB', ['re-export', 'ask', '--of', 'AA', '--to', 'CC', '--item', row?.item_id ?? '', '--end-user', 'Exercise brigade 9', '--end-use', 'training', ...ONE])
  await send('BB')
  const id = JSON.stringify((await muster('AA', ['re-export', 'list'], { json: true })).answer).match(/"ask":"([0-9a-f]{32})"/)?.[1] ?? ''
  await shows('AA', ['re-export', 'list'], /waits for an answer/, /ждёт ответа/)
  await muster('AA', ['re-export', 'consent', id, '--until', until(), ...TWO])
  await shows('AA', ['re-export', 'list'], /consent until/, /согласие до/)
})

test('numbers are recorded at manufacture, destroyed, certified and denied by a witness', async () => {
  const { answer } = await muster('AA', ['production', 'record', '--class', 'missile', '--type', '9М39', '--maker', 'Exercise works 1', '--range', 'КА-0998..1001', ...ONE], { json: true })
  const made = answer.items as string[]
  assert.equal(made.length, 4)
  const held = await of('AA').home().register.db.read<{ serial: string }>("SELECT serial FROM item WHERE serial LIKE 'КА-%' ORDER BY serial")
  assert.deepEqual(held.map(({ serial }) => serial), ['КА-0998', 'КА-0999', 'КА-1000', 'КА-1001'])
  await assert.rejects(muster('AA', ['production', 'record', '--class', 'missile', '--type', '9М39', '--maker', 'Exercise works 1', '--range', '12..3', ...ONE]), /--range/)
  await shows('AA', ['production', 'list'], /No return/, /Отчётов нет/)
  await muster('AA', ['destruction', 'record', '--number', 'D-1', ...made.flatMap((item) => ['--item', item]), '--reason', 'surplus', ...TWO])
  await muster('AA', ['destruction', 'certify', '--number', 'D-1', '--region', 'North', '--method', 'cutting', '--witness', 'BB:D. Sokol:Inspector', ...TWO])
  await send('AA')
  await shows('BB', ['destruction', 'list'], /D-1 .*no word yet/, /D-1 .*ответа ещё нет/)
  await muster('BB', ['destruction', 'deny', 'D-1', '--witness', 'D. Sokol', '--reason', 'fewer-items', ...ONE])
  await send('BB')
  await shows('AA', ['destruction', 'show', 'D-1'], /DOES NOT CONFIRM: fewer-items/, /НЕ ПОДТВЕРЖДАЕТ: fewer-items/)
})

test('published quantities stand beside what was recorded, and a figure that is restated keeps what was said before', async () => {
  const year = timeOf(clock()).slice(0, 4)
  const file = join(served.folder, 'public.csv')
  const load = async (rows: readonly string[], date: string): Promise<void> => {
    await writeFile(file, [HEADER, ...rows].join('\n'))
    await muster('AA', ['published', 'load', file, '--source', 'Invented register', '--date', date, ...ONE])
  }
  await load([`Northland,Southland,9M39,5,${year}`, `Northland,Southland,9M39,7,${year}`, `Westland,Eastland,9M39,99,${year}`], '2026-01-01')
  await assert.rejects(load([`Northland,Southland,9M39,12,${year}`, `Westland,Eastland,9M39,99,${year}`], '2026-01-02'), (error) => error instanceof Refusal && error.code === 'published/same-again')
  await load([`Northland,Southland,9M39,10,${year}`], '2026-02-01')
  const compare = ['published', 'compare', '--party', 'Northland=AA', '--party', 'Southland=BB']
  await shows('AA', compare, /EXERCISE[\s\S]*AA → BB .*10 +1 +1 +\+9 .*12 → 10, restated on 2026-02-01/, /УЧЕНИЕ[\s\S]*12 → 10, пересмотрено 2026-02-01/)
  await shows('AA', ['published', 'list'], /2026-01-01 .*public\.csv/, /источник/)
  await assert.rejects(load(['Northland,Southland,9M39,some,2019'], '2026-03-01'), (error) => error instanceof Refusal && error.code === 'published/no-number')
})

test('the public register of deliveries is read whole', { skip: existsSync(PUBLIC) ? false : '../shared/data/transfers is absent' }, async () => {
  const figures = await readPublished(PUBLIC)
  assert.ok(figures.length > 300 && figures.length <= 430, String(figures.length))
})
