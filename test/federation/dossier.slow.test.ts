// Every byte of a dossier, and every value of it by its own maker, one after the other: none can be changed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { signDossier, type DossierBody } from '@muster/core/wire/dossier.ts'
import { verifyDossier } from '@muster/core/wire/verify.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { changedAt, leavesOf } from './changed.ts'
import { paper } from './paper.ts'
import { dossierOf } from './paper-trace.ts'
import { remembering } from './remembering.ts'

const p = remembering(nodePrimitives)
const group = await fastGroup()
const pair = paper({ p, group, parties: 2, items: 3, conduct: () => 'answers', story: {} })
const { bytes, body } = dossierOf(pair)

test('no byte of a dossier can be changed', () => {
  for (let at = 0; at < bytes.length; at++) {
    const flipped = bytes.slice()
    flipped[at] = (flipped[at] as number) ^ (1 << (at % 8))
    assert.equal(verifyDossier(p, group, flipped, pair.agreementBytes).verdict, 'refused', `byte ${at}`)
  }
})

test('no value of a dossier but its date can be changed by its maker, in any of three ways, and signed anew', () => {
  const document = body as unknown as Json
  for (const path of leavesOf(document, []).filter((each) => each.join('.') !== 'made')) {
    for (const way of [0, 1, 9]) {
      const changed = signDossier(p, changedAt(document, path, way) as unknown as DossierBody, pair.asker.keys.message)
      assert.equal(verifyDossier(p, group, changed, pair.agreementBytes).verdict, 'refused', `${path.join('.')} ${way}`)
    }
  }
})
