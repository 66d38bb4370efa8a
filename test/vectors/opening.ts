// Vectors of leaves and of openings. A liar's leaf is bound as the liar would bind it: the binding always fits the digests that are shown.

import { concat, toHex } from '@muster/core/bytes/bytes.ts'
import { noble as p } from '@muster/core/bytes/noble.ts'
import { leafBinding, salt, sectionDigest, SECTIONS } from '@muster/core/proof/leaf.ts'
import type { OpeningProblem } from '@muster/core/proof/opening.ts'
import { bound, declarationSecret, drawn, itemSecret, leavesFor, type Leaf } from './declared.ts'

export interface OpenRequest { op: 'open'; leaf: string; section: string; salt: string; bytes: string; digests: string[] }
export interface OpeningVector { what: string; request: OpenRequest; answer: { valid: boolean }; problem: OpeningProblem | null }

const ITEM_ID = 'item-003'
const leaves = leavesFor(0)
const item = leaves.filter(({ kind }) => kind === 'item')[3] as Leaf
const otherItem = leaves.filter(({ kind }) => kind === 'item')[4] as Leaf
const key = leaves.find(({ kind }) => kind === 'key') as Leaf
const dummy = leaves.find(({ kind }) => kind === 'dummy') as Leaf

function bytesOf(leaf: Leaf, section: string): Uint8Array {
  const place = (SECTIONS[leaf.kind] as readonly string[]).indexOf(section)
  return place === 0 ? new TextEncoder().encode(leaf.kind) : (leaf.sections[place - 1] as Uint8Array)
}

function request(entry: Uint8Array, section: string, salted: Uint8Array, bytes: Uint8Array, digests: readonly Uint8Array[]): OpenRequest {
  return { op: 'open', leaf: toHex(entry), section, salt: toHex(salted), bytes: toHex(bytes), digests: digests.map(toHex) }
}

/** A true opening of one section. */
function opened(leaf: Leaf, section: string, sequence = 0): OpenRequest {
  const { entry, salts, digests } = bound(leaf, sequence)
  const place = (SECTIONS[leaf.kind] as readonly string[]).indexOf(section)
  return request(entry, section, salts[place] as Uint8Array, bytesOf(leaf, section), digests)
}

/** A leaf over any label with any named sections, bound correctly over their digests. */
function forged(label: Uint8Array, sections: readonly (readonly [name: string, bytes: Uint8Array])[]): { entry: Uint8Array; digests: Uint8Array[]; salted: (name: string) => Uint8Array } {
  const salted = (name: string): Uint8Array => salt(p, declarationSecret(0), label, name)
  const digests = sections.map(([name, bytes]) => sectionDigest(p, label, name, salted(name), bytes))
  return { entry: concat(label, leafBinding(p, digests)), digests, salted }
}

export function leafVectors(): [string, unknown][] {
  return [item, key, dummy].map((leaf) => {
    const { entry, salts, digests } = bound(leaf, 0)
    const sections = SECTIONS[leaf.kind].map((name, i) => ({ name, bytes: toHex(bytesOf(leaf, name)), salt: toHex(salts[i] as Uint8Array), digest: toHex(digests[i] as Uint8Array) }))
    const made = leaf.kind === 'item' ? { itemId: ITEM_ID, secret: toHex(itemSecret(ITEM_ID)) } : {}
    const what = `a leaf of kind ${leaf.kind}, from its label and sections to its entry`
    return [`leaf/valid/${leaf.kind}`, { what, kind: leaf.kind, label: toHex(leaf.label), ...made, declarationSecret: toHex(declarationSecret(0)), sections, entry: toHex(entry) }]
  })
}

export function openingVectors(): [string, OpeningVector][] {
  const valid = (name: string, what: string, given: OpenRequest): [string, OpeningVector] => [`opening/valid/${name}`, { what, request: given, answer: { valid: true }, problem: null }]
  const invalid = (name: string, problem: OpeningProblem, what: string, given: OpenRequest): [string, OpeningVector] =>
    [`opening/invalid/${name}`, { what, request: given, answer: { valid: false }, problem }]
  return [
    valid('item-kind', 'the kind of an item', opened(item, 'kind')),
    valid('item-status', 'the status of an item', opened(item, 'status')),
    valid('item-empty-section', 'a section without bytes: this item was not released', opened(item, 'released')),
    valid('key-items', 'the items that share a key', opened(key, 'items')),
    valid('dummy-preimage', 'the 32 bytes that a dummy\'s label is the hash of', opened(dummy, 'preimage')),
    ...asDummy(invalid),
    ...elsewhere(invalid),
  ]
}

type Invalid = (name: string, problem: OpeningProblem, what: string, given: OpenRequest) => [string, OpeningVector]

function asDummy(invalid: Invalid): [string, OpeningVector][] {
  const kindDummy = new TextEncoder().encode('dummy')
  const short = forged(item.label, [['kind', kindDummy], ['preimage', drawn('a preimage of nothing')]])
  const long = forged(item.label, SECTIONS.item.map((name) => [name, name === 'kind' ? kindDummy : bytesOf(item, name)]))
  const asItem = forged(dummy.label, [['kind', new TextEncoder().encode('item')], ['preimage', bytesOf(dummy, 'preimage')]])
  return [
    invalid('item-as-dummy', 'preimage', 'an item\'s label bound as a dummy: the label is not the hash of the preimage',
      request(short.entry, 'preimage', short.salted('preimage'), drawn('a preimage of nothing'), short.digests)),
    invalid('item-as-dummy-by-kind', 'kind', 'eight sections whose kind says dummy', request(long.entry, 'kind', long.salted('kind'), kindDummy, long.digests)),
    invalid('dummy-as-item', 'kind', 'two sections whose kind says item', request(asItem.entry, 'kind', asItem.salted('kind'), new TextEncoder().encode('item'), asItem.digests)),
  ]
}

function elsewhere(invalid: Invalid): [string, OpeningVector][] {
  const own = bound(item, 0)
  const later = bound(item, 1)
  const other = bound(otherItem, 0)
  const status = bytesOf(item, 'status')
  const without = forged(item.label, SECTIONS.item.filter((name) => name !== 'history').map((name) => [name, bytesOf(item, name)]))
  const renamed = forged(item.label, SECTIONS.item.map((name) => [name === 'site' ? 'unit' : name, bytesOf(item, name)]))
  const [siteBytes, statusSalt] = [bytesOf(item, 'site'), own.salts[1] as Uint8Array]
  return [
    invalid('section-of-another-leaf', 'digest', 'the section of another item, with its salt', request(own.entry, 'site', other.salts[4] as Uint8Array, bytesOf(otherItem, 'site'), own.digests)),
    invalid('digests-of-another-leaf', 'binding', 'the section and all digests of another item', request(own.entry, 'site', other.salts[4] as Uint8Array, bytesOf(otherItem, 'site'), other.digests)),
    invalid('section-of-an-earlier-declaration', 'digest', 'the salt of the earlier declaration', request(later.entry, 'status', statusSalt, status, later.digests)),
    invalid('digests-of-an-earlier-declaration', 'binding', 'the earlier declaration\'s opening of the same item', request(later.entry, 'status', statusSalt, status, own.digests)),
    invalid('section-left-out', 'section-count', 'a leaf bound without its history', request(without.entry, 'status', without.salted('status'), status, without.digests)),
    invalid('digest-under-another-name', 'digest', 'a leaf that has the unit where its site belongs', request(renamed.entry, 'site', renamed.salted('site'), siteBytes, renamed.digests)),
    invalid('name-of-another-section', 'digest', 'the bytes and salt of the site, opened as the unit', request(own.entry, 'unit', own.salts[4] as Uint8Array, siteBytes, own.digests)),
    invalid('name-of-another-kind', 'section-name', 'an item has no section of items', request(own.entry, 'items', statusSalt, status, own.digests)),
    invalid('digests-in-another-order', 'binding', 'all digests, two of them exchanged', request(own.entry, 'status', statusSalt, status, own.digests.toSpliced(2, 2, own.digests[3] as Uint8Array, own.digests[2] as Uint8Array))),
    invalid('bytes-changed', 'digest', 'another status', request(own.entry, 'status', statusSalt, new TextEncoder().encode('{"status":"destroyed"}'), own.digests)),
  ]
}
