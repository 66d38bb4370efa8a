// Own full copies of what the other parties publish: their logs, entry by entry, and their declarations. A log is followed from where it
// was left; what is new is checked in memory, against the root that its party signed and against all that it signed before, and only then
// written: what was read once can never change unseen, and a hostile peer never spoils a copy that is right.
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Breach } from '@muster/core/bytes/breach.ts'
import { equal } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { SignedCheckpoint } from '@muster/core/proof/checkpoint.ts'
import { leafHash, rootOf, verifyConsistency } from '@muster/core/proof/merkle.ts'
import { consistencyFromTiles, decodeBundle, entriesPath, rootFromTiles, TILE_WIDTH, type TileReader } from '@muster/core/proof/tile.ts'
import { parseNote } from '@muster/core/proof/note.ts'
import { parseCheckpoint } from '@muster/core/proof/tree-head.ts'
import type { Agreement } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { LOG_ENTRY_BYTES_MAX } from '@muster/core/wire/entry.ts'
import type { ReadHead } from '@muster/core/wire/head.ts'
import { partyCheckpoint, signedUnder } from '@muster/core/wire/party-checkpoint.ts'
import type { PartyTrust, Trust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { codeOf } from '../engine/fault.ts'
import { replaceFile } from '../engine/replace.ts'
import type { Joined } from '../store/agreements.ts'
import { seedsAt } from '../store/keys.ts'
import type { Register } from '../store/register.ts'
import { growTiles, tilesIn, type EntriesBetween } from '../store/tiles.ts'
import { ticketFor, Unreachable } from './client.ts'
import { cosignedNote, noteOfKnown } from './cosigned-note.ts'
import { copyDeclaration } from './declaration-copy.ts'
import { followRecords } from './follow-records.ts'
import { readOn, unread, type Followed } from './followed-log.ts'
import { isUnderOtherKeys, isVoid, renewed } from './renewed.ts'
import { carriedFolder, carriedRoad, wireRoad, type Road } from './road.ts'

const NOTE_BYTES_MAX = 1_048_576
const BUNDLE_BYTES_MAX = TILE_WIDTH * (LOG_ENTRY_BYTES_MAX + 2)
/** Entries taken of one log at once, in bytes: some 3 million periods, or what a hostile log can make a registry hold. */
const GROWTH_BYTES_MAX = 128 * 1_048_576
const CHECKPOINT = 'checkpoint'

export type { Followed } from './followed-log.ts'
export { declarationCopy } from './declaration-copy.ts'

/** A checkpoint's note with the lines of its log and of `cosigners` witnesses, and the served note for which it was chosen last. */
export interface Best { readonly size: number, readonly note: string, readonly cosigners: number, readonly seen: string }

export interface Mirror {
  /** Brings one party's log up to what it publishes now. Throws Unreachable, or a Breach with the evidence. */
  follow(party: PartyId): Promise<Followed>
  known(party: PartyId): Followed | undefined
  /** Of a log that is followed, the checkpoint to show others, with cosignatures that hold. They are verified here, when somebody builds on them. */
  best(followed: Followed): Best
  /** Folder of the verified full copy of the declaration under a head; fetched and read in full if it is not there, those before it too. */
  declaration(party: PartyId, head: ReadHead): Promise<string>
}

export function logCopy(dataDir: string, agreement: string, party: string): string {
  return join(dataDir, 'mirror', agreement, party, 'log')
}

/** One peer, and all that is needed to copy from it. */
export interface Source {
  readonly register: Register
  readonly joined: Joined
  readonly party: PartyTrust
  readonly road: Road
  /** POSIX seconds. */
  readonly now: () => number
}

/** `now`: POSIX seconds, for tickets. `signal` ends all that is under way. */
export function openMirror(register: Register, joined: Joined, now: () => number, signal?: AbortSignal): Mirror {
  const known = new Map<PartyId, Followed>()
  const bests = new Map<PartyId, Best>()
  const turns = new Map<string, Promise<unknown>>()
  const once = <T>(key: string, act: () => Promise<T>): Promise<T> => {
    const running = turns.get(key)
    if (running !== undefined) return running as Promise<T>
    const started = act().finally(() => turns.delete(key))
    turns.set(key, started)
    return started
  }
  const sourceOf = (party: PartyId): Source => {
    const trust = joined.trust.parties.get(party)
    if (trust === undefined) throw new Refusal('mirror/not-a-party', `${party} is no party of ${joined.agreement.id}`)
    const url = joined.urls.get(party)
    const { id } = joined.agreement
    const road = url === undefined ? carriedRoad(carriedFolder(register.dataDir, id, party), logCopy(register.dataDir, id, party), party)
      : wireRoad(url, id, () => ticketFor(seedsAt(joined.keys, timeOf(now())).message.ed25519, register.file.party, party, id, now()), signal)
    return { register, joined, party: trust, road, now }
  }
  const refused = new Map<string, { readonly breach: Breach, readonly at: number }>()
  const mirror: Mirror = {
    known: (party) => known.get(party),
    best: (followed) => {
      const { party } = followed.party
      const chosen = better(bests.get(party), followed, joined.trust)
      bests.set(party, chosen)
      return chosen
    },
    follow: (party) => once(`log ${party}`, async () => {
      // What a courier brought, another process may have read on; the copy on disk is what stands.
      const followed = await followLog(sourceOf(party), joined.urls.has(party) ? known.get(party) : undefined)
      // Before anything is looked up in what its log says: a head may name a key of the newest record.
      await followRecords(register, joined, followed, now())
      known.set(party, followed)
      return followed
    }),
    declaration: (party, head) => once(`d ${head.hash}`, async () => {
      const before = previousIn(known.get(party), head)
      return copyDeclaration(sourceOf(party), head, before, refused, before === undefined ? undefined : () => mirror.declaration(party, before))
    }),
  }
  return mirror
}

function previousIn(followed: Followed | undefined, { head: { previous } }: ReadHead): ReadHead | undefined {
  return previous === null ? undefined : followed?.heads.find(({ head }) => head.hash === previous)?.head
}

/** What was signed and read before: the copy, or of a copy that is damaged its checkpoint alone, to which the party is still held. */
interface Held { readonly followed: Followed | undefined, readonly checkpoint: SignedCheckpoint, readonly note: string }

async function heldOf(folder: string, party: PartyTrust, agreement: Agreement, before: Followed | undefined): Promise<Held | undefined> {
  if (before !== undefined) return { followed: before, checkpoint: before.checkpoint, note: before.note }
  const note = await noteIn(folder)
  if (note === undefined) return undefined
  try {
    const followed = await resumeLog(folder, party, agreement)
    return followed && { followed, checkpoint: followed.checkpoint, note }
  } catch (error) {
    if (error instanceof Refusal || error instanceof Breach) return { followed: undefined, checkpoint: signedUnder(p, party, note, party.origin).checkpoint, note }
    throw error
  }
}

/** The checkpoint that is served, with the party as it has to be known for that: under keys of a record that was not read yet, the log itself is searched for it. */
async function servedBy({ joined: { agreement, trust }, road }: Source, party: PartyTrust, note: string, held: number): Promise<{ readonly party: PartyTrust, readonly checkpoint: SignedCheckpoint }> {
  try {
    return { party, checkpoint: partyCheckpoint(p, trust, party, note, party.origin) }
  } catch (error) {
    const { size } = parseCheckpoint(parseNote(note).text)
    if (!isUnderOtherKeys(error)) throw error
    for (const from of new Set([Math.min(held, size), 0])) {
      const known = renewed(agreement, party, await entriesBetween(entriesFrom(road), from, size))
      if (known !== party) return { party: known, checkpoint: partyCheckpoint(p, trust, known, note, party.origin) }
    }
    throw error
  }
}

async function entriesBetween(read: EntriesBetween, from: number, to: number): Promise<Uint8Array[]> {
  const entries: Uint8Array[] = []
  for (let n = Math.floor(from / TILE_WIDTH); n * TILE_WIDTH < to; n++) entries.push(...await read(n * TILE_WIDTH, Math.min(to, (n + 1) * TILE_WIDTH)))
  return entries
}

async function followLog(source: Source, before: Followed | undefined): Promise<Followed> {
  const { register, joined, road } = source
  const { agreement } = joined
  const known = (before?.party.records.length ?? 0) > source.party.records.length ? (before as Followed).party : source.party
  const folder = logCopy(register.dataDir, agreement.id, known.party)
  const { status, body } = await road.get('log', CHECKPOINT, { bytesMax: NOTE_BYTES_MAX })
  if (status !== 200) throw new Unreachable(road.name, new Error(`status ${status} for the checkpoint of ${known.party}`))
  const note = body.toString('utf8')
  const kept = await heldOf(folder, known, agreement, before)
  const { party, checkpoint } = await servedBy(source, kept?.followed?.party ?? known, note, kept?.checkpoint.size ?? 0)
  const held = kept !== undefined && isVoid(joined.trust, party, kept.note, party.origin) && !await isWithin(kept, { checkpoint, note }, road, folder) ? undefined : kept
  if (held !== kept) await rm(folder, { recursive: true, force: true })
  if (held?.followed !== undefined && checkpoint.size <= held.checkpoint.size) {
    demandPrefix({ checkpoint, note }, held, [held, { checkpoint, note }], tilesIn(folder))
    if (checkpoint.size < held.checkpoint.size) return { ...held.followed, stale: checkpoint.size }
    return settled(source, folder, { ...held.followed, party }, checkpoint, note)
  }
  const from = held?.followed?.checkpoint.size ?? 0
  const growth = await growTiles(entriesFrom(road), folder, from, checkpoint.size)
  if (!equal(rootFromTiles(p, checkpoint.size, growth.tiles), checkpoint.root)) throw new Breach('mirror/root', `the entries that ${party.party} serves do not give the root that it signed`, { note })
  if (held !== undefined) {
    if (checkpoint.size < held.checkpoint.size) throw new Refusal('mirror/stale', `the own copy of this log is damaged, and ${checkpoint.size} entries are served where ${held.checkpoint.size} were signed: it is fetched anew when all are served again`)
    demandPrefix(held, { checkpoint, note }, [held, { checkpoint, note }], growth.tiles)
  }
  const start = held?.followed === undefined ? unread(party, checkpoint, note, agreement.step) : { ...held.followed, party }
  const fresh = growth.bundles.flatMap((bundle) => bundle.entries.slice(Math.max(0, from - bundle.start)))
  const followed = readOn(start, fresh, checkpoint, note, growth.tiles)
  await mkdir(folder, { recursive: true })
  await growth.write()
  return settled(source, folder, followed, checkpoint, note)
}

/** Whether a served tree goes on from what was kept; the entries are fetched anew where the kept tree may be a thief's. */
async function isWithin(kept: Held, { checkpoint }: Signed, road: Road, folder: string): Promise<boolean> {
  if (checkpoint.size < kept.checkpoint.size) return kept.followed !== undefined && equal(rootFromTiles(p, checkpoint.size, tilesIn(folder)), checkpoint.root)
  const leaves = (await entriesBetween(entriesFrom(road), 0, checkpoint.size)).map((entry) => leafHash(p, entry))
  return equal(rootOf(p, leaves.slice(0, kept.checkpoint.size)), kept.checkpoint.root)
}

/** Checkpoint and note after a reading; the file comes last, so what it covers is whole. Cosignatures are verified when somebody builds on them. */
async function settled({ joined }: Source, folder: string, followed: Followed, checkpoint: SignedCheckpoint, note: string): Promise<Followed> {
  const kept = noteOfKnown(note, followed.party, joined.trust.witnesses)
  if (await noteIn(folder) !== kept) await replaceFile(join(folder, CHECKPOINT), kept, 0o644)
  const { stale: _, ...whole } = followed
  return { ...whole, checkpoint, note: kept }
}

/** The better of a party's last best note and its newest: one that holds the newest head, then what most witnesses cosigned, then the newer. */
function better(last: Best | undefined, { checkpoint, note, party, heads }: Followed, trust: Trust): Best {
  if (last?.seen === note) return last
  const { cosigners, ...clean } = cosignedNote(trust, note, party, 'witness')
  if (last !== undefined && isVoid(trust, party, last.note, party.origin)) return { size: checkpoint.size, note: clean.note, cosigners, seen: note }
  const stays = last !== undefined && last.size > (heads.at(-1)?.index ?? -1) && (checkpoint.size === last.size ? cosigners <= last.cosigners : cosigners < last.cosigners)
  return stays ? { ...last, seen: note } : { size: checkpoint.size, note: clean.note, cosigners, seen: note }
}

type Signed = Pick<Held, 'checkpoint' | 'note'>

/**
 * The smaller tree is a prefix of the larger one, whose tiles are given; otherwise the two notes, given in the order in which they came,
 * convict the log. Of sizes that differ, a path shows by itself what the first entries of the larger tree come to.
 */
export function demandPrefix(small: Signed, large: Signed, [first, second]: readonly [Signed, Signed], tiles: TileReader): void {
  const [{ checkpoint: a }, { checkpoint: b }] = [small, large]
  const root = rootFromTiles(p, a.size, tiles)
  if (equal(root, a.root)) return
  const path = a.size === 0 || a.size === b.size ? [] : consistencyFromTiles(p, a.size, b.size, tiles)
  const proven = a.size === b.size || verifyConsistency(p, { size1: a.size, size2: b.size, root1: root, root2: b.root, path })
  // Then the own copy is at fault, and nobody is convicted.
  if (!proven) throw new Refusal('mirror/damaged', 'the own copy of this log is damaged')
  throw new Breach('mirror/fork', `${a.origin}: two histories were signed`, { first: first.note, second: second.note, prefix: root, path })
}

async function noteIn(folder: string): Promise<string | undefined> {
  return readFile(join(folder, CHECKPOINT), 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
}

/** The log in a folder as its checkpoint covers it, every entry read and the root made again. Throws a Refusal for a copy that is damaged. */
export async function resumeLog(folder: string, known: PartyTrust, agreement: Agreement): Promise<Followed | undefined> {
  const note = await noteIn(folder)
  if (note === undefined) return undefined
  const { size } = parseCheckpoint(parseNote(note).text)
  const entries: Uint8Array[] = []
  for (let n = 0; n * TILE_WIDTH < size; n++) entries.push(...await bundleIn(folder, n, Math.min(TILE_WIDTH, size - n * TILE_WIDTH)))
  const party = renewed(agreement, known, entries)
  const { checkpoint } = signedUnder(p, party, note, party.origin)
  const tiles = tilesIn(folder)
  const root = rootOf(p, entries.map((entry) => leafHash(p, entry)))
  if (!equal(root, checkpoint.root) || !equal(rootFromTiles(p, checkpoint.size, tiles), root)) throw new Refusal('mirror/damaged', `${folder} does not give the root that was signed`)
  return readOn(unread(party, checkpoint, note, agreement.step), entries, checkpoint, note, tiles)
}

/** Entries of a bundle; of one that has grown since, the first ones. */
async function bundleIn(folder: string, n: number, width: number): Promise<Uint8Array[]> {
  const exact = await readFile(join(folder, entriesPath(n, width))).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
  if (exact !== undefined) return decodeBundle(exact, width)
  const whole = width === TILE_WIDTH ? undefined : await readFile(join(folder, entriesPath(n))).catch(() => undefined)
  if (whole === undefined) throw new Refusal('mirror/damaged', `${join(folder, entriesPath(n, width))} is missing`)
  return decodeBundle(whole, TILE_WIDTH).slice(0, width)
}

/** Fetches bundles, so many bytes and no more. */
function entriesFrom(road: Road): EntriesBetween {
  let left = GROWTH_BYTES_MAX
  return async (from, to) => {
    const n = Math.floor(from / TILE_WIDTH)
    const width = to - n * TILE_WIDTH
    const bytesMax = Math.min(BUNDLE_BYTES_MAX, left)
    const partial = await road.get('log', entriesPath(n, width), { bytesMax })
    // A bundle that filled up meanwhile replaces its partial ones.
    const whole = partial.status === 404 && width < TILE_WIDTH
    const { status, body } = whole ? await road.get('log', entriesPath(n), { bytesMax }) : partial
    if (status !== 200) throw new Unreachable(road.name, new Error(`status ${status} for entries ${from} to ${to}`))
    left -= body.length
    if (left <= 0) throw new Unreachable(road.name, new Error(`the log has grown by more than ${GROWTH_BYTES_MAX} bytes since it was last read`))
    return decodeBundle(body, whole ? TILE_WIDTH : width).slice(0, width)
  }
}
