// The published files of a register against its rows: each tile, bundle and checkpoint of the log, each file of the declarations, by path.
// The files are looked at before the snapshot is taken: entries are written before their tiles, so of a log that grows meanwhile the
// snapshot holds at least what these files say.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { equal, toHex } from '@muster/core/bytes/bytes.ts'
import { walkLabels } from '@muster/core/proof/label-walk.ts'
import { dummyLabel, itemLabel, LABEL_BYTES } from '@muster/core/proof/leaf.ts'
import { HASH_BYTES } from '@muster/core/proof/merkle.ts'
import { parseNote } from '@muster/core/proof/note.ts'
import { encodeBundle, parseTilePath, TILE_WIDTH, tilesOf, tilePath, tileWidth, entriesPath, type TileReader } from '@muster/core/proof/tile.ts'
import { parseCheckpoint } from '@muster/core/proof/tree-head.ts'
import { parseAgreement, type AgreementId } from '@muster/core/rules/agreement.ts'
import { readHead, type Head } from '@muster/core/wire/head.ts'
import { openCopy, type DeclarationCopy } from '@muster/fast/declaration/copy.ts'
import { CHECKPOINT_FILE, folderReader } from '@muster/fast/declaration/files.ts'
import { readDeclaration } from '@muster/fast/declaration/read.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { codeOf } from '../engine/fault.ts'
import type { Report } from '../store/finding.ts'
import type { Register } from '../store/register.ts'
import { dummyPreimage, itemSecret } from '../store/secrets.ts'
import type { Snapshot } from '../store/snapshot.ts'
import { growTiles } from '../store/tiles.ts'
import { HEAD_FILE } from './declare.ts'
import { declarationFolder, logFolder } from './own-log.ts'

export interface Published {
  /** SHA-256 of each tile and bundle of the log, in hex, by its path below the log's folder. */
  readonly hashes: ReadonlyMap<string, string>
  readonly checkpoint: string | undefined
  /** Checkpoints of the declarations, by the hash of the head. */
  readonly notes: ReadonlyMap<string, string>
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Undefined where there is no such file. */
async function fileAt(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(error) ?? '')) return undefined
    throw error
  }
}

async function namesIn(folder: string, recursive = false): Promise<string[]> {
  return readdir(folder, { recursive }).catch((error: unknown): string[] => {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  })
}

/** What is published under an agreement now. */
export async function publishedOf(dataDir: string, id: AgreementId): Promise<Published> {
  const folder = logFolder({ dataDir, agreement: { id } })
  const hashes = new Map<string, string>()
  for (const name of await namesIn(join(folder, 'tile'), true)) {
    const path = `tile/${name}`
    if (parseTilePath(path) === undefined) continue
    const bytes = await fileAt(join(folder, path))
    if (bytes !== undefined) hashes.set(path, sha256(bytes))
  }
  const notes = new Map<string, string>()
  for (const hash of await namesIn(dirname(declarationFolder({ dataDir, agreement: { id } }, 'x')))) {
    const note = await fileAt(join(declarationFolder({ dataDir, agreement: { id } }, hash), CHECKPOINT_FILE))
    if (note !== undefined) notes.set(hash, note.toString('utf8'))
  }
  return { hashes, notes, checkpoint: (await fileAt(join(folder, CHECKPOINT_FILE)))?.toString('utf8') }
}

const shown = (id: string, path: string): Record<string, string> => ({ path: `published/${id}/${path}` })

/** Tiles and bundles of the log against the entries, of which the caller knows that they are those that were signed. `signed`: size of the signed log. */
export async function auditTiles(snapshot: Snapshot, { dataDir }: Register, id: AgreementId, signed: number, { hashes }: Published, report: Report): Promise<void> {
  const [{ size } = { size: 0 }] = await snapshot.read<{ size: number }>('SELECT coalesce(max(entry_index) + 1, 0) AS size FROM log_entry WHERE agreement_id = $1', [id])
  const entries = async (from: number, to: number) => (await snapshot.read<{ entry: Buffer }>('SELECT entry FROM log_entry WHERE agreement_id = $1 AND entry_index >= $2 AND entry_index < $3 ORDER BY entry_index', [id, from, to])).map(({ entry }) => new Uint8Array(entry))
  const { tiles, bundles } = await growTiles(entries, logFolder({ dataDir, agreement: { id } }), 0, size)
  const bundle = new Map(bundles.map((each) => [each.start, each.entries]))
  for (const [path, hash] of hashes) {
    const tile = parseTilePath(path)
    if (tile === undefined) continue
    const expected = expectedAt(tile, size, tiles, bundle)
    if (expected === undefined) report({ table: 'published', key: shown(id, `log/${path}`), column: null, code: 'extra', message: `a log of ${size} entries has no such file` })
    else if (sha256(expected) !== hash) report({ table: 'published', key: shown(id, `log/${path}`), column: null, code: 'file', message: 'the file does not hold what the entries of the log give: it was changed, cut off or swapped' })
  }
  for (const { level, index, width } of tilesOf(signed)) {
    for (const path of level === 0 ? [entriesPath(index, width), tilePath(0, index, width)] : [tilePath(level, index, width)]) {
      // A tile that has grown since stands under its new width.
      if (hashes.has(path) || [...hashes.keys()].some((held) => held === path.replace(/\.p\/\d+$/, '') || (path.includes('.p/') && isWider(held, path)))) continue
      report({ table: 'published', key: shown(id, `log/${path}`), column: null, code: 'missing', message: 'the log was signed with this file, and it is not there: the next period writes it again from the entries' })
    }
  }
}

function isWider(held: string, path: string): boolean {
  const [tile, width] = path.split('.p/')
  return held.startsWith(`${tile}.p/`) && Number(held.split('.p/')[1]) > Number(width)
}

type Named = { readonly level: number | 'entries', readonly index: number, readonly width: number }

/** The bytes of a published file of a log of `size` entries; of a tile that has grown, the beginning. Undefined where there is none such. */
function expectedAt({ level, index, width }: Named, size: number, tiles: TileReader, bundles: ReadonlyMap<number, readonly Uint8Array[]>): Uint8Array | undefined {
  const whole = tileWidth(level === 'entries' ? 0 : level, index, size)
  if (width > whole) return undefined
  if (level === 'entries') return encodeBundle((bundles.get(index * TILE_WIDTH) ?? []).slice(0, width))
  return tiles(level, index, whole).subarray(0, width * HASH_BYTES)
}

/** A published checkpoint is one that stands in its row: the same text, and no line that the row has not. */
function checkNote(published: string | undefined, row: string | undefined, place: Record<string, string>, report: Report): void {
  const wrong = (code: 'missing' | 'file', message: string): void => { report({ table: 'published', key: place, column: null, code, message }) }
  if (published === undefined) return wrong('missing', 'the checkpoint is not there: the next period writes it again')
  if (row === undefined) return wrong('file', 'this registry signed no such checkpoint')
  try {
    const [file, held] = [parseNote(published), parseNote(row)]
    const lines = new Set(held.signatures.map(({ name, id, signature }) => `${name} ${id} ${toHex(signature)}`))
    if (file.text !== held.text) wrong('file', 'another checkpoint stands here than was signed')
    else if (file.signatures.some(({ name, id, signature }) => !lines.has(`${name} ${id} ${toHex(signature)}`))) wrong('file', 'a line stands here that this registry never stored')
    else if (file.signatures.length < 2) wrong('file', 'a signature of this party is missing')
  } catch {
    wrong('file', 'it is no signed note')
  }
}

/** The log's published checkpoint against the row of its size. */
export async function auditCheckpoint(snapshot: Snapshot, id: AgreementId, { checkpoint }: Published, report: Report): Promise<void> {
  let size: number | undefined
  try {
    size = checkpoint === undefined ? undefined : parseCheckpoint(parseNote(checkpoint).text).size
  } catch {
    size = undefined
  }
  const [row] = size === undefined ? [] : await snapshot.read<{ note: string }>('SELECT note FROM checkpoint WHERE agreement_id = $1 AND size = $2', [id, size])
  checkNote(checkpoint, row?.note, shown(id, `log/${CHECKPOINT_FILE}`), report)
}

interface DeclarationRow { readonly sequence: number, readonly head: Buffer, readonly head_sha256: Buffer, readonly dummies: number, readonly note: string }

/** Every published declaration, read in full as a reader does, each after the one before; and every label of the newest accounted for. */
export async function auditDeclarations(snapshot: Snapshot, register: Register, id: AgreementId, { notes }: Pick<Published, 'notes'>, report: Report): Promise<void> {
  const [joined] = await snapshot.read<{ bytes: Buffer }>('SELECT bytes FROM agreement WHERE agreement_id = $1', [id])
  const agreement = joined === undefined ? undefined : parseAgreement(joined.bytes)
  if (agreement === undefined || agreement instanceof Error) return
  const rows = await snapshot.read<DeclarationRow & Record<string, unknown>>('SELECT sequence, head, head_sha256, dummies, note FROM declaration WHERE agreement_id = $1 ORDER BY sequence', [id])
  let previous: { readonly folder: string, readonly size: number, readonly root: Uint8Array } | undefined
  let first: DeclarationCopy | undefined
  for (const [i, row] of rows.entries()) {
    const read = readHead(p, row.head)
    if (read instanceof Error) continue
    const hash = row.head_sha256.toString('hex')
    const folder = declarationFolder({ dataDir: register.dataDir, agreement: { id } }, hash)
    const note = notes.get(hash) ?? (await fileAt(join(folder, CHECKPOINT_FILE)))?.toString('utf8')
    checkNote(note, row.note, shown(id, `d/${hash}/${CHECKPOINT_FILE}`), report)
    const whole = await auditFolder({ folder, id, head: read.head, row, hash, step: agreement.step, previous }, report)
    if (whole && read.head.rekeyed && previous !== undefined) first ??= openCopy(previous.folder, previous)
    if (whole && i === rows.length - 1) await auditLabels(snapshot, register, id, { folder, size: read.head.size, dummies: row.dummies, first }, report)
    previous = whole ? { folder, size: read.head.size, root: Buffer.from(read.head.root, 'base64') } : undefined
  }
}

interface Declared {
  readonly folder: string
  readonly id: AgreementId
  readonly head: Head
  readonly row: DeclarationRow
  readonly hash: string
  readonly step: number
  readonly previous: { readonly folder: string, readonly size: number } | undefined
}

/** True where its files are a lawful declaration of the head's size and root. */
async function auditFolder({ folder, id, head, row, hash, step, previous }: Declared, report: Report): Promise<boolean> {
  const place = (path: string) => shown(id, `d/${hash}/${path}`)
  const bytes = await fileAt(join(folder, HEAD_FILE))
  if (bytes === undefined || !equal(bytes, row.head)) report({ table: 'published', key: place(HEAD_FILE), column: null, code: bytes === undefined ? 'missing' : 'file', message: 'the head of the declaration does not stand here' })
  const tree = { size: head.size, root: Buffer.from(head.root, 'base64') }
  const problems = await readDeclaration({ folder, tree, step, ...(previous === undefined ? {} : { previous }) })
  const named = new Set<string>()
  for (const { code, file, index } of problems) {
    // A label is gone where its bundle is not what it was, which is told of the bundle.
    if (code === 'label-gone' && named.size > 0) continue
    const path = file ?? (index === undefined || code === 'label-gone' ? 'tile' : entriesPath(Math.floor(index / TILE_WIDTH)))
    if (named.has(path)) continue
    named.add(path)
    report({ table: 'published', key: place(path), column: null, code: code.endsWith('missing') ? 'missing' : 'file', message: `declaration ${head.sequence} was declared otherwise (${code}${index === undefined ? '' : ` at entry ${index}`}): restore its files from a backup` })
  }
  return problems.length === 0
}

const nameOf = (label: Uint8Array): string => Buffer.from(label.buffer, label.byteOffset, LABEL_BYTES).toString('latin1')

/** Each declared label is given by an item, a key or a dummy of the register, and each label of a key is declared. */
async function auditLabels(snapshot: Snapshot, { secrets }: Register, id: AgreementId, { folder, size, dummies, first }: { readonly folder: string, readonly size: number, readonly dummies: number, /** The last declaration under the first OPRF key, where that was replaced. */ readonly first: DeclarationCopy | undefined }, report: Report): Promise<void> {
  const given = new Set<string>()
  for await (const rows of snapshot.batches<{ item_id: string }>('SELECT DISTINCT item_id FROM custody_event')) for (const { item_id } of rows) given.add(nameOf(itemLabel(p, item_id, itemSecret(secrets, id, item_id))))
  for (let i = 0; i < dummies; i++) given.add(nameOf(dummyLabel(p, dummyPreimage(secrets, id, i))))
  const keys = new Map<string, { readonly table: 'key_label' | 'later_label', readonly key: string }>()
  for (const table of ['key_label', 'later_label'] as const) {
    for await (const rows of snapshot.batches<{ key: Buffer, label: Buffer }>(`SELECT key, label FROM ${table} WHERE agreement_id = $1`, [id])) for (const { key, label } of rows) keys.set(nameOf(label), { table, key: key.toString('hex') })
  }
  const walk = walkLabels({ size, read: folderReader(folder) })
  let at = 0
  for (let each = walk.next(); each !== undefined && 'label' in each; each = walk.next(), at++) {
    const name = nameOf(each.label)
    if (at === 0 || at === size - 1 || given.has(name) || keys.delete(name)) continue
    const table = first === undefined || first.find(each.label) !== undefined ? 'key_label' : 'later_label'
    report({ table, key: { agreement_id: id, label: toHex(each.label) }, column: null, code: 'missing', message: 'the newest declaration holds this label, and neither a key nor an item nor a dummy of the register gives it: its row was removed, or all events of an item were' })
  }
  for (const { table, key } of keys.values()) report({ table, key: { key, agreement_id: id }, column: 'label', code: 'extra', message: 'the newest declaration does not hold its label' })
}
