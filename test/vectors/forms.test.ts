import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fromBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { canonical, canonicalBytes, parseCanonical, parseJson } from '@muster/core/bytes/canonical.ts'
import { fit, type Shape } from '@muster/core/bytes/shape.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { noble } from '@muster/core/bytes/noble.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { shaped } from '@muster/core/bytes/shaped-json.ts'
import type { Primitives } from '@muster/core/bytes/primitives.ts'
import { openNote } from '@muster/core/proof/note.ts'
import { parseVkey } from '@muster/core/proof/vkey.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import { caseActOf, contradictions, decideCase, foldCase, type WrittenAct } from '@muster/core/rules/case.ts'
import { drawIndices, drawSeed } from '@muster/core/rules/draw.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Identity } from '@muster/core/rules/item.ts'
import { licenceActOf, refuseLicenceAct, type LicenceAct } from '@muster/core/rules/licence.ts'
import { figuresOf, publishedLoad, type PublishedLoad } from '@muster/core/rules/published.ts'
import { missedChance, sampleSize } from '@muster/core/rules/sample.ts'
import { verifyAviationNotice } from '@muster/core/wire/aviation-notice.ts'
import { FORMATS } from '@muster/core/wire/formats.ts'
import { checkDeclaredCounts, type CallBody, type CallKind } from '@muster/core/wire/call-body.ts'
import { saidBody, type SaidKind } from '@muster/core/wire/said-body.ts'
import { traceBody, type TraceKind } from '@muster/core/wire/trace-body.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { ticketHolder } from '@muster/registry/http/ticket.ts'
import { MappingRefused, parseMapping } from '@muster/registry/intake/mapping-file.ts'
import type { AviationVector } from './aviation-notices.ts'
import type { CanonicalVector } from './canonical.ts'
import type { CaseVector } from './case-acts.ts'
import type { DrawVector } from './draws.ts'
import type { LicenceVector } from './licence-acts.ts'
import type { MappingVector } from './mappings.ts'
import type { NoteVector } from './notes.ts'
import type { SampleVector } from './inspection-bodies.ts'
import type { PublishedVector } from './published-loads.ts'
import { unhex, vectorsIn } from './read-vectors.ts'
import type { SecretariatVector } from './secretariat-bodies.ts'
import type { TicketVector } from './tickets.ts'
import type { CallVector } from './call-bodies.ts'
import type { TraceVector } from './trace-bodies.ts'
import type { TransferVector } from './transfer-bodies.ts'
import { FORMS, formVectors } from './write-forms.ts'

const FOLDER = new URL('../../spec/vectors/', import.meta.url)
const ROADS: readonly (readonly [string, Primitives])[] = [['noble', noble], ['node', nodePrimitives]]

function both<Vector>(kind: string): [string, Vector][] {
  return ['valid', 'invalid'].flatMap((verdict) => vectorsIn<Vector>(`${kind}/${verdict}`).map(([name, vector]): [string, Vector] => [`${kind}/${verdict}/${name}`, vector]))
}

/** What a call says: its value, or the refusal or breach that it gives or throws. */
function said<T>(act: () => T): { readonly value?: T, readonly wrong?: Refusal | Breach } {
  try {
    const value = act()
    return value instanceof Refusal || value instanceof Breach ? { wrong: value as Refusal | Breach } : { value }
  } catch (error) {
    if (error instanceof Refusal || error instanceof Breach) return { wrong: error as Refusal | Breach }
    throw error
  }
}

test('the committed vectors of forms are those that the generators give, no more and no fewer', () => {
  const made = formVectors()
  const committed = new Map(FORMS.flatMap((kind) => ['valid', 'invalid'].flatMap((verdict) => readdirSync(new URL(`${kind}/${verdict}/`, FOLDER))
    .map((file): [string, string] => [`${kind}/${verdict}/${file.replace('.json', '')}`, readFileSync(new URL(`${kind}/${verdict}/${file}`, FOLDER), 'utf8')]))))
  assert.deepEqual([...committed.keys()].sort(), [...made.keys()].sort())
  for (const [path, text] of made) assert.equal(committed.get(path), text, path)
})

test('JSON is read to its one form, which is read back and is the only one taken as canonical, or is refused at the byte that is wrong', () => {
  for (const [name, { json, canonical: form, code, at }] of both<CanonicalVector>('canonical')) {
    const { value, wrong } = said(() => parseJson(unhex(json)))
    assert.deepEqual([wrong?.code ?? null, wrong instanceof Refusal ? wrong.at ?? null : null], [code, at], name)
    if (form === null || value === undefined) continue
    assert.equal(canonical(value), form, name)
    assert.deepEqual(parseCanonical(canonicalBytes(value)), value, name)
    if (toHex(canonicalBytes(value)) !== json) assert.equal(said(() => parseCanonical(unhex(json))).wrong?.code, 'json/not-canonical', name)
  }
})

for (const [road, p] of ROADS) {
  test(`every note is opened to its signers or refused for what is wrong (${road})`, () => {
    for (const [name, { note, vkeys, signers, code }] of both<NoteVector>('note')) {
      const { value, wrong } = said(() => openNote(p, note, vkeys.map((text) => parseVkey(p, text))))
      assert.deepEqual([value?.signers ?? null, wrong?.code ?? null], [signers, code], name)
    }
  })

  test(`every document for aviation authorities is proven, consistent or refused for what is wrong (${road})`, () => {
    for (const [name, { file, agreement, verdict, code }] of both<AviationVector>('aviation')) {
      const verified = verifyAviationNotice(p, Buffer.from(file), agreement === null ? undefined : Buffer.from(agreement))
      assert.deepEqual([verified.verdict, verified.findings[0]?.code ?? null], [verdict, code], name)
    }
  })

  test(`every draw gives its seed and indices, or names who is at fault (${road})`, () => {
    for (const [name, { head, inspected, bindings, shares, size, seed, indices, code, at }] of both<DrawVector>('draw')) {
      const { value, wrong } = said(() => drawSeed(p, {
        head: unhex(head), inspected: inspected as PartyId, bindings: bindings.map(({ party, binding }) => ({ party: party as PartyId, binding: unhex(binding) })),
        shares: shares.map(({ party, share }) => ({ party: party as PartyId, share: unhex(share) })),
      }))
      assert.deepEqual([wrong?.code ?? null, wrong instanceof Refusal ? wrong.at ?? null : null], [code, at], name)
      if (value instanceof Uint8Array && indices !== null) assert.deepEqual([toHex(value), drawIndices(p, value, size, indices.length)], [seed, indices], name)
    }
  })
}

test('indices of a draw are different, below the size, and no leaf is likelier than another', () => {
  const seed = noble.sha256(new Uint8Array(32))
  const all = drawIndices(noble, seed, 1000, 1000)
  assert.ok(Array.isArray(all))
  assert.deepEqual(all.toSorted((one, other) => one - other), Array.from({ length: 1000 }, (_, i) => i))
  const counts = [0, 0, 0, 0]
  for (let i = 0; i < 400; i++) {
    const [first] = drawIndices(noble, noble.sha256(new Uint8Array([i & 0xff, i >> 8])), 1024, 1) as [number]
    counts[first >> 8] = (counts[first >> 8] as number) + 1
  }
  for (const count of counts) assert.ok(count > 60 && count < 140, String(counts))
  assert.equal(said(() => drawIndices(noble, seed, 8, 9)).wrong?.code, 'draw/count')
})

test('a ticket shows the party that signed it for this host, agreement and time, and nobody else', () => {
  for (const [name, { host, agreement, at, ed25519, header, holder }] of both<TicketVector>('http')) {
    const keyOf = (party: PartyId) => ed25519[party] === undefined ? undefined : fromBase64(ed25519[party])
    assert.equal(ticketHolder(header, host as PartyId, agreement as AgreementId, at, keyOf) ?? null, holder, name)
  }
})

test('what a secretariat is told is codes, times and numbers by class, and is refused at the member that is anything else', () => {
  for (const [name, { kind, body, at }] of both<SecretariatVector>('secretariat')) {
    const fitted = fit(FORMATS[kind] as Shape<unknown>, body)
    assert.equal('misfit' in fitted ? fitted.misfit.at : null, at, name)
  }
})

test('every body about a call is taken or refused at the member that is wrong, and counts that are opened must be those that the head binds', () => {
  for (const [name, { kind, body, at, bound }] of both<CallVector>('call')) {
    const fitted = saidBody(kind as CallKind, body)
    const declared = fitted instanceof Refusal || bound === undefined ? undefined : (fitted as CallBody<'call/answer'>).declared
    const wrong = fitted instanceof Refusal ? fitted : declared === null || declared === undefined ? undefined : checkDeclaredCounts(noble, declared, { counts: bound as string })
    assert.equal(wrong?.at ?? null, at, name)
  }
})

test('the acts of every case stand up to the one that the law refuses, and claims that cannot both be so are named', () => {
  for (const [name, { acts, at, code, disagree }] of both<CaseVector>('case')) {
    const written: WrittenAct[] = []
    let wrong: { at: number, code: string } | undefined
    for (const [i, each] of acts.entries()) {
      const read = caseActOf(each)
      const decided = read instanceof Refusal ? read : decideCase(written, read, `2026-03-01T12:00:${String(i).padStart(2, '0')}Z`)
      if (decided instanceof Refusal) wrong ??= { at: i, code: decided.code }
      else written.push(decided)
    }
    assert.deepEqual([wrong?.at ?? null, wrong?.code ?? null], [at, code], name)
    assert.deepEqual(contradictions(foldCase(written)?.claims ?? []).map((pair) => pair.map(({ id }) => id)), disagree, name)
  }
})

test('readings of published quantities come to figures with their histories, or are refused at the member that is wrong', () => {
  for (const [name, { loads, figures, at }] of both<PublishedVector>('published')) {
    const read = loads.map((load) => shaped('published', publishedLoad, load))
    const wrong = read.find((each) => each instanceof Refusal)
    assert.equal(wrong?.at ?? null, at, name)
    if (wrong === undefined) assert.deepEqual(figuresOf(read as PublishedLoad[]).map(({ source, year, history }) => [source, year, history.map(({ day, quantity }) => [day, quantity])]), figures, name)
  }
})

test('the law of a licence lets each act stand or refuses it for what is wrong', () => {
  for (const [name, { steps, at, code }] of both<LicenceVector>('licence')) {
    const acts: LicenceAct[] = []
    const gone: Identity[] = []
    let wrong: { at: number, code: string } | undefined
    for (const [i, { act, written, sent }] of steps.entries()) {
      const read = licenceActOf(act)
      const items = sent?.serials.map((serial): Identity => ({ class: 'missile', type: { is: sent.type }, serial: { is: serial }, maker: 'unknown', year: 'unknown', lot: 'unknown' })) ?? []
      const refused = read instanceof Refusal ? read : refuseLicenceAct(acts, read, gone, written, sent === null ? undefined : { to: sent.to as PartyId, items })
      if (refused !== undefined) wrong ??= { at: i, code: refused.code }
      else if (!(read instanceof Refusal)) {
        acts.push(read)
        gone.push(...items)
      }
    }
    assert.deepEqual([wrong?.at ?? null, wrong?.code ?? null], [at, code], name)
  }
})

/** Folders whose vectors are bodies of messages, each with its kind. */
const BODIES = [
  'transfer',
  'certificate',
  're-export',
  'request',
  'notice',
  'delivery',
  'inspection',
  'reconciliation',
  'production',
  'destruction',
  'directory',
  'agreement-said',
  'exchange',
] as const

test('every body of a message in the folders of bodies is taken or refused at the member that is wrong', () => {
  for (const [name, { kind, body, at }] of BODIES.flatMap((folder) => both<TransferVector>(folder))) {
    const fitted = saidBody(kind as SaidKind, body)
    assert.equal(fitted instanceof Refusal ? fitted.at : null, at, name)
  }
})

test('every sample has the size that its vector says, and misses the loss as often', () => {
  for (const [name, { wanted, sample, missed, code }] of both<SampleVector>('sample')) {
    const size = sampleSize(wanted)
    assert.deepEqual(size instanceof Refusal ? [null, size.code] : [size, null], [sample, code], name)
    if (sample !== null) assert.equal(missedChance(wanted, sample).toFixed(6), missed, name)
  }
})

test('every body of a trace is taken or refused at the member that is wrong', () => {
  for (const [name, { kind, body, at }] of both<TraceVector>('trace')) {
    const { wrong } = said(() => traceBody(kind as TraceKind, body))
    assert.equal(wrong instanceof Refusal ? wrong.at : null, at, `${name}: ${wrong?.message ?? ''}`)
  }
})

test('every mapping is taken or refused at the member that is wrong', () => {
  for (const [name, { mapping, at }] of both<MappingVector>('mapping')) {
    try {
      parseMapping(mapping)
      assert.equal(at, null, name)
    } catch (error) {
      if (!(error instanceof MappingRefused)) throw error
      assert.equal(error.at, at, name)
    }
  }
})
