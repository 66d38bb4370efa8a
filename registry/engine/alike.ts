// Clusters that are alike: the first is made by initdb, the others are written from what initdb left, in a tenth of its time. They share the
// identifier by which PostgreSQL tells the journal of one cluster from another's, and no sync of the disk is waited for: for exercises, which have
// many clusters and no back-up, and never for a register that is kept.
import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Account } from './account.ts'

/** A file with its bytes, or a folder; paths from the cluster's folder on, a folder before what lies in it. */
interface Entry { readonly path: string, readonly mode: number, readonly bytes: Uint8Array | undefined }

/** Puts an empty cluster into `folder`, owned by the account; `initdb` makes one there. */
export type MakeEmpty = (folder: string, account: Account, initdb: () => Promise<void>) => Promise<void>

const PERMISSIONS = 0o777

async function entriesOf(folder: string): Promise<Entry[]> {
  const names = (await readdir(folder, { recursive: true })).sort()
  return Promise.all(['', ...names].map(async (path) => {
    const facts = await lstat(join(folder, path))
    return { path, mode: facts.mode & PERMISSIONS, bytes: facts.isDirectory() ? undefined : await readFile(join(folder, path)) }
  }))
}

/** About 30 MB in some thousand files. */
function writeEntries(entries: readonly Entry[], folder: string, account: Account): void {
  for (const { path, mode, bytes } of entries) {
    const at = join(folder, path)
    if (bytes === undefined) mkdirSync(at, { mode })
    else writeFileSync(at, bytes, { mode, flag: 'wx' })
    if (!account.self) chownSync(at, account.uid, account.gid)
  }
}

/** One for all clusters that are to be alike; whoever comes while the first is being made waits for it. A first that fails leaves the next to be the first. */
export function alike(): MakeEmpty {
  let first: Promise<readonly Entry[]> | undefined
  return async (folder, account, initdb) => {
    if (first !== undefined) return writeEntries(await first, folder, account)
    first = initdb().then(() => entriesOf(folder))
    first.catch(() => { first = undefined })
    await first
  }
}
