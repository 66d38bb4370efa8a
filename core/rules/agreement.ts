// An agreement: what the parties promised one another, as data (DESIGN sections 4 and 6, spec/agreement.md). No deadline, quota or
// quorum stands in the code.
import { canonicalBytes } from '../bytes/canonical.ts'
import { Refusal } from '../bytes/refusal.ts'
import { base64, boolean, hex, integer, list, misfit, nullable, object, oneOf, optional, pattern, ruled, text, time, type Shape, type Shaped } from '../bytes/shape.ts'
import { shaped, shapedJson, type JsonCode } from '../bytes/shaped-json.ts'
import { componentClass } from './item.ts'
import { marking } from './marking.ts'
import { partyId, type PartyId } from './party.ts'
import { DISCLOSED_SECTIONS, disclosure, escalation, exchanges, licensedProduction } from './terms.ts'
import { samePerson } from './two-people.ts'

declare const agreementIds: unique symbol
/** 1 to 63 of a-z, 0-9 and dash, not a dash first; minted by `isAgreementId` and `agreementId` only. */
export type AgreementId = string & { readonly [agreementIds]: true }

export const AGREEMENT_VERSION = 'muster/agreement/1'
/** The whole agreement is one log entry: one kind byte and at most 65,534 bytes. */
export const AGREEMENT_BYTES_MAX = 65_534
export const PARTIES_MIN = 2
export const PARTIES_MAX = 200
export const SEQUENCE_MAX = Number.MAX_SAFE_INTEGER
export const TITLE_CHARACTERS_MAX = 200
export const CLASSES_MAX = 64
export const SECONDS_MAX = 100 * 366 * 86_400
/** A level-0 tile and an entry bundle hold 256 entries; a step is a multiple, so that none is ever partial. */
export const STEP_UNIT = 256
export const STEP_MAX = 1_048_576
export const QUOTA_ELEMENTS_MAX = 1_000_000_000
export const OPEN_ONE_IN_MAX = 1000
/** The sizes to which a batch of an evaluation is padded (DESIGN section 5). */
export const BATCH_SIZES = [16, 64, 256, 1024] as const

/** Secretariats that an agreement names: 1,800 bytes of keys each. */
export const SECRETARIATS_MAX = 8

const AGREEMENT_ID = /^[a-z0-9][a-z0-9-]{0,62}$/

export function isAgreementId(value: unknown): value is AgreementId {
  return typeof value === 'string' && AGREEMENT_ID.test(value)
}

/** An exercise says so in its id, and so in the name of every key and log under it (`<party>/muster/exercise…`): whatever is signed under one shows what it is. */
const EXERCISE_ID = /^exercise(?:-|$)/

export function isExerciseId(id: AgreementId): boolean {
  return EXERCISE_ID.test(id)
}

export const agreementId = pattern(AGREEMENT_ID, 'an agreement id: 1 to 63 of a-z, 0-9 and dash, not a dash first') as Shape<AgreementId>

const bothLanguages = object({ en: text(TITLE_CHARACTERS_MAX), ru: text(TITLE_CHARACTERS_MAX) })
const ED25519_KEY_BYTES = 32
const MLDSA44_KEY_BYTES = 1312

export const secretariatId = pattern(AGREEMENT_ID, 'a secretariat\'s id: 1 to 63 of a-z, 0-9 and dash, not a dash first')
/** Who is shown how the agreement is kept, and is no party: it declares, answers and asks nothing. Keys as of a party's messages. */
const secretariat = object({ id: secretariatId, name: bothLanguages, ed25519: base64(ED25519_KEY_BYTES), mldsa44: base64(MLDSA44_KEY_BYTES) })
const seconds = integer(1, SECONDS_MAX)
const elements = integer(1, QUOTA_ELEMENTS_MAX)

const members = object({
  v: oneOf(AGREEMENT_VERSION),
  id: agreementId,
  sequence: integer(0, SEQUENCE_MAX),
  exercise: boolean,
  title: bothLanguages,
  parties: list(object({ id: partyId, name: bothLanguages, keyRecord: hex(32) }), PARTIES_MIN, PARTIES_MAX),
  baseline: time,
  scope: object({ classes: nullable(list(componentClass, 1, CLASSES_MAX)) }),
  liars: integer(0, PARTIES_MAX),
  quorum: integer(1, PARTIES_MAX),
  periodSeconds: seconds,
  step: integer(STEP_UNIT, STEP_MAX),
  declarationAgeSecondsMax: seconds,
  quota: object({
    windowSeconds: seconds, askerElements: elements, allElements: elements,
    /** Of some askers, their own number in place of `askerElements`; of one find, by whomever it is asked. */
    askers: optional(list(object({ party: partyId, elements }), 1, PARTIES_MAX)), findElements: optional(elements),
    /** Of one asker in reconciliations, and as many in inspections: beside its traces. */
    grantElements: optional(elements),
  }),
  batches: list(oneOf(...BATCH_SIZES), 1, BATCH_SIZES.length),
  openOneIn: integer(1, OPEN_ONE_IN_MAX),
  deadlines: object({
    openSeconds: seconds, answerSeconds: seconds, receiptSeconds: seconds, lookSeconds: seconds, noticeSeconds: optional(seconds),
    callAcknowledgeSeconds: optional(seconds), callAnswerSeconds: optional(seconds), withdrawalSeconds: optional(seconds), inspectionSeconds: optional(seconds),
  }),
  /** Left out: parties to it do not reconcile in bulk. */
  reconciliation: optional(object({ openOneIn: integer(1, OPEN_ONE_IN_MAX) })),
  /** True: nothing is dispatched to another party without its end-user certificate. */
  certificates: optional(boolean),
  standing: nullable(object({
    sections: list(oneOf(...DISCLOSED_SECTIONS), 1, DISCLOSED_SECTIONS.length),
    approvedBy: list(text(TITLE_CHARACTERS_MAX), 2, 2),
    /** Parties for which the rule does not answer: two of their officers decide each request. */
    except: optional(list(partyId, 1, PARTIES_MAX)),
  })),
  marking,
  /** SHA-256 of the agreement that this one amends, and from when it holds at the earliest. */
  former: optional(hex(32)), effective: optional(time),
  exchanges: optional(exchanges), licensedProduction: optional(licensedProduction), disclosure: optional(disclosure), escalation: optional(escalation),
  secretariats: optional(list(secretariat, 1, SECRETARIATS_MAX)),
})
export type Agreement = Shaped<typeof members>

const RULES = 'an id that is or begins with the word exercise where it is one, and only there; each party, key record, class and section once; liars < parties; parties + liars < 2 quorum ≤ 2 parties; a step of whole tiles; batches that ascend; '
  + 'quotas that hold one batch and no more for one asker than for all; two different people approve a standing disclosure, from which parties are excepted once each; '
  + '`former` in no first agreement; quotas of single askers, each a party, each once, within the others; licensor and licensee two parties; the rule `standing` for the sections of the standing rule alone; each secretariat and key of one once'

/** Form and rules of an agreement; its canonical bytes fit into one log entry besides. */
export const agreementShape: Shape<Agreement> = ruled(members, RULES, (whole) => {
  const { parties, batches, standing, quota, liars, quorum } = whole
  if (whole.exercise !== isExerciseId(whole.id)) misfit('id', whole.exercise ? 'exercise, or an id that begins with exercise-, since this is one' : 'an id without the word exercise at its beginning, since this is none')
  const ids = new Set<PartyId>()
  const records = new Set<string>()
  parties.forEach((party, i) => {
    if (ids.has(party.id)) misfit(`parties[${i}].id`, `each party once; ${party.id} stands there twice`)
    if (records.has(party.keyRecord)) misfit(`parties[${i}].keyRecord`, 'a key record of its own for each party')
    ids.add(party.id)
    records.add(party.keyRecord)
  })
  if (liars >= parties.length) misfit('liars', `fewer liars than parties (${parties.length})`)
  if (quorum > parties.length) misfit('quorum', `a quorum of at most the number of parties (${parties.length})`)
  // Two quorums of the same n parties share 2q − n of them; only with more than f of these is one honest in both.
  if (2 * quorum <= parties.length + liars) misfit('quorum', `a quorum above (n + f) / 2, here above ${(parties.length + liars) / 2}`)
  if (whole.step % STEP_UNIT !== 0) misfit('step', `a multiple of ${STEP_UNIT}`)
  if (batches.some((size, i) => i > 0 && size <= (batches[i - 1] as number))) misfit('batches', 'sizes that ascend')
  if (quota.askerElements > quota.allElements) misfit('quota.askerElements', 'no more for one asker than for all of them')
  if (quota.askerElements < (batches[0] as number)) misfit('quota.askerElements', `room for one batch of ${batches[0] as number}`)
  if (standing !== null) {
    if (new Set(standing.sections).size !== standing.sections.length) misfit('standing.sections', 'each section once')
    standing.except?.forEach((party, i, all) => { if (!ids.has(party) || all.indexOf(party) !== i) misfit(`standing.except[${i}]`, 'a party of the agreement, each once') })
    if (samePerson(standing.approvedBy[0] as string, standing.approvedBy[1] as string)) misfit('standing.approvedBy', 'two different people')
  }
  demandTerms(whole, ids)
  const { classes } = whole.scope
  if (classes !== null && new Set(classes).size !== classes.length) misfit('scope.classes', 'each class once')
})

/** What binds the members that may be left out to the others. */
function demandTerms({ sequence, former, quota, batches, standing, disclosure, licensedProduction: licensed, secretariats }: Agreement, parties: ReadonlySet<PartyId>): void {
  if (sequence === 0 && former !== undefined) misfit('former', 'no member of this name in a first agreement')
  const askers = new Set<PartyId>()
  quota.askers?.forEach(({ party, elements }, i) => {
    if (!parties.has(party)) misfit(`quota.askers[${i}].party`, 'a party of the agreement')
    if (askers.size === askers.add(party).size) misfit(`quota.askers[${i}].party`, 'each party once')
    if (elements > quota.allElements || elements < (batches[0] as number)) misfit(`quota.askers[${i}].elements`, `from one batch of ${batches[0] as number} to what is for all (${quota.allElements})`)
  })
  if (quota.findElements !== undefined && quota.findElements < (batches[0] as number)) misfit('quota.findElements', `room for one batch of ${batches[0] as number}`)
  licensed?.forEach(({ licensor, licensee }, i) => {
    if (!parties.has(licensor)) misfit(`licensedProduction[${i}].licensor`, 'a party of the agreement')
    if (!parties.has(licensee) || licensee === licensor) misfit(`licensedProduction[${i}].licensee`, 'another party of the agreement than the licensor')
  })
  const named = new Set<string>()
  secretariats?.forEach((each, i) => {
    for (const name of ['id', 'ed25519', 'mldsa44'] as const) if (named.size === named.add(`${name} ${each[name]}`).size) misfit(`secretariats[${i}].${name}`, 'each secretariat and each key of one once')
  })
  const other = disclosure?.sections.findIndex(({ section, rule }) => rule !== 'standing' === (standing?.sections.includes(section) ?? false)) ?? -1
  if (other >= 0) misfit(`disclosure.sections[${other}]`, 'the rule standing for the sections of the standing rule, and for no other')
}

export type AgreementCode = JsonCode<'agreement'>

/** The canonical bytes as they stand in a log. */
export function parseAgreement(bytes: Uint8Array): Agreement | Refusal<AgreementCode> {
  return shapedJson('agreement', agreementShape, AGREEMENT_BYTES_MAX, bytes)
}

/** A parsed JSON value, as from a file that people edit; its canonical bytes must fit into one log entry. */
export function agreementOf(value: unknown): Agreement | Refusal<AgreementCode> {
  const read = shaped('agreement', agreementShape, value)
  if (read instanceof Refusal) return read
  const { length } = canonicalBytes(read)
  if (length > AGREEMENT_BYTES_MAX) return new Refusal('agreement/too-long', `agreement: at most ${AGREEMENT_BYTES_MAX} bytes fit into a log entry, these are ${length}`)
  return read
}

/** The canonical bytes of an agreement: its log entry without the kind byte. */
export function agreementBytes(agreement: Agreement): Uint8Array {
  return canonicalBytes(agreement)
}

/** The origin of a party's one log under an agreement (DESIGN section 4). */
export function logOrigin(party: PartyId, agreement: AgreementId): string {
  return `${party}/muster/${agreement}`
}

/** The name under which a party's registry cosigns others' logs. */
export function witnessName(party: PartyId, agreement: AgreementId): string {
  return `${logOrigin(party, agreement)}/witness`
}

/** The name under which a party's registry cosigns others' declarations; never counts as a witness, nor a witness as this. */
export function readerName(party: PartyId, agreement: AgreementId): string {
  return `${logOrigin(party, agreement)}/reader`
}

const LOG_ORIGIN = /^([A-Z][A-Z0-9]{1,15})\/muster\/([a-z0-9][a-z0-9-]{0,62})$/

/** Party and agreement of a log's origin; undefined for any other origin, a declaration's among them. */
export function parseLogOrigin(origin: string): { readonly party: PartyId, readonly agreement: AgreementId } | undefined {
  const parts = LOG_ORIGIN.exec(origin)
  return parts === null ? undefined : { party: parts[1] as PartyId, agreement: parts[2] as AgreementId }
}

/** The origin of a declaration: it contains the hash of its head, so that each signature on its checkpoint covers the head. */
export function declarationOrigin(log: string, headHashHex: string): string {
  return `${log}/d/${headHashHex}`
}
