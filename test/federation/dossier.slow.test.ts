// Every byte of a dossier, one after the other: none can be changed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verifyDossier } from '@muster/core/wire/verify.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { paper } from './paper.ts'
import { dossierOf } from './paper-trace.ts'
import { remembering } from './remembering.ts'

test('no byte of a dossier can be changed', async () => {
  const p = remembering(nodePrimitives)
  const group = await fastGroup()
  const pair = paper({ p, group, parties: 2, items: 3, conduct: () => 'answers', story: {} })
  const { bytes } = dossierOf(pair)
  for (let at = 0; at < bytes.length; at++) {
    const flipped = bytes.slice()
    flipped[at] = (flipped[at] as number) ^ (1 << (at % 8))
    assert.equal(verifyDossier(p, group, flipped, pair.agreementBytes).verdict, 'refused', `byte ${at}`)
  }
})
