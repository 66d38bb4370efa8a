// A leaf of a declaration (DESIGN section 4): 64 bytes, label ‖ binding, alike from outside whatever its kind. The label says which
// item, match key or dummy it is to whoever knows the secret behind it; the binding holds the kind and every section, opened one by one.

import { compare, concat, u16, utf8 } from '../bytes/bytes.ts'
import type { Primitives } from '../bytes/primitives.ts'

export const LABEL_BYTES = 32
export const BINDING_BYTES = 32
export const ENTRY_BYTES = LABEL_BYTES + BINDING_BYTES
export const SALT_BYTES = 32
export const DIGEST_BYTES = 32
export const SECRET_BYTES = 32
/** A section as it is opened; the largest is the event history of one item. */
export const SECTION_BYTES_MAX = 1024 * 1024

/** The sections of each kind, in the order of their digests. None is left out; an unused one is empty. */
export const SECTIONS = {
  item: ['kind', 'status', 'acquired', 'released', 'site', 'unit', 'marks', 'history'],
  key: ['kind', 'items'],
  dummy: ['kind', 'preimage'],
} as const

export type LeafKind = keyof typeof SECTIONS
export type SectionName = (typeof SECTIONS)[LeafKind][number]

export const LEAF_KINDS: readonly LeafKind[] = ['item', 'key', 'dummy']

/** The domain strings, each ended by a line feed, that keep one hash from being taken for another. */
export const DOMAIN = {
  item: utf8('muster/item/v1\n'),
  dummy: utf8('muster/dummy/v1\n'),
  section: utf8('muster/section/v1\n'),
  leaf: utf8('muster/leaf/v1\n'),
  salt: utf8('muster/salt/v1\n'),
} as const

/** The entry before all others: an all-zero label and an all-zero binding. A fresh copy each call. */
export function firstSentinel(): Uint8Array {
  return new Uint8Array(ENTRY_BYTES)
}

/** The entry after all others: a label of 32 bytes ff and an all-zero binding. A fresh copy each call. */
export function lastSentinel(): Uint8Array {
  return new Uint8Array(ENTRY_BYTES).fill(0xff, 0, LABEL_BYTES)
}

/** SHA-256("muster/item/v1\n" ‖ item id ‖ secret); the secret's 32 bytes end it, so an id of any length reads one way only. */
export function itemLabel(p: Primitives, itemId: string | Uint8Array, secret: Uint8Array): Uint8Array {
  demand(secret, SECRET_BYTES, 'the secret of an item')
  return p.sha256(DOMAIN.item, typeof itemId === 'string' ? utf8(itemId) : itemId, secret)
}

/** SHA-256("muster/dummy/v1\n" ‖ 32 random bytes); those bytes are the dummy's `preimage` section. */
export function dummyLabel(p: Primitives, random: Uint8Array): Uint8Array {
  demand(random, SECRET_BYTES, 'the preimage of a dummy')
  return p.sha256(DOMAIN.dummy, random)
}

/** SHA-256("muster/section/v1\n" ‖ label ‖ length of the name, two bytes ‖ name ‖ salt ‖ bytes). */
export function sectionDigest(p: Primitives, label: Uint8Array, name: string, salt: Uint8Array, bytes: Uint8Array): Uint8Array {
  demand(label, LABEL_BYTES, 'a label')
  demand(salt, SALT_BYTES, 'a salt')
  const named = utf8(name)
  return p.sha256(DOMAIN.section, label, u16(named.length), named, salt, bytes)
}

/** SHA-256("muster/leaf/v1\n" ‖ all digests in the order of SECTIONS). */
export function leafBinding(p: Primitives, digests: readonly Uint8Array[]): Uint8Array {
  for (const digest of digests) demand(digest, DIGEST_BYTES, 'a digest of a section')
  return p.sha256(DOMAIN.leaf, ...digests)
}

/** SHA-256("muster/salt/v1\n" ‖ HMAC-SHA-256(secret of the declaration, label) ‖ name). */
export function salt(p: Primitives, declarationSecret: Uint8Array, label: Uint8Array, name: string): Uint8Array {
  demand(declarationSecret, SECRET_BYTES, 'the secret of a declaration')
  demand(label, LABEL_BYTES, 'a label')
  return p.sha256(DOMAIN.salt, p.hmacSha256(declarationSecret, label), utf8(name))
}

/** The text of the `kind` section. */
export function kindBytes(kind: LeafKind): Uint8Array {
  return utf8(kind)
}

/** The `items` section of a key leaf: the labels of the items that share the key, ascending, one after the other. */
export function itemsBytes(labels: readonly Uint8Array[]): Uint8Array {
  for (const label of labels) demand(label, LABEL_BYTES, 'a label')
  return concat(...labels.toSorted(compare))
}

export interface BoundLeaf {
  entry: Uint8Array
  /** One for each section, in the order of SECTIONS. */
  salts: Uint8Array[]
  digests: Uint8Array[]
}

/**
 * The leaf of one label under the secret of one declaration, with the salts and digests that opening it takes.
 * `sections` are the bytes after `kind`, in the order of SECTIONS; a missing one is empty.
 */
export function bindLeaf(
  p: Primitives,
  declarationSecret: Uint8Array,
  label: Uint8Array,
  kind: LeafKind,
  sections: readonly Uint8Array[],
): BoundLeaf {
  const names = SECTIONS[kind]
  if (sections.length > names.length - 1) throw new RangeError(`a leaf of kind ${kind} has ${names.length - 1} sections after its kind, not ${sections.length}`)
  const salts = names.map((name) => salt(p, declarationSecret, label, name))
  const digests = names.map((name, i) => {
    const bytes = i === 0 ? kindBytes(kind) : (sections[i - 1] ?? new Uint8Array(0))
    return sectionDigest(p, label, name, salts[i] as Uint8Array, bytes)
  })
  return { entry: concat(label, leafBinding(p, digests)), salts, digests }
}

function demand(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length !== length) throw new RangeError(`${what} has ${length} bytes, not ${bytes.length}`)
}
