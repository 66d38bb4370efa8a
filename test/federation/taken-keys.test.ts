// A dossier of before in the hands of somebody who knows that keys were taken since: what a quorum bears without them stands, what they were needed for does not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { canonicalBytes, parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { secondsOf, type Time } from '@muster/core/bytes/time.ts'
import { doubleKeysOf } from '@muster/core/wire/double-signature.ts'
import { signKeyRecord, type KeyRecord } from '@muster/core/wire/key-record.ts'
import { verifyDossier } from '@muster/core/wire/verify.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { paper, type PaperParty } from './paper.ts'
import { dossierOf } from './paper-trace.ts'

const NOW = secondsOf('2026-04-01T00:00:00Z')
const [BEFORE, SINCE, FROM] = ['2026-03-01T00:00:00Z', '2026-03-15T00:00:00Z', '2026-03-20T00:00:00Z'] as const
const federation = paper({ p, group: await fastGroup(), parties: 7, items: 3, conduct: () => 'answers' })
const group = await fastGroup()
const { bytes } = dossierOf(federation)

/** The record by which a party says that keys of a purpose were taken. */
function taken({ keys }: PaperParty, purpose: 'witness' | 'log', since: Time): Json {
  const { signatures: _, ...first } = parseJson(keys.record) as unknown as KeyRecord
  const fresh = { ed25519: p.sha256(keys.witness), mldsa44: p.sha256(keys.reader) }
  const changed = purpose === 'log' ? { log: doubleKeysOf(p, fresh) } : { witness: { mldsa44: toBase64(p.mldsa44PublicKey(fresh.mldsa44)) } }
  const body = { ...first, sequence: 1, from: FROM, reason: 'compromise' as const, compromisedSince: since, previous: toHex(p.sha256(keys.record)), keys: { ...first.keys, ...changed } }
  return parseJson(signKeyRecord(p, body, purpose === 'log' ? fresh : keys.log, keys.log))
}

const verified = (known: readonly Json[]): ReturnType<typeof verifyDossier> => verifyDossier(p, group, bytes, federation.agreementBytes, NOW, known)
function verdict(...known: Json[]): string {
  const { verdict: given, findings } = verified(known)
  return findings[0]?.code ?? given
}
/** Witnesses that count for the find. */
function left(...known: Json[]): number {
  const given = verified(known)
  return given.verdict === 'proven' ? given.assessment.conclusion.quorum.find : 0
}
const of = (n: number): PaperParty => federation.parties[n] as PaperParty

test('one witness key of seven taken after the trace: a quorum stands without it, and the dossier is proven as before', () => {
  assert.equal(verdict(), 'proven')
  for (const n of [2, 3, 4]) assert.deepEqual([verdict(taken(of(n), 'witness', SINCE)), left(taken(of(n), 'witness', SINCE))], ['proven', 7], of(n).id)
})

test('taken before the trace its line is nobody\'s: nothing shows that the party had cosigned the find before it answered', () => {
  assert.equal(verdict(taken(of(3), 'witness', BEFORE)), 'answer/not-cosigned')
})

test('as many witness keys taken as leave no quorum: the others are counted alone, below it', () => {
  assert.equal(left(...[2, 3, 4].map((n) => taken(of(n), 'witness', SINCE))), 4)
})

test('log keys taken after the trace: what a quorum had cosigned stands; taken before it, nothing of that party\'s does', () => {
  assert.equal(verdict(taken(of(3), 'log', SINCE)), 'proven')
  assert.equal(verdict(taken(of(3), 'log', BEFORE)), 'checkpoint/compromised-key')
})

test('a record of a stranger, or one that does not follow, brings down no file', () => {
  const stranger = { ...taken(of(3), 'witness', SINCE) as object, party: 'ZZ' } as unknown as Json
  assert.equal(verdict(stranger), 'proven')
  const skipped = parseJson(canonicalBytes({ ...taken(of(3), 'witness', SINCE) as object, sequence: 2 }))
  assert.equal(verdict(skipped), 'proven')
})
