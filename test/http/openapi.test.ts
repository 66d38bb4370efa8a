import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { app } from '@muster/registry/http/app.ts'
import type { Door } from '@muster/registry/http/door.ts'
import { EXCHANGED, openApi } from '@muster/registry/http/openapi.ts'
import { PARAMETERS } from '@muster/registry/http/route.ts'
import { ROUTES } from '@muster/registry/http/routes.ts'

interface Operation {
  readonly operationId: string, readonly summary: string
  readonly parameters: readonly { readonly name: string, readonly in: string, readonly required: boolean, readonly schema: { readonly pattern: string } }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> }
  readonly responses: Readonly<Record<string, { readonly description: string, readonly content: Readonly<Record<string, unknown>> }>>
}
interface Document {
  readonly openapi: string, readonly info: { readonly title: string, readonly version: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>>, readonly securitySchemes: object }
}
const document = openApi(ROUTES) as unknown as Document

/** A door behind which there is nothing. */
const closed = {} as Door

test('the app has the routes of the table and no other, and each is in the document with its method', () => {
  const served = new Set(app(closed).routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`))
  const written = Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
  assert.equal(served.size, ROUTES.length)
  assert.equal(written.length, ROUTES.length)
  const plain = (path: string) => path.replace(/\{[a-z]+\}/g, '*').replace(/:[a-z]+(\{[^/]*\})?(?=\/|$)/g, '*')
  assert.deepEqual([...served].map(plain).sort(), written.map(plain).sort())
})

test('the document is OpenAPI 3.1 by its structure: versions, unique names, parameters that are in their paths, bodies and answers with a type', () => {
  assert.match(document.openapi, /^3\.1\.\d$/)
  assert.ok(document.info.title !== '' && document.info.version !== '')
  const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })))
  assert.equal(new Set(operations.map(({ operation }) => operation.operationId)).size, operations.length)
  for (const { path, method, operation } of operations) {
    assert.ok(['get', 'post'].includes(method) && path.startsWith('/'), path)
    assert.deepEqual(operation.parameters.map(({ name }) => `{${name}}`), [...path.matchAll(/\{[a-z]+\}/g)].map(([whole]) => whole), path)
    for (const parameter of operation.parameters) {
      assert.ok(parameter.in === 'path' && parameter.required && Object.hasOwn(PARAMETERS, parameter.name), path)
      assert.doesNotThrow(() => new RegExp(parameter.schema.pattern, 'u'))
    }
    assert.equal(operation.requestBody !== undefined, method === 'post', path)
    assert.ok(Object.keys(operation.responses).some((status) => status.startsWith('2')), path)
    for (const [status, { description, content }] of Object.entries(operation.responses)) {
      assert.match(status, /^[2-5]\d\d$/)
      assert.ok(description !== '' && Object.keys(content).length === 1, `${path} ${status}`)
    }
  }
})

test('every reference of the document leads to a schema, every schema is referred to or is a part of another, and all compile', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([a-z-]+)"/g)].map(([, name]) => name as string)
  assert.deepEqual([...new Set(references)].sort(), Object.keys(document.components.schemas).sort())
  assert.deepEqual(Object.keys(EXCHANGED).sort(), Object.keys(document.components.schemas).sort())
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, validateFormats: false })
  for (const schema of Object.values(document.components.schemas)) ajv.compile(schema)
})

test('every problem that a route may answer is documented as one, and 503 everywhere', () => {
  for (const { path, method, refuses } of ROUTES) {
    const { responses } = document.paths[path]?.[method] as Operation
    for (const status of [...refuses, 503]) assert.deepEqual(Object.keys(responses[status]?.content ?? {}), ['application/problem+json'], `${path} ${status}`)
  }
})
