// A party that does what a test tells it: it has keys and an address and no register. What it publishes lies in a folder, signed as it likes;
// a request may be answered by anything. From it come the hostile logs, declarations and answers that a registry has to stand.
import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { compare, concat, toBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { signCosignature } from '@muster/core/proof/cosignature.ts'
import { formatNote, parseNote } from '@muster/core/proof/note.ts'
import { parseCheckpoint } from '@muster/core/proof/tree-head.ts'
import { signCheckpoint } from '@muster/core/proof/checkpoint.ts'
import { firstSentinel, lastSentinel } from '@muster/core/proof/leaf.ts'
import { rootFromTiles } from '@muster/core/proof/tile.ts'
import { agreementBytes, declarationOrigin, logOrigin, readerName, witnessName, type Agreement } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { boundEntry, clearEntry } from '@muster/core/wire/entry.ts'
import { headBytes, headHash, type Head, type ReadHead } from '@muster/core/wire/head.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { firstKeyRecord, makeAgreementKeys, type AgreementKeys } from '@muster/registry/store/keys.ts'
import { growTiles } from '@muster/registry/store/tiles.ts'
import { BASELINE, clock, DRILL } from './two.ts'

export type Handler = (request: IncomingMessage, response: ServerResponse) => void

export interface Puppet {
  readonly party: PartyId
  readonly keys: AgreementKeys
  readonly oprf: Uint8Array
  readonly record: Uint8Array
  readonly folder: string
  readonly url: string
  readonly origin: string
  /** Entries of its log; a test adds to them and publishes. */
  readonly entries: Uint8Array[]
  /** Paths asked for, in order. */
  readonly asked: string[]
  /** Answers a path in place of the file. */
  readonly instead: Map<string, Handler>
  /** Starts the log with the agreement and its key record. */
  readonly begin: (agreement: Agreement) => void
  /** Writes tiles and checkpoint for all entries; resolves to the note. */
  readonly publish: (at?: number) => Promise<string>
  /** Signs any checkpoint of the log. */
  readonly sign: (size: number, root: Uint8Array, at?: number) => string
  /** Declares these 64-byte entries: files, checkpoint, and the head as the log's next entry. Nothing is checked. */
  readonly declare: (entries: readonly Uint8Array[], changes?: Partial<Head>) => Promise<ReadHead>
  /** Signs any checkpoint of a declaration. */
  readonly signDeclaration: (headHash: string, size: number, root: Uint8Array) => string
  /** Nothing is served and nothing was ever declared. */
  readonly forget: () => Promise<void>
  readonly fileOf: (head: ReadHead, path: string) => string
  /** Ends every request that is being answered. */
  readonly hangUp: () => void
  readonly close: () => Promise<void>
}

/** A bound entry of nothing. */
export function filler(): Uint8Array {
  return boundEntry(randomBytes(32))
}

/** Lawful entries: the given labels, padded to the size with labels made from the seed, in order between the sentinels. */
export function entriesFor(size: number, labels: readonly Uint8Array[] = [], seed = 'padding'): Uint8Array[] {
  const label = (i: number) => createHash('sha256').update(`${seed} ${i}`).digest()
  const all = [...labels, ...Array.from({ length: size - 2 - labels.length }, (_, i) => label(i))]
  return [firstSentinel(), ...all.map((each) => concat(each, randomBytes(32))).sort(compare), lastSentinel()]
}

export const labelOf = (entry: Uint8Array): Uint8Array => entry.slice(0, 32)

async function writeTree(folder: string, entries: readonly Uint8Array[]): Promise<Uint8Array> {
  const { tiles, write } = await growTiles((from, to) => Promise.resolve(entries.slice(from, to)), folder, 0, entries.length)
  await mkdir(folder, { recursive: true })
  await write()
  return rootFromTiles(p, entries.length, tiles)
}

/** Calls with a request's body. */
export function withBody(request: IncomingMessage, act: (body: Buffer) => void): void {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part)).on('end', () => { act(Buffer.concat(parts)) })
}

/** A witness as it should be; a reader that takes all on trust. */
export const cosigns = (puppet: Puppet, as: 'reader' | 'witness' = 'witness'): Handler => (request, response) => {
  const name = as === 'reader' ? readerName(puppet.party, DRILL) : witnessName(puppet.party, DRILL)
  withBody(request, (bytes) => {
    const body = bytes.toString('utf8')
    const { text } = parseNote(body.slice(body.indexOf('\n\n') + 2))
    const line = signCosignature(p, parseCheckpoint(text), name, puppet.keys[as], clock())
    response.end(formatNote({ text, signatures: [line] }).split('\n\n')[1])
  })
}

export async function startPuppet(folder: string, party: PartyId): Promise<Puppet> {
  const keys = await makeAgreementKeys(join(folder, party), DRILL)
  const oprf = new Uint8Array(Buffer.from('e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76', 'hex'))
  const record = await firstKeyRecord(keys, DRILL, party, BASELINE, oprf)
  const origin = logOrigin(party, DRILL)
  const secrets = { name: origin, ed25519Seed: keys.log.ed25519, mldsa44Seed: keys.log.mldsa44 }
  const [entries, asked, instead] = [[] as Uint8Array[], [] as string[], new Map<string, Handler>()]
  const root = join(folder, party, 'served')
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const other = instead.get(path)
    if (other !== undefined) other(request, response)
    else readFile(join(root, path)).then((bytes) => response.end(bytes), () => response.writeHead(404).end())
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  server.unref()
  let last: ReadHead | undefined
  const logFolder = join(root, 'log', DRILL)
  const folderOf = (hash: string) => join(root, 'd', DRILL, hash)
  const sign = (size: number, treeRoot: Uint8Array, at = clock()) => signCheckpoint(p, { origin, size, root: treeRoot }, secrets, at)
  const signDeclaration = (hash: string, size: number, treeRoot: Uint8Array) => signCheckpoint(p, { origin: declarationOrigin(origin, hash), size, root: treeRoot }, secrets, clock())
  return {
    signDeclaration, forget: async () => {
      last = undefined
      entries.length = 0
      instead.clear()
      await rm(root, { recursive: true, force: true })
    },
    party, keys, oprf, record, folder: root, origin, entries, asked, instead, sign, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    begin: (agreement) => { entries.push(clearEntry(agreementBytes(agreement)), clearEntry(record)) },
    publish: async (at) => {
      const note = sign(entries.length, await writeTree(logFolder, entries), at)
      await writeFile(join(logFolder, 'checkpoint'), note)
      return note
    },
    declare: async (all, changes = {}) => {
      const building = join(root, 'building')
      const treeRoot = await writeTree(building, all)
      const head: Head = {
        v: 'muster/head/1', agreement: DRILL, party, sequence: last === undefined ? 0 : last.head.sequence + 1, asOf: timeOf(clock()), previous: last?.hash ?? null, oprf: toBase64(oprf),
        folding: 1, size: all.length, root: toBase64(treeRoot), counts: toHex(randomBytes(32)), rekeyed: false, ...changes,
      }
      const read: ReadHead = { head, bytes: headBytes(head), hash: headHash(p, head) }
      const target = folderOf(read.hash)
      await mkdir(dirname(target), { recursive: true })
      await rename(building, target)
      await writeFile(join(target, 'head.json'), read.bytes)
      await writeFile(join(target, 'checkpoint'), signDeclaration(read.hash, head.size, Buffer.from(head.root, 'base64')))
      entries.push(clearEntry(read.bytes))
      last = read
      return read
    },
    fileOf: (head, path) => join(folderOf(head.hash), path),
    hangUp: () => { server.closeAllConnections() },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(join(folder, party), { recursive: true, force: true })
    },
  }
}
