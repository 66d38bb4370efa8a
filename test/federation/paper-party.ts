// One party of a federation on paper: keys, register, two declarations one after the other, and the log that holds their heads.
import { compare, concat, equal, toBase64, toHex, utf8 } from '@muster/core/bytes/bytes.ts'
import type { Primitives, Signing } from '@muster/core/bytes/primitives.ts'
import { secondsOf, type Time } from '@muster/core/bytes/time.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { labelsOfKeys } from '@muster/core/oprf/label.ts'
import { deriveKeyPair, VOPRF, type KeyPair } from '@muster/core/oprf/oprf.ts'
import { signCheckpoint, type LogSecrets } from '@muster/core/proof/checkpoint.ts'
import { signCosignature } from '@muster/core/proof/cosignature.ts'
import { sizeFor } from '@muster/core/proof/declaration.ts'
import { bindLeaf, dummyLabel, firstSentinel, itemLabel, itemsBytes, LABEL_BYTES, lastSentinel, type LeafKind } from '@muster/core/proof/leaf.ts'
import { leafHash } from '@muster/core/proof/merkle.ts'
import { formatNote, parseNote } from '@muster/core/proof/note.ts'
import type { Checkpoint } from '@muster/core/proof/tree-head.ts'
import { declarationOrigin, logOrigin, readerName, witnessName, type AgreementId } from '@muster/core/rules/agreement.ts'
import { holdingAsOf } from '@muster/core/rules/holding.ts'
import { keysOfItem } from '@muster/core/rules/match-key.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { sectionList } from '@muster/core/rules/section.ts'
import type { Lookup } from '@muster/core/wire/dossier.ts'
import { doubleKeysOf, type DoubleSeeds } from '@muster/core/wire/double-signature.ts'
import { headBytes, readHead, type ReadHead } from '@muster/core/wire/head.ts'
import { readKeyRecord, signKeyRecord } from '@muster/core/wire/key-record.ts'
import { pathIn, rowsOf } from '@muster/fast/declaration/rows.ts'
import type { Draw, PaperItem } from './paper-items.ts'

export type Signer = Primitives & Signing

/** A tree with its paths. */
export interface PaperTree { readonly size: number, readonly root: Uint8Array, readonly path: (index: number) => Uint8Array[] }

export function treeOf(p: Primitives, entries: readonly Uint8Array[]): PaperTree {
  const rows = rowsOf(concat(...entries.map((entry) => leafHash(p, entry))))
  return { size: entries.length, root: new Uint8Array(rows.at(-1) as Uint8Array), path: (index) => pathIn(rows, index).map((hash) => new Uint8Array(hash)) }
}

export interface PaperKeys {
  readonly party: PartyId
  readonly log: DoubleSeeds
  readonly message: DoubleSeeds
  readonly witness: Uint8Array
  readonly reader: Uint8Array
  readonly oprf: KeyPair
  readonly record: Uint8Array
  /** Where the OPRF key was compromised: the record that says so, and the key before. */
  readonly replaced?: { readonly record: Uint8Array, readonly oprf: KeyPair }
}

export function keysOf(p: Signer, group: Group, draw: Draw, party: PartyId, agreement: AgreementId, from: Time): PaperKeys {
  const seeds = (purpose: string): DoubleSeeds => ({ ed25519: draw(`${party} ${purpose} ed25519`), mldsa44: draw(`${party} ${purpose} ml-dsa-44`) })
  const [log, message] = [seeds('log'), seeds('message')]
  const [witness, reader] = [draw(`${party} witness`), draw(`${party} reader`)]
  const oprf = deriveKeyPair(group, VOPRF, draw(`${party} oprf`), utf8(logOrigin(party, agreement)))
  const cosigner = (seed: Uint8Array) => ({ mldsa44: toBase64(p.mldsa44PublicKey(seed)) })
  const record = signKeyRecord(p, {
    v: 'muster/key-record/1', agreement, party, sequence: 0, from, reason: 'first', compromisedSince: null, previous: null,
    keys: { log: doubleKeysOf(p, log), witness: cosigner(witness), reader: cosigner(reader), message: doubleKeysOf(p, message), courier: null, oprf: toBase64(oprf.publicKey) },
  }, log)
  return { party, log, message, witness, reader, oprf, record }
}

/** The same keys with another OPRF key, after a compromise. */
export function rekeyed(p: Signer, group: Group, draw: Draw, keys: PaperKeys, from: Time): PaperKeys {
  const first = readKeyRecord(p, keys.record)
  if (first instanceof Error) throw first
  const { signatures: _, ...body } = first.record
  const oprf = deriveKeyPair(group, VOPRF, draw(`${keys.party} later oprf`), utf8(logOrigin(keys.party, body.agreement)))
  const record = signKeyRecord(p, { ...body, sequence: 1, from, reason: 'compromise', compromisedSince: from, previous: first.hash, keys: { ...body.keys, oprf: toBase64(oprf.publicKey) } }, keys.log, keys.log)
  return { ...keys, oprf, replaced: { record, oprf: keys.oprf } }
}

/** A leaf as it was bound, so that it can be opened. */
export interface PaperLeaf { readonly kind: LeafKind, readonly label: Uint8Array, readonly entry: Uint8Array, readonly salts: readonly Uint8Array[], readonly digests: readonly Uint8Array[], readonly sections: readonly Uint8Array[] }

export interface PaperDeclaration {
  readonly head: ReadHead
  readonly tree: PaperTree
  readonly entries: readonly Uint8Array[]
  readonly leaves: ReadonlyMap<string, PaperLeaf>
  /** Signed by the party, cosigned by readers. */
  readonly note: string
  readonly lookup: (element: number, label: Uint8Array) => Lookup
}

export interface Declaring { readonly p: Signer, readonly group: Group, readonly draw: Draw, readonly keys: PaperKeys, readonly agreement: AgreementId, readonly readers: readonly PaperKeys[] }

export function declared(by: Declaring, items: readonly PaperItem[], asOf: Time, step: number, previous: PaperDeclaration | undefined): PaperDeclaration {
  const { p, keys, agreement, draw } = by
  const sequence = previous === undefined ? 0 : previous.head.head.sequence + 1
  const name = `${keys.party} declaration ${sequence}`
  const leaves = leavesOf(by, items, asOf, step, previous, draw(`${name} secret`))
  const entries = [firstSentinel(), ...leaves.map(({ entry }) => entry).sort(compare), lastSentinel()]
  const tree = treeOf(p, entries)
  const head = readHead(p, headBytes({
    v: 'muster/head/1', agreement, party: keys.party, sequence, asOf, previous: previous?.head.hash ?? null, oprf: toBase64(keys.oprf.publicKey), folding: 1,
    size: tree.size, root: toBase64(tree.root), counts: toHex(draw(`${name} counts`)), rekeyed: previous !== undefined && previous.head.head.oprf !== toBase64(keys.oprf.publicKey),
  }))
  if (head instanceof Error) throw head
  const checkpoint = { origin: declarationOrigin(logOrigin(keys.party, agreement), head.hash), size: tree.size, root: tree.root }
  const note = signedNote(by, checkpoint, asOf, by.readers, 'reader')
  return { head, tree, entries, leaves: new Map(leaves.map((leaf) => [toHex(leaf.label), leaf])), note, lookup: (element, label) => lookupIn(entries, tree, element, label) }
}

function leavesOf({ p, group, draw, keys }: Declaring, items: readonly PaperItem[], asOf: Time, step: number, previous: PaperDeclaration | undefined, secret: Uint8Array): PaperLeaf[] {
  const bind = (kind: LeafKind, label: Uint8Array, sections: readonly Uint8Array[]): PaperLeaf => ({ kind, label, sections, ...bindLeaf(p, secret, label, kind, sections) })
  const byKey = new Map<string, { readonly key: Uint8Array, readonly labels: Uint8Array[] }>()
  const itemLeaves = items.flatMap(({ item, events, secret: own }) => {
    const holding = holdingAsOf(events, asOf, asOf)
    if (holding === undefined) return []
    const label = itemLabel(p, item, own)
    for (const { bytes } of keysOfItem(holding.identity)) {
      const held = byKey.get(toHex(bytes)) ?? { key: bytes, labels: [] }
      held.labels.push(label)
      byKey.set(toHex(bytes), held)
    }
    return [bind('item', label, sectionList(holding, events.filter(({ written }) => written <= asOf)))]
  })
  const known = [...byKey.values()]
  const labels = labelsOfKeys(group, keys.oprf.secretKey, known.map(({ key }) => key))
  const keyLeaves = known.map(({ labels: shared }, i) => bind('key', labels[i] as Uint8Array, [itemsBytes(shared)]))
  const real = itemLeaves.length + keyLeaves.length
  const dummies = sizeFor(real, step, previous?.tree.size ?? 0) - real - 2
  const padding = Array.from({ length: dummies }, (_, i) => {
    const preimage = draw(`${keys.party} dummy ${i}`)
    return bind('dummy', dummyLabel(p, preimage), [preimage])
  })
  return [...itemLeaves, ...keyLeaves, ...padding]
}

/** Present or absent, with the paths. */
function lookupIn(entries: readonly Uint8Array[], tree: PaperTree, element: number, label: Uint8Array): Lookup {
  const above = entries.findIndex((entry) => compare(entry.subarray(0, LABEL_BYTES), label) >= 0)
  const path = (index: number) => tree.path(index).map(toHex)
  const hex = (index: number) => toHex(entries[index] as Uint8Array)
  if (equal((entries[above] as Uint8Array).subarray(0, LABEL_BYTES), label)) return { element, present: { index: above, entry: hex(above), path: path(above) }, absent: null }
  return { element, present: null, absent: { index: above - 1, entries: [hex(above - 1), hex(above)], paths: [path(above - 1), path(above)] } }
}

/** The party's two signatures and the cosignatures of others, a second later each. */
export function signedNote({ p, keys, agreement }: Pick<Declaring, 'p' | 'keys' | 'agreement'>, checkpoint: Checkpoint, at: Time, cosigners: readonly PaperKeys[], as: 'witness' | 'reader'): string {
  const secrets: LogSecrets = { name: logOrigin(keys.party, agreement), ed25519Seed: keys.log.ed25519, mldsa44Seed: keys.log.mldsa44 }
  const time = secondsOf(at)
  const { text, signatures } = parseNote(signCheckpoint(p, checkpoint, secrets, time))
  const lines = cosigners.map((each, i) => signCosignature(p, checkpoint, as === 'witness' ? witnessName(each.party, agreement) : readerName(each.party, agreement), each[as], time + 1 + i))
  return formatNote({ text, signatures: [...signatures, ...lines] })
}
