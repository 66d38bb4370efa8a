// The declaration that is looked up in: its head stands in the party's own log beside the agreement and the key record, and its checkpoint
// is the one that the head describes (DESIGN section 4).
import { equal, fromBase64 } from '../bytes/bytes.ts'
import { Breach } from '../bytes/breach.ts'
import { canonicalBytes } from '../bytes/canonical.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { verifyEntry } from '../proof/inclusion.ts'
import { declarationOrigin } from '../rules/agreement.ts'
import { cosignedBy, type Cosigned } from './cosigned.ts'
import { bytesOf, LOGGED, type AskedEvidence } from './dossier.ts'
import { clearEntry } from './entry.ts'
import { readHead, type ReadHead } from './head.ts'
import { partyCheckpoint } from './party-checkpoint.ts'
import type { PartyTrust, Trust } from './trust.ts'

export type HeadEvidenceCode = 'answer/missing' | 'log/entries' | 'head/other' | 'head/oprf' | 'declaration/other-head'

export interface VerifiedHead {
  readonly head: ReadHead
  /** Which of the party's OPRF keys the head names, by the order of its key records. */
  readonly oprf: number
  /** Witnesses of the log checkpoint that holds the head, readers of the declaration. */
  readonly witnessed: Cosigned
  readonly read: Cosigned
  readonly tree: { readonly size: number, readonly root: Uint8Array }
}

/** Cosignatures dated after `latest`, POSIX seconds, do not count. */
export function verifyHead(p: Primitives, trust: Trust, party: PartyTrust, { log, head: headJson, declaration }: Pick<AskedEvidence, 'log' | 'head' | 'declaration'>, latest: number): VerifiedHead {
  const breach = (code: HeadEvidenceCode, message: string) => new Breach<HeadEvidenceCode>(code, message, { party: party.party })
  if (log === null || headJson === null || declaration === null) throw breach('answer/missing', `${party.party}: log, head and declaration are due with an answer`)
  const head = readHead(p, canonicalBytes(headJson, p.utf8))
  if (head instanceof Error) throw head
  if (head.head.party !== party.party || head.head.agreement !== trust.agreement.id) throw breach('head/other', `the head is of ${head.head.party} under ${head.head.agreement}`)
  const named = fromBase64(head.head.oprf) as Uint8Array
  const oprf = party.oprfs.findIndex((key) => equal(key, named))
  if (oprf < 0) throw breach('head/oprf', `the head of ${party.party} names an OPRF key that none of its key records lists`)
  const checkpoint = partyCheckpoint(p, trust, party, log.checkpoint, party.origin)
  const due = { 'agreement': trust.bytes, 'key-record': party.record.bytes, 'head': head.bytes } as const
  if (log.entries.length !== LOGGED.length) throw breach('log/entries', `${party.party}: the log is to show ${LOGGED.join(', ')}, each once`)
  for (const what of LOGGED) {
    const proof = log.entries.find((entry) => entry.what === what)
    if (proof === undefined) throw breach('log/entries', `no proof that ${party.party}'s log holds its ${what}`)
    verifyEntry(p, checkpoint, { index: proof.index, path: proof.path.map(bytesOf) }, clearEntry(due[what]))
  }
  const tree = partyCheckpoint(p, trust, party, declaration.checkpoint, declarationOrigin(party.origin, head.hash))
  if (tree.size !== head.head.size || !equal(tree.root, fromBase64(head.head.root) as Uint8Array)) throw breach('declaration/other-head', `size and root of ${party.party}'s declaration are not those of its head`)
  return { head, oprf, tree, witnessed: cosignedBy(p, trust, checkpoint.note, 'witness', latest), read: cosignedBy(p, trust, tree.note, 'reader', latest) }
}
