// A case as one file (spec/case.md): its acts as they are kept, each with its way to the log of the party that keeps the case. Verified alone: the acts
// follow from one another by the law, and those that the log binds stood there when its checkpoint was cosigned.
import { Breach } from '../bytes/breach.ts'
import { canonicalBytes, parseJson, type Json } from '../bytes/canonical.ts'
import { toHex, utf8 } from '../bytes/bytes.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { anyObject, boolean, characters, hex, integer, list, nullable, object, oneOf, text, time, type Shaped } from '../bytes/shape.ts'
import { shapedJson, type JsonCode } from '../bytes/shaped-json.ts'
import type { SignedCheckpoint } from '../proof/checkpoint.ts'
import { verifyEntry } from '../proof/inclusion.ts'
import { leafHash, rootFromInclusion } from '../proof/merkle.ts'
import { ACTS_MAX, caseActOf, caseId, decideCase, foldCase, type Case, type CaseAct, type WrittenAct } from '../rules/case.ts'
import { PERSON_CHARACTERS_MAX, REASON_CHARACTERS_MAX } from '../rules/custody-event.ts'
import { partyId, type PartyId } from '../rules/party.ts'
import { cosignedBy } from './cosigned.ts'
import { bytesOf, lines } from './dossier.ts'
import { boundEntry } from './entry.ts'
import { findingOf, type Finding } from './finding.ts'
import { partyCheckpoint } from './party-checkpoint.ts'
import { bindDigest } from './period.ts'
import { rowDigest, rowText, type Row } from './row-text.ts'
import { agreementIn, RECORDS_MAX, trustIn, type Trust } from './trust.ts'

export const CASE_VERSION = 'muster/case/1'
export const CASE_BYTES_MAX = 16 * 1_048_576
const ACT_CHARACTERS_MAX = 1_048_576
const PATH_HASHES_MAX = 64

const path = list(hex(32), 0, PATH_HASHES_MAX)
const position = integer(0, Number.MAX_SAFE_INTEGER)
const way = object({ period: object({ salt: hex(32), index: position, size: position, path }), entry: position, path })
export type Way = Shaped<typeof way>
/** The canonical text of an act. */
const actText = characters(1, ACT_CHARACTERS_MAX)

export const caseFileShape = object({
  v: oneOf(CASE_VERSION), agreement: anyObject, party: partyId, case: caseId, exercise: boolean, keyRecords: list(anyObject, 1, RECORDS_MAX), log: object({ checkpoint: lines }),
  opened: object({ title: text(REASON_CHARACTERS_MAX), by: text(PERSON_CHARACTERS_MAX), and: text(PERSON_CHARACTERS_MAX), written: time, way: nullable(way) }),
  acts: list(object({ act: actText, written: time, way: nullable(way) }), 0, ACTS_MAX),
})
export type CaseFile = Shaped<typeof caseFileShape>

export type CaseFileCode = JsonCode<'case'> | 'case/not-a-party' | 'case/act' | 'case/way' | 'case/order'

export type CaseVerification =
  /** `proven`: the keys came from outside, and every act is bound. `consistent`: the keys are the file's own, or the log does not hold some act yet. */
  | {
    readonly verdict: 'proven' | 'consistent', readonly findings: readonly Finding[], readonly id: string, readonly party: PartyId, readonly exercise: boolean, readonly file: Case, readonly acts: readonly WrittenAct[]
    /** How many acts the log binds, of all; and who cosigned the checkpoint that shows it. */
    readonly bound: number, readonly witnessed: readonly PartyId[], readonly quorum: number
  }
  | { readonly verdict: 'refused', readonly findings: readonly Finding[] }

export function caseFileBytes(file: CaseFile): Uint8Array {
  return canonicalBytes(file)
}

/** `trusted`: the canonical bytes of the agreement that the reader holds; undefined where there is none. `known`: key records that the reader holds besides. */
export function verifyCaseFile(p: Primitives, bytes: Uint8Array, trusted: Uint8Array | undefined, latest: number, known: readonly Json[] = []): CaseVerification {
  try {
    const file = shapedJson('case', caseFileShape, CASE_BYTES_MAX, bytes, p.textOf)
    if (file instanceof Refusal) throw file
    const trust = trustIn(p, agreementIn(file.agreement, trusted, 'case'), file.keyRecords, known)
    const party = trust.parties.get(file.party)
    if (party === undefined) throw new Refusal<CaseFileCode>('case/not-a-party', `${file.party} is no party of the agreement`, 'party')
    const checkpoint = partyCheckpoint(p, trust, party, file.log.checkpoint, party.origin)
    const acts = actsOf(file)
    const bound = demandWays(p, file, checkpoint)
    return {
      verdict: trusted !== undefined && bound === acts.length ? 'proven' : 'consistent', findings: [], id: file.case, party: file.party, exercise: exerciseIn(file, trust), file: foldCase(acts) as Case, acts, bound,
      witnessed: [...cosignedBy(p, trust, checkpoint.note, 'witness', latest).keys()], quorum: trust.agreement.quorum,
    }
  } catch (thrown) {
    return { verdict: 'refused', findings: [findingOf(thrown, null)] }
  }
}

function exerciseIn({ exercise }: CaseFile, { agreement }: Trust): boolean {
  if (exercise !== agreement.exercise) throw new Refusal<CaseFileCode>('case/shape', 'the file says of itself what its agreement does not say', 'exercise')
  return exercise
}

/** The acts, each decided anew on those before it. */
function actsOf({ opened, acts }: CaseFile): WrittenAct[] {
  const all: WrittenAct[] = []
  const add = (request: CaseAct, written: string, at: string): void => {
    if (written < (all.at(-1)?.written ?? '')) throw new Refusal<CaseFileCode>('case/order', `it was written before the act that it follows`, at)
    const decided = decideCase(all, request, written)
    if (decided instanceof Refusal) throw new Refusal(decided.code, `${at}: ${decided.message}`, at)
    all.push(decided)
  }
  add({ kind: 'opened', by: opened.by, and: opened.and, data: { title: opened.title } }, opened.written, 'opened')
  for (const [i, { act, written }] of acts.entries()) {
    const at = `acts[${i}]`
    const read = caseActOf(parseJson(utf8(act)))
    if (read instanceof Refusal) throw new Refusal<CaseFileCode>('case/act', `${at}: ${read.message}`, at)
    if (toHex(canonicalBytes(read)) !== toHex(utf8(act))) throw new Refusal<CaseFileCode>('case/act', `${at} is not the RFC 8785 form of what it says`, at)
    add(read, written, at)
  }
  return all
}

/** How many rows the log binds. Throws a Breach for a way that leads elsewhere. */
function demandWays(p: Primitives, { case: id, opened, acts }: CaseFile, checkpoint: SignedCheckpoint): number {
  const texts = { byteLength: (each: string) => utf8(each).length, hex: toHex }
  const digestOf = (table: string, row: Row): Uint8Array => rowDigest(p, rowText(table, row, texts))
  const rows: (readonly [Uint8Array, Way | null, string])[] = [
    [digestOf('case_file', { case_id: id, title: opened.title, opened_by: opened.by, opened_and: opened.and, written: opened.written }), opened.way, 'opened'],
    ...acts.map(({ act, written, way: its }, i): readonly [Uint8Array, Way | null, string] => [digestOf('case_act', { case_id: id, seq: i + 1, act, written }), its, `acts[${i}]`]),
  ]
  let bound = 0
  for (const [digest, its, at] of rows) {
    if (its === null) continue
    const { period: { salt, index, size, path: up }, entry, path: further } = its
    const root = rootFromInclusion(p, { index, size, leafHash: leafHash(p, bindDigest(p, bytesOf(salt), digest)), path: up.map(bytesOf) })
    if (root === undefined) throw new Breach<CaseFileCode>('case/way', `the way of ${at} does not fit its own sizes`, { at })
    verifyEntry(p, checkpoint, { index: entry, path: further.map(bytesOf) }, boundEntry(root))
    bound += 1
  }
  return bound
}
