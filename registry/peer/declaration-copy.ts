// The own full copy of another party's declaration: fetched into a folder that nobody looks in, read in full by the law of core beside the
// copy of the one before, and then put in its place by one rename. A crash leaves the copy whole or absent.
import { readFileSync } from 'node:fs'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Breach, type Evidence } from '@muster/core/bytes/breach.ts'
import { equal } from '@muster/core/bytes/bytes.ts'
import type { SignedCheckpoint } from '@muster/core/proof/checkpoint.ts'
import { checkSize, type DeclarationProblem } from '@muster/core/proof/declaration.ts'
import { LABEL_BYTES } from '@muster/core/proof/leaf.ts'
import { parseNote } from '@muster/core/proof/note.ts'
import { filesOfPack } from '@muster/core/proof/pack.ts'
import { decodeBundle, entriesPath, inclusionFromTiles, TILE_BYTES, TILE_WIDTH, tilePath, tilesOf } from '@muster/core/proof/tile.ts'
import { declarationOrigin } from '@muster/core/rules/agreement.ts'
import type { ReadHead } from '@muster/core/wire/head.ts'
import { partyCheckpoint } from '@muster/core/wire/party-checkpoint.ts'
import { openCopy } from '@muster/fast/declaration/copy.ts'
import { readDeclaration } from '@muster/fast/declaration/read.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { replaceFile, syncFolder } from '../engine/replace.ts'
import { tilesIn } from '../store/tiles.ts'
import { Unreachable } from './client.ts'
import { cosignedNote } from './cosigned-note.ts'
import type { Source } from './mirror.ts'
import { isVoid } from './renewed.ts'

const NOTE_BYTES_MAX = 1_048_576
/** Requests at once to one party. */
const FETCHES_AT_ONCE = 4
const CHECKPOINT = 'checkpoint'
const PROBLEMS_TOLD_MAX = 16

type Refused = Map<string, { readonly breach: Breach, readonly at: number }>

export function declarationCopy(dataDir: string, agreement: string, party: string, headHash: string): string {
  return join(dataDir, 'mirror', agreement, party, 'd', headHash)
}

function folderOf({ register, joined, party }: Source, { hash }: ReadHead): string {
  return declarationCopy(register.dataDir, joined.agreement.id, party.party, hash)
}

/** Folder of the copy. `before`: the head before, whose copy `copyBefore` makes first: labels stay for ever, so the two are read together. */
export async function copyDeclaration(source: Source, head: ReadHead, before: ReadHead | undefined, refused: Refused, copyBefore: (() => Promise<string>) | undefined): Promise<string> {
  const folder = folderOf(source, head)
  if (await stat(join(folder, CHECKPOINT)).then(() => true, () => false)) {
    await refreshNote(source, head, folder)
    return folder
  }
  const held = refused.get(head.hash)
  if (held !== undefined && Math.abs(source.now() - held.at) < source.road.refusedSeconds) throw held.breach
  try {
    await copyBefore?.()
    await fetchDeclaration(source, head, before, folder, copyBefore)
    refused.delete(head.hash)
    return folder
  } catch (error) {
    if (error instanceof Breach) refused.set(head.hash, { breach: error as Breach, at: source.now() })
    throw error
  }
}

/** Gets what lies below a declaration's address; undefined where nothing does. */
type Get = (path: string, bytesMax: number) => Promise<Buffer | undefined>

function getter({ party, road }: Source, { hash }: ReadHead): Get {
  return async (path, bytesMax) => {
    const { status, body } = await road.get(`d/${hash}`, path, { bytesMax })
    if (status === 404) return undefined
    if (status !== 200) throw new Unreachable(road.name, new Error(`status ${status} for ${path} of the declaration of ${party.party}`))
    return body
  }
}

async function demanded(get: Get, path: string, bytesMax: number, { road, party }: Source): Promise<Buffer> {
  const bytes = await get(path, bytesMax)
  if (bytes === undefined) throw new Unreachable(road.name, new Error(`status 404 for ${path} of the declaration of ${party.party}`))
  return bytes
}

async function fetchDeclaration(source: Source, read: ReadHead, before: ReadHead | undefined, folder: string, copyBefore: (() => Promise<string>) | undefined): Promise<void> {
  const { joined, party } = source
  const { head, hash, bytes } = read
  const unfit = checkSize(head.size, joined.agreement.step, before?.head.size ?? 0)
  if (unfit !== undefined) throw new Breach('mirror/declaration', `the head of ${party.party} states a size that no declaration has: ${unfit.code}`, { head: bytes })
  const get = getter(source, read)
  const getting = join(dirname(folder), `.getting-${hash}`)
  for (const held of readByAll) if (held.startsWith(`${folder} `)) readByAll.delete(held)
  await rm(getting, { recursive: true, force: true })
  await mkdir(getting, { recursive: true })
  try {
    const note = (await demanded(get, CHECKPOINT, NOTE_BYTES_MAX, source)).toString('utf8')
    const checkpoint = partyCheckpoint(p, joined.trust, party, note, declarationOrigin(party.origin, hash))
    if (checkpoint.size !== head.size || !equal(checkpoint.root, Buffer.from(head.root, 'base64'))) throw new Breach('mirror/declaration', `the declaration of ${party.party} is not the one that its head describes`, { note, head: bytes })
    await fetchFiles(source, head.size, getting, get)
    const previous = before === undefined ? undefined : { folder: folderOf(source, before), size: before.head.size }
    const reading = () => readDeclaration({ folder: getting, tree: checkpoint, step: joined.agreement.step, ...(previous === undefined ? {} : { previous }) })
    let problems = await reading()
    if (previous !== undefined && problems.some(({ code }) => code === 'previous-broken')) {
      // The own copy of the one before is damaged: that is nobody's breach, and it is fetched anew.
      await rm(previous.folder, { recursive: true, force: true })
      await copyBefore?.()
      problems = await reading()
    }
    if (problems.length > 0) throw new Breach('mirror/declaration', `the declaration of ${party.party} breaks its law: ${toldOf(problems).slice(0, 3).join(', ')}`, evidenceOf(problems, getting, checkpoint, note, read, before, previous?.folder))
    await replaceFile(join(getting, 'head.json'), bytes, 0o644)
    await replaceFile(join(getting, CHECKPOINT), cosignedNote(joined.trust, note, party, 'reader').note, 0o644)
    await rm(folder, { recursive: true, force: true })
    await rename(getting, folder)
    await syncFolder(dirname(folder))
  } finally {
    await rm(getting, { recursive: true, force: true })
  }
}

/**
 * Entries and lowest tiles come by packs, or one by one from a registry that has none; the tiles above one by one. Each file is synced and each
 * folder once at the end: nobody reads here before the whole folder gets its name.
 */
async function fetchFiles(source: Source, size: number, folder: string, get: Get): Promise<void> {
  const made = new Set<string>()
  const keep = async (path: string, bytes: Uint8Array): Promise<void> => {
    const file = join(folder, path)
    const within = dirname(file)
    if (!made.has(within)) await mkdir(within, { recursive: true })
    made.add(within)
    await writeFile(file, bytes, { mode: 0o644, flush: true })
  }
  const one = async (path: string, bytesMax: number): Promise<void> => keep(path, await demanded(get, path, bytesMax, source))
  const pack = async (n: number): Promise<void> => {
    const files = filesOfPack(size, n)
    const whole = await get(`pack/${n}`, files.reduce((sum, { bytes }) => sum + bytes, 0))
    let at = 0
    for (const { path, bytes } of files) {
      if (whole === undefined) await one(path, bytes)
      else await keep(path, whole.subarray(at, at += bytes))
    }
  }
  const errands = function* () {
    for (let n = 0; filesOfPack(size, n).length > 0; n++) yield () => pack(n)
    for (const { level, index, width } of tilesOf(size)) if (level > 0) yield () => one(tilePath(level, index, width), TILE_BYTES)
  }()
  let failed: Error | undefined
  const lane = async (): Promise<void> => {
    for (const errand of errands) {
      if (failed !== undefined) return
      try {
        await errand()
      } catch (error) {
        failed ??= error instanceof Error ? error : new Error(String(error))
      }
    }
  }
  // All lanes end before anybody else touches the folder.
  await Promise.all(Array.from({ length: FETCHES_AT_ONCE }, lane))
  if (failed !== undefined) throw failed
  for (const within of made) await syncFolder(within)
}

const toldOf = (problems: readonly DeclarationProblem[]): string[] =>
  problems.slice(0, PROBLEMS_TOLD_MAX).map(({ code, index, file }) => [code, index, file].filter((part) => part !== undefined).join(' '))

/** Head, checkpoint and the entry at fault with its neighbour before, and where the tiles follow their paths: then it convicts by itself. */
function evidenceOf(
  problems: readonly DeclarationProblem[], folder: string, checkpoint: SignedCheckpoint, note: string, read: ReadHead, before: ReadHead | undefined, folderBefore: string | undefined,
): Evidence {
  const evidence: Record<string, Evidence[string]> = { note, head: read.bytes, problems: toldOf(problems) }
  const [first] = problems
  if (first?.code === 'label-gone' && before !== undefined && folderBefore !== undefined && first.index !== undefined) {
    const gone = entryAt(folderBefore, first.index, before.head.size)
    return { ...evidence, previous: before.bytes, index: first.index, ...(gone === undefined ? {} : { entry: gone.entry, path: gone.path, ...absenceOf(folder, checkpoint, gone.entry) }) }
  }
  if (first?.index === undefined || first.file !== undefined) return evidence
  const [left, at] = [first.index === 0 ? undefined : entryAt(folder, first.index - 1, checkpoint.size), entryAt(folder, first.index, checkpoint.size)]
  return { ...evidence, index: first.index, ...(at === undefined ? {} : { entry: at.entry, path: at.path }), ...(left === undefined ? {} : { entryBefore: left.entry, pathBefore: left.path }) }
}

/** The neighbours in the newer declaration between which the label would stand; nothing where its files are not in order. */
function absenceOf(folder: string, tree: SignedCheckpoint, gone: Uint8Array): Evidence {
  try {
    const found = openCopy(folder, tree).prove(gone.slice(0, LABEL_BYTES))
    return 'present' in found ? {} : { absentAt: found.absent.index, absentEntries: found.absent.entries, absentPathBefore: found.absent.paths[0], absentPathAfter: found.absent.paths[1] }
  } catch (error) {
    if (error instanceof Breach) return {}
    throw error
  }
}

function entryAt(folder: string, index: number, size: number): { readonly entry: Uint8Array, readonly path: readonly Uint8Array[] } | undefined {
  try {
    const entry = decodeBundle(new Uint8Array(readFileSync(join(folder, entriesPath(Math.floor(index / TILE_WIDTH))))), TILE_WIDTH)[index % TILE_WIDTH]
    return entry === undefined ? undefined : { entry, path: inclusionFromTiles(p, index, size, tilesIn(folder)) }
  } catch {
    return undefined
  }
}

/** Copies whose checkpoint was seen with every reader's cosignature under so many key records of the party: there is nothing more to come. */
const readByAll = new Set<string>()

/** The checkpoint of a copy gains readers' cosignatures with time: fetched anew until all have read. A registry that is away changes nothing. */
async function refreshNote(source: Source, read: ReadHead, folder: string): Promise<void> {
  const { joined: { trust, agreement }, party, road } = source
  const whole = `${folder} ${party.records.length}`
  if (readByAll.has(whole)) return
  const origin = declarationOrigin(party.origin, read.hash)
  const held = await readFile(join(folder, CHECKPOINT), 'utf8')
  const { cosigners } = cosignedNote(trust, held, party, 'reader')
  const counts = !isVoid(trust, party, held, origin)
  if (counts && cosigners >= agreement.parties.length) {
    readByAll.add(whole)
    return
  }
  try {
    const { status, body } = await road.get(`d/${read.hash}`, CHECKPOINT, { bytesMax: NOTE_BYTES_MAX, retries: 0 })
    const note = body.toString('utf8')
    if (status !== 200 || note === held || parseNote(note).text !== parseNote(held).text) return
    partyCheckpoint(p, trust, party, note, origin)
    const fresh = cosignedNote(trust, note, party, 'reader')
    if (!counts || fresh.cosigners > cosigners) await replaceFile(join(folder, CHECKPOINT), fresh.note, 0o644)
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error
  }
}
