import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { fromBase64, utf8 } from '@muster/core/bytes/bytes.ts'
import { parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { fit, type Shape } from '@muster/core/bytes/shape.ts'
import { FORMATS, formatSchema } from '@muster/core/wire/formats.ts'
import { bytesOfPieces, type CourierVector } from './couriers.ts'
import { textOfVector, type DossierVector } from './dossiers.ts'
import { ONLY_THE_RULES } from './only-the-rules.ts'
import { unhex, vectorAt, vectorsIn } from './read-vectors.ts'

type Vector = Readonly<Record<string, unknown>>
type Found = readonly (readonly [format: string, value: unknown])[]

const VECTORS = new URL('../../spec/vectors/', import.meta.url)
/** Folders of what is no JSON document of a format: texts, bytes, questions of the conformance door, and mappings, which have a parser of their own. */
const OTHERWISE = ['absence', 'api', 'canonical', 'checkpoint', 'cosignature', 'cosigned', 'declaration', 'draw', 'http', 'inclusion', 'leaf', 'log', 'mapping', 'mark', 'note', 'opening', 'oprf', 'period', 'sample']

const jsonIn = (text: unknown): unknown => {
  if (typeof text !== 'string') return undefined
  try {
    return parseJson(utf8(text))
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

const dossierText = (path: string): string => textOfVector(vectorAt<DossierVector>(path), dossierText)
/** Longer ones are floods, which are refused before anything is read as JSON. */
const COURIER_CHARACTERS_MAX = 1_048_576

function inEnvelope(envelope: unknown): Found {
  const packed = envelope as { readonly payload?: unknown } | undefined
  const bytes = typeof packed?.payload === 'string' ? fromBase64(packed.payload) : undefined
  const payload = bytes === undefined ? undefined : jsonIn(new TextDecoder().decode(bytes))
  const { kind, body } = (payload ?? {}) as { readonly kind?: unknown, readonly body?: unknown }
  return [['envelope', envelope], ['message', payload], ...(typeof kind === 'string' && Object.hasOwn(FORMATS, kind) ? [[kind, body] as const] : [])]
}

const IN: Readonly<Record<string, (vector: Vector) => Found>> = {
  'agreement': ({ agreement }) => [['agreement', jsonIn(agreement)]],
  'key-record': ({ record }) => [['key-record', jsonIn(record)]],
  'event': ({ event }) => [['event', jsonIn(event)]],
  'case': ({ acts }) => (acts as unknown[]).map((act) => ['case-act', act] as const),
  'published': ({ loads }) => (loads as unknown[]).map((load) => ['published', load] as const),
  'licence': ({ steps }) => (steps as { readonly act: unknown }[]).map(({ act }) => ['licence-act', act] as const),
  'aviation': ({ file }) => [['aviation', jsonIn(file)]],
  'custody': ({ events, request }) => [...(events as unknown[]).map((event) => ['event', event] as const), ['event-request', request]],
  'message': ({ envelope }) => inEnvelope(jsonIn(envelope)),
  'receipt': ({ message, receipt, proof }) => [...inEnvelope(jsonIn(message)), ...inEnvelope(jsonIn(receipt)), ...(proof === null ? [] : [['proof', proof] as const])],
  'correspondence': ({ file }) => [['correspondence', jsonIn(file)]],
  'evidence': ({ file }) => [['evidence', jsonIn(file)]],
  'dossier': (vector) => [['dossier', jsonIn(textOfVector(vector as unknown as DossierVector, dossierText))]],
  'courier': (vector) => {
    const { pieces } = vector as unknown as CourierVector
    if (pieces.reduce((sum, [text, times]) => sum + text.length * times, 0) > COURIER_CHARACTERS_MAX) return []
    return [['courier', jsonIn(new TextDecoder().decode(bytesOfPieces(pieces)).replace(/\0+$/, ''))]]
  },
  'entry': ({ entry }) => {
    const value = jsonIn(new TextDecoder().decode(unhex(entry as string).subarray(1))) as { readonly v?: unknown } | undefined
    const format = typeof value?.v === 'string' ? value.v.split('/')[1] ?? '' : ''
    return Object.hasOwn(FORMATS, format) ? [[format, value]] : []
  },
}

function documentsIn(folder: string, vector: Vector): Found {
  const found = IN[folder]?.(vector) ?? (typeof vector.kind === 'string' && 'body' in vector ? [[vector.kind, vector.body] as const] : undefined)
  assert.ok(found !== undefined, `spec/vectors/${folder} holds documents of no format: say in this test where they are, or that it holds none`)
  return found.filter(([, value]) => value !== undefined)
}

const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, validateFormats: false, allErrors: false })
const compiled = new Map<string, ValidateFunction>()
function byFormat(name: string): ValidateFunction {
  const known = compiled.get(name)
  if (known !== undefined) return known
  const schema = formatSchema(name)
  assert.ok(schema !== undefined, `no format ${name}`)
  const made = ajv.compile(schema)
  compiled.set(name, made)
  return made
}

test('every format and every kind of message has a schema, which an independent validator compiles in its strict mode', () => {
  for (const name of Object.keys(FORMATS)) byFormat(name)
})

const CORE = new URL('../../core/', import.meta.url)
const sources = readdirSync(CORE, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))

test('every body that a file of core/wire gives to a kind of message, and every format with a version, is among the formats', async () => {
  for (const path of sources.filter((each) => /^wire[/\\]/.test(each))) {
    const file = await import(new URL(path, CORE).href) as Readonly<Record<string, unknown>>
    for (const [name, bodies] of Object.entries(file)) {
      if (!name.endsWith('_BODY')) continue
      for (const kind of Object.keys(bodies as object)) assert.equal(FORMATS[kind], (bodies as Readonly<Record<string, unknown>>)[kind], `${path}: ${name} has a body for ${kind} that core/wire/formats.ts lacks`)
    }
  }
  const versions = sources.flatMap((path) => [...readFileSync(new URL(path, CORE), 'utf8').matchAll(/_(?:VERSION|FORMAT) = 'muster\/([a-z-]+)\/\d+'/g)].map(([, name]) => name as string))
  assert.ok(versions.length >= 8, versions.join(' '))
  // A match key is bytes, hashed and never read.
  assert.deepEqual(versions.filter((name) => name !== 'key' && !Object.hasOwn(FORMATS, name)), [], 'formats with a version that core/wire/formats.ts lacks')
})

test('a schema takes all that its shape takes, and refuses all that its shape refuses but for what only a rule refuses', () => {
  const beyond = new Set<string>()
  const counted = { taken: 0, refused: 0 }
  for (const folder of readdirSync(VECTORS).filter((name) => !OTHERWISE.includes(name))) {
    for (const verdict of ['valid', 'invalid']) {
      for (const [name, vector] of vectorsIn<Vector>(`${folder}/${verdict}`)) {
        for (const [format, value] of documentsIn(folder, vector)) {
          const byShape = 'value' in fit(FORMATS[format] as Shape<unknown>, value)
          const validate = byFormat(format)
          const bySchema = validate(value)
          if (byShape) assert.ok(bySchema, `${folder}/${verdict}/${name} as ${format}: ${ajv.errorsText(validate.errors)}`)
          else if (bySchema) beyond.add(`${folder}/${name}`)
          counted[bySchema ? 'taken' : 'refused'] += 1
        }
      }
    }
  }
  assert.deepEqual([...beyond].sort(), [...ONLY_THE_RULES].sort(), 'invalid vectors that a schema takes: where it could refuse them it should, else test/vectors/only-the-rules.ts names them')
  assert.ok(counted.taken > 300 && counted.refused > 40, JSON.stringify(counted))
})

/** Each place of a document changed to what its shape may not hold: a member left out, a stranger added, a value of another kind. */
function* spoiled(value: Json): Generator<Json> {
  yield Array.isArray(value) ? 'a text' : []
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const [i, each] of value.slice(0, 3).entries()) for (const wrong of spoiled(each as Json)) yield value.with(i, wrong) as Json
    return
  }
  yield { ...value, stranger: 1 }
  for (const [name, each] of Object.entries(value as Readonly<Record<string, Json>>)) {
    yield Object.fromEntries(Object.entries(value).filter(([other]) => other !== name))
    for (const wrong of spoiled(each)) yield { ...value, [name]: wrong }
  }
}

test('a member left out, added or of another kind is refused by the schema wherever the shape refuses it, in every place of one valid document a format', () => {
  const seen = new Set<string>()
  for (const folder of readdirSync(VECTORS).filter((name) => !OTHERWISE.includes(name))) {
    for (const [name, vector] of vectorsIn<Vector>(`${folder}/valid`)) {
      for (const [format, value] of documentsIn(folder, vector)) {
        const shape = FORMATS[format] as Shape<unknown>
        if (seen.has(format) || !('value' in fit(shape, value))) continue
        seen.add(format)
        for (const wrong of spoiled(value as Json)) {
          assert.equal(byFormat(format)(wrong), 'value' in fit(shape, wrong), `${folder}/${name} as ${format}: ${JSON.stringify(wrong).slice(0, 400)}`)
        }
      }
    }
  }
  assert.ok(seen.size >= 20, [...seen].join(' '))
})
