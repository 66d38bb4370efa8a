import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { declarationVectors, VECTORS } from './declaration.ts'

test('the committed vectors of declarations are those that the generator gives', () => {
  for (const [path, text] of declarationVectors()) assert.equal(readFileSync(VECTORS + path, 'utf8'), text, path)
})
