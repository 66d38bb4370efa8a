// Leaves of the own declaration, made again from the events and opened section by section. What is opened must be what was published: the
// binding is computed anew and compared with the published leaf before a byte of it is sent, since the other side will compare it too.
import { equal, fromBase64, toBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { itemLabel, bindLeaf, itemsBytes, SECTIONS, type BoundLeaf, type LeafKind } from '@muster/core/proof/leaf.ts'
import type { CustodyEvent, EventKind } from '@muster/core/rules/custody-event.ts'
import { holdingAsOf, type Holding } from '@muster/core/rules/holding.ts'
import { keysOfItem } from '@muster/core/rules/match-key.ts'
import { sectionList } from '@muster/core/rules/section.ts'
import type { DisclosedSection } from '@muster/core/rules/terms.ts'
import type { AnsweredHit, AnsweredItem } from '@muster/core/wire/trace-body.ts'
import { openCopy, type DeclarationCopy } from '@muster/fast/declaration/copy.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { join } from 'node:path'
import type { Joined } from '../store/agreements.ts'
import type { OwnDeclaration } from '../store/declarations.ts'
import { eventsOf } from '../store/events.ts'
import type { Register } from '../store/register.ts'
import { itemSecret } from '../store/secrets.ts'

interface Section { readonly salt: string, readonly bytes: string }
/** An item of the register as a declaration states it. */
export interface DeclaredItem { readonly label: Uint8Array, readonly holding: Holding, readonly leaf: BoundLeaf, readonly sections: readonly Uint8Array[], readonly kinds: readonly EventKind[] }

/** The published leaves of one declaration. */
export interface Published {
  readonly declaration: OwnDeclaration
  /** The 64 bytes under a label; undefined where it is not declared. */
  readonly entry: (label: Uint8Array) => Uint8Array | undefined
}

const copies = new Map<string, DeclarationCopy>()
const COPIES_MAX = 8
/** Items looked at for one key; a key that more bear, or may have borne, stays closed. */
const SUSPECTS_MAX = 2000

export function publishedUnder(register: Register, { agreement }: Joined, declaration: OwnDeclaration): Published {
  const { hash, head } = declaration.head
  const folder = join(register.dataDir, 'published', agreement.id, 'd', hash)
  const held = copies.get(folder) ?? openCopy(folder, { size: head.size, root: fromBase64(head.root) as Uint8Array })
  if (!copies.has(folder) && copies.size >= COPIES_MAX) copies.delete(copies.keys().next().value as string)
  copies.set(folder, held)
  return {
    declaration,
    entry: (label) => {
      const index = held.find(label)
      return index === undefined ? undefined : held.proveIndex(index).entry
    },
  }
}

/**
 * The item as the declaration has it. What was written in the very second of the declaration may have come after it: those events are left
 * out, newest first, until the leaf is the published one. Undefined where no leaf of it is.
 */
export async function declaredItem(register: Register, joined: Joined, { declaration, entry }: Published, item: string): Promise<DeclaredItem | undefined> {
  const { knownAt, secret } = declaration
  const label = itemLabel(p, item, itemSecret(register.secrets, joined.agreement.id, item))
  const published = entry(label)
  if (published === undefined) return undefined
  const events: CustodyEvent[] = (await eventsOf(register.db, item)).filter(({ written }) => written <= knownAt)
  for (;;) {
    const holding = holdingAsOf(events, knownAt, knownAt)
    if (holding === undefined) return undefined
    const sections = sectionList(holding, events)
    const leaf = bindLeaf(p, secret, label, 'item', sections)
    if (equal(leaf.entry, published)) return { label, holding, leaf, sections, kinds: events.map(({ kind }) => kind) }
    if (events.at(-1)?.written !== knownAt) return undefined
    events.pop()
  }
}

/** Items that bear the key now, and those that something was written of since the declaration: they may have borne it. */
async function suspects({ db }: Register, key: Uint8Array, since: string | undefined): Promise<string[]> {
  const now = await db.read<{ item_id: string }>('SELECT item_id FROM match_key WHERE key = $1 LIMIT $2', [Buffer.from(key), SUSPECTS_MAX])
  if (since === undefined) return now.map(({ item_id }) => item_id)
  const batches = await db.read<{ batch_id: string }>('SELECT batch_id FROM event_batch WHERE written >= $1', [since])
  const changed = await db.read<{ item_id: string }>('SELECT DISTINCT item_id FROM custody_event WHERE batch_id = ANY($1) AND seq > 0 LIMIT $2', [batches.map(({ batch_id }) => batch_id), SUSPECTS_MAX])
  return [...new Set([...now, ...changed].map(({ item_id }) => item_id))]
}

function bears({ holding }: DeclaredItem, key: Uint8Array): boolean {
  return holding.status !== 'entered-in-error' && keysOfItem(holding.identity).some(({ bytes }) => equal(bytes, key))
}

export interface OpenedKey { readonly label: Uint8Array, readonly leaf: BoundLeaf, readonly items: Uint8Array, readonly bearers: readonly DeclaredItem[] }

/** The leaf of a match key with the items that share it; undefined where the key is not declared or its leaf cannot be made again. */
export async function openKey(register: Register, joined: Joined, published: Published, key: Uint8Array, label: Uint8Array): Promise<OpenedKey | undefined> {
  const entry = published.entry(label)
  if (entry === undefined) return undefined
  const { knownAt, secret } = published.declaration
  for (const since of [undefined, knownAt]) {
    const bearers: DeclaredItem[] = []
    for (const item of await suspects(register, key, since)) {
      const declared = await declaredItem(register, joined, published, item)
      if (declared !== undefined && bears(declared, key)) bearers.push(declared)
    }
    const items = itemsBytes(bearers.map((bearer) => bearer.label))
    const leaf = bindLeaf(p, secret, label, 'key', [items])
    if (equal(leaf.entry, entry)) return { label, leaf, items, bearers }
  }
  return undefined
}

export function sectionOf(leaf: BoundLeaf, kind: LeafKind, name: string, bytes: Uint8Array): Section {
  const at = (SECTIONS[kind] as readonly string[]).indexOf(name)
  return { salt: toHex(leaf.salts[at] as Uint8Array), bytes: toBase64(bytes) }
}

/** An item with the sections that were approved; its kind always. */
function itemJson({ label, leaf, sections }: DeclaredItem, approved: readonly DisclosedSection[]): AnsweredItem {
  const names = SECTIONS.item.slice(1) as readonly DisclosedSection[]
  const opened = names.flatMap((name, i) => approved.includes(name) ? [[name, sectionOf(leaf, 'item', name, sections[i] as Uint8Array)] as const] : [])
  return { label: toHex(label), digests: leaf.digests.map(toHex), sections: { kind: sectionOf(leaf, 'item', 'kind', Buffer.from('item')), ...Object.fromEntries(opened) } }
}

/** A hit as the answer states it. `approved`: the sections to open of each item. */
export function hitJson({ label, leaf, items, bearers }: OpenedKey, chance: AnsweredHit['chance'], approved: (item: DeclaredItem) => readonly DisclosedSection[]): AnsweredHit {
  const opened = bearers.map((bearer) => itemJson(bearer, approved(bearer))).sort((a, b) => a.label < b.label ? -1 : 1)
  return {
    label: toHex(label), digests: leaf.digests.map(toHex), chance, items: opened,
    sections: { kind: sectionOf(leaf, 'key', 'kind', Buffer.from('key')), items: sectionOf(leaf, 'key', 'items', items) },
  }
}
