import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addSeconds, secondsOf } from '@muster/core/bytes/time.ts'
import { signCosignature } from '@muster/core/proof/cosignature.ts'
import { parseNote } from '@muster/core/proof/note.ts'
import { parseCheckpoint } from '@muster/core/proof/tree-head.ts'
import { readerName, witnessName } from '@muster/core/rules/agreement.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { cosignedBy } from '@muster/core/wire/cosigned.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { relined } from '../../test/federation/forgeries/forgery.ts'
import { ASKED_AT, paper, type PaperParty } from '../../test/federation/paper.ts'
import { withQuorum } from './enough.ts'

const federation = paper({ p, group: await fastGroup(), parties: 7, items: 3, conduct: () => 'answers' })
const { trust, agreement, parties } = federation
const second = parties[1] as PaperParty
const its = trust.parties.get(second.id) as PartyTrust
const named = (note: string): string[] => parseNote(note).signatures.map(({ name }) => name)
const cosigners = (note: string, kind: 'witness' | 'reader' = 'witness'): string[] => [...cosignedBy(p, trust, note, kind).keys()]

test('of seven cosignatures the five of the quorum stay, those of others, in the agreement\'s order, under the party\'s own two lines', () => {
  const note = withQuorum(p, trust, its, second.log.note, 'witness')
  assert.equal(agreement.quorum, 5)
  assert.deepEqual(named(note), [its.origin, its.origin, ...['QM', 'QP', 'QQ', 'QR', 'QS'].map((id) => witnessName(id as PaperParty['id'], agreement.id))])
  assert.deepEqual(cosigners(withQuorum(p, trust, its, second.newer.note, 'reader'), 'reader'), ['QM', 'QP', 'QQ', 'QR', 'QS'])
})

test('where others are too few the party\'s own witness fills up, and what there is stays where all are too few', () => {
  const of = (ids: readonly string[]) => withQuorum(p, trust, its, relined(second.log.note, (lines) => lines.filter(({ name }) => name === its.origin || ids.some((id) => name === witnessName(id as PaperParty['id'], agreement.id)))), 'witness')
  assert.deepEqual(cosigners(of(['QN', 'QP', 'QQ', 'QR', 'QS'])), ['QN', 'QP', 'QQ', 'QR', 'QS'])
  assert.deepEqual(cosigners(of(['QN', 'QS'])), ['QN', 'QS'])
  assert.deepEqual(cosigners(of([])), [])
})

test('a cosignature that does not verify, is dated ahead or is another kind\'s makes room for the next', () => {
  const made = secondsOf(ASKED_AT)
  const checkpoint = parseCheckpoint(parseNote(second.log.note).text)
  const [qm, qp] = [parties[0] as PaperParty, parties[2] as PaperParty]
  const ahead = signCosignature(p, checkpoint, witnessName(qp.id, agreement.id), qp.keys.witness, secondsOf(addSeconds(ASKED_AT, 3600)))
  const reader = signCosignature(p, checkpoint, readerName(qm.id, agreement.id), qm.keys.reader, made)
  const spoiled = relined(second.log.note, (lines) => [...lines.map((line) => {
    if (line.name === witnessName(qm.id, agreement.id)) return { ...line, signature: line.signature.with(100, (line.signature[100] as number) ^ 1) }
    return line.name === ahead.name ? ahead : line
  }), reader])
  assert.throws(() => cosigners(spoiled), { code: 'note/bad-signature' })
  assert.deepEqual(cosigners(withQuorum(p, trust, its, spoiled, 'witness', made)), ['QN', 'QQ', 'QR', 'QS', 'QT'])
})
