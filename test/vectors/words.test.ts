import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fromBase64, fromHex, toHex, utf8 } from '@muster/core/bytes/bytes.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { canonicalBytes } from '@muster/core/bytes/canonical.ts'
import { noble } from '@muster/core/bytes/noble.ts'
import type { Primitives } from '@muster/core/bytes/primitives.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { addSeconds } from '@muster/core/bytes/time.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { nobleGroup } from '@muster/core/oprf/noble-group.ts'
import { logKeys, verifyLogCheckpoint } from '@muster/core/proof/checkpoint.ts'
import { agreementBytes, logOrigin, parseAgreement, type Agreement, type AgreementId } from '@muster/core/rules/agreement.ts'
import { eventBytes, parseEvent } from '@muster/core/rules/custody-event.ts'
import { decide } from '@muster/core/rules/decide.ts'
import { checkHistory } from '@muster/core/rules/lawful.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { emptyClearLog, takeEntry } from '@muster/core/wire/clear-log.ts'
import { CHARGES } from '@muster/core/wire/charge.ts'
import { verifyCorrespondence } from '@muster/core/wire/correspondence.ts'
import { cosignedBy } from '@muster/core/wire/cosigned.ts'
import { clearSubject, parseEntry } from '@muster/core/wire/entry.ts'
import { verifyEvidence } from '@muster/core/wire/evidence.ts'
import { readKeyRecord, verifyKeyRecord, type ReadKeyRecord } from '@muster/core/wire/key-record.ts'
import { checkChain, type ChainView } from '@muster/core/wire/message-chain.ts'
import { checkDelivery, CLOCK_SKEW_SECONDS_MAX, parseEnvelope, type Message, type MessageKeysOf } from '@muster/core/wire/message.ts'
import { entryOfProof } from '@muster/core/wire/period.ts'
import { checkReceipt, checkReceiptProof } from '@muster/core/wire/receipt.ts'
import { trustIn } from '@muster/core/wire/trust.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { publicGroup } from '@muster/fast/public-group.ts'
import type { AgreementVector, KeyRecordVector } from './agreements.ts'
import type { CorrespondenceVector } from './correspondences.ts'
import type { CosignedVector } from './cosigned.ts'
import type { CustodyVector, EventVector } from './custody-events.ts'
import type { EvidenceVector } from './evidence.ts'
import type { EntryVector, LogVector, PeriodVector } from './logs.ts'
import type { MessageVector, ReceiptVector } from './messages.ts'
import { AA, firstRecord, hashOf, keyRecordBody } from './three-parties.ts'
import { wordVectors, WORDS } from './write-words.ts'

const FOLDER = new URL('../../spec/vectors/', import.meta.url)
const ROADS: readonly (readonly [string, Primitives, Group])[] = [['noble', noble, nobleGroup], ['node', nodePrimitives, await publicGroup()]]

function onDisk<Vector>(kind: string): [string, Vector][] {
  return ['valid', 'invalid'].flatMap((verdict) => readdirSync(new URL(`${kind}/${verdict}/`, FOLDER)).toSorted()
    .map((file): [string, Vector] => [`${kind}/${verdict}/${file.replace('.json', '')}`, JSON.parse(readFileSync(new URL(`${kind}/${verdict}/${file}`, FOLDER), 'utf8')) as Vector]))
}

function unhex(text: string): Uint8Array {
  const bytes = fromHex(text)
  assert.ok(bytes !== undefined)
  return bytes
}

const codeOf = (result: unknown): string | null => result instanceof Refusal ? (result as Refusal).code : result instanceof Breach ? (result as Breach).code : null

test('the committed vectors are those that the generators give, no more and no fewer', () => {
  const made = wordVectors()
  const committed = new Map(WORDS.flatMap((kind) => ['valid', 'invalid'].flatMap((verdict) => readdirSync(new URL(`${kind}/${verdict}/`, FOLDER))
    .map((file): [string, string] => [`${kind}/${verdict}/${file.replace('.json', '')}`, readFileSync(new URL(`${kind}/${verdict}/${file}`, FOLDER), 'utf8')]))))
  assert.deepEqual([...committed.keys()].sort(), [...made.keys()].sort())
  for (const [path, text] of made) assert.equal(committed.get(path), text, path)
})

test('every agreement is read or refused at the member that is wrong, and is written back to the same bytes', () => {
  for (const [name, { agreement, code, at }] of onDisk<AgreementVector>('agreement')) {
    const read = parseAgreement(utf8(agreement))
    assert.equal(codeOf(read), code, name)
    if (read instanceof Refusal) assert.ok(at === null || read.at === at, `${name}: ${read.message}`)
    else assert.deepEqual(agreementBytes(read), utf8(agreement), name)
  }
})

for (const [road, p, by] of ROADS) {
  test(`every key record is taken or refused for what is wrong (${road})`, () => {
    for (const [name, { record, hash, previous, code }] of onDisk<KeyRecordVector>('key-record')) {
      const trust = previous === null ? { hash: hash as string } : { previous: readKeyRecord(p, utf8(previous)) as ReadKeyRecord }
      assert.equal(codeOf(verifyKeyRecord(p, utf8(record), trust)), code, name)
    }
  })

  test(`of a checkpoint those count who cosigned it under the key in force, and nobody by a key that others may have (${road})`, () => {
    for (const [name, { agreement, keyRecords, note, kind, counted, code }] of onDisk<CosignedVector>('cosigned')) {
      const count = (): unknown => {
        try {
          return Object.fromEntries(cosignedBy(p, trustIn(p, parseAgreement(canonicalBytes(agreement)) as Agreement, keyRecords), note, kind))
        } catch (thrown) {
          return codeOf(thrown)
        }
      }
      assert.deepEqual(count(), code ?? counted, name)
    }
  })

  test(`every log entry is read or refused, and says what it is about (${road})`, () => {
    for (const [name, { entry, code, subject }] of onDisk<EntryVector>('entry')) {
      const read = parseEntry(p, unhex(entry))
      assert.equal(codeOf(read), code, name)
      if (!(read instanceof Refusal)) assert.deepEqual(clearSubject(read) ?? null, subject, name)
    }
  })

  test(`a log is read up to its first breach, with both entries as evidence where there are two (${road})`, () => {
    for (const [name, vector] of onDisk<LogVector>('log')) {
      let log = emptyClearLog(vector.party as PartyId, vector.agreement as AgreementId, vector.firstKeyRecord, vector.step)
      for (const [i, entry] of vector.entries.entries()) {
        const taken = takeEntry(p, log, unhex(entry))
        assert.equal(codeOf(taken), i === vector.index ? vector.code : null, `${name}, entry ${i}`)
        if (taken instanceof Breach && taken.code === 'entry/second-clear') {
          const { first, second } = taken.evidence as { first: Uint8Array, second: Uint8Array }
          assert.deepEqual([vector.entries.indexOf(toHex(first)) < i, toHex(second)], [true, entry], name)
        }
        if (taken instanceof Error) break
        log = taken.log
      }
      if (vector.code === null) assert.equal(log.size, vector.entries.length, name)
    }
  })

  test(`a digest leads to the period's entry by its own salt, place and path only (${road})`, () => {
    for (const [name, { salt, digest, index, size, path, entry, valid }] of onDisk<PeriodVector>('period')) {
      const proof = { salt, index, size, path: path.map((hash) => Buffer.from(hash, 'hex').toString('base64')), entryIndex: 0, tlogProof: 'x' }
      assert.equal(toHex(entryOfProof(p, unhex(digest), proof) ?? new Uint8Array(0)) === entry, valid, name)
    }
  })

  test(`every message is taken or refused for what is wrong (${road})`, () => {
    for (const [name, vector] of onDisk<MessageVector>('message')) assert.deepEqual(received(p, vector), { code: vector.code, id: vector.id, seen: vector.seen, gap: vector.gap }, name)
  })

  test(`every receipt is taken for its own message and from its giver's own log, or refused (${road})`, () => {
    for (const [name, vector] of onDisk<ReceiptVector>('receipt')) {
      const keys: MessageKeysOf = (from) => vector.keys[from]
      const [message, receipt] = [vector.message, vector.receipt].map((text) => parseEnvelope(p, utf8(text), keys)) as [Message, Message]
      assert.ok(!(message instanceof Error) && !(receipt instanceof Error), name)
      const plain = codeOf(checkReceipt(message, receipt))
      const { log } = keyRecordBody(vector.log as PartyId).keys
      const name_ = logOrigin(vector.log as PartyId, message.payload.agreement)
      const trusted = logKeys(p, name_, fromBase64(log.ed25519) as Uint8Array, fromBase64(log.mldsa44) as Uint8Array)
      assert.equal(plain ?? (vector.proof === null ? null : codeOf(checkReceiptProof(p, receipt, vector.proof, (note, origin) => verifyLogCheckpoint(p, note, origin, trusted)))), vector.code, name)
    }
  })

  test(`every correspondence is proven, consistent or refused as it says (${road})`, () => {
    for (const [name, { file, agreement, verdict, letters, code }] of onDisk<CorrespondenceVector>('correspondence')) {
      const verified = verifyCorrespondence(p, by, utf8(file), agreement === null ? undefined : utf8(agreement))
      assert.deepEqual([verified.verdict, verified.verdict === 'refused' ? 0 : verified.letters.length, verified.findings[0]?.code ?? null], [verdict, letters, code], `${name}: ${verified.findings[0]?.message ?? ''}`)
    }
  })

  test(`every evidence file convicts, or is refused for what is wrong (${road})`, () => {
    const charged = new Set<string>()
    for (const [name, { file, agreement, known, verdict, code }] of onDisk<EvidenceVector>('evidence')) {
      const verified = verifyEvidence(p, by, utf8(file), agreement === null ? undefined : utf8(agreement), known)
      assert.deepEqual({ verdict: verified.verdict, code: verified.findings[0]?.code ?? null }, { verdict, code }, `${name}: ${verified.findings[0]?.message ?? ''}`)
      if (verified.verdict !== 'refused') charged.add(verified.evidence.charge)
    }
    assert.deepEqual([...charged].sort(), [...CHARGES].sort(), 'each charge is shown by one')
  })
}

type Outcome = Pick<MessageVector, 'code' | 'id' | 'seen' | 'gap'>

function received(p: Primitives, vector: MessageVector): Outcome {
  const keys: MessageKeysOf = (from) => vector.keys[from]
  const nothing = (code: string | null): Outcome => ({ code, id: null, seen: null, gap: null })
  const message = parseEnvelope(p, utf8(vector.envelope), keys)
  if (message instanceof Error) return nothing(message.code)
  const refused = checkDelivery(message, vector.receiver as PartyId, vector.agreement as AgreementId, { at: vector.at, latest: addSeconds(vector.at, CLOCK_SKEW_SECONDS_MAX) })
  if (refused !== undefined) return nothing(refused.code)
  const held = new Map(vector.held.map((text) => {
    const each = parseEnvelope(p, utf8(text), keys)
    assert.ok(!(each instanceof Error))
    return [each.payload.sequence, { id: each.id, envelope: each.envelope, previous: each.payload.previous }]
  }))
  const view: ChainView = { at: (sequence) => held.get(sequence), highest: Math.max(-1, ...held.keys()) }
  const step = checkChain(view, message)
  if (step instanceof Breach) {
    assert.equal(new TextDecoder().decode(step.evidence.second as Uint8Array).length > 0 && step.evidence.first instanceof Uint8Array, true, 'both messages are evidence')
    return nothing(step.code)
  }
  return { code: null, id: message.id, seen: step.seen, gap: step.gap === undefined ? null : [step.gap.first, step.gap.last] }
}

test('every byte of an envelope, of its payload and of a key record matters', () => {
  const [, vector] = onDisk<MessageVector>('message').find(([name]) => name === 'message/valid/first') as [string, MessageVector]
  const flipped = (bytes: Uint8Array, i: number) => bytes.map((byte, at) => at === i ? byte ^ 1 : byte)
  const envelope = utf8(vector.envelope)
  for (let i = 0; i < envelope.length; i++) assert.ok(parseEnvelope(nodePrimitives, flipped(envelope, i), (from) => vector.keys[from]) instanceof Error, `byte ${i}`)
  const record = firstRecord(AA)
  for (let i = 0; i < record.length; i += 7) assert.ok(verifyKeyRecord(nodePrimitives, flipped(record, i), { hash: hashOf(record) }) instanceof Error, `byte ${i}`)
})

test('every kind of custody event is read and written back to the same bytes, and what is no event is refused at its member', () => {
  for (const [name, { event, code, at }] of onDisk<EventVector>('event')) {
    const read = parseEvent(utf8(event))
    assert.equal(codeOf(read), code, name)
    if (read instanceof Refusal) assert.ok(at === null || read.at === at, `${name}: ${read.message}`)
    else assert.deepEqual(eventBytes(read), utf8(event), name)
  }
})

test('the law of custody takes and refuses what the vectors say', () => {
  for (const [name, { events, request, at, sitesBeingCounted, code }] of onDisk<CustodyVector>('custody')) {
    assert.equal(checkHistory(events), undefined, name)
    const item = '00000000-0000-4000-8000-000000000001' as never
    const result = decide({ item, events, sitesBeingCounted: new Set(sitesBeingCounted) }, request, at)
    assert.equal(codeOf(result), code, name)
    if (!(result instanceof Refusal)) assert.ok(canonicalBytes(result[0]).length > 0)
  }
})

test('every byte of an evidence file matters, but for the day on which its maker found it', () => {
  for (const name of ['fork-of-two-sizes', 'second-entry', 'label-gone', 'two-messages']) {
    const [, { file, agreement }] = onDisk<EvidenceVector>('evidence').find(([each]) => each === `evidence/valid/${name}`) as [string, EvidenceVector]
    const [bytes, trusted] = [utf8(file), utf8(agreement as string)]
    const day = Buffer.from(bytes).indexOf('"found":"') + 9
    for (let at = 0; at < bytes.length; at += 41) {
      if (at >= day && at < day + 20) continue
      assert.equal(verifyEvidence(nodePrimitives, nobleGroup, bytes.map((byte, i) => i === at ? byte ^ 1 : byte), trusted).verdict, 'refused', `${name}: byte ${at}`)
    }
  }
})
