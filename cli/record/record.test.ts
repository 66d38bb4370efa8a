import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { disagreements, sideBySide, type Standing } from '@muster/core/rules/claim.ts'
import { pageOf } from '../page.ts'
import { readRecord } from './read.ts'
import { partsOf, recordTold } from './sheets.ts'

const record = readRecord()
const LANGS = ['en', 'ru'] as const
const plain = (text: string): string => text.replaceAll('**', '').replace(/\s+/g, ' ')
const reading = plain(readFileSync(new URL('../../docs/reading.md', import.meta.url), 'utf8'))
const story = new URL('../../../shared/STORY.md', import.meta.url)
const entries = [...record.claims, ...record.meetings, ...record.pledges]

/** The words by which an account states each standing. `reported` states none. */
const STATED: Readonly<Record<Exclude<Standing, 'reported'>, RegExp>> = {
  'said': /\b(said|says|calls|called|answer|answered|words)\b/i, 'asked': /\bask(ed|ing)\b/, 'denied': /\bden(y|ied|ial)\b/, 'discussed': /\bdiscussed\b/, 'raised': /\braised\b/,
  'approved': /\bApproved\b/, 'agreed': /\bagreed: /, 'decided': /\bdecided?\b/, 'signed': /: signed\b/, 'not-signed': /\b(did|does) not sign\b/,
  'accepted': /\baccepted\b/, 'pledged': /\bpledged\b/, 'planned': /\bplans\b/, 'complained': /\bcomplains\b/,
}

test('every entry rests on words of the account, which docs/reading.md goes through fact by fact', () => {
  for (const { id, basis } of entries) for (const words of basis) assert.ok(reading.includes(plain(words)), `${id}: ${words}`)
})

test('every entry rests on words of the story itself', { skip: existsSync(story) ? false : 'the story lies beside the project only where it was written' }, () => {
  const told = plain(readFileSync(story, 'utf8'))
  for (const { id, basis } of entries) for (const words of basis) assert.ok(told.includes(plain(words)), `${id}: ${words}`)
})

test('no status is shown that the account does not state in a word of its own', () => {
  for (const { id, standing, basis } of record.claims) {
    if (standing !== 'reported') assert.match(basis.join(' '), STATED[standing], id)
  }
})

test('discussed is never agreed: what was only discussed appears under no other word', () => {
  const word = { en: ['discussed', 'agreed', 'approved', 'decided', 'signed'], ru: ['обсуждено', 'согласовано', 'одобрено', 'решено', 'подписано'] }
  for (const lang of LANGS) {
    const rows = partsOf(record, lang).find(({ id }) => id === 'words')?.sheets[0]?.rows ?? []
    for (const id of ['concept', 'fuel']) {
      const text = record.claims.find((each) => each.id === id)?.text[lang] ?? '?'
      assert.deepEqual(rows.filter((row) => row[2]?.includes(text)).map((row) => row[0]), [word[lang][0]])
    }
    const force = record.claims.find(({ id }) => id === 'rapid-force')?.text[lang] ?? '?'
    assert.deepEqual(rows.filter((row) => row[2]?.includes(force)).map((row) => row[0]), [word[lang][2]], 'approved, though its own text says "agreed"')
  }
})

test('118, at least 119 and more than 100 dead all stay, side by side and with their reports', () => {
  assert.deepEqual(sideBySide(record.claims).get('helicopter')?.map(({ text }) => text.en), ['more than 100 dead', 'at least 119 dead', '118 dead'])
  for (const lang of LANGS) {
    const sheet = partsOf(record, lang)[0]?.sheets.find(({ id }) => id === 'helicopter')
    assert.equal(sheet?.columns.length, 3)
    for (const [column, figure] of ['100', '119', '118'].entries()) assert.match(sheet?.rows[0]?.[column] ?? '', new RegExp(`\\b${figure}\\b`))
  }
  assert.deepEqual(disagreements(record.claims).map((pair) => pair.map(({ id }) => id)), [['helicopter-b', 'helicopter-c']])
})

test('every number of a claim stands in the account', () => {
  for (const { id, text, basis, date } of record.claims) {
    for (const number of text.en.match(/\d+/g) ?? []) assert.ok(`${basis.join(' ')} ${date ?? ''}`.includes(number), `${id}: ${number}`)
  }
})

test('both languages state the same numbers', () => {
  const MONTH = /\b(?:2002-11-28|2006-04)\b|28 ноября 2002|апреле 2006/g
  const numbers = (text: string): string[] => (text.replace(MONTH, '').replaceAll('1,2', '1.2').match(/\d+(\.\d+)?/g) ?? []).sort()
  for (const { id, text } of record.claims) assert.deepEqual(numbers(text.ru), numbers(text.en), id)
})

test('meetings and pledges name only claims of the record', () => {
  const known = new Set(record.claims.map(({ id }) => id))
  for (const { id, claims } of [...record.meetings, ...record.pledges]) {
    assert.ok(claims.length > 0, id)
    for (const claim of claims) assert.ok(known.has(claim), `${id}: ${claim}`)
  }
})

test('every source is used and every question has a claim', () => {
  const used = new Set(record.claims.flatMap(({ reported }) => reported.map(({ source }) => source)))
  assert.deepEqual(record.sources.filter(({ id }) => !used.has(id)).map(({ id }) => id), [])
  const asked = new Set(record.claims.map(({ question }) => question))
  assert.deepEqual(record.questions.filter(({ id }) => !asked.has(id)).map(({ id }) => id), [])
})

test('the page runs no script, loads nothing and allows only its own style', () => {
  const page = pageOf((lang) => recordTold(record, lang), 'en')
  assert.doesNotMatch(page, /<script|<link|<img|<iframe|\son[a-z]+=|style="|url\(|@import|https?:\/\//i)
  const style = /<style>([^]*)<\/style>/.exec(page)?.[1] ?? ''
  const hash = createHash('sha256').update(style).digest('base64')
  assert.ok(page.includes(`default-src 'none'; style-src 'sha256-${hash}'`))
})

test('the page shows every claim in both languages, with who reported it and when', () => {
  const page = pageOf((lang) => recordTold(record, lang), 'ru').replaceAll('&#39;', '\'').replaceAll('&quot;', '"')
  for (const { id, text } of record.claims) for (const lang of LANGS) assert.ok(page.includes(text[lang]), `${id} ${lang}`)
  for (const { id, name } of record.sources) for (const lang of LANGS) assert.ok(page.includes(name[lang]), `${id} ${lang}`)
  assert.match(page, /From public reports, unsigned/)
  assert.match(page, /<html lang="ru">/)
})

test('a hostile text cannot become markup', () => {
  const evil = '<script>alert("x")</script>'
  const [first, ...rest] = record.claims
  assert.ok(first)
  const page = pageOf((lang) => recordTold({ ...record, claims: [{ ...first, text: { en: evil, ru: evil } }, ...rest] }, lang), 'en')
  assert.ok(!page.includes('<script'))
  assert.ok(page.includes('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;'))
})

test('tables of the page are labelled, and every cell names its column for a narrow screen', () => {
  const page = pageOf((lang) => recordTold(record, lang), 'en')
  const ids = new Set([...page.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]))
  for (const [, label] of page.matchAll(/aria-labelledby="([^"]+)"/g)) assert.ok(ids.has(label), label)
  for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) assert.ok(ids.has(target), target)
  assert.equal(ids.size, [...page.matchAll(/\sid="/g)].length, 'an id stands twice')
  assert.doesNotMatch(page, /<td role="cell" data-column="">/)
  assert.doesNotMatch(page, /<th(?! scope="col")[ >]/)
})
