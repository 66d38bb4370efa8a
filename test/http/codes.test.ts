import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { allMeanings, meaningOf } from '@muster/registry/http/codes.ts'
import { codesInSource } from './source-codes.ts'

const inSource = codesInSource()

test('every code of a refusal, a breach or a fault has its line: what it means in both languages, and what to do next', () => {
  assert.ok(inSource.size > 300, String(inSource.size))
  const without = [...inSource].filter(([code]) => meaningOf(code) === undefined).map(([code, path]) => `${code} (${path})`)
  assert.deepEqual(without, [], 'write their lines in registry/http/codes.json')
})

/** What `muster verify` says of a file that is not there. */
const SPELLED_OTHERWISE: readonly string[] = ['agreement/unreadable', 'dossier/unreadable']

test('no line is of a code that there is not, and none is empty or of one language only', () => {
  const shared = new Set([...inSource.keys()].map((code) => `*${code.slice(code.indexOf('/'))}`))
  const doors = readFileSync(new URL('../../registry/http/status.ts', import.meta.url), 'utf8')
  for (const { code, en, ru, next } of allMeanings()) {
    const known = inSource.has(code) || (code.startsWith('*') && shared.has(code)) || doors.includes(`'${code}'`) || (code.startsWith('cosigner/') && doors.includes(`'${code.slice(9)}'`)) || SPELLED_OTHERWISE.includes(code)
    assert.ok(known, `${code} is nowhere in the source`)
    for (const words of [en, next.en]) assert.match(words, /^[\x20-\x7e]{10,}$/, code)
    for (const words of [ru, next.ru]) assert.match(words, /[а-я]{3}/, code)
  }
})

test('a code that there is not has no meaning, whatever it is called', () => {
  for (const code of ['', '/', 'constructor', '__proto__', '*', '*/nothing', 'transfer/nothing', 'toString/shape/x', 'shape']) assert.equal(meaningOf(code), undefined, code)
})
