// The proof that a label came with a declaration, and the evidence that one was lost: both stand without this registry.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { Evidence } from '@muster/core/bytes/breach.ts'
import { parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { ReadHead } from '@muster/core/wire/head.ts'
import type { Trust } from '@muster/core/wire/trust.ts'
import { WATCH_VERSION, watchProofBytes } from '@muster/core/wire/watch-proof.ts'
import type { Found } from '@muster/fast/declaration/copy.ts'
import { CHECKPOINT_FILE } from '@muster/fast/declaration/files.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import type { Best, Followed } from '../peer/mirror.ts'
import { withQuorum } from '../trace/enough.ts'
import { absentJson, logProof, presentJson } from '../trace/evidence.ts'

interface Looked { readonly head: ReadHead, readonly folder: string, readonly found: Found }
export interface Lookups { readonly at: Looked, readonly before: Looked }
type Members = { readonly [name: string]: Json }

/** What the proof of a party's declaration rests on: its log as it was followed, and the checkpoint with cosignatures that hold. */
export interface Ground { readonly trust: Trust, readonly followed: Followed, readonly best: Best, readonly logFolder: string }

const noteIn = (folder: string): Promise<string> => readFile(join(folder, CHECKPOINT_FILE), 'utf8')
const jsonOf = (bytes: Uint8Array): Members => parseJson(bytes) as Members

export async function proofOfAppearance({ trust, followed, best, logFolder }: Ground, label: string, { at, before }: Lookups): Promise<string> {
  if (!('present' in at.found) || !('absent' in before.found)) throw new Refusal('watch/no-news', 'the label did not come with this declaration')
  const place = followed.heads.find(({ head }) => head.hash === at.head.hash)?.index ?? 0
  // A checkpoint that most have cosigned may be older than the head; the newest always holds it.
  const log = logProof(trust, { followed, best: place < best.size ? best : { size: followed.checkpoint.size, note: followed.note }, folder: logFolder, head: at.head })
  const reads = async ({ folder }: Looked): Promise<string> => withQuorum(p, trust, followed.party, await noteIn(folder), 'reader')
  return Buffer.from(watchProofBytes({
    v: WATCH_VERSION, agreement: jsonOf(trust.bytes), marking: trust.agreement.marking, party: followed.party.party, label,
    keyRecords: [...trust.parties.values()].flatMap(({ records }) => records.map(({ bytes }) => jsonOf(bytes))), log,
    found: { head: jsonOf(at.head.bytes), checkpoint: await reads(at), present: presentJson(at.found.present) },
    before: { head: jsonOf(before.head.bytes), checkpoint: await reads(before), absent: absentJson(before.found.absent) },
  })).toString('utf8')
}

/** What convicts a party whose label is gone, as a reader that found it has it (spec/evidence.md). */
export async function goneEvidence({ at, before }: Lookups): Promise<Evidence> {
  const evidence: Evidence = { note: await noteIn(at.folder), head: at.head.bytes, previous: before.head.bytes, problems: ['label-gone'] }
  if (!('present' in before.found) || !('absent' in at.found)) return evidence
  const { present } = before.found
  const { index, entries, paths: [absentPathBefore, absentPathAfter] } = at.found.absent
  return { ...evidence, index: present.index, entry: present.entry, path: present.path, absentAt: index, absentEntries: entries, absentPathBefore, absentPathAfter, label: toHex(present.entry.subarray(0, 32)) }
}
