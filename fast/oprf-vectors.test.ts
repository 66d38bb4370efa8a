// Every vector of spec/vectors/oprf on each group: noble's, libsodium's and the kernel's.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { openBatch } from '@muster/core/oprf/batch.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { nobleGroup } from '@muster/core/oprf/noble-group.ts'
import { blind, deriveKeyPair, evaluate, evaluateInputs, evaluateWithProof, finalize, finalizeBatch } from '@muster/core/oprf/oprf.ts'
import type { Mode } from '@muster/core/oprf/oprf.ts'
import { oprfCodeOf } from '@muster/core/oprf/oprf-error.ts'
import { oprfVectors } from '../test/vectors/oprf.ts'
import { fastGroup } from './kernel-group.ts'
import { publicGroup } from './public-group.ts'
import { sodiumGroup } from './sodium-group.ts'

const folder = new URL('../spec/vectors/oprf/', import.meta.url)
const groups: readonly (readonly [string, Group])[] = [['noble', nobleGroup], ['libsodium', await sodiumGroup()], ['the kernel', await fastGroup()], ['the kernel in public', await publicGroup()]]
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex')

interface Suite {
  readonly mode: Mode, readonly seed: string, readonly keyInfo: string, readonly skSm: string, readonly pkSm?: string
  readonly vectors: readonly { readonly Input: string, readonly Blind: string, readonly BlindedElement: string, readonly EvaluationElement: string, readonly Output: string, readonly Proof?: { readonly proof: string, readonly r: string } }[]
}
const suites = JSON.parse(readFileSync(new URL('valid/rfc9497-ristretto255-sha512.json', folder), 'utf8')) as readonly Suite[]

for (const [name, group] of groups) {
  test(`RFC 9497's vectors of modes 0 and 1 come out byte for byte on ${name}`, () => {
    assert.deepEqual(suites.map(({ mode, vectors }) => [mode, vectors.length]), [[0, 2], [1, 3]])
    for (const { mode, seed, keyInfo, skSm, pkSm, vectors } of suites) {
      const pair = deriveKeyPair(group, mode, bytes(seed), bytes(keyInfo))
      assert.equal(hex(pair.secretKey), skSm)
      if (pkSm !== undefined) assert.equal(hex(pair.publicKey), pkSm)
      for (const vector of vectors) {
        const inputs = vector.Input.split(',').map(bytes)
        const blinds = vector.Blind.split(',').map(bytes)
        const blindedElements = inputs.map((input, i) => blind(group, mode, input, blinds[i]!))
        assert.equal(blindedElements.map(hex).join(','), vector.BlindedElement)
        assert.equal(evaluate(group, pair.secretKey, blindedElements).map(hex).join(','), vector.EvaluationElement)
        assert.equal(evaluateInputs(group, mode, pair.secretKey, inputs).map(hex).join(','), vector.Output)
        const evaluationElements = vector.EvaluationElement.split(',').map(bytes)
        assert.equal(inputs.map((input, i) => hex(finalize(group, input, blinds[i]!, evaluationElements[i]!))).join(','), vector.Output)
        if (vector.Proof === undefined) continue
        const { proof } = evaluateWithProof(group, pair.secretKey, blindedElements, bytes(vector.Proof.r))
        assert.equal(hex(proof), vector.Proof.proof)
        assert.equal(finalizeBatch(group, pair.publicKey, { inputs, blinds, blindedElements, evaluationElements }, proof).map(hex).join(','), vector.Output)
      }
    }
  })
}

type Fields = Readonly<Record<string, string>> & Readonly<Record<`${string}s`, readonly string[]>>
interface Vector {
  readonly what: string
  readonly request: Fields & { readonly do: string, readonly mode: Mode, readonly opened?: readonly { readonly element: number, readonly input: string, readonly blind: string }[] }
  readonly answer: unknown
}

/** The request's answer as the vectors write it. */
function answerOf(group: Group, { request }: Vector): unknown {
  const one = (field: string) => bytes(request[field] as string)
  const many = (field: string) => (request[field] as unknown as readonly string[]).map(bytes)
  try {
    switch (request.do) {
      case 'derive': {
        const pair = deriveKeyPair(group, request.mode, one('seed'), one('keyInfo'))
        return { skSm: hex(pair.secretKey), pkSm: hex(pair.publicKey) }
      }
      case 'blind': return { blindedElement: hex(blind(group, request.mode, one('input'), one('blind'))) }
      case 'evaluate': {
        const elements = request['blindedElement'] === undefined ? many('blindedElements') : [one('blindedElement')]
        const { evaluationElements, proof } = evaluateWithProof(group, one('skSm'), elements, one('proofRandomScalar'))
        return { evaluationElements: evaluationElements.map(hex), proof: hex(proof) }
      }
      case 'finalize': {
        const batch = { inputs: many('inputs'), blinds: many('blinds'), blindedElements: many('blindedElements'), evaluationElements: many('evaluationElements') }
        return { outputs: finalizeBatch(group, one('pkSm'), batch, one('proof')).map(hex) }
      }
      case 'open': {
        const opened = (request.opened ?? []).map((each) => ({ element: each.element, input: bytes(each.input), blind: bytes(each.blind) }))
        const answered = { blindedElements: many('blindedElements'), evaluationElements: many('evaluationElements') }
        return { outputs: openBatch(group, one('pkSm'), answered, one('proof'), opened).map(hex) }
      }
      default: return assert.fail(`no such request: ${request.do}`)
    }
  } catch (thrown) {
    const error = oprfCodeOf(thrown)
    if (error === undefined) throw thrown
    return { error }
  }
}

for (const kind of ['valid', 'invalid'] as const) {
  const files = readdirSync(new URL(`${kind}/`, folder)).filter((file) => !file.startsWith('rfc'))
  test(`there are ${kind} vectors`, () => assert.ok(files.length >= 5))
  for (const file of files) {
    const vector = JSON.parse(readFileSync(new URL(`${kind}/${file}`, folder), 'utf8')) as Vector
    test(`${kind}/${file} is answered alike on every group: ${vector.what}`, () => {
      assert.equal(typeof (vector.answer as { readonly error?: string }).error, kind === 'valid' ? 'undefined' : 'string')
      for (const [name, group] of groups) assert.deepEqual(answerOf(group, vector), vector.answer, name)
    })
  }
}

test('the files are those that test/vectors/oprf.ts makes', () => {
  const made = oprfVectors()
  for (const [name, vector] of made) assert.deepEqual(JSON.parse(readFileSync(new URL(`../${name}.json`, folder), 'utf8')), vector, name)
  const files = (['valid', 'invalid'] as const).flatMap((kind) => readdirSync(new URL(`${kind}/`, folder))).filter((file) => !file.startsWith('rfc'))
  assert.equal(files.length, made.length)
})
