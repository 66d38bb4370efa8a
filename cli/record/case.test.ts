// The worked case: section 1 of the story, fact by fact, with its disagreements, and nothing that no report says.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { claimsByMatter, contradictions, foldCase, type Case, type CaseClaim } from '@muster/core/rules/case.ts'
import { publicCaseActs, publicCaseTold } from './case.ts'
import { readRecord } from './read.ts'

const CASE = 'seizure-2002'
const record = readRecord()
const file = foldCase(publicCaseActs(record, CASE, 'en')) as Case
const plain = (text: string): string => text.replaceAll('**', '').replace(/\s+/g, ' ')
const story = new URL('../../../shared/STORY.md', import.meta.url)
const values = (about: RegExp): (readonly [string, string, string])[] => file.claims.filter((each) => about.test(each.about)).map((each) => [each.source.slice(0, 8), String(each.value), each.standing] as const)

/** Each fact of the section's table, as the account has it, and the claims or incidents that hold it. */
const FACTS: readonly (readonly [string, readonly string[]])[] = [
  ['Igla recovered in Chechnya | several missiles | several dozen launchers, with their serial numbers', ['recovered', 'seized-a', 'seized-b']],
  ['Russian defence minister S. Ivanov, Moscow, 2002-11-20, televised', ['seized-a', 'seized-b']],
  ['Mi-26 transport helicopter shot down, August 2002 | more than 100 dead | at least 119 dead', ['shot-down', 'helicopter-a', 'helicopter-b']],
  ['how did they get there?', ['how-open-a', 'how-open-b']],
  ['CIS and Baltic states to inventory their Soviet-made air-defence missiles, Igla included | diplomatic notes to all former Soviet republics, asking for the same inventory', ['asked-a', 'asked-b']],
  ['bought from Russian arsenals (corruption, theft); Russian officials deny it and call other former republics the likely source', ['arsenals-a', 'arsenals-b', 'arsenals-denied-a', 'arsenals-denied-b']],
  ['the notes are said to follow suspicions that missiles of other former republics got there', ['suspicions']],
  ['Armenia, Belarus, Kazakhstan, Kyrgyzstan, Russia, Tajikistan', ['six-a', 'six-b']],
  ['discussed: a joint defence concept by 2010', ['concept']], ['Approved, according to Russian media: measures to strengthen the joint rapid reaction force', ['rapid-force']],
  ['agreed: more forces for Central Asia, more mobile, no details; a joint military staff', ['more-forces', 'joint-staff']],
  ['several dozen launchers with factory numbers; notes to all former republics, the Baltic ones first; the helicopter: 118 dead', ['seized-c', 'asked-c', 'helicopter-c']],
]

test('every fact of the section is in the case, and nothing is in it that is not a fact of the section', () => {
  const held = new Set([...file.incidents, ...file.claims].map(({ id }) => id))
  const told = new Set(FACTS.flatMap(([, ids]) => ids))
  assert.deepEqual([...told].sort(), [...held].sort())
  assert.deepEqual([file.recoveries, file.documents, file.dossiers, file.watched], [[], [], [], []])
})

test('each fact, and the words that each incident and explanation rests on, stand in the story itself', { skip: existsSync(story) ? false : 'the story lies beside the project only where it was written' }, () => {
  const whole = plain(readFileSync(story, 'utf8'))
  const section = whole.slice(whole.indexOf('## 1. '), whole.indexOf('## 2. '))
  for (const [words] of FACTS) assert.ok(section.includes(words), words)
  const [only] = record.cases
  for (const { basis } of [...only?.incidents ?? [], ...only?.explanations ?? []]) for (const words of basis) assert.ok(section.includes(words), words)
  for (const id of only?.claims ?? []) for (const words of record.claims.find((each) => each.id === id)?.basis ?? []) assert.ok(section.includes(words), words)
})

test('several missiles by one report and several dozen launchers by another stand side by side, and so do three figures for one loss', () => {
  assert.deepEqual(values(/recovered/), [['Report A', 'several missiles', 'said'], ['Report B', 'several dozen launchers, with their serial numbers', 'said'], ['Report C', 'several dozen launchers with factory numbers', 'reported']])
  assert.deepEqual(values(/how many dead/).map(([, value]) => value), ['more than 100 dead', 'at least 119 dead', '118 dead'])
  assert.deepEqual(contradictions(file.claims).map((pair) => pair.map(({ id }) => id)), [['helicopter-b', 'helicopter-c']])
  for (const lang of ['en', 'ru'] as const) {
    const sides = publicCaseTold(record, CASE, lang).parts.find(({ id }) => id === 'sides')?.sheets ?? []
    assert.deepEqual(sides.map(({ columns }) => columns.length), [...claimsByMatter(file.claims).values()].map((claims) => claims.length))
    assert.deepEqual(sides.map(({ notes }) => notes.length).filter((n) => n > 0), [1])
  }
})

test('discussed, approved and agreed stay different words, and whoever only asked or said has not agreed', () => {
  const standing = (id: string): CaseClaim['standing'] | undefined => file.claims.find((each) => each.id === id)?.standing
  assert.deepEqual(['concept', 'rapid-force', 'more-forces', 'asked-a', 'suspicions', 'arsenals-denied-a'].map(standing), ['discussed', 'approved', 'agreed', 'asked', 'said', 'denied'])
  assert.ok(file.claims.every((each) => !['decided', 'signed', 'accepted'].includes(each.standing)))
})

test('the explanations compete, the asker\'s own arsenals among them, and the case stays open', () => {
  assert.deepEqual(file.explanations.map(({ id, for: pro, against }) => [id, pro.length, against.length]), [['own-arsenals', 1, 1], ['other-republics', 2, 0]])
  assert.equal(file.open, true)
})

test('both languages tell the same acts', () => {
  const [en, ru] = (['en', 'ru'] as const).map((lang) => publicCaseActs(record, CASE, lang).map(({ kind, data }) => [kind, 'id' in data ? data.id : null]))
  assert.deepEqual(en, ru)
})

test('the command shows it without a register, and never as an exercise', () => {
  const muster = fileURLToPath(new URL('../bin/muster.js', import.meta.url))
  const { status, stdout } = spawnSync(process.execPath, [muster, 'record', '--case', CASE, '--dir', '/nowhere/at/all', '--lang', 'en'], { encoding: 'utf8' })
  assert.equal(status, 0)
  assert.match(stdout, /several missiles[\s\S]+several dozen launchers/)
  assert.doesNotMatch(stdout, /EXERCISE/)
  assert.equal(spawnSync(process.execPath, [muster, 'record', '--case', 'none'], { encoding: 'utf8' }).status, 2)
})
