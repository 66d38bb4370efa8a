// What a courier carries besides messages (spec/courier.md): to a party without an address, what its mirror would fetch and its witness and reader
// have not cosigned yet; back to it, the cosignatures on what it published. What is brought lies in a folder of its own until a mirror has checked it,
// and is cosigned by the same door as what is read over the network.
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fromBase64, toBase64, utf8 } from '@muster/core/bytes/bytes.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { verifyCosignature } from '@muster/core/proof/cosignature.ts'
import { parseDeclarationOrigin } from '@muster/core/proof/declaration-origin.ts'
import { parseNote, type Note } from '@muster/core/proof/note.ts'
import { filesOfPack } from '@muster/core/proof/pack.ts'
import { entriesPath, TILE_WIDTH, tilePath, tilesOf } from '@muster/core/proof/tile.ts'
import { parseCheckpoint } from '@muster/core/proof/tree-head.ts'
import { declarationOrigin } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Courier, PublishedFile } from '@muster/core/wire/courier.ts'
import { partyCheckpoint } from '@muster/core/wire/party-checkpoint.ts'
import type { Cosigner, PartyTrust, Trust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { keepBreach, type Hall, type Home } from './home.ts'
import { newestCosignedBy } from './log/cosigned-by.ts'
import { declarationBefore, declarationOf, newestReadable, storeRead, type StoredDeclarationRow } from './log/declare.ts'
import { declarationFolder, logFolder, originOf } from './log/own-log.ts'
import { storedCheckpoint, storeCosigned } from './log/sign.ts'
import { lastCosigned } from './log/witness.ts'
import { Unreachable } from './peer/client.ts'
import { askReader, askWitness, bearsLineOf, withCosignatures, type Submit } from './peer/cosigning.ts'
import { carriedFolder, putCarried } from './peer/road.ts'
import { declarationCopy, logCopy } from './peer/mirror.ts'
import { isUnderOtherKeys } from './peer/renewed.ts'
import { lookForWatched } from './watch/look.ts'

const CHECKPOINT = 'checkpoint'
/** Of another's declarations, so many of the newest whose cosignatures go along. */
const DECLARATIONS_COSIGNED = 8

type Named = { readonly path: string, readonly file: string }

/** The published files that a party may not have yet, the checkpoint of each tree last. */
export async function* publishedFor({ log, joined }: Hall, to: PartyId): AsyncGenerator<PublishedFile> {
  const trust = joined.trust.parties.get(to) as PartyTrust
  for (const { path, file } of [...await logFiles(log, trust), ...await declaredFiles(log, trust)]) yield { path, bytes: toBase64(new Uint8Array(await readFile(file))) }
}

async function logFiles(log: Hall['log'], { witness }: PartyTrust): Promise<Named[]> {
  const folder = logFolder(log)
  const note = await readFile(join(folder, CHECKPOINT), 'utf8').catch(() => undefined)
  if (note === undefined) return []
  const { size } = parseCheckpoint(parseNote(note).text)
  const held = (await newestCosignedBy(log, witness.name))?.size ?? 0
  const named: Named[] = []
  for (let n = Math.floor(held / TILE_WIDTH); held < size && n * TILE_WIDTH < size; n++) {
    const path = entriesPath(n, Math.min(TILE_WIDTH, size - n * TILE_WIDTH))
    named.push({ path: `log/${path}`, file: join(folder, path) })
  }
  return [...named, { path: `log/${CHECKPOINT}`, file: join(folder, CHECKPOINT) }]
}

/** The newest declaration, with those before it that the party's reader has not read; of one that it has, the checkpoint alone. */
async function declaredFiles(log: Hall['log'], { cosigners }: PartyTrust): Promise<Named[]> {
  const named: Named[] = []
  for (let each = await newestReadable(log); each !== undefined; each = await declarationBefore(log, each)) {
    const { head: { hash, head: { size } }, note } = each
    const isRead = cosigners.reader.some(({ key }) => bearsLineOf(note, key))
    const paths = isRead ? [] : [...declarationPaths(size)]
    named.unshift(...[...paths, CHECKPOINT].map((path) => ({ path: `d/${hash}/${path}`, file: join(declarationFolder(log, hash), path) })))
    if (isRead) break
  }
  return named
}

function* declarationPaths(size: number): Generator<string> {
  for (let n = 0; filesOfPack(size, n).length > 0; n++) for (const { path } of filesOfPack(size, n)) yield path
  for (const { level, index, width } of tilesOf(size)) if (level > 0) yield tilePath(level, index, width)
}

/** What this party cosigned of another's log and of its newest declarations. */
export async function cosignedOf({ log, joined, mirror }: Hall, to: PartyId): Promise<string[]> {
  const { origin } = joined.trust.parties.get(to) as PartyTrust
  const heads = mirror.known(to)?.heads ?? (await mirror.follow(to).catch(() => undefined))?.heads ?? []
  const rows = [
    await lastCosigned(log, 'witness', origin),
    ...await Promise.all(heads.slice(-DECLARATIONS_COSIGNED).map(({ head }) => lastCosigned(log, 'reader', declarationOrigin(origin, head.hash)))),
  ]
  return rows.flatMap((row) => row === undefined ? [] : [toBase64(utf8(row.note))])
}

/** The two cosigners of this registry: those of this process, or those of the server that runs. */
export interface Cosigners {
  readonly witness: Submit
  readonly reader: (body: string) => Promise<Awaited<ReturnType<Submit>> | 'reading'>
}

/** Puts what was published where the mirror finds it, has it checked, and cosigns it. A checkpoint that its party did not sign, or an older one than is held, changes nothing. */
export async function takePublished(home: Home, hall: Hall, { from, published = [] }: Courier, cosigners: Cosigners): Promise<void> {
  const { register: { dataDir } } = home
  const { trust, agreement } = hall.joined
  if (published.length === 0 || hall.joined.urls.has(from)) return
  const party = trust.parties.get(from) as PartyTrust
  const folder = carriedFolder(dataDir, agreement.id, from)
  const isCheckpoint = ({ path }: PublishedFile) => path.endsWith(`/${CHECKPOINT}`)
  for (const each of published.filter((file) => !isCheckpoint(file))) await putCarried(folder, each.path, fromBase64(each.bytes) as Uint8Array)
  for (const { path, bytes } of published.filter(isCheckpoint)) {
    const note = Buffer.from(bytes, 'base64')
    if (await isNewer(home, trust, folder, path, note.toString('utf8'), party)) await putCarried(folder, path, note)
  }
  if (await followCarried(home, hall, from)) await cosignCarried(home, hall, party, cosigners)
}

/** What two signatures of the party prove, whoever brought them. Of all else that is wrong, whoever made the file may be the author: it is thrown away and accuses nobody. */
const PROVEN = ['mirror/fork', 'entry/second-clear']

async function followCarried(home: Home, hall: Hall, party: PartyId): Promise<boolean> {
  try {
    const followed = await hall.mirror.follow(party)
    const { heads } = followed
    const newest = heads.at(-1)
    if (newest !== undefined) await hall.mirror.declaration(party, newest.head)
    await lookForWatched(home, hall, party)
    return true
  } catch (error) {
    if (!(error instanceof Unreachable || error instanceof Breach || error instanceof Refusal)) throw error
    home.report(`${party}: what the courier brought of it is not taken: ${error.message}`)
    if (error instanceof Breach && PROVEN.includes(String(error.code))) await keepBreach(home, hall, party, error)
    if (!(error instanceof Unreachable)) await rm(carriedFolder(home.register.dataDir, hall.joined.agreement.id, party), { recursive: true, force: true })
    return false
  }
}

/** Whether a checkpoint is its party's, and of no smaller tree than the one that was carried before. */
async function isNewer(home: Home, trust: Trust, folder: string, path: string, note: string, party: PartyTrust): Promise<boolean> {
  const hash = /^d\/([0-9a-f]{64})\//.exec(path)?.[1]
  let size = 0
  try {
    ;({ size } = parseCheckpoint(parseNote(note).text))
    partyCheckpoint(p, trust, party, note, hash === undefined ? party.origin : declarationOrigin(party.origin, hash))
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof Breach)) throw error
    // The record of its keys may be among the entries that came with it, where the mirror looks for it.
    if (isUnderOtherKeys(error)) return isLarger(folder, path, size)
    // Whoever made the file may have put it there: it accuses nobody.
    home.report(`${party.party}: the courier's ${path} is not taken: ${error.message}`)
    return false
  }
  return isLarger(folder, path, size)
}

async function isLarger(folder: string, path: string, size: number): Promise<boolean> {
  const before = await readFile(join(folder, path), 'utf8').catch(() => undefined)
  return before === undefined || parseCheckpoint(parseNote(before).text).size <= size
}

async function cosignCarried(home: Home, hall: Hall, { party }: PartyTrust, cosigners: Cosigners): Promise<void> {
  const { register: { dataDir } } = home
  const { trust, agreement } = hall.joined
  const followed = hall.mirror.known(party)
  if (followed === undefined) return
  const own = trust.parties.get(home.register.file.party) as PartyTrust
  const folder = carriedFolder(dataDir, agreement.id, party)
  const tell = (what: string): void => { home.report(`${party}: ${what} is not cosigned`) }
  if (await askWitness(cosigners.witness, own.witness, followed.note, logCopy(dataDir, agreement.id, party), party, new Map()) === undefined) tell('its log')
  for (const { head } of followed.heads.slice(-DECLARATIONS_COSIGNED)) {
    const copy = declarationCopy(dataDir, agreement.id, party, head.hash)
    const note = await readFile(join(copy, CHECKPOINT), 'utf8').catch(() => undefined)
    if (note === undefined) continue
    if (!bearsLineOf(note, own.reader) && await askReader(cosigners.reader, own.reader, note) === undefined) tell(`declaration ${head.head.sequence}`)
    await rm(join(folder, 'd', head.hash, 'tile'), { recursive: true, force: true })
  }
  await rm(join(folder, 'log', 'tile'), { recursive: true, force: true })
}

/** Adds the cosignatures of whoever sent them to the own log and declarations. What does not verify is told and changes nothing. */
export async function takeCosigned(home: Home, hall: Hall, { from, cosigned = [] }: Courier): Promise<number> {
  const party = hall.joined.trust.parties.get(from) as PartyTrust
  let taken = 0
  for (const text of cosigned) {
    try {
      const note = parseNote(Buffer.from(text, 'base64').toString('utf8'))
      if (await (note.text.startsWith(`${originOf(hall.log)}\n`) ? takeWitnessed(hall, note, party.cosigners.witness) : takeRead(hall, note, party.cosigners.reader))) taken += 1
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      home.report(`${from}: a cosignature that it sent is not taken: ${error.message}`)
    }
  }
  return taken
}

/** The note as it stands here with the lines of these keys that verify; undefined where there is none, or the note is of something else. */
function withLine(held: string | undefined, { text, signatures }: Note, keys: readonly Cosigner[]): string | undefined {
  if (held === undefined || parseNote(held).text !== text) return undefined
  const lines = signatures.filter((line) => keys.some(({ key }) => line.name === key.name && line.id === key.id && verifyCosignature(p, key, text, line.signature)))
  return lines.length === 0 ? undefined : withCosignatures(held, lines)
}

async function takeWitnessed({ log }: Hall, note: Note, keys: readonly Cosigner[]): Promise<boolean> {
  const { size } = parseCheckpoint(note.text)
  const whole = withLine(await storedCheckpoint(log, size), note, keys)
  if (whole !== undefined) await storeCosigned(log, size, whole)
  return whole !== undefined
}

async function takeRead({ log }: Hall, note: Note, keys: readonly Cosigner[]): Promise<boolean> {
  const named = parseDeclarationOrigin(note.text.slice(0, note.text.indexOf('\n')))
  const stored: StoredDeclarationRow | undefined = named?.logOrigin === originOf(log) ? await declarationOf(log, named.headHash) : undefined
  const whole = withLine(stored?.note, note, keys)
  if (stored !== undefined && whole !== undefined) await storeRead(log, stored, whole)
  return whole !== undefined
}
