import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Breach } from '@muster/core/bytes/breach.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { readArgs } from './args.ts'
import { bug, failureOf, failureText, fault, usage } from './errors.ts'
import { verbHelp } from './help.ts'
import { languageOf } from './language.ts'
import type { Verb } from './verb.ts'
import { loadVerb, nearest, verbNames } from './verbs.ts'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'muster-cli-'))
after(() => { rmSync(dir, { recursive: true, force: true }) })

function muster(...words: readonly string[]): { status: number | null, stdout: string, stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], { encoding: 'utf8', env: { ...process.env, MUSTER_LANG: 'en' }, cwd: dir })
  return { status, stdout, stderr }
}

const sample: Verb = {
  name: 'sample', summary: { en: 'a sample', ru: 'образец' }, usage: ['muster sample FILE --mark TEXT'],
  options: {
    mark: { type: 'string', value: 'TEXT', help: { en: 'a mark', ru: 'марка' } },
    keep: { type: 'string', multiple: true, help: { en: 'kept', ru: 'оставить' } },
    good: { type: 'boolean', short: 'g', help: { en: 'good', ru: 'годные' } },
  },
  positionals: { min: 1, max: 1 },
  run: async () => 0,
}

test('arguments are read as the verb says: texts, lists, switches, whole numbers', () => {
  const args = readArgs(sample, ['--mark', '9П516 № 0123', 'file.csv', '--keep', 'a', '--keep=b', '-g', '--json'], 'en')
  assert.deepEqual(args.positionals, ['file.csv'])
  assert.equal(args.text('mark'), '9П516 № 0123')
  assert.deepEqual(args.texts('keep'), ['a', 'b'])
  assert.equal(args.flag('good'), true)
  assert.equal(args.flag('json'), true)
  assert.throws(() => args.text('other'), /does not take/)
})

test('a whole number outside its limits is a usage error that names the option', () => {
  const read = (text: string): number | undefined => readArgs(sample, ['f', '--mark', text], 'en').integer('mark', { min: 1, max: 10 })
  assert.equal(read('10'), 10)
  for (const text of ['0', '11', '1.5', '1e1', '', ' 1', '0x1', '99999999999999999999']) assert.throws(() => read(text), /--mark .*1…10/, text)
})

test('wrong words are usage errors that name the word and say how the verb is called', () => {
  for (const [words, said] of [
    [['f', '--nope'], /--nope/], [['f', 'second'], /second/], [[], /missing/], [['f', '--mark'], /--mark/], [['f', '--good=1'], /good/],
  ] as const) {
    assert.throws(() => readArgs(sample, words, 'en'), (error) => {
      const failure = failureOf(error, 'en')
      assert.match(failure.message, said)
      assert.deepEqual([failure.kind, failure.exit, failure.next], ['usage', 2, 'muster sample FILE --mark TEXT'])
      return true
    })
  }
  assert.throws(() => readArgs(sample, ['f'], 'en').required('mark'), /--mark/)
})

test('each kind of failure has its exit code: refusal and breach 1, usage 2, fault and bug 3', () => {
  const kinds = [new Refusal('x/no', 'no'), new Breach('x/forged', 'forged', {}), usage('how'), fault('disk', 'full', 'free space'), bug('impossible'), new Error('anything'), 'text']
  assert.deepEqual(kinds.map((thrown) => failureOf(thrown, 'en')).map(({ kind, exit }) => `${kind} ${exit}`),
    ['refusal 1', 'breach 1', 'usage 2', 'fault 3', 'bug 3', 'bug 3', 'bug 3'])
})

test('faults of the system say what to do, in the language of the run; bugs keep their stack', () => {
  const missing = Object.assign(new Error('ENOENT: no such file, open \'x.csv\''), { code: 'ENOENT' })
  assert.match(failureText(failureOf(missing, 'ru'), 'ru'), /сбой: .*x\.csv.*\n {2}→ проверьте путь/)
  assert.match(failureText(failureOf(new Error('odd'), 'en'), 'en'), /bug in Muster: odd\n.*at /s)
})

test('the language is what was told, else the environment, else English', () => {
  assert.equal(languageOf('ru', { LANG: 'en_US.UTF-8' }), 'ru')
  assert.equal(languageOf(undefined, { LANG: 'ru_RU.UTF-8' }), 'ru')
  assert.equal(languageOf(undefined, { MUSTER_LANG: 'en', LANG: 'ru_RU.UTF-8' }), 'en')
  assert.equal(languageOf(undefined, { LC_ALL: '', LANG: 'rund' }), 'en')
  assert.equal(languageOf('fr', {}), undefined)
})

test('a misprint finds the nearest verb, and nonsense finds none', () => {
  const verbs = ['audit', 'import', 'init', 'record', 'trace']
  assert.deepEqual(['recrod', 'imprt', 'tarce', 'inti', 'zzz', ''].map((word) => nearest(word, verbs)), ['record', 'import', 'trace', 'init', undefined, undefined])
})

test('every verb has its file\'s name, help in both languages and options that no common option shadows', async () => {
  const names = verbNames()
  assert.ok(names.length > 0)
  for (const name of names) {
    const verb = await loadVerb(name, 'en')
    for (const lang of ['en', 'ru'] as const) assert.ok(verbHelp(verb, lang).every((line) => !line.includes('undefined')), name)
    assert.match(verb.summary.ru, /[а-яё]/i, name)
    assert.ok(verb.usage.length > 0 && verb.usage.every((line) => line.startsWith(`muster ${name}`)), name)
    for (const [option, { help }] of Object.entries(verb.options)) {
      assert.ok(!['json', 'dir', 'lang', 'help'].includes(option), `${name} --${option}`)
      assert.ok(help.en !== '' && /[а-яё]/i.test(help.ru), `${name} --${option}`)
    }
  }
})

test('an unknown verb is a usage error that says the nearest', () => {
  const { status, stdout, stderr } = muster('recrd')
  assert.deepEqual([status, stdout], [2, ''])
  assert.match(stderr, /no verb "recrd"\n.*muster record\?/)
})

test('no verb shows the list and exits 2, asking for help exits 0, and Russian is spoken where asked', () => {
  assert.equal(muster().status, 2)
  assert.equal(muster('help').status, 0)
  assert.match(muster('help', 'record', '--lang', 'ru').stdout, /Вызов:/)
  assert.match(muster('record', '-h', '--lang=ru').stdout, /Вызов:/)
  assert.equal(muster('record', '--lang', 'xx').status, 2)
})

test('with --json a failure is the last line of standard output, and the sentence still goes to standard error', () => {
  const { status, stdout, stderr } = muster('record', '--json', '--page', join(dir, 'no', 'such', 'place.html'))
  assert.equal(status, 3)
  const { error } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { error: { kind: string, code: string } }
  assert.deepEqual([error.kind, error.code], ['fault', 'ENOENT'])
  assert.match(stderr, /check the path/)
})

test('muster record writes tables, JSON lines or one page', () => {
  assert.match(muster('record').stdout, /more than 100 dead +at least 119 dead +118 dead/)
  assert.match(muster('record', '--lang', 'ru').stdout, /более 100 погибших +не менее 119 погибших +118 погибших/)
  const last = JSON.parse(muster('record', '--json').stdout.trim().split('\n').at(-1) ?? '') as { claims: number }
  assert.ok(last.claims > 50)
  const page = join(dir, 'record.html')
  assert.equal(muster('record', '--page', page).status, 0)
  assert.match(readFileSync(page, 'utf8'), /^<!doctype html>/)
})

test('muster bench hands over to the measurements, with its words and their exit code', () => {
  const { status, stderr } = muster('bench', '--only', 'nothing-of-the-kind')
  assert.equal(status, 2)
  assert.match(stderr, /nothing-of-the-kind.*there are .*labels/)
})
