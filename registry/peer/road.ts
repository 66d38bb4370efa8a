// Where a party's published files are read from: its registry over HTTP, or what a courier brought of them last. Neither is trusted; what is read is
// checked by who reads it, and a file that a courier has not brought yet is a registry that does not answer yet.
import { mkdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { codeOf } from '../engine/fault.ts'
import { replaceFile } from '../engine/replace.ts'
import { ask, Unreachable, type Answer } from './client.ts'

/** `below`: `log`, or `d/` and the hash of a head. Throws Unreachable where no answer can be had. */
export interface Road {
  readonly name: string
  /** How long a declaration that broke its law is not fetched again: it may have been the wire, and may be large. */
  readonly refusedSeconds: number
  readonly get: (below: string, path: string, options: { readonly bytesMax: number, readonly retries?: number }) => Promise<Answer>
}

const REFUSED_SECONDS = 600

/** `headers`: a ticket of its own for each request below a declaration. */
export function wireRoad(url: string, agreement: AgreementId, headers: () => Record<string, string>, signal: AbortSignal | undefined): Road {
  return {
    name: url, refusedSeconds: REFUSED_SECONDS,
    get: (below, path, options) => {
      const [kind, ...hash] = below.split('/')
      return ask([url, kind, agreement, ...hash, path].join('/'), { ...options, signal, ...(hash.length === 0 ? {} : { headers: headers() }) })
    },
  }
}

const COURIER = 'http://courier.invalid'
const CHECKPOINT = 'checkpoint'

async function readAtMost(file: string, bytesMax: number): Promise<Buffer | undefined> {
  try {
    if ((await stat(file)).size > bytesMax) throw new Unreachable(COURIER, new Error(`${file} is longer than ${bytesMax} bytes`))
    return await readFile(file)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

export function carriedFolder(dataDir: string, agreement: AgreementId, party: PartyId): string {
  return join(dataDir, 'carried', agreement, party)
}

/** Of a party without an address; `copy`: the own copy of its log, which stands where nothing newer was brought. `Unreachable` where a courier never brought what is asked for. */
export function carriedRoad(folder: string, copy: string, party: PartyId): Road {
  return {
    name: COURIER, refusedSeconds: 0,
    get: async (below, path, { bytesMax }) => {
      const body = await readAtMost(join(folder, below, path), bytesMax) ?? (below === 'log' && path === CHECKPOINT ? await readAtMost(join(copy, path), bytesMax) : undefined)
      if (body !== undefined) return { status: 200, body }
      if (path === CHECKPOINT) throw new Unreachable(COURIER, new Error(`no address of ${party} is known, and no courier brought its ${below === 'log' ? 'log' : 'declaration'} yet`))
      return { status: 404, body: Buffer.alloc(0) }
    },
  }
}

/** Puts a file there that a courier brought; `path` is one that a courier file may name. */
export async function putCarried(folder: string, path: string, bytes: Uint8Array): Promise<void> {
  const file = join(folder, path)
  await mkdir(dirname(file), { recursive: true })
  await replaceFile(file, bytes, 0o644)
}
