// A leaf that was drawn for an inspection and shown (spec/inspection.md): it stands at the drawn place under the root of the inspected head, and what is
// opened of it is what it binds. The adversary is the inspected party: it would like to show another leaf, or less of one.
import { Breach } from '../bytes/breach.ts'
import { concat, fromBase64, fromHex } from '../bytes/bytes.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { verifyEntry } from '../proof/inclusion.ts'
import { leafBinding, type LeafKind } from '../proof/leaf.ts'
import { labelsOf, verifyOpenings } from '../proof/opening.ts'
import { TO_BE_SEEN } from '../rules/inspection.ts'
import { parseSection, type SectionOf } from '../rules/section.ts'
import type { Head } from './head.ts'
import type { ShownLeaf } from './inspection-body.ts'

export type LeafCode = 'inspection/other-leaf' | 'inspection/leaf-path' | 'inspection/leaf-opening' | 'inspection/leaf-section'

/** What a drawn leaf turned out to be. */
export interface DrawnLeaf {
  readonly index: number
  readonly kind: LeafKind
  readonly label: string
  /** Of an item. */
  readonly status: SectionOf<'status'> | undefined
  readonly marks: SectionOf<'marks'>['marks']
  /** Of a key: the labels of the items that share it. */
  readonly items: readonly Uint8Array[]
  /** An item that the declaration states to be in hand. */
  readonly toBeSeen: boolean
}

/** The leaf at the place that was drawn, or why what is shown is not that. An item comes with its status and marks, a key with its items. */
export function readShownLeaf(p: Primitives, head: Head, shown: ShownLeaf, index: number): DrawnLeaf | Refusal<LeafCode> {
  const refuse = (code: LeafCode, message: string) => new Refusal<LeafCode>(code, message, `leaf ${index}`)
  if (shown.index !== index) return refuse('inspection/other-leaf', `leaf ${index} was drawn, and leaf ${shown.index} is shown in its place`)
  const digests = shown.digests.map((digest) => fromHex(digest) as Uint8Array)
  const entry = concat(fromHex(shown.label) as Uint8Array, leafBinding(p, digests))
  const path = shown.path.map((hash) => fromBase64(hash) as Uint8Array)
  try {
    verifyEntry(p, { origin: '', size: head.size, root: fromBase64(head.root) as Uint8Array }, { index, path }, entry)
  } catch (thrown) {
    if (!(thrown instanceof Breach)) throw thrown
    return refuse('inspection/leaf-path', `what is shown as leaf ${index} does not stand there in the declaration that is inspected: ${thrown.message}`)
  }
  const sections = Object.entries(shown.sections).map(([section, { salt, bytes }]) => ({ section, salt: fromHex(salt) as Uint8Array, bytes: fromBase64(bytes) as Uint8Array }))
  const opened = verifyOpenings(p, entry, digests, sections)
  if ('problem' in opened) return refuse('inspection/leaf-opening', `leaf ${index} opens to something else than it binds: ${opened.problem}${opened.section === undefined ? '' : ` (${opened.section})`}`)
  const { kind } = opened
  const bytesOf = (name: 'status' | 'marks' | 'items'): Uint8Array | undefined => opened.sections.get(name)
  const needed = kind === 'item' ? ['status', 'marks'] as const : kind === 'key' ? ['items'] as const : []
  const closed = needed.find((name) => bytesOf(name) === undefined)
  if (closed !== undefined) return refuse('inspection/leaf-section', `leaf ${index} is ${kind === 'item' ? 'an item' : 'a key'} whose section ${closed} is kept closed`)
  const nothing = { index, kind, label: shown.label, status: undefined, marks: [], items: [], toBeSeen: false }
  if (kind === 'key') return { ...nothing, items: labelsOf(bytesOf('items') as Uint8Array) ?? [] }
  if (kind === 'dummy') return nothing
  const [status, marks] = [parseSection('status', bytesOf('status') as Uint8Array), parseSection('marks', bytesOf('marks') as Uint8Array)]
  if (status === undefined || status instanceof Refusal || marks instanceof Refusal) return refuse('inspection/leaf-section', `leaf ${index} states a status or marks that nobody can read`)
  return { ...nothing, status, marks: marks?.marks ?? [], toBeSeen: TO_BE_SEEN.includes(status.status) }
}
