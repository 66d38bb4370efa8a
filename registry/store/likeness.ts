// Possible duplicates of an import: among its own rows, and between them and what the register holds. Counted, written down, never merged.
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import { known, type Identity } from '@muster/core/rules/item.ts'
import { contradicts } from '@muster/core/rules/recovered-mark.ts'
import type { IntakeRow } from '../intake/row.ts'
import type { Reader } from './database.ts'
import { openLikeness, openRepeats } from './duplicates.ts'
import { identityOfRow, type FoldRows, type ItemRow } from './fold-rows.ts'
import type { ImportFiles } from './import-files.ts'

/** Items of the register named beside one row. */
const LIKE_MAX = 5

/** A row as it is compared with what the register holds. */
export interface Fresh { readonly row: number, readonly key: Uint8Array, readonly identity: Identity }
export interface Alike { readonly row: number, readonly like: string, readonly serial: string }

const textOf = (key: Uint8Array): string => Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1')

/** `alikeIn` looks rows up in the register as it was before. */
export function openLikenesses(files: ImportFiles, alikeIn: ((asked: readonly Fresh[]) => Promise<readonly Alike[]>) | undefined) {
  const repeatOf = openRepeats()
  const likeOf = openLikeness()
  const marked = new Set<number>()
  let fresh: Fresh[] = []
  return {
    count: () => marked.size,
    repeats: (row: IntakeRow): number | undefined => repeatOf(row.row, row.source),
    /** Undefined where nothing has to be written, so that most rows cost no turn of the event loop. */
    take: (row: IntakeRow, event: CustodyEvent, folds: FoldRows, repeats: number | undefined): Promise<void> | undefined => {
      const entry = 'entry' in event.data ? event.data.entry : undefined
      const key = folds.match_key.find(([, , kind]) => kind === 'class')?.[0] as Uint8Array | undefined
      if (entry === undefined) return undefined
      if (key !== undefined && alikeIn !== undefined) fresh.push({ row: row.row, key, identity: entry.identity })
      const like = key === undefined ? undefined : likeOf(row.row, textOf(key), entry.identity)
      const other = repeats ?? like
      if (other === undefined) return undefined
      marked.add(row.row).add(other)
      return files.liken({ row: row.row, like: other, why: repeats === undefined ? 'same-class-and-serial' : 'same-cells', serial: known(entry.identity.serial) ?? '' })
    },
    /** Looks the rows taken since its last call up in the register. */
    compare: async (): Promise<void> => {
      const asked = fresh
      fresh = []
      if (alikeIn === undefined || asked.length === 0) return
      for (const { row, like, serial } of await alikeIn(asked)) {
        marked.add(row)
        await files.liken({ row, like, why: 'same-class-and-serial', serial })
      }
    },
  }
}

/** Items of the register that share the class key of a row and contradict it in nothing. */
export async function alikeInRegister(db: Reader, asked: readonly Fresh[]): Promise<Alike[]> {
  const held = await db.read<{ key: Buffer, item_id: string }>('SELECT key, item_id FROM match_key WHERE key = ANY($1)', [asked.map(({ key }) => Buffer.from(key))])
  if (held.length === 0) return []
  const items = await db.read<ItemRow & Record<string, unknown>>('SELECT item_id, class, type, maker, year, lot, serial FROM item WHERE item_id = ANY($1)', [[...new Set(held.map(({ item_id }) => item_id))]])
  const identities = new Map(items.map((item) => [item.item_id, identityOfRow(item)]))
  const byKey = new Map<string, string[]>()
  for (const { key, item_id } of held) {
    const others = byKey.get(textOf(key))
    if (others === undefined) byKey.set(textOf(key), [item_id])
    else others.push(item_id)
  }
  return asked.flatMap(({ row, key, identity }) => {
    const alike = (byKey.get(textOf(key)) ?? []).filter((id) => {
      const other = identities.get(id)
      return other !== undefined && !contradicts(identity, other)
    })
    return alike.slice(0, LIKE_MAX).map((like) => ({ row, like, serial: known(identity.serial) ?? '' }))
  })
}
