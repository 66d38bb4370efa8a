import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fromBase64, toHex, utf8 } from '@muster/core/bytes/bytes.ts'
import { noble } from '@muster/core/bytes/noble.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { nobleGroup } from '@muster/core/oprf/noble-group.ts'
import { parseDossier, type PartyEvidence } from '@muster/core/wire/dossier.ts'
import { traceBody } from '@muster/core/wire/trace-body.ts'
import { verifyDossier } from '@muster/core/wire/verify.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { answerDossier } from '../../cli/conformance/dossier.ts'
import { remembering } from '../federation/remembering.ts'
import { textOfVector, type DossierVector } from './dossiers.ts'
import { vectorAt } from './read-vectors.ts'
import { dossierFiles } from './write-dossiers.ts'

const FOLDER = new URL('../../spec/vectors/', import.meta.url)
const OTHER_INPUT = 'dossier/invalid/input-not-the-one-blinded'
const group = await fastGroup()
const names = ['valid', 'invalid'].flatMap((kind) => readdirSync(new URL(`dossier/${kind}/`, FOLDER)).toSorted().map((file) => `dossier/${kind}/${file.replace('.json', '')}`))
const textOf = (path: string): string => textOfVector(vectorAt<DossierVector>(path), textOf)

test('the committed dossiers are those that the generator gives, byte for byte', () => {
  const made = dossierFiles(group)
  assert.deepEqual(names.toSorted(), [...made.keys()].sort())
  for (const [path, text] of made) assert.equal(readFileSync(new URL(`${path}.json`, FOLDER), 'utf8'), text, path)
})

for (const [road, p, by] of [['noble', noble, nobleGroup], ['node and the kernel', nodePrimitives, group]] as const) {
  test(`every dossier is proven, consistent or refused for what is wrong (${road})`, () => {
    const remembered = remembering(p)
    for (const name of names) {
      const { agreement, now, verdict, findings } = vectorAt<DossierVector>(name)
      const verified = verifyDossier(remembered, by, utf8(textOf(name)), agreement === null ? undefined : utf8(agreement), now)
      assert.equal(verified.verdict, verdict, `${name}: ${JSON.stringify(verified.findings)}`)
      for (const due of findings) assert.ok(verified.findings.some(({ code, party }) => code === due.code && party === due.party), `${name}: ${JSON.stringify(verified.findings)}`)
    }
  })
}

test('the door answers the same of the files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-dossiers-'))
  try {
    for (const [i, name] of names.entries()) {
      const { agreement, now, verdict, findings } = vectorAt<DossierVector>(name)
      const [path, own] = [join(folder, `${i}.json`), join(folder, `${i}-agreement.json`)]
      writeFileSync(path, textOf(name))
      if (agreement !== null) writeFileSync(own, agreement)
      const answer = answerDossier(group, { op: 'dossier', path, agreement: agreement === null ? null : own }, now)
      assert.ok('verdict' in answer && answer.verdict === verdict, name)
      for (const due of findings) assert.ok(answer.findings.some(({ code, party }) => code === due.code && party === due.party), name)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('of inputs that were not blinded everything else holds: a verifier that does not blind again finds the dossier proven', () => {
  const { agreement, now } = vectorAt<DossierVector>(OTHER_INPUT)
  const bytes = utf8(textOf(OTHER_INPUT))
  const { request, opened } = parseDossier(bytes).parties[1] as PartyEvidence
  const { body } = JSON.parse(Buffer.from(request?.payload ?? '', 'base64').toString('utf8')) as { readonly body: unknown }
  const { elements } = traceBody('evaluation/request', body)
  const asked = new Map(opened.map(({ blind, element }) => [blind, fromBase64(elements[element] as string)]))
  const trusting: Group = { ...group, multiplyHashed: (scalars, inputs, tag) => group.multiplyHashed(scalars, inputs, tag).map((element, i) => asked.get(toHex(scalars[i] as Uint8Array)) ?? element) }
  const verify = (by: Group) => verifyDossier(nodePrimitives, by, bytes, utf8(agreement as string), now)
  assert.deepEqual([verify(group).verdict, verify(trusting).verdict, verify(trusting).findings], ['refused', 'proven', []])
})
