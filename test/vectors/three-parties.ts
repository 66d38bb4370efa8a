// Three invented parties under one exercise agreement, for the vectors of what parties sign and say. Every secret follows from its name.
import { toBase64, toHex, utf8 } from '@muster/core/bytes/bytes.ts'
import { noble as p } from '@muster/core/bytes/noble.ts'
import { nobleGroup } from '@muster/core/oprf/noble-group.ts'
import type { LogSecrets } from '@muster/core/proof/checkpoint.ts'
import { agreementOf, logOrigin, type Agreement, type AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { doubleKeysOf, type DoubleKeys, type DoubleSeeds } from '@muster/core/wire/double-signature.ts'
import { signKeyRecord, type KeyRecordBody } from '@muster/core/wire/key-record.ts'
import { sealEnvelope, type Message, type Payload } from '@muster/core/wire/message.ts'

export const AGREEMENT = 'exercise-1' as AgreementId
export const [AA, BB, CC] = ['AA', 'BB', 'CC'] as [PartyId, PartyId, PartyId]
export const BASELINE = '2026-01-01T00:00:00Z'
export const STEP = 256

export function drawn(words: string): Uint8Array {
  return p.sha256(utf8(`muster vectors of words, not a secret: ${words}`))
}

export function seeds(name: string): DoubleSeeds {
  return { ed25519: drawn(`${name} ed25519`), mldsa44: drawn(`${name} ml-dsa-44`) }
}

export function oprfKey(name: string): string {
  return toBase64(nobleGroup.multiplyBase(nobleGroup.hashToScalar(drawn(name), utf8('vectors'))))
}

export const messageKeys = (party: string): DoubleKeys => doubleKeysOf(p, seeds(`${party} message`))

export function keyRecordBody(party: PartyId, changes: Partial<KeyRecordBody> = {}, generation = ''): KeyRecordBody {
  const name = `${party}${generation}`
  return {
    v: 'muster/key-record/1', agreement: AGREEMENT, party, sequence: 0, from: BASELINE, reason: 'first', compromisedSince: null, previous: null,
    keys: {
      log: doubleKeysOf(p, seeds(`${name} log`)), witness: { mldsa44: toBase64(p.mldsa44PublicKey(drawn(`${name} witness`))) },
      reader: { mldsa44: toBase64(p.mldsa44PublicKey(drawn(`${name} reader`))) }, message: messageKeys(name), courier: null, oprf: oprfKey(party),
    },
    ...changes,
  }
}

export const logSeeds = (party: string): DoubleSeeds => seeds(`${party} log`)
export const firstRecord = (party: PartyId): Uint8Array => signKeyRecord(p, keyRecordBody(party), logSeeds(party))
export const hashOf = (bytes: Uint8Array): string => toHex(p.sha256(bytes))

export function logSecrets(party: PartyId): LogSecrets {
  const { ed25519, mldsa44 } = logSeeds(party)
  return { name: logOrigin(party, AGREEMENT), ed25519Seed: ed25519, mldsa44Seed: mldsa44 }
}

export function agreementJson(): Agreement {
  const name = (id: string) => ({ en: `Exercise party ${id}`, ru: `Учебная сторона ${id}` })
  const made = agreementOf({
    v: 'muster/agreement/1', id: AGREEMENT, sequence: 0, exercise: true, title: { en: 'Exercise', ru: 'Учение' },
    parties: [AA, BB, CC].map((id) => ({ id, name: name(id), keyRecord: hashOf(firstRecord(id)) })),
    baseline: BASELINE, scope: { classes: null }, liars: 0, quorum: 2, periodSeconds: 3600, step: STEP, declarationAgeSecondsMax: 2_592_000,
    quota: { windowSeconds: 86_400, askerElements: 4096, allElements: 16_384 }, batches: [16, 64, 256, 1024], openOneIn: 10,
    deadlines: { openSeconds: 86_400, answerSeconds: 604_800, receiptSeconds: 86_400, lookSeconds: 1_209_600 },
    standing: { sections: ['status', 'acquired', 'released'], approvedBy: ['A. Petrova', 'B. Karimov'] }, marking: { level: 'exercise', caveats: [] },
  })
  if (made instanceof Error) throw made
  return made
}

export function payload(from: PartyId, to: PartyId, sequence: number, previous: string | null, changes: Partial<Payload> = {}): Payload {
  return {
    v: 'muster/message/1', kind: 'recovery/notice', from, to, agreement: AGREEMENT, sequence, previous, time: '2026-03-01T12:00:00Z', expiry: null,
    marking: { level: 'exercise', caveats: [] }, body: { note: 'one launcher found' }, ...changes,
  }
}

export function sealed(what: Payload): Message {
  return sealEnvelope(p, what, seeds(`${what.from} message`))
}
