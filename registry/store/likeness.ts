// Possible duplicates of an import: among its own rows, and between them and what the register holds. Counted, written down, never merged.
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import { known, type Identity } from '@muster/core/rules/item.ts'
import { contradicts } from '@muster/core/rules/recovered-mark.ts'
import type { IntakeRow } from '../intake/row.ts'
import type { Database } from './database.ts'
import { openLikeness, openRepeats } from './duplicates.ts'
import type { FoldRows } from './fold-rows.ts'
import { identityOfRow, type ItemRow } from './fold-rows.ts'
import type { ImportFiles } from './import-files.ts'

/** Items of the register named beside one row. */
const LIKE_MAX = 5

interface Fresh { readonly row: number, readonly key: Uint8Array, readonly identity: Identity }

/** `compare` looks the rows taken since its last call up in what was committed before. */
export function openLikenesses(db: Database, files: ImportFiles) {
  const repeatOf = openRepeats()
  const likeOf = openLikeness()
  const marked = new Set<number>()
  let fresh: Fresh[] = []
  let holdsItems: boolean | undefined
  return {
    count: () => marked.size,
    repeats: (row: IntakeRow): number | undefined => repeatOf(row.row, row.source),
    take: async (row: IntakeRow, event: CustodyEvent, folds: FoldRows, repeats: number | undefined): Promise<void> => {
      const entry = 'entry' in event.data ? event.data.entry : undefined
      const key = folds.match_key.find(([, , kind]) => kind === 'class')?.[0] as Uint8Array | undefined
      if (entry === undefined) return
      const like = key === undefined ? undefined : likeOf(row.row, toHex(key), entry.identity)
      const other = repeats ?? like
      if (other !== undefined) {
        marked.add(row.row).add(other)
        await files.liken({ row: row.row, like: other, why: repeats === undefined ? 'same-class-and-serial' : 'same-cells', serial: known(entry.identity.serial) ?? '' })
      }
      if (key !== undefined) fresh.push({ row: row.row, key, identity: entry.identity })
    },
    compare: async (): Promise<void> => {
      const asked = fresh
      fresh = []
      holdsItems ??= (await db.read('SELECT 1 AS one FROM match_key LIMIT 1')).length > 0
      if (!holdsItems || asked.length === 0) return
      for (const { row, like, serial } of await likeInRegister(db, asked)) {
        marked.add(row)
        await files.liken({ row, like, why: 'same-class-and-serial', serial })
      }
    },
  }
}

async function likeInRegister(db: Database, asked: readonly Fresh[]): Promise<{ readonly row: number, readonly like: string, readonly serial: string }[]> {
  const held = await db.read<{ key: Buffer, item_id: string }>('SELECT key, item_id FROM match_key WHERE key = ANY($1)', [asked.map(({ key }) => Buffer.from(key))])
  if (held.length === 0) return []
  const items = await db.read<ItemRow>('SELECT item_id, class, type, maker, year, lot, serial FROM item WHERE item_id = ANY($1)', [[...new Set(held.map(({ item_id }) => item_id))]])
  const identities = new Map(items.map((item) => [item.item_id, identityOfRow(item)]))
  const byKey = new Map<string, string[]>()
  for (const { key, item_id } of held) byKey.set(key.toString('hex'), [...(byKey.get(key.toString('hex')) ?? []), item_id])
  return asked.flatMap(({ row, key, identity }) => {
    const alike = (byKey.get(toHex(key)) ?? []).filter((id) => {
      const other = identities.get(id)
      return other !== undefined && !contradicts(identity, other)
    })
    return alike.slice(0, LIKE_MAX).map((like) => ({ row, like, serial: known(identity.serial) ?? '' }))
  })
}
