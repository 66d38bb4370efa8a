// Opening sections of a leaf (DESIGN section 4). The binding covers the digest of every section, so whoever opens one section shows
// the digests of all. The adversary is the declaring party: it would like to show another leaf's section, an older one, fewer sections,
// or a real item as a dummy. The kind follows from the number of digests and from the `kind` section, and a dummy's label is the hash
// of its preimage, so that no label of an item or key can be opened as a dummy.

import { compare, equal, fromUtf8 } from '../bytes/bytes.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { DIGEST_BYTES, dummyLabel, ENTRY_BYTES, LABEL_BYTES, LEAF_KINDS, leafBinding, SALT_BYTES, SECRET_BYTES, SECTION_BYTES_MAX, SECTIONS, sectionDigest } from './leaf.ts'
import type { LeafKind, SectionName } from './leaf.ts'

export interface OpenedSection {
  section: string
  salt: Uint8Array
  bytes: Uint8Array
}

export type OpeningProblem =
  /** The leaf is not 64 bytes. */
  | 'entry-size'
  /** A digest, a salt or the section's bytes are of a length that cannot be. */
  | 'digest-size'
  | 'salt-size'
  | 'section-too-long'
  /** No kind of leaf has this many sections: one is left out or added. */
  | 'section-count'
  /** The kind with this many sections has no section of that name. */
  | 'section-name'
  /** The digests are not those that the leaf binds: another leaf, another declaration, another order. */
  | 'binding'
  /** The opened bytes do not give the digest at the section's place. */
  | 'digest'
  /** The opened kind is not one that the leaf, by its sections, can be. */
  | 'kind'
  /** The preimage is not 32 bytes, or the label is not its hash. */
  | 'preimage'
  /** The items of a key are not labels in strictly ascending order. */
  | 'items'
  /** A full opening without the kind, with a section twice, or a dummy without its preimage. */
  | 'kind-not-opened'
  | 'section-twice'
  | 'preimage-not-opened'

/**
 * One section of one leaf. `entry` is the 64-byte leaf as the inclusion proof shows it, `digests` those of all its sections in order.
 * Returns what is wrong, or undefined when the section is the one that the leaf binds.
 */
export function verifyOpening(p: Primitives, entry: Uint8Array, opened: OpenedSection, digests: readonly Uint8Array[]): OpeningProblem | undefined {
  return checkBound(p, entry, digests) ?? checkSection(p, entry.subarray(0, LABEL_BYTES), opened, digests)
}

export interface OpenedLeaf {
  kind: LeafKind
  sections: ReadonlyMap<SectionName, Uint8Array>
}

/**
 * A leaf of which some sections are opened, the kind always among them, a dummy always with its preimage. Sections that stay closed
 * are covered by their digests. Returns what was opened, or what is wrong and at which section.
 */
export function verifyOpenings(
  p: Primitives,
  entry: Uint8Array,
  digests: readonly Uint8Array[],
  opened: readonly OpenedSection[],
): OpenedLeaf | { problem: OpeningProblem; section?: string } {
  const unbound = checkBound(p, entry, digests)
  if (unbound !== undefined) return { problem: unbound }
  const label = entry.subarray(0, LABEL_BYTES)
  const sections = new Map<SectionName, Uint8Array>()
  for (const one of opened) {
    if (sections.has(one.section as SectionName)) return { problem: 'section-twice', section: one.section }
    const problem = checkSection(p, label, one, digests)
    if (problem !== undefined) return { problem, section: one.section }
    sections.set(one.section as SectionName, one.bytes)
  }
  const kind = kindOf(sections.get('kind'))
  if (kind === undefined) return { problem: 'kind-not-opened' }
  for (const name of sections.keys()) {
    if (!(SECTIONS[kind] as readonly string[]).includes(name)) return { problem: 'section-name', section: name }
  }
  if (kind === 'dummy' && !sections.has('preimage')) return { problem: 'preimage-not-opened' }
  const items = sections.get('items')
  if (items !== undefined && labelsOf(items) === undefined) return { problem: 'items', section: 'items' }
  return { kind, sections }
}

/** The labels in the `items` section of a key leaf; undefined unless they are whole and strictly ascending. */
export function labelsOf(items: Uint8Array): Uint8Array[] | undefined {
  if (items.length % LABEL_BYTES !== 0) return undefined
  const labels: Uint8Array[] = []
  for (let at = 0; at < items.length; at += LABEL_BYTES) {
    const label = items.subarray(at, at + LABEL_BYTES)
    const last = labels.at(-1)
    if (last !== undefined && compare(last, label) >= 0) return undefined
    labels.push(label)
  }
  return labels
}

function checkBound(p: Primitives, entry: Uint8Array, digests: readonly Uint8Array[]): OpeningProblem | undefined {
  if (entry.length !== ENTRY_BYTES) return 'entry-size'
  if (!LEAF_KINDS.some((kind) => SECTIONS[kind].length === digests.length)) return 'section-count'
  if (digests.some((digest) => digest.length !== DIGEST_BYTES)) return 'digest-size'
  return equal(leafBinding(p, digests), entry.subarray(LABEL_BYTES)) ? undefined : 'binding'
}

function checkSection(p: Primitives, label: Uint8Array, opened: OpenedSection, digests: readonly Uint8Array[]): OpeningProblem | undefined {
  if (opened.salt.length !== SALT_BYTES) return 'salt-size'
  if (opened.bytes.length > SECTION_BYTES_MAX) return 'section-too-long'
  const possible = LEAF_KINDS.filter((kind) => SECTIONS[kind].length === digests.length && (SECTIONS[kind] as readonly string[]).includes(opened.section))
  const kind = possible[0]
  if (kind === undefined) return 'section-name'
  const place = (SECTIONS[kind] as readonly string[]).indexOf(opened.section)
  if (!equal(sectionDigest(p, label, opened.section, opened.salt, opened.bytes), digests[place] as Uint8Array)) return 'digest'
  if (opened.section === 'kind') {
    const stated = kindOf(opened.bytes)
    return stated !== undefined && possible.includes(stated) ? undefined : 'kind'
  }
  if (opened.section === 'preimage') {
    return opened.bytes.length === SECRET_BYTES && equal(dummyLabel(p, opened.bytes), label) ? undefined : 'preimage'
  }
  return undefined
}

function kindOf(bytes: Uint8Array | undefined): LeafKind | undefined {
  const text = bytes === undefined ? undefined : fromUtf8(bytes)
  return LEAF_KINDS.find((kind) => kind === text)
}
