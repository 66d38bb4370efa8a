import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { writtenModule } from './written.ts'

test('the kernel that runs is the one that its functions write, byte for byte', () => {
  assert.equal(readFileSync(new URL('module.ts', import.meta.url), 'utf8'), writtenModule())
})
