// Own full copies of what the other parties publish: their logs, entry by entry, and their declarations. A log is followed from where it
// was left, and the tree over all entries must have the root that its party signed; what was read once can then never change unseen.
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Breach } from '@muster/core/bytes/breach.ts'
import { equal } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { verifyLogCheckpoint, type SignedCheckpoint } from '@muster/core/proof/checkpoint.ts'
import { parseNote } from '@muster/core/proof/note.ts'
import { decodeBundle, entriesPath, rootFromTiles, TILE_WIDTH, tilePath, tilesOf, TILE_BYTES } from '@muster/core/proof/tile.ts'
import { declarationOrigin } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { checkClearEntry, LOG_ENTRY_BYTES_MAX, parseEntry } from '@muster/core/wire/entry.ts'
import { checkHeadFollows, type ReadHead } from '@muster/core/wire/head.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { readDeclaration } from '@muster/fast/declaration/read.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { codeOf } from '../engine/fault.ts'
import { replaceFile } from '../engine/replace.ts'
import type { Joined } from '../store/agreements.ts'
import type { Register } from '../store/register.ts'
import { tilesIn, writeTiles } from '../store/tiles.ts'
import { ask, ticketFor, Unreachable } from './client.ts'

const NOTE_BYTES_MAX = 1_048_576
const BUNDLE_BYTES_MAX = TILE_WIDTH * (LOG_ENTRY_BYTES_MAX + 2)
const DECLARATION_BUNDLE_BYTES = TILE_WIDTH * 66
/** Files fetched at once from one party. */
const FETCHES_AT_ONCE = 8
const CHECKPOINT = 'checkpoint'
/** A party's own two signatures on its checkpoints. */
const LOG_LINES = 2

/** What is known of one party's log: every head, and where the agreement and its key record stand. */
export interface Followed {
  readonly party: PartyTrust
  readonly checkpoint: SignedCheckpoint
  readonly note: string
  /** The newest checkpoint with the most cosignatures among those that hold the newest head. */
  readonly best: { readonly size: number, readonly note: string }
  /** Index in the log of the agreement, the key record, and each head. */
  readonly places: Map<string, number>
  readonly heads: { readonly head: ReadHead, readonly index: number }[]
  readonly seen: Map<string, Uint8Array>
}

export interface Mirror {
  /** Brings one party's log up to what it publishes now. Throws Unreachable, or a Breach with the evidence. */
  follow(party: PartyId): Promise<Followed>
  known(party: PartyId): Followed | undefined
  /** Folder of the verified full copy of the declaration under a head; fetched and read in full if it is not there. */
  declaration(party: PartyId, head: ReadHead): Promise<string>
}

export function logCopy(dataDir: string, agreement: string, party: string): string {
  return join(dataDir, 'mirror', agreement, party, 'log')
}

export function declarationCopy(dataDir: string, agreement: string, party: string, headHash: string): string {
  return join(dataDir, 'mirror', agreement, party, 'd', headHash)
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false)
}

/** `now`: POSIX seconds, for tickets. */
export function openMirror(register: Register, joined: Joined, now: () => number): Mirror {
  const known = new Map<PartyId, Followed>()
  const turns = new Map<string, Promise<unknown>>()
  const once = <T>(key: string, act: () => Promise<T>): Promise<T> => {
    const running = turns.get(key)
    if (running !== undefined) return running as Promise<T>
    const started = act().finally(() => turns.delete(key))
    turns.set(key, started)
    return started
  }
  const trusted = (party: PartyId): PartyTrust => {
    const trust = joined.trust.parties.get(party)
    if (trust === undefined) throw new Refusal('mirror/not-a-party', `${party} is no party of ${joined.agreement.id}`)
    return trust
  }
  const urlOf = (party: PartyId): string => {
    const url = joined.urls.get(party)
    if (url === undefined) throw new Unreachable('http://unknown.invalid', new Error(`no address of ${party} is known`))
    return url
  }
  return {
    known: (party) => known.get(party),
    follow: (party) => once(`log ${party}`, async () => {
      const followed = await followLog(register, joined, trusted(party), urlOf(party), known.get(party))
      known.set(party, followed)
      return followed
    }),
    declaration: (party, head) => once(`d ${head.hash}`, async () => {
      const folder = declarationCopy(register.dataDir, joined.agreement.id, party, head.hash)
      if (await exists(join(folder, CHECKPOINT))) {
        await refreshNote(register, joined, trusted(party), urlOf(party), head, folder, now())
        return folder
      }
      await fetchDeclaration(register, joined, trusted(party), urlOf(party), known.get(party), head, folder, now())
      return folder
    }),
  }
}

async function followLog(register: Register, joined: Joined, party: PartyTrust, url: string, before: Followed | undefined): Promise<Followed> {
  const folder = logCopy(register.dataDir, joined.agreement.id, party.party)
  const base = `${url}/log/${joined.agreement.id}`
  const { status, body } = await ask(`${base}/${CHECKPOINT}`, { bytesMax: NOTE_BYTES_MAX })
  if (status !== 200) throw new Unreachable(url, new Error(`status ${status} for the checkpoint of ${party.party}`))
  const note = body.toString('utf8')
  const checkpoint = verifyLogCheckpoint(p, note, party.origin, party.log)
  const held = before ?? await resumeLog(folder, party)
  const size = held?.checkpoint.size ?? 0
  if (held !== undefined && checkpoint.size <= size) {
    demandSameHistory(folder, held, checkpoint, note)
    return checkpoint.size === size ? better({ ...held, note }, checkpoint.size, note) : held
  }
  await writeTiles((from, to) => fetchEntries(base, from, to), folder, size, checkpoint.size)
  const tiles = tilesIn(folder)
  if (!equal(rootFromTiles(p, checkpoint.size, tiles), checkpoint.root)) throw new Breach('mirror/root', `the entries that ${party.party} serves do not give the root that it signed`, { note })
  if (held !== undefined && !equal(rootFromTiles(p, size, tiles), held.checkpoint.root)) throw new Breach('mirror/fork', `${party.party} rewrote the first ${size} entries of its log`, { first: held.note, second: note })
  const followed: Followed = held === undefined ? empty(party, checkpoint, note) : { ...held, checkpoint, note }
  await readEntries(folder, followed, size, joined.agreement.step)
  // A log that holds nothing yet has a checkpoint and no tile.
  await mkdir(folder, { recursive: true })
  await replaceFile(join(folder, CHECKPOINT), note, 0o644)
  return better(followed, checkpoint.size, note)
}

function better(followed: Followed, size: number, note: string): Followed {
  const lines = (text: string) => parseNote(text).signatures.length
  const covers = (held: number) => held > (followed.heads.at(-1)?.index ?? -1)
  return !covers(followed.best.size) || lines(note) >= lines(followed.best.note) ? { ...followed, best: { size, note } } : followed
}

function empty(party: PartyTrust, checkpoint: SignedCheckpoint, note: string): Followed {
  return { party, checkpoint, note, best: { size: checkpoint.size, note }, places: new Map(), heads: [], seen: new Map() }
}

/** An older or equal checkpoint must be a prefix of what is held; otherwise both notes convict the log. */
function demandSameHistory(folder: string, held: Followed, checkpoint: SignedCheckpoint, note: string): void {
  if (equal(rootFromTiles(p, checkpoint.size, tilesIn(folder)), checkpoint.root)) return
  throw new Breach('mirror/fork', `${held.party.party} signed two histories of its log`, { first: held.note, second: note })
}

/** The copy as the last run left it: the checkpoint is written last, so what it covers is whole. */
export async function resumeLog(folder: string, party: PartyTrust): Promise<Followed | undefined> {
  let note: string
  try {
    note = await readFile(join(folder, CHECKPOINT), 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  const followed = empty(party, verifyLogCheckpoint(p, note, party.origin, party.log), note)
  await readEntries(folder, followed, 0, undefined)
  return followed
}

async function fetchEntries(base: string, from: number, to: number): Promise<Uint8Array[]> {
  const n = Math.floor(from / TILE_WIDTH)
  const width = to - n * TILE_WIDTH
  const partial = await ask(`${base}/${entriesPath(n, width)}`, { bytesMax: BUNDLE_BYTES_MAX })
  // A bundle that filled up meanwhile replaces its partial ones.
  const { status, body } = partial.status === 404 && width < TILE_WIDTH ? await ask(`${base}/${entriesPath(n)}`, { bytesMax: BUNDLE_BYTES_MAX }) : partial
  if (status !== 200) throw new Unreachable(base, new Error(`status ${status} for entries ${from} to ${to}`))
  const entries = decodeBundle(body, partial.status === 404 ? TILE_WIDTH : width)
  return entries.slice(0, width)
}

/** Reads the entries from `from` on: a second clear entry for one subject is a breach with both as evidence. */
async function readEntries(folder: string, followed: Followed, from: number, step: number | undefined): Promise<void> {
  const { party, checkpoint: { size } } = followed
  const log = { party: party.party, agreement: party.record.record.agreement }
  for (let n = Math.floor(from / TILE_WIDTH); n * TILE_WIDTH < size; n++) {
    const width = Math.min(TILE_WIDTH, size - n * TILE_WIDTH)
    const entries = decodeBundle(await readBundleFile(folder, n, width), width)
    for (let i = Math.max(0, from - n * TILE_WIDTH); i < width; i++) {
      const entry = parseEntry(p, entries[i] as Uint8Array)
      if (entry instanceof Error) throw entry
      const breach = checkClearEntry(followed.seen, entry, log)
      if (breach !== undefined) throw breach
      if (entry.kind === 'bound') continue
      const index = n * TILE_WIDTH + i
      if (entry.body.what !== 'head') followed.places.set(entry.body.what, index)
      else {
        const last = followed.heads.at(-1)?.head
        const broken = last === undefined || step === undefined ? undefined : checkHeadFollows(entry.body.read, last, step)
        if (broken !== undefined) throw broken
        followed.heads.push({ head: entry.body.read, index })
      }
    }
  }
}

async function readBundleFile(folder: string, n: number, width: number): Promise<Uint8Array> {
  return readFile(join(folder, entriesPath(n, width))).catch(async (error: unknown) => {
    if (codeOf(error) !== 'ENOENT' || width === TILE_WIDTH) throw error
    const whole = await readFile(join(folder, entriesPath(n)))
    let end = 0
    for (let i = 0; i < width; i++) end += 2 + whole.readUInt16BE(end)
    return whole.subarray(0, end)
  })
}

async function fetchDeclaration(
  register: Register, joined: Joined, party: PartyTrust, url: string, followed: Followed | undefined, { head, hash, bytes }: ReadHead, folder: string, at: number,
): Promise<void> {
  const base = `${url}/d/${joined.agreement.id}/${hash}`
  const headers = ticketFor(joined.keys.message.ed25519, register.file.party, party.party, joined.agreement.id, at)
  const get = async (path: string, bytesMax: number): Promise<Buffer> => {
    const { status, body } = await ask(`${base}/${path}`, { headers, bytesMax })
    if (status !== 200) throw new Unreachable(url, new Error(`status ${status} for ${path} of the declaration of ${party.party}`))
    return body
  }
  const getting = join(dirname(folder), `.getting-${hash}`)
  await rm(getting, { recursive: true, force: true })
  await mkdir(getting, { recursive: true })
  const note = (await get(CHECKPOINT, NOTE_BYTES_MAX)).toString('utf8')
  const checkpoint = verifyLogCheckpoint(p, note, declarationOrigin(party.origin, hash), party.log)
  if (checkpoint.size !== head.size || !equal(checkpoint.root, Buffer.from(head.root, 'base64'))) throw new Breach('mirror/declaration', `the declaration of ${party.party} is not the one that its head describes`, { note, head: bytes })
  const files = [...tilesOf(head.size)].flatMap((tile) => [
    ...(tile.level === 0 ? [{ path: entriesPath(tile.index, tile.width), bytesMax: DECLARATION_BUNDLE_BYTES }] : []),
    { path: tilePath(tile.level, tile.index, tile.width), bytesMax: TILE_BYTES },
  ])
  await inParallel(files, async ({ path, bytesMax }) => {
    const whole = join(getting, path)
    await mkdir(dirname(whole), { recursive: true })
    await replaceFile(whole, await get(path, bytesMax), 0o644)
  })
  const before = previousOf(register, joined, party, followed, head.previous)
  const problems = await readDeclaration({ folder: getting, tree: checkpoint, step: joined.agreement.step, ...before })
  if (problems.length > 0) throw new Breach('mirror/declaration', `the declaration of ${party.party} breaks its law: ${problems.slice(0, 3).map(({ code }) => code).join(', ')}`, { note, head: bytes })
  await replaceFile(join(getting, 'head.json'), bytes, 0o644)
  await replaceFile(join(getting, CHECKPOINT), note, 0o644)
  await rm(folder, { recursive: true, force: true })
  await rename(getting, folder)
}

/** The checkpoint of a copy gains readers' cosignatures with time: fetched anew until all have read. A registry that is away changes nothing. */
async function refreshNote(register: Register, joined: Joined, party: PartyTrust, url: string, { hash }: ReadHead, folder: string, at: number): Promise<void> {
  const held = await readFile(join(folder, CHECKPOINT), 'utf8')
  const { signatures, text } = parseNote(held)
  if (signatures.length >= joined.agreement.parties.length + LOG_LINES) return
  try {
    const headers = ticketFor(joined.keys.message.ed25519, register.file.party, party.party, joined.agreement.id, at)
    const { status, body } = await ask(`${url}/d/${joined.agreement.id}/${hash}/${CHECKPOINT}`, { headers, bytesMax: NOTE_BYTES_MAX, retries: 0 })
    const note = body.toString('utf8')
    if (status !== 200 || note === held || parseNote(note).text !== text || parseNote(note).signatures.length <= signatures.length) return
    verifyLogCheckpoint(p, note, declarationOrigin(party.origin, hash), party.log)
    await replaceFile(join(folder, CHECKPOINT), note, 0o644)
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error
  }
}

function previousOf(register: Register, joined: Joined, party: PartyTrust, followed: Followed | undefined, previous: string | null): { previous?: { folder: string, size: number } } {
  const before = previous === null ? undefined : followed?.heads.find(({ head }) => head.hash === previous)
  return before === undefined ? {} : { previous: { folder: declarationCopy(register.dataDir, joined.agreement.id, party.party, before.head.hash), size: before.head.head.size } }
}

async function inParallel<T>(all: readonly T[], act: (each: T) => Promise<void>): Promise<void> {
  const left = all.values()
  const lane = async () => {
    for (const each of left) await act(each)
  }
  await Promise.all(Array.from({ length: FETCHES_AT_ONCE }, lane))
}
