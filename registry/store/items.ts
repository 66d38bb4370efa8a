// Reading the register: items by mark with the ladder, by what is known of them, one by its id; pages by key, never by offset.
import { compareGrades, type Candidate, type Ladder } from '@muster/core/rules/ladder.ts'
import { toHex } from '@muster/core/bytes/bytes.ts'
import { WHOLE, type Scope } from '@muster/core/rules/rights.ts'
import type { Reader } from './database.ts'
import { cellText, type ItemRow } from './fold-rows.ts'

export const PAGE_ROWS_MAX = 1000
/** Items that one search shows: a serial that more share identifies none of them. */
export const HITS_MAX = 200
const FIRST_ID = '00000000-0000-0000-0000-000000000000'

interface Row extends ItemRow { readonly status: string, readonly owner: string | null, readonly custodian: string | null, readonly site: string | null, readonly unit: string | null, readonly last_seq: number }

/** An item as lists show it: values as written, `unknown` and its like as these words. */
export interface Listed {
  readonly item: string
  readonly class: string
  readonly type: string
  readonly maker: string
  readonly year: string
  readonly lot: string
  readonly serial: string
  readonly status: string
  readonly owner: string
  readonly custodian: string
  readonly site: string
  readonly unit: string
  /** Last event. */
  readonly seq: number
}

export interface Hit extends Listed {
  readonly rung: Candidate['rung']
  readonly kind: Candidate['kind']
  readonly reading: string
  /** Items that share the key. */
  readonly sharing: number
}

const COLUMNS = 'item_id, class, type, maker, year, lot, serial, status, owner, custodian, site, unit, last_seq'

function listed(row: Row): Listed {
  return {
    item: row.item_id, class: row.class, type: cellText(row.type), maker: cellText(row.maker), year: cellText(row.year), lot: cellText(row.lot), serial: cellText(row.serial),
    status: row.status, owner: cellText(row.owner), custodian: cellText(row.custodian), site: cellText(row.site), unit: cellText(row.unit), seq: row.last_seq,
  }
}

export interface Filter {
  readonly class?: string | undefined
  readonly status?: string | undefined
  readonly custodian?: string | undefined
  readonly site?: string | undefined
  readonly unit?: string | undefined
  readonly type?: string | undefined
  /** Only of this part of the register. */
  readonly scope?: Scope
}

/** One page in the order of ids; `after` is the last id of the page before. `next` is undefined at the end. */
export async function listItems(db: Reader, filter: Filter, page: { readonly after?: string | undefined, readonly rows: number }): Promise<{ readonly items: Listed[], readonly next: string | undefined }> {
  const rows = Math.min(page.rows, PAGE_ROWS_MAX)
  const { scope = WHOLE } = filter
  const found = await db.read<Row & Record<string, unknown>>(
    `SELECT ${COLUMNS} FROM item WHERE item_id > $1
      AND ($2::text IS NULL OR class = $2) AND ($3::text IS NULL OR status = $3) AND ($4::text IS NULL OR custodian = $4) AND ($5::text IS NULL OR site = $5) AND ($6::text IS NULL OR unit = $6)
      AND ($7::text IS NULL OR type = $7) AND (cardinality($8::text[]) = 0 OR site = ANY($8)) AND (cardinality($9::text[]) = 0 OR unit = ANY($9))
      ORDER BY item_id LIMIT $10`,
    [page.after ?? FIRST_ID, filter.class ?? null, filter.status ?? null, filter.custodian ?? null, filter.site ?? null, filter.unit ?? null, filter.type ?? null, scope.sites, scope.units, rows])
  return { items: found.map(listed), next: found.length < rows ? undefined : found.at(-1)?.item_id }
}

/** Where items lie now; of one that is not there, nothing. */
export async function placesOf(db: Reader, items: readonly string[]): Promise<{ readonly site: string | undefined, readonly unit: string | undefined }[]> {
  const rows = await db.read<{ site: string | null, unit: string | null }>('SELECT site, unit FROM item WHERE item_id = ANY($1)', [items])
  return rows.map(({ site, unit }) => ({ site: site ?? undefined, unit: unit ?? undefined }))
}

/** In which entry of which agreement's log each event of an item is bound; one that still waits is not among them. */
export async function boundIn(db: Reader, item: string): Promise<{ readonly seq: number, readonly agreement: string, readonly entry: number }[]> {
  const rows = await db.read<{ seq: number, agreement_id: string, entry_index: string }>(
    "SELECT e.seq, b.agreement_id, b.entry_index FROM custody_event e JOIN bound b ON b.subject = 'event' AND b.subject_id = e.batch_id::text WHERE e.item_id = $1 ORDER BY e.seq, b.agreement_id, b.entry_index", [item])
  return rows.map(({ seq, agreement_id, entry_index }) => ({ seq, agreement: agreement_id, entry: Number(entry_index) }))
}

/** Classes that the register holds, for a search by a mark of which nothing else is known. Reads the whole table: 0.1 s for a million items. */
export async function classesHeld(db: Reader): Promise<string[]> {
  const rows = await db.read<{ class: string }>('SELECT DISTINCT class FROM item ORDER BY class')
  return rows.map((row) => row.class)
}

/** Items under any candidate of a ladder, each once with its best grade, the best first. Unreadable marks find nothing. */
export async function findByLadder(db: Reader, ladder: Ladder): Promise<Hit[]> {
  if (ladder.verdict !== 'readable') return []
  const candidates = new Map<string, Candidate>()
  for (const candidate of ladder.candidates) {
    const name = toHex(candidate.key)
    const held = candidates.get(name)
    if (held === undefined || compareGrades(candidate, held) < 0) candidates.set(name, candidate)
  }
  const keys = await db.read<{ key: Buffer, item_id: string }>('SELECT key, item_id FROM match_key WHERE key = ANY($1)', [ladder.candidates.map(({ key }) => Buffer.from(key))])
  const sharing = new Map<string, number>()
  const best = new Map<string, { readonly candidate: Candidate, readonly name: string }>()
  for (const { key, item_id } of keys) {
    const name = key.toString('hex')
    sharing.set(name, (sharing.get(name) ?? 0) + 1)
    const candidate = candidates.get(name)
    const held = best.get(item_id)
    if (candidate !== undefined && (held === undefined || compareGrades(candidate, held.candidate) < 0)) best.set(item_id, { candidate, name })
  }
  const first = [...best].sort(([, a], [, b]) => compareGrades(a.candidate, b.candidate)).slice(0, HITS_MAX)
  if (first.length === 0) return []
  const rows = await db.read<Row & Record<string, unknown>>(`SELECT ${COLUMNS} FROM item WHERE item_id = ANY($1)`, [first.map(([item]) => item)])
  const byId = new Map(rows.map((row) => [row.item_id, row]))
  return first.flatMap(([item, { candidate, name }]) => {
    const row = byId.get(item)
    return row === undefined ? [] : [{ ...listed(row), rung: candidate.rung, kind: candidate.kind, reading: candidate.reading, sharing: sharing.get(name) ?? 0 }]
  })
}

/** Groups of items that share class and serial: what a person looks at for duplicates. In the order of keys; `after` is the last group's key in hex. */
export async function possibleDuplicates(db: Reader, page: { readonly after?: string | undefined, readonly groups: number }): Promise<{ readonly groups: { readonly key: string, readonly items: Listed[] }[], readonly next: string | undefined }> {
  const groups = await db.read<{ key: Buffer, items: string[] }>(
    `SELECT key, array_agg(item_id::text ORDER BY item_id) AS items FROM match_key WHERE kind = 'class' AND key > $1 GROUP BY key HAVING count(*) > 1 ORDER BY key LIMIT $2`,
    [Buffer.from(page.after ?? '', 'hex'), Math.min(page.groups, PAGE_ROWS_MAX)])
  const rows = await db.read<Row & Record<string, unknown>>(`SELECT ${COLUMNS} FROM item WHERE item_id = ANY($1)`, [groups.flatMap(({ items }) => items)])
  const byId = new Map(rows.map((row) => [row.item_id, row]))
  return {
    groups: groups.map(({ key, items }) => ({ key: key.toString('hex'), items: items.flatMap((id) => byId.get(id) ?? []).map(listed) })),
    next: groups.length < page.groups ? undefined : groups.at(-1)?.key.toString('hex'),
  }
}

