// The charges: what a party signed and may not have signed (DESIGN sections 4 and 6, spec/evidence.md). Each proof holds the party's own
// signatures over things that contradict one another or its own law, so it convicts whoever shows it.
import { compare, equal, fromBase64, fromHex, toHex } from '../bytes/bytes.ts'
import { canonical, type Json } from '../bytes/canonical.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { base64UpTo, hex, integer, list, object, verbatim, type Shape, type Shaped } from '../bytes/shape.ts'
import { shaped, strictJson } from '../bytes/shaped-json.ts'
import type { Group } from '../oprf/group.ts'
import { OprfError } from '../oprf/oprf-error.ts'
import { verifyProof } from '../oprf/oprf.ts'
import { verifyAbsent, verifyEntry } from '../proof/absence.ts'
import type { SignedCheckpoint } from '../proof/checkpoint.ts'
import { parseDeclarationOrigin } from '../proof/declaration-origin.ts'
import { ENTRY_BYTES, LABEL_BYTES } from '../proof/leaf.ts'
import { leafHash, PATH_HASHES_MAX, verifyConsistency, verifyInclusion } from '../proof/merkle.ts'
import { NOTE_BYTES_MAX, parseNote } from '../proof/note.ts'
import { parseCheckpoint, type Checkpoint } from '../proof/tree-head.ts'
import { declarationOrigin, logOrigin, SEQUENCE_MAX, type Agreement, type AgreementId } from '../rules/agreement.ts'
import { askedBatch, evaluatedBatch } from './batch-body.ts'
import { falseOpening, leftUnopened, openedFalsely, silent, unopened, wasSilent } from './charge-default.ts'
import { isWitnessOf } from './cosigned.ts'
import { clearSubject, LOG_ENTRY_BYTES_MAX, parseEntry } from './entry.ts'
import { HEAD_BYTES_MAX, readHead, type ReadHead } from './head.ts'
import { FINAL_ANSWERS, isAsking, type Asking } from './message-kind.ts'
import { envelope, openEnvelope, PAYLOAD_BYTES_MAX, type Envelope, type SignedPayload } from './message.ts'
import { ownWord } from './party-checkpoint.ts'
import { bindTable } from './reconciliation-body.ts'
import { saidBody } from './said-body.ts'
import { messageKeysAt, type CosignerTrust, type PartyTrust } from './trust.ts'

export type ChargeCode = 'evidence/shape' | 'evidence/other-log' | 'evidence/path' | 'evidence/unreadable-entry' | 'evidence/other-head' | 'evidence/other-question' | 'evidence/json' | 'evidence/too-long' | 'evidence/not-a-party' | 'evidence/not-witnessed'

/** Whose signatures a proof has to bear. */
export interface Accused { readonly p: Primitives, readonly group: Group, readonly party: PartyTrust, readonly cosigners: CosignerTrust, readonly agreement: AgreementId, readonly agreed: Agreement }

interface Tree { readonly size: number, readonly root: Uint8Array }

const note = verbatim(NOTE_BYTES_MAX)
const path = list(hex(32), 0, PATH_HASHES_MAX)
const index = integer(0, SEQUENCE_MAX)
const placed = (bytesMax: number) => object({ entry: base64UpTo(bytesMax), index, path })
type Placed = { readonly entry: string, readonly index: number, readonly path: readonly string[] }
const leaf = placed(ENTRY_BYTES)
const logEntry = placed(LOG_ENTRY_BYTES_MAX)
const head = base64UpTo(HEAD_BYTES_MAX)

const unhex = (text: string): Uint8Array => fromHex(text) as Uint8Array
const unbase64 = (text: string): Uint8Array => fromBase64(text) as Uint8Array

/** The entry, where it stands in the tree at its place. */
function standing({ p }: Accused, { size, root }: Tree, at: Placed, name: string): Uint8Array {
  const entry = unbase64(at.entry)
  if (!verifyInclusion(p, { index: at.index, size, root, leafHash: leafHash(p, entry), path: at.path.map(unhex) })) {
    throw new Refusal<ChargeCode>('evidence/path', `the path of \`${name}\` does not lead from its entry at ${at.index} to the root that was signed`, name)
  }
  return entry
}

/** Under keys that were taken: only where a quorum of the cosigners that the file names had cosigned it before. A thief's fork convicts nobody. */
const ofLog = ({ p, party, cosigners }: Accused, text: string): SignedCheckpoint => ownWord(p, cosigners, party, text, party.origin)

/** The checkpoint of any declaration of the party. */
function ofDeclaration({ p, party, cosigners }: Accused, text: string): SignedCheckpoint {
  const { origin } = parseCheckpoint(parseNote(text).text)
  if (parseDeclarationOrigin(origin)?.logOrigin !== party.origin) throw new Refusal<ChargeCode>('evidence/other-log', `${origin} is no declaration of ${party.party}`)
  return ownWord(p, cosigners, party, text, origin)
}

function headIn({ p }: Accused, text: string): ReadHead {
  const read = readHead(p, unbase64(text))
  if (read instanceof Refusal) throw read
  return read
}

/** A message of the party under the agreement, both signatures verified. */
function messageOf({ p, party, agreement }: Accused, packed: Envelope): SignedPayload {
  const opened = openEnvelope(p, packed, (from, under, time) => from === party.party && under === agreement ? messageKeysAt(party, time) : undefined)
  if (opened instanceof Error) throw opened
  return opened
}

/** Two messages of the party to one receiver under the agreement, both signatures verified. */
function messagesOf(accused: Accused, both: { readonly first: Envelope, readonly second: Envelope }): readonly [SignedPayload, SignedPayload] | undefined {
  const [first, second] = [messageOf(accused, both.first), messageOf(accused, both.second)]
  return first.payload.to === second.payload.to ? [first, second] : undefined
}

interface Rule { readonly members: Shape<unknown>, readonly shows: (accused: Accused, proof: unknown) => boolean }

/** A charge by the members of its proof and by what makes them a breach: false where all signatures hold and nothing is wrong. */
function charge<S extends Shape<unknown>>(members: S, breaks: (accused: Accused, proof: Shaped<S>) => boolean): Rule {
  return {
    members,
    shows: (accused, value) => {
      const proof = shaped('evidence', members, value)
      if (proof instanceof Refusal) throw proof
      return breaks(accused, proof as Shaped<S>)
    },
  }
}

/** The blinded elements of a question, from its payload. */
function questionIn(request: Uint8Array): { readonly kind: Asking, readonly elements: Uint8Array[] } {
  const json = strictJson('evidence', PAYLOAD_BYTES_MAX, request)
  if (json instanceof Refusal) throw json
  const { kind, body } = json.value as { readonly kind?: Json, readonly body?: { readonly [name: string]: Json } }
  if (!isAsking(kind)) throw new Refusal<ChargeCode>('evidence/other-question', '`request` is no question for an evaluation', 'request')
  return { kind, elements: askedBatch(kind, body ?? {}).elements.map(unbase64) }
}

const MESSAGES = object({ first: envelope, second: envelope })
const TABLES = object({ bound: envelope, opened: envelope })

/** Both are of one reconciliation and one receiver: a proposal with the table opened to it, or an acceptance with the table in answer. */
function openedAnother(p: Primitives, { payload: bound }: SignedPayload, { payload: opened }: SignedPayload): boolean {
  const proposed = bound.kind === 'reconciliation/propose' && opened.kind === 'reconciliation/open'
  if (!proposed && !(bound.kind === 'reconciliation/accept' && opened.kind === 'reconciliation/counts')) throw new Refusal<ChargeCode>('evidence/other-question', '`opened` is no table to what is bound in `bound`', 'opened')
  if (bound.to !== opened.to || bound.body.reconciliation !== opened.body.reconciliation) throw new Refusal<ChargeCode>('evidence/other-question', '`bound` and `opened` are of two reconciliations', 'opened')
  const table = saidBody(opened.kind, opened.body)
  if (table instanceof Refusal) throw table
  return 'salt' in table && 'rows' in table && bindTable(p, unhex(table.salt), table.rows) !== bound.body.binding
}

const FORK = object({ small: note, large: note, prefix: hex(32), path })

/** Whether the first entries of the larger tree come to another root than the smaller one has. */
function areTwoHistories({ p }: Accused, small: Tree, large: Tree, { prefix, path: steps }: Shaped<typeof FORK>): boolean {
  const root1 = unhex(prefix)
  if (!verifyConsistency(p, { size1: small.size, size2: large.size, root1, root2: large.root, path: steps.map(unhex) })) {
    throw new Refusal<ChargeCode>('evidence/path', `the path does not show that the first ${small.size} entries of the larger tree come to \`prefix\``, 'path')
  }
  return !equal(root1, small.root)
}

/** The checkpoint of a log of the agreement that the accused's witness cosigned. */
function witnessed({ p, party, agreed }: Accused, text: string, name: string): Checkpoint {
  const tree = parseCheckpoint(parseNote(text).text)
  if (agreed.parties.every(({ id }) => logOrigin(id, agreed.id) !== tree.origin)) throw new Refusal<ChargeCode>('evidence/other-log', `${tree.origin} is no log of the agreement`, name)
  if (!isWitnessOf(p, party, text)) throw new Refusal<ChargeCode>('evidence/not-witnessed', `\`${name}\` bears no line of ${party.party}'s witness under a key of that time that nobody else had`, name)
  return tree
}

const RULES = {
  /** The first entries of the larger tree come to `prefix`, and the smaller one was signed with another root. */
  'fork': charge(FORK, (accused, proof) => areTwoHistories(accused, ofLog(accused, proof.small), ofLog(accused, proof.large), proof)),
  /** The same of a log, whosever it is, that the party's witness cosigned both times: it states of each that the log only grew. */
  'witnessed-fork': charge(FORK, (accused, proof) => {
    const [small, large] = [witnessed(accused, proof.small, 'small'), witnessed(accused, proof.large, 'large')]
    if (small.origin !== large.origin) throw new Refusal<ChargeCode>('evidence/other-log', `checkpoints of two logs, ${small.origin} and ${large.origin}`, 'large')
    return areTwoHistories(accused, small, large, proof)
  }),
  /** Two clear entries for one subject: a second agreement, key record or head of one sequence. */
  'second-entry': charge(object({ note, first: logEntry, second: logEntry }), (accused, proof) => {
    const tree = ofLog(accused, proof.note)
    const subjects = (['first', 'second'] as const).map((name) => {
      const entry = parseEntry(accused.p, standing(accused, tree, proof[name], name))
      if (entry instanceof Refusal) throw new Refusal<ChargeCode>('evidence/unreadable-entry', `${name}: ${entry.message}`, name)
      return clearSubject(entry)
    })
    const [first, second] = subjects
    return first !== undefined && second !== undefined && proof.first.index !== proof.second.index && canonical({ ...first }) === canonical({ ...second })
  }),
  /** One declaration has one checkpoint. */
  'two-checkpoints': charge(object({ first: note, second: note }), (accused, proof) => {
    const [first, second] = [ofDeclaration(accused, proof.first), ofDeclaration(accused, proof.second)]
    return first.origin === second.origin && !(first.size === second.size && equal(first.root, second.root))
  }),
  /** The checkpoint of a declaration says something else than the head that its origin names. */
  'other-than-its-head': charge(object({ note, head }), (accused, proof) => {
    const [tree, named] = [ofDeclaration(accused, proof.note), headIn(accused, proof.head)]
    if (tree.origin !== declarationOrigin(accused.party.origin, named.hash)) throw new Refusal<ChargeCode>('evidence/other-head', 'the checkpoint is of another head than `head`', 'head')
    return tree.size !== named.head.size || !equal(tree.root, unbase64(named.head.root))
  }),
  /** Neighbours of a declaration whose labels do not ascend. */
  'unsorted': charge(object({ note, before: leaf, after: leaf }), (accused, proof) => {
    const tree = ofDeclaration(accused, proof.note)
    const [before, after] = [standing(accused, tree, proof.before, 'before'), standing(accused, tree, proof.after, 'after')]
    return proof.after.index === proof.before.index + 1 && compare(before.subarray(0, LABEL_BYTES), after.subarray(0, LABEL_BYTES)) >= 0
  }),
  /** An entry of another length than 64 bytes, a place for a sentinel without it, or a sentinel elsewhere. */
  'unlawful-entry': charge(object({ note, at: logEntry }), (accused, proof) => {
    const tree = ofDeclaration(accused, proof.note)
    const entry = standing(accused, tree, proof.at, 'at')
    const problem = verifyEntry(accused.p, tree, { index: proof.at.index, entry, path: proof.at.path.map(unhex) })
    return problem === 'entry-size' || problem === 'sentinel'
  }),
  /** A label of the declaration before is in this one no more, whichever OPRF key it is under. */
  'label-gone': charge(object({ note, head, previous: head, gone: leaf, absent: object({ index, entries: list(base64UpTo(ENTRY_BYTES), 2, 2), paths: list(path, 2, 2) }) }), (accused, proof) => {
    const [newest, before] = [headIn(accused, proof.head), headIn(accused, proof.previous)]
    const tree = ofDeclaration(accused, proof.note)
    if (tree.origin !== declarationOrigin(accused.party.origin, newest.hash)) throw new Refusal<ChargeCode>('evidence/other-head', 'the checkpoint is of another head than `head`', 'head')
    if (newest.head.previous !== before.hash) throw new Refusal<ChargeCode>('evidence/other-head', '`head` names another predecessor than `previous`', 'previous')
    const label = standing(accused, { size: before.head.size, root: unbase64(before.head.root) }, proof.gone, 'gone').subarray(0, LABEL_BYTES)
    const [entries, paths] = [proof.absent.entries.map(unbase64), proof.absent.paths.map((each) => each.map(unhex))]
    const problem = verifyAbsent(accused.p, tree, label, { index: proof.absent.index, entries: entries as [Uint8Array, Uint8Array], paths: paths as [Uint8Array[], Uint8Array[]] })
    if (problem !== undefined && problem !== 'equal-to-neighbour') throw new Refusal<ChargeCode>('evidence/path', `the absence of the label is not shown: ${problem}`, 'absent')
    return problem === undefined
  }),
  /** Two ids for one sequence of a pair. */
  'two-messages': charge(MESSAGES, (accused, proof) => {
    const [first, second] = messagesOf(accused, proof) ?? []
    return first !== undefined && second !== undefined && first.payload.sequence === second.payload.sequence && first.id !== second.id
  }),
  /** A message that does not name the one right before it. */
  'broken-chain': charge(MESSAGES, (accused, proof) => {
    const [first, second] = messagesOf(accused, proof) ?? []
    return first !== undefined && second !== undefined && second.payload.sequence === first.payload.sequence + 1 && second.payload.previous !== first.id
  }),
  /** Two answers, or an answer and a refusal, to one question. */
  'two-answers': charge(MESSAGES, (accused, proof) => {
    const [first, second] = messagesOf(accused, proof) ?? []
    if (first === undefined || second === undefined || first.id === second.id) return false
    const question = first.payload.body.request
    return typeof question === 'string' && question === second.payload.body.request
      && Object.values(FINAL_ANSWERS).some((kinds) => [first, second].every(({ payload }) => kinds.includes(payload.kind)))
  }),
  /** An evaluation that does not hold for the question's elements under the key of the head that the answer names. */
  'false-evaluation': charge(object({ request: base64UpTo(PAYLOAD_BYTES_MAX), answer: envelope, head }), (accused, proof) => {
    const { p, group } = accused
    const { payload } = messageOf(accused, proof.answer)
    const [request, named] = [unbase64(proof.request), headIn(accused, proof.head)]
    const { kind, elements: asked } = questionIn(request)
    const answered = evaluatedBatch(kind, payload)
    if (answered === undefined) return false
    if (toHex(p.sha256(request)) !== answered.request) throw new Refusal<ChargeCode>('evidence/other-question', 'the answer is to another question than `request`', 'request')
    if (named.hash !== answered.head) throw new Refusal<ChargeCode>('evidence/other-head', 'the answer names another head than `head`', 'head')
    if (answered.elements === null || answered.proof === null || !group.areElements(asked)) return false
    try {
      return !verifyProof(group, unbase64(named.head.oprf), asked, answered.elements.map(unbase64), unbase64(answered.proof))
    } catch (error) {
      if (error instanceof OprfError) return true
      throw error
    }
  }),
  /** No answer, though it had the question: by its receipt, or offered in vain by a quorum. */
  'silent': charge(silent, wasSilent),
  /** It opened another table to a reconciliation than it had bound. */
  'other-table': charge(TABLES, (accused, proof) => {
    const [bound, opened] = [messageOf(accused, proof.bound), messageOf(accused, proof.opened)]
    return openedAnother(accused.p, bound, opened)
  }),
  /** A batch that was answered, and of which it showed no coin when it was due. */
  'unopened': charge(unopened, leftUnopened),
  /** It opened a batch otherwise than it had blinded it, or kept closed what the coins picked. */
  'false-opening': charge(falseOpening, openedFalsely),
} satisfies Record<string, Rule>

export type Charge = keyof typeof RULES
export const CHARGES = Object.keys(RULES) as readonly Charge[]
/** What the proof of each charge consists of. */
export const PROOF_OF = Object.fromEntries(Object.entries(RULES).map(([name, { members }]) => [name, members])) as Readonly<Record<Charge, Shape<unknown>>>

/** Whether the proof shows the charge. Throws a Refusal or Breach where a member, a signature or a path of the proof does not hold. */
export function shows(accused: Accused, charged: Charge, proof: unknown): boolean {
  return RULES[charged].shows(accused, proof)
}
