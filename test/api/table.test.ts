// The one table of acts and views, held to the commands and to its own document.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { schemaOf } from '@muster/core/bytes/schema.ts'
import { fit, type Shape } from '@muster/core/bytes/shape.ts'
import { languageOf } from '@muster/registry/api/app.ts'
import { API_SHAPES, apiDocument } from '@muster/registry/api/openapi.ts'
import { ACTS, VIEWS } from '@muster/registry/api/table.ts'
import { loadVerb } from '../../cli/verbs.ts'
import { vectorsIn as vectors } from '../vectors/read-vectors.ts'

const FAMILIES = ['call', 'transfer', 'notice', 'certificate', 'licence', 're-export', 'inspection', 'reconcile', 'agreement', 'case', 'watch', 'request', 'declare', 'directory', 'production', 'destruction', 'published', 'book', 'seal', 'container', 'lot', 'store', 'items', 'item', 'event', 'person', 'trust']

/** Acts of these commands that the API does not have, each with its reason. */
const COMMANDS_ONLY: Readonly<Record<string, string>> = {
  'agreement/keys': 'makes private keys on the machine of the registry', 'agreement/draft': 'writes a file from files', 'agreement/join': 'sets up what the API is served under', 'agreement/take': 'sets up what the API is served under',
  'agreement/policy': 'text for tools that read tlog-policy', 'case/export': 'writes a file', 'case/document': 'takes a file longer than a body may be', 'case/dossier': 'reads a file of the machine of the registry',
  'inspection/sample': 'arithmetic that asks no register', 'inspection/sheet': 'a sheet for printing; its rows are in inspection/show of the inspecting party', 'inspection/look-up': 'asks another party for minutes, with its progress shown', 'reconcile/run': 'asks another party for minutes, with its progress shown',
  'event/new': '`new` is an item of event/event',
  'person/new': 'made on the machine of the registry, by whoever administers it', 'person/rights': 'as person/new', 'person/invite': 'as person/new', 'person/pass': 'as person/new', 'person/leave': 'as person/new',
  'request/lift': 'the evaluator alone keeps suspensions, and is at work while the API is served',
}

/** Two words where what is done has two: `terms state`. */
function wordsOf(line: string): string {
  const [, , first = '', second = ''] = line.split(' ')
  return /^[a-z]+$/.test(second) ? `${first}-${second}` : first
}

/** What a command can do, as its own lines of usage have it. */
async function commandsOf(family: string): Promise<string[]> {
  const { usage } = await loadVerb(family, 'en')
  return [...new Set(usage.map(wordsOf).map((word) => /^[a-z-]+$/.test(word) && !word.startsWith('-') ? `${family}/${word}` : `${family}/${family}`))]
}

test('every act of the commands stands in the table, or in a closed list with its reason', async () => {
  const commands = (await Promise.all(FAMILIES.map(commandsOf))).flat()
  const table = [...ACTS.map(({ family, act }) => `${family}/${act}`), ...VIEWS.map(({ family, view }) => `${family}/${view}`)]
  assert.deepEqual(commands.filter((name) => !table.includes(name) && !Object.hasOwn(COMMANDS_ONLY, name)), [], 'neither in registry/api/table.ts nor excepted')
  assert.deepEqual([...table, ...Object.keys(COMMANDS_ONLY)].filter((name) => !commands.includes(name)), [], 'no command does this')
  assert.deepEqual(Object.keys(COMMANDS_ONLY).filter((name) => table.includes(name)), [], 'excepted, and in the table all the same')
  assert.equal(new Set(table).size, table.length)
})

test('an act takes two people where the command of the same name asks for two names', async () => {
  for (const { family, act, two } of ACTS) {
    const { usage } = await loadVerb(family, 'en')
    const lines = usage.filter((line) => wordsOf(line) === act)
    // A command that takes --and where the act turns out to need it: an answer that is withdrawn, numbers that are listed.
    if (act !== family) assert.equal(two !== false, lines.some((line) => line.includes('--and')), `${family}/${act}`)
  }
})

interface Operation { readonly operationId: string, readonly requestBody?: object, readonly responses: Readonly<Record<string, object>> }
interface Document { readonly openapi: string, readonly security: readonly object[], readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>, readonly components: { readonly schemas: Readonly<Record<string, object>> } }
const document = apiDocument() as unknown as Document

test('the document is OpenAPI 3.1: each act and view once, unique names, every reference leads to a schema, every schema is referred to, all compile', () => {
  assert.match(document.openapi, /^3\.1\.\d$/)
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))
  assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length)
  assert.equal(operations.length, ACTS.length + VIEWS.length + 11)
  const open = operations.filter(({ responses }) => !('401' in responses))
  assert.deepEqual(open.map(({ operationId }) => operationId), ['invitation', 'enrol', 'sign-in', 'pass'], 'answered without a token')
  assert.deepEqual(document.security, [{ token: [] }])
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([a-z-]+)"/g)].map(([, name]) => name as string)
  assert.deepEqual([...new Set(references)].sort(), Object.keys(document.components.schemas).sort())
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, validateFormats: false })
  for (const [name, shape] of Object.entries(API_SHAPES)) assert.ok(ajv.compile(schemaOf(shape)), name)
})

interface Vector { readonly act: string, readonly body: unknown, readonly at?: string }
const actOf = (name: string) => ACTS.find(({ family, act }) => `${family}/${act}` === name)
/** Invalid vectors that a JSON Schema takes: rules that it names in `$comment`. */
const ONLY_THE_RULES = ['address-of-a-file', 'paper-addressed', 'state-is-a-party']

test('bodies of acts are taken or refused at the place that their vectors name, by the shape and by the schema', () => {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, validateFormats: false })
  for (const [name, { act, body }] of vectors<Vector>('api/valid')) {
    const { takes } = actOf(act) as (typeof ACTS)[number]
    assert.ok('value' in fit(takes, body), name)
    assert.ok(ajv.compile(schemaOf(takes))(body), name)
  }
  for (const [name, { act, body, at }] of vectors<Vector>('api/invalid')) {
    const { takes } = actOf(act) as (typeof ACTS)[number]
    const fitted = fit(takes, body)
    assert.equal('misfit' in fitted ? fitted.misfit.at : 'fits', at, name)
    assert.equal(ajv.compile(schemaOf(takes))(body), ONLY_THE_RULES.includes(name), name)
  }
})

test('the examples of spec/api.md are bodies of acts, and its paths are those of the document', () => {
  const page = readFileSync(new URL('../../spec/api.md', import.meta.url), 'utf8')
  const examples = [...page.matchAll(/^POST \/api\/acts\/([a-z/-]+)\n(\{.+\})$/gm)]
  assert.ok(examples.length > 2)
  for (const [, act = '', body = ''] of examples) assert.ok('value' in fit((actOf(act) as (typeof ACTS)[number]).takes, JSON.parse(body)), act)
  const waits = JSON.parse((/^\{"act":"case\/open"[\s\S]*?\}$/m.exec(page)?.[0] ?? '').replace('"id":"…"', '"id":"00000000-0000-4000-8000-000000000000"')) as unknown
  assert.ok('value' in fit(API_SHAPES.pending as Shape<unknown>, waits))
  for (const [, method = '', path = ''] of page.matchAll(/^(GET|POST) +(\/api\/\S+)/gm)) {
    const plain = path.replace('<id>', '{id}').replace('3f09a1c2', '{id}')
    assert.ok(document.paths[plain]?.[method.toLowerCase()] !== undefined, `${method} ${path}`)
  }
})

test('no act takes a name from its body: who does it is whose token it is', () => {
  for (const { family, act, takes } of ACTS) {
    const { properties } = schemaOf(takes) as { readonly properties: Readonly<Record<string, unknown>> }
    for (const name of ['by', 'and', 'person', 'token']) assert.ok(!Object.hasOwn(properties, name), `${family}/${act}`)
  }
})

test('the language of problems is the one that is preferred among those there are', () => {
  for (const [header, lang] of [[undefined, 'en'], ['', 'en'], ['ru', 'ru'], ['ru-RU,en;q=0.5', 'ru'], ['en;q=0.4, ru;q=0.9', 'ru'], ['de, ru;q=0.1', 'ru'], ['ru;q=0', 'en'], ['fr', 'en'], ['en,ru', 'en'], ['ru;q=x', 'ru'], [`${'a,'.repeat(2_000)}ru`, 'en']] as const) {
    assert.equal(languageOf(header), lang, header?.slice(0, 40))
  }
})
