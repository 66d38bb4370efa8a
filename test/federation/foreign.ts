// A witness, a log and a client of logs that know of Muster nothing but the C2SP pages (signed-note, tlog-checkpoint, tlog-tiles, tlog-cosignature,
// tlog-witness) and RFC 6962: written from those texts with node:crypto alone, so that a mistake of ours is not made twice.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const sha256 = (...parts: Uint8Array[]): Buffer => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
export const leafOf = (entry: Uint8Array): Buffer => sha256(Buffer.of(0), entry)
const nodeOf = (left: Uint8Array, right: Uint8Array): Buffer => sha256(Buffer.of(1), left, right)

/** RFC 6962, 2.1: k is the largest power of two smaller than n. */
function split(n: number): number {
  let k = 1
  while (2 * k < n) k *= 2
  return k
}

export function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha256()
  if (leaves.length === 1) return leaves[0] as Buffer
  const k = split(leaves.length)
  return nodeOf(rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)))
}

/** RFC 6962, 2.1.1. */
export function inclusion(m: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length <= 1) return []
  const k = split(leaves.length)
  return m < k ? [...inclusion(m, leaves.slice(0, k)), rootOf(leaves.slice(k))] : [...inclusion(m - k, leaves.slice(k)), rootOf(leaves.slice(0, k))]
}

/** RFC 6962, 2.1.2. */
export function consistency(m: number, leaves: readonly Buffer[], whole = true): Buffer[] {
  if (m === leaves.length) return whole ? [] : [rootOf(leaves)]
  const k = split(leaves.length)
  return m <= k ? [...consistency(m, leaves.slice(0, k), whole), rootOf(leaves.slice(k))] : [...consistency(m - k, leaves.slice(k), false), rootOf(leaves.slice(0, k))]
}

/** RFC 9162, 2.1.4.2. */
export function isConsistent(first: number, second: number, root1: Buffer, root2: Buffer, proof: readonly Buffer[]): boolean {
  if (first === second) return proof.length === 0 && root1.equals(root2)
  const path = Number.isInteger(Math.log2(first)) ? [root1, ...proof] : [...proof]
  let [fn, sn] = [first - 1, second - 1]
  while (fn % 2 === 1) [fn, sn] = [(fn - 1) / 2, Math.floor(sn / 2)]
  const [start] = path
  if (start === undefined) return false
  let [fr, sr] = [start, start]
  for (const hash of path.slice(1)) {
    if (sn === 0) return false
    if (fn % 2 === 1 || fn === sn) {
      fr = nodeOf(hash, fr)
      sr = nodeOf(hash, sr)
      while (fn !== 0 && fn % 2 === 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)]
    } else sr = nodeOf(sr, hash)
    fn = Math.floor(fn / 2)
    sn = Math.floor(sn / 2)
  }
  return fr.equals(root1) && sr.equals(root2) && sn === 0
}

// --- signed-note, tlog-checkpoint, tlog-cosignature

const SPKI = { 1: '302a300506032b6570032100', 4: '302a300506032b6570032100', 6: '30820532300b06096086480165030403110382052100' } as const
export type KeyType = keyof typeof SPKI
export interface Key { readonly name: string, readonly type: KeyType, readonly raw: Buffer }
export interface Secret extends Key { readonly secret: KeyObject }

export function newKey(name: string, type: KeyType): Secret {
  const { privateKey, publicKey } = type === 6 ? generateKeyPairSync('ml-dsa-44' as 'ed25519') : generateKeyPairSync('ed25519')
  const der = publicKey.export({ format: 'der', type: 'spki' })
  return { name, type, raw: der.subarray(SPKI[type].length / 2), secret: createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' })) }
}

const idOf = ({ name, type, raw }: Key): Buffer => sha256(Buffer.from(`${name}\n`), Buffer.of(type), raw).subarray(0, 4)
export const vkeyOf = (key: Key): string => `${key.name}+${idOf(key).toString('hex')}+${Buffer.concat([Buffer.of(key.type), key.raw]).toString('base64')}`

export function readVkey(text: string): Key {
  const [name, id, ...rest] = text.split('+')
  const material = Buffer.from(rest.join('+'), 'base64')
  const key = { name: name as string, type: material[0] as KeyType, raw: material.subarray(1) }
  if (idOf(key).toString('hex') !== id) throw new Error('key id')
  return key
}

export interface Tree { readonly origin: string, readonly size: number, readonly root: Buffer }
export const textOf = ({ origin, size, root }: Tree): string => `${origin}\n${size}\n${root.toString('base64')}\n`

export function treeIn(note: string): Tree {
  const [origin, size, root] = note.split('\n')
  return { origin: origin as string, size: Number(size), root: Buffer.from(root as string, 'base64') }
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

/** What is signed: the text itself by a log's plain key, else as tlog-cosignature has it. */
function signedBytes(key: Key, text: string, time: number): Buffer {
  if (key.type === 1) return Buffer.from(text)
  if (key.type === 4) return Buffer.from(`cosignature/v1\ntime ${time}\n${text}`)
  const { origin, size, root } = treeIn(text)
  const prefixed = (words: string): Buffer => Buffer.concat([Buffer.of(Buffer.byteLength(words)), Buffer.from(words)])
  return Buffer.concat([Buffer.from('subtree/v1\n\0'), prefixed(key.name), u64(time), prefixed(origin), u64(0), u64(size), root])
}

export function lineBy(key: Secret, text: string, time: number): string {
  const signature = sign(null, signedBytes(key, text, time), key.secret)
  return `— ${key.name} ${Buffer.concat([idOf(key), ...(key.type === 1 ? [] : [u64(time)]), signature]).toString('base64')}\n`
}

/** The time of the key's line in a note: 0 for a plain one, undefined where there is none. Throws where it does not verify. */
export function timeIn(key: Key, note: string): number | undefined {
  const text = note.slice(0, note.indexOf('\n\n') + 1)
  for (const line of note.slice(text.length + 1).split('\n')) {
    const [dash, name, base64] = line.split(' ')
    const bytes = Buffer.from(base64 ?? '', 'base64')
    if (dash !== '—' || name !== key.name || !bytes.subarray(0, 4).equals(idOf(key))) continue
    const time = key.type === 1 ? 0 : Number(bytes.readBigUInt64BE(4))
    const publicKey = createPublicKey({ key: Buffer.concat([Buffer.from(SPKI[key.type], 'hex'), key.raw]), format: 'der', type: 'spki' })
    if (!verify(null, signedBytes(key, text, time), publicKey, bytes.subarray(key.type === 1 ? 4 : 12))) throw new Error(`signature of ${name}`)
    return time
  }
  return undefined
}

// --- tlog-tiles

const pathOf = (n: number): string => {
  const parts = [String(n % 1000).padStart(3, '0')]
  for (let rest = Math.floor(n / 1000); rest > 0; rest = Math.floor(rest / 1000)) parts.unshift(`x${String(rest % 1000).padStart(3, '0')}`)
  return parts.join('/')
}
const widthOf = (size: number, n: number): number => Math.min(256, size - 256 * n)

async function fetched(url: string): Promise<Buffer> {
  const response = await fetch(url)
  if (response.status !== 200) throw new Error(`${response.status} ${url}`)
  return Buffer.from(await response.arrayBuffer())
}

/** Every entry of a log of that size, each held to the hash that the tile of level 0 has for it. */
export async function entriesOf(prefix: string, size: number): Promise<Buffer[]> {
  const entries: Buffer[] = []
  for (let n = 0; 256 * n < size; n++) {
    const width = widthOf(size, n)
    const partial = width === 256 ? '' : `.p/${width}`
    const [tile, bundle] = await Promise.all([fetched(`${prefix}/tile/0/${pathOf(n)}${partial}`), fetched(`${prefix}/tile/entries/${pathOf(n)}${partial}`)])
    for (let at = 0, i = 0; i < width; i++) {
      const length = bundle.readUInt16BE(at)
      const entry = bundle.subarray(at + 2, at + 2 + length)
      if (!leafOf(entry).equals(tile.subarray(32 * i, 32 * i + 32))) throw new Error(`entry ${256 * n + i}`)
      entries.push(entry)
      at += 2 + length
    }
  }
  return entries
}

// --- tlog-witness

export interface Answered { readonly status: number, readonly type: string | null, readonly body: string }

export async function addCheckpoint(prefix: string, old: number, proof: readonly Buffer[], note: string): Promise<Answered> {
  const response = await fetch(`${prefix}/add-checkpoint`, { method: 'POST', body: `old ${old}\n${proof.map((hash) => `${hash.toString('base64')}\n`).join('')}\n${note}` })
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() }
}

export interface ForeignServer {
  readonly url: string
  readonly vkeys: readonly string[]
  /** Size last cosigned, by origin. */
  readonly sizes: ReadonlyMap<string, Tree>
  /** Submissions, as the statuses that they were answered with. */
  readonly answered: number[]
  readonly close: () => Promise<void>
}

/** `careless`: signs whatever it is shown. `lines`: what it answers instead of its lines. */
export interface Habits { readonly careless?: boolean, readonly lines?: (text: string) => string, readonly time?: () => number }

/** A witness under these keys of logs that are signed by `logs`. */
export async function foreignWitness(keys: readonly Secret[], logs: readonly Key[], { careless = false, lines, time = () => Math.floor(Date.now() / 1000) }: Habits = {}): Promise<ForeignServer> {
  const sizes = new Map<string, Tree>()
  const answered: number[] = []
  const answer = (body: string): { readonly status: number, readonly body: string, readonly type?: string } => {
    const head = body.slice(0, body.indexOf('\n\n')).split('\n')
    const note = body.slice(body.indexOf('\n\n') + 2)
    const tree = treeIn(note)
    const trusted = logs.filter(({ name }) => name === tree.origin)
    if (trusted.length === 0) return { status: 404, body: '' }
    try {
      if (!trusted.some((key) => timeIn(key, note) !== undefined)) return { status: 403, body: '' }
    } catch {
      return { status: 403, body: '' }
    }
    const old = Number((head[0] as string).slice('old '.length))
    const last = sizes.get(tree.origin)
    if (old > tree.size) return { status: 400, body: '' }
    if (!careless && old !== (last?.size ?? 0)) return { status: 409, body: `${last?.size ?? 0}\n`, type: 'text/x.tlog.size' }
    const proof = head.slice(1).map((line) => Buffer.from(line, 'base64'))
    const follows = last === undefined ? proof.length === 0 : isConsistent(last.size, tree.size, last.root, tree.root, proof)
    if (!careless && !follows) return { status: 422, body: '' }
    sizes.set(tree.origin, tree)
    const text = textOf(tree)
    return { status: 200, body: lines?.(text) ?? keys.map((key) => lineBy(key, text, time())).join('') }
  }
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part)).on('end', () => {
      const { status, body, type = 'text/plain' } = request.method === 'POST' && request.url === '/w1/add-checkpoint' ? answer(Buffer.concat(parts).toString('utf8')) : { status: 404, body: '' }
      answered.push(status)
      response.writeHead(status, { 'content-type': type }).end(body)
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/w1`, vkeys: keys.map(vkeyOf), sizes, answered,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => { server.close(() => { resolve() }) })
    },
  }
}
