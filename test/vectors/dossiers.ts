// Vectors of dossiers: a true one of two parties, and forgeries of it by its own maker, each signed anew after its changes.
import { utf8 } from '@muster/core/bytes/bytes.ts'
import { canonical, parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { noble } from '@muster/core/bytes/noble.ts'
import { secondsOf } from '@muster/core/bytes/time.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { conclude } from '@muster/core/rules/chain.ts'
import { signDossier, type AskedEvidence, type DossierBody, type PartyEvidence } from '@muster/core/wire/dossier.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { forgeries } from '../federation/forgeries/all.ts'
import { signedForgery, type Forgery } from '../federation/forgeries/forgery.ts'
import { paper, type Paper } from '../federation/paper.ts'
import { dossierOf, type PaperDossier } from '../federation/paper-trace.ts'

/**
 * `dossier`: the text of the file. Or `base`, another vector, and `changes` to its dossier by JSON pointer (RFC 6901), the signature among them:
 * the file is then the RFC 8785 bytes of what results. `agreement`: the text of the agreement that the reader trusts, null without one. `now`:
 * the reader's clock. `findings` must be among those that are reported.
 */
export interface DossierVector {
  readonly what: string
  readonly dossier: string | null
  readonly base: string | null
  readonly changes: Readonly<Record<string, Json>> | null
  readonly agreement: string | null
  readonly now: number
  readonly verdict: 'proven' | 'consistent' | 'refused'
  readonly findings: readonly { readonly code: string, readonly party: string | null }[]
}

const NOW = secondsOf('2026-04-01T00:00:00Z')
const BASE = 'dossier/valid/last-holder'

/** Noble signs without chance, so that a second run gives the same bytes. */
const SIGNER = { ...nodePrimitives, ed25519Sign: noble.ed25519Sign, mldsa44Sign: noble.mldsa44Sign }

/** Name of the vector, the forgery's kind, and whom it is made of. */
const FORGED: readonly (readonly [name: string, kind: string, of: string, what: string])[] = [
  ['one-input-not-the-one-blinded', 'another input under a true transcript', 'QN 0', 'one of the inputs was not asked'],
  ['right-input-other-blind', 'right input, other blind', 'QN 0', 'the input is the one that was asked, the blind another: Finalize gives a label that nobody declared'],
  ['elements-exchanged', 'two elements exchanged', 'QN 0', 'inputs and blinds of two elements stand in each other\'s place'],
  ['candidate-not-asked', 'a candidate of the ladder not asked', 'QN 0', 'the reading that hits is left out of what is opened'],
  ['absence-of-another', 'the proof that another item is absent', 'QN 0', 'neighbours that are around another label'],
  ['neighbours-not-adjacent', 'the neighbours of a present label shown as adjacent', 'QN 0', 'the leaf between the two neighbours is left out'],
  ['older-declaration', 'the older declaration and the previous head', 'QN', 'looked up in the declaration before the one that the party answered under'],
  ['log-taken-for-declaration', 'the log taken for the declaration', 'QN', 'the party\'s log checkpoint stands where that of its declaration belongs'],
  ['head-dated-anew', 'the date of the head moved', 'QN', 'the head says another time than the one in the log'],
  ['key-of-another-party', 'the key of another party', 'QN', 'the key record of the asker stands where that of the party belongs'],
  ['witness-taken-for-reader', 'a witness taken for a reader', 'QN', 'a witness\'s line under the declaration, and one reader more in the count'],
  ['cosignature-from-after-the-dossier', 'a reader\'s cosignature from after the dossier', 'QN', 'a reader\'s line that is dated an hour after the dossier is counted'],
  ['answers-swapped', 'two answers swapped', 'QN', 'the answers of two parties stand in each other\'s place'],
  ['answer-to-another-question', 'the answer to another question about this find', 'QN', 'the party\'s answer to a question asked half a minute later'],
  ['answer-edited', 'an answer edited under its old signature', 'QN', 'another head in the answer, under the signature of the true one'],
  ['receipt-for-another-message', 'a receipt for another message', 'QN', 'the receipt is for a question about another find'],
  ['find-bound-after-the-answer', 'a find bound after the answer', 'QN', 'the party had not cosigned the find when it answered'],
  ['formal-request-without-a-hit', 'a formal request that leaves out a hit', 'QN', 'the formal request names another label than the one that was hit'],
  ['formal-request-opens-another-input', 'a formal request that opens another input', 'QN 7', 'padding is opened as another input than the one blinded'],
  ['formal-answer-from-before-its-request', 'own formal answer from before its request', 'QM', 'the asker\'s own registry answers before it was asked'],
  ['opens-what-was-not-hit', 'an answer that opens what was not hit', 'QM', 'the answer opens a leaf more, which no look-up leads to'],
  ['item-left-out-of-a-key', 'an item left out of a key', 'QM', 'a key leaf is opened and none of the items that share the key'],
  ['section-edited', 'the origin of an item edited', 'QM', 'an opened section says something else than the leaf binds'],
  ['chance-lowered', 'a chance that the hits do not give', 'QM', '400 hits of 10,000 told as a chance of 0.1 %'],
  ['evaluation-swapped', 'own evaluation with two elements swapped', 'QM', 'two evaluated elements in each other\'s place: the proof is over an ordered batch'],
  ['own-answer-left-out', 'own registry\'s answer left out', 'QM', 'the asker asks others and does not show its own registry'],
  ['party-left-out', 'a party left out', 'QN', 'a party of the agreement is not told of'],
  ['find-edited', 'the recorded find edited', 'the serial', 'another serial number than the one in the bound event'],
  ['find-not-recognised', 'the find not recognised in the own register', 'made up', 'the secret of `self` is made up, so that the find looks like an item of the asker'],
  ['dated-before-the-questions', 'the date moved', 'before the questions', 'the dossier is dated before what it holds'],
  ['from-the-future', 'the date moved', 'into the future', 'the dossier is dated after the reader\'s clock'],
  ['agreement-edited', 'the agreement edited', 'a shorter time to answer', 'not the agreement that the reader trusts'],
  ['agreement-edited-and-no-keys-from-outside', 'the agreement edited, and no keys from outside', 'a shorter time to answer', 'not the agreement in the parties\' logs'],
  ['outcome-changed', 'another outcome', 'still-held', 'the conclusion says another outcome than follows'],
  ['last-holder-changed', 'another last holder', 'QM', 'the conclusion names another last holder'],
  ['grade-raised', 'another grade', 'folded', 'the conclusion names another grade than that of the hit'],
  ['link-left-out', 'a link left out', '1', 'a step is missing from the chain'],
  ['explanation-left-out', 'an explanation left out', 'false-or-copied-mark', 'a competing explanation is not told'],
]

export function dossierVectors(group: Group): [string, DossierVector][] {
  const federation = paper({ p: SIGNER, group, parties: 2, items: 3, conduct: () => 'answers', story: { QN: [{ from: 'made', when: '2024-02-01T00:00:00Z', fate: 'lost' }] } })
  const made = dossierOf(federation)
  const agreement = text(federation.agreementBytes)
  const valid = (name: string, more: Partial<DossierVector>): [string, DossierVector] =>
    [`dossier/valid/${name}`, { what: '', dossier: null, base: null, changes: null, agreement, now: NOW, verdict: 'proven', findings: [], ...more }]
  return [
    valid('last-holder', { what: 'two parties: the asker itself and the one that made the weapon and lost it', dossier: text(made.bytes) }),
    valid('no-keys-from-outside', { what: 'the same without an agreement: consistent and no more', base: BASE, changes: {}, agreement: null, verdict: 'consistent' }),
    ...invalid(federation, made, agreement),
    ...underTwoKeys(group),
  ]
}

/** A party whose OPRF key was compromised between its declarations: every trace looks in both. */
function underTwoKeys(group: Group): [string, DossierVector][] {
  const federation = paper({ p: SIGNER, group, parties: 2, items: 3, conduct: () => 'answers', rekeyed: ['QN'], story: { QN: [{ from: 'made', when: '2024-02-01T00:00:00Z', fate: 'lost' }] } })
  const { body, bytes } = dossierOf(federation)
  const agreement = text(federation.agreementBytes)
  const base = 'dossier/valid/under-two-keys'
  const told = (changed: (evidence: PartyEvidence, before: Omit<AskedEvidence, 'party'>) => object) => {
    const parties = body.parties.map((each) => each.earlier?.[0] === undefined ? each : changed(each, each.earlier[0]) as PartyEvidence)
    return differences(json(bytes), json(signDossier(SIGNER, { ...body, parties }, federation.asker.keys.message)), '')
  }
  const refused = (name: string, what: string, code: string, changes: DossierVector['changes']): [string, DossierVector] =>
    [`dossier/invalid/${name}`, { what, dossier: null, base, changes, agreement, now: NOW, verdict: 'refused', findings: [{ code, party: 'QN' }] }]
  return [
    [base, { what: 'the maker replaced its OPRF key after a compromise: the question was put under both, and the newest declaration tells of the weapon', dossier: text(bytes), base: null, changes: null, agreement, now: NOW, verdict: 'proven', findings: [] }],
    refused('earlier-key-left-out', 'the question under the replaced key is left out', 'dossier/earlier', told(({ earlier: _, ...evidence }) => evidence)),
    refused('earlier-key-twice', 'a question too many under a replaced key', 'dossier/earlier', told((evidence, before) => ({ ...evidence, earlier: [before, before] }))),
    refused('earlier-answer-for-the-newest', 'the answer under the replaced key stands for that under the newest', 'answer/newest', told(({ earlier: _, ...evidence }, before) => ({ ...evidence, ...before }))),
    refused('newest-answer-for-the-earlier', 'the answer under the newest key stands for that under the replaced one', 'answer/newest', told((evidence, before) => ({
      ...evidence, earlier: [{ ...before, request: evidence.request, answer: evidence.answer, head: evidence.head, log: evidence.log, declaration: evidence.declaration, opened: evidence.opened, lookups: evidence.lookups }],
    }))),
  ]
}

function invalid(federation: Paper, made: PaperDossier, agreement: string): [string, DossierVector][] {
  const refused = (name: string, what: string, code: string, party: string | null, more: Partial<DossierVector>): [string, DossierVector] =>
    [`dossier/invalid/${name}`, { what, dossier: null, base: null, changes: null, agreement, now: NOW, verdict: 'refused', findings: [{ code, party }], ...more }]
  const all = new Map([...forgeries(federation, made)].map((forgery) => [`${forgery.kind}: ${forgery.of}`, forgery]))
  const forged = (kind: string, of: string): Forgery => {
    const forgery = all.get(`${kind}: ${of}`)
    if (forgery === undefined) throw new Error(`no such forgery: ${kind}: ${of}`)
    return forgery
  }
  const changed = (forgery: Forgery) => ({ base: BASE, changes: differences(json(made.bytes), json(signedForgery(federation, forgery)), '') })
  const otherInput = withConclusion(made, forged('other inputs under a true transcript', 'QN'))
  return [
    refused('input-not-the-one-blinded', 'every proof holds, Finalize succeeds, the labels are truly absent and the conclusion follows; only the blinding done again tells that other inputs were asked', otherInput.code, otherInput.party, changed(otherInput)),
    ...FORGED.map(([name, kind, of, what]) => {
      const forgery = forged(kind, of)
      return refused(name, what, forgery.code, forgery.party, { ...changed(forgery), ...(forgery.untrusted === true ? { agreement: null } : {}) })
    }),
    refused('dated-anew-under-the-old-signature', 'one second is added to the date and nothing signed', 'dossier/signature', null, { base: BASE, changes: { '/made': '2026-03-02T12:00:01Z' } }),
    refused('signed-by-another', 'the signature names another party', 'dossier/signature', null, { base: BASE, changes: { '/signature/by': 'QN' } }),
    refused('no-dossier', 'an object without the members of a dossier', 'dossier/shape', null, { dossier: '{}' }),
    refused('not-canonical', 'JSON that is not in its RFC 8785 form', 'dossier/json', null, { dossier: '{ }' }),
  ]
}

/** The forgery with what would follow if it held: both parties searched, nothing hit but the find itself. */
function withConclusion({ assessment: { conclusion } }: PaperDossier, forgery: Forgery): Forgery {
  const { quorum, candidates } = conclusion
  const answers = quorum.parties.map(({ party, asOf }) => ({ party, outcome: 'absent', asOf }) as const)
  const told = { ...conclude({ answers, readable: true, candidates, markCondition: 'intact', hits: [] }), quorum }
  return { ...forgery, body: { ...forgery.body, conclusion: told as unknown as DossierBody['conclusion'] } }
}

/** What is set where, by JSON pointer; a list of another length is set as a whole. */
function differences(one: Json, other: Json, at: string): Readonly<Record<string, Json>> {
  if (canonical(one) === canonical(other)) return {}
  const [before, after] = [membersOf(one), membersOf(other)]
  if (before === undefined || after === undefined || Array.isArray(one) !== Array.isArray(other) || Object.keys(before).join() !== Object.keys(after).join()) return { [at]: other }
  return Object.assign({}, ...Object.keys(after).map((name) => differences(before[name] as Json, after[name] as Json, `${at}/${name}`))) as Readonly<Record<string, Json>>
}

function membersOf(value: Json): { readonly [name: string]: Json } | undefined {
  return typeof value === 'object' && value !== null ? value as { readonly [name: string]: Json } : undefined
}

/** The dossier of a vector; `textOf` gives that of its base. */
export function textOfVector({ dossier, base, changes }: DossierVector, textOf: (path: string) => string): string {
  if (dossier !== null || base === null) return dossier ?? ''
  return canonical(Object.entries(changes ?? {}).reduce((whole, [pointer, value]) => setAt(whole, pointer.split('/').slice(1), value), json(utf8(textOf(base)))))
}

function setAt(whole: Json, [name, ...rest]: readonly string[], value: Json): Json {
  if (name === undefined) return value
  const members = membersOf(whole) ?? {}
  const inner = setAt(members[name] ?? null, rest, value)
  return Array.isArray(whole) ? (whole as readonly Json[]).with(Number(name), inner) : { ...members, [name]: inner }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}

function json(bytes: Uint8Array): Json {
  return parseJson(bytes, { bytes: bytes.length, depth: 64 })
}
