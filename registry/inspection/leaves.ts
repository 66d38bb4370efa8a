// The leaves of the own declaration that an inspection drew, opened: each is made again from the register and compared with the published one before
// a byte of it is sent.
import { equal, fromBase64, fromHex, toBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { bindLeaf, dummyLabel, itemLabel, LABEL_BYTES, SECTIONS, type BoundLeaf, type LeafKind } from '@muster/core/proof/leaf.ts'
import type { DisclosedSection } from '@muster/core/rules/terms.ts'
import { TO_BE_SEEN } from '@muster/core/rules/inspection.ts'
import type { ItemId } from '@muster/core/rules/item.ts'
import type { ShownLeaf } from '@muster/core/wire/inspection-body.ts'
import { toBeOpened } from '@muster/core/wire/inspection.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { openCopy } from '@muster/fast/declaration/copy.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import type { StoredDeclarationRow } from '../log/declare.ts'
import { declarationFolder } from '../log/own-log.ts'
import { declaredItem, openKey, publishedUnder, sectionOf } from '../peer/opened-leaf.ts'
import type { At } from '../said.ts'
import { labelsUnder } from '../store/labels.ts'
import { dummyPreimage, itemSecret } from '../store/secrets.ts'

export type LeafLostCode = 'inspection/leaf-lost'

type Known = { readonly kind: 'item', readonly item: ItemId } | { readonly kind: 'key', readonly key: Uint8Array } | { readonly kind: 'dummy', readonly preimage: Uint8Array }

/** What stands behind each label of the declaration, by the label's hex. */
async function knownLabels({ register: { db, secrets, file }, joined: { agreement, trust } }: At, { dummies }: StoredDeclarationRow): Promise<ReadonlyMap<string, Known>> {
  const known = new Map<string, Known>()
  for (const { item_id: item } of await db.read<{ item_id: ItemId }>('SELECT item_id FROM item')) known.set(toHex(itemLabel(p, item, itemSecret(secrets, agreement.id, item))), { kind: 'item', item })
  const { oprfs } = trust.parties.get(file.party) as PartyTrust
  for (const labels of await labelsUnder({ db, secrets, agreement, oprfs })) for (const [key, label] of labels) known.set(toHex(label), { kind: 'key', key: fromHex(key) as Uint8Array })
  for (let i = 0; i < dummies; i++) {
    const preimage = dummyPreimage(secrets, agreement.id, i)
    known.set(toHex(dummyLabel(p, preimage)), { kind: 'dummy', preimage })
  }
  return known
}

interface Opened { readonly kind: LeafKind, readonly leaf: BoundLeaf, readonly sections: readonly Uint8Array[], readonly toBeSeen: boolean }

/** Opens the leaves that a seed draws, in their order, until `sample` items to be seen are open. Of an item its kind and the sections named, of a key and a dummy all. */
export async function openDrawn(home: At, declaration: StoredDeclarationRow, seed: Uint8Array, sample: number, sections: readonly DisclosedSection[]): Promise<ShownLeaf[]> {
  const { register, joined } = home
  const { head, secret } = declaration
  const folder = declarationFolder({ dataDir: register.dataDir, agreement: joined.agreement }, head.hash)
  const copy = openCopy(folder, { size: head.head.size, root: fromBase64(head.head.root) as Uint8Array })
  const published = publishedUnder(register, joined, declaration)
  const known = await knownLabels(home, declaration)
  const again = async (label: Uint8Array): Promise<Opened | undefined> => {
    const behind = known.get(toHex(label))
    if (behind?.kind === 'dummy') return { kind: 'dummy', leaf: bindLeaf(p, secret, label, 'dummy', [behind.preimage]), sections: [behind.preimage], toBeSeen: false }
    if (behind?.kind === 'key') {
      const key = await openKey(register, joined, published, behind.key, label)
      return key === undefined ? undefined : { kind: 'key', leaf: key.leaf, sections: [key.items], toBeSeen: false }
    }
    const item = behind === undefined ? undefined : await declaredItem(register, joined, published, behind.item)
    return item === undefined ? undefined : { kind: 'item', leaf: item.leaf, sections: item.sections, toBeSeen: TO_BE_SEEN.includes(item.holding.status) }
  }
  const shown: ShownLeaf[] = []
  let seen = 0
  for (const index of toBeOpened(p, seed, head.head.size)) {
    if (seen === sample) break
    const { entry, path } = copy.proveIndex(index)
    const label = entry.subarray(0, LABEL_BYTES)
    const opened = await again(label)
    if (opened === undefined || !equal(opened.leaf.entry, entry)) throw new Refusal<LeafLostCode>('inspection/leaf-lost', `leaf ${index} of declaration ${head.hash} cannot be made again from this register: run muster audit`, `leaf ${index}`)
    if (opened.toBeSeen) seen += 1
    shown.push({ index, label: toHex(label), digests: opened.leaf.digests.map(toHex), path: path.map(toBase64), sections: sectionsOf(opened, sections) })
  }
  return shown
}

function sectionsOf({ kind, leaf, sections }: Opened, named: readonly DisclosedSection[]): ShownLeaf['sections'] {
  const open = SECTIONS[kind].slice(1).flatMap((name, i) => kind !== 'item' || (named as readonly string[]).includes(name) ? [[name, sectionOf(leaf, kind, name, sections[i] as Uint8Array)] as const] : [])
  return { kind: sectionOf(leaf, kind, 'kind', Buffer.from(kind)), ...Object.fromEntries(open) }
}
