// The folder of one declaration. It appears whole or not at all: files are written and synced in `<folder>.building`, the folders too,
// then one rename; a crash before it leaves only the `.building` folder, which the next build removes. The checkpoint comes last, once
// the head is in the log: a folder without one is not published.

import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FileReader } from '@muster/core/proof/label-walk.ts'
import { readFileAtMost } from '../read-file.ts'

/** Files being written and synced at once: bounds open descriptors and memory. */
const WRITES_AT_ONCE_MAX = 32
export const CHECKPOINT_FILE = 'checkpoint'

/** A reader for core over a folder; regular files only, at most `bytesMax` + 1 bytes of each. */
export function folderReader(folder: string): FileReader {
  return (path, bytesMax) => readFileAtMost(join(folder, path), bytesMax)
}

export interface FolderWriter {
  /** Resolves when there is room for the next file; the bytes must not change until `finish`. */
  write(path: string, bytes: Uint8Array): Promise<void>
  /** Everything synced and the folder in its place. */
  finish(): Promise<void>
  /** Leaves no trace of what was written. */
  abandon(): Promise<void>
}

/** Removes what an earlier build left unfinished. `folder` itself must not exist; its parent is made. */
export async function folderWriter(folder: string): Promise<FolderWriter> {
  const building = `${folder}.building`
  await rm(building, { recursive: true, force: true })
  await mkdir(building, { recursive: true })
  const folders = new Set([building])
  const running = new Set<Promise<void>>()
  let failure: Error | undefined
  const settle = async (): Promise<void> => {
    await Promise.all(running)
    if (failure !== undefined) throw failure
  }
  return {
    async write(path, bytes) {
      const target = join(building, path)
      for (let above = dirname(target); !folders.has(above); above = dirname(above)) {
        await mkdir(above, { recursive: true })
        folders.add(above)
      }
      const task = writeSynced(target, bytes).catch((error: unknown) => {
        failure ??= error instanceof Error ? error : new Error(String(error))
      }).finally(() => running.delete(task))
      running.add(task)
      if (running.size >= WRITES_AT_ONCE_MAX) await Promise.race(running)
      if (failure !== undefined) await settle()
    },
    async finish() {
      await settle()
      for (const each of folders) await syncFolder(each)
      await rename(building, folder)
      await syncFolder(dirname(folder))
    },
    async abandon() {
      await Promise.all(running)
      await rm(building, { recursive: true, force: true })
    },
  }
}

/** The checkpoint of a built declaration, put there in one step: it is whole or absent, and on disk when this resolves. */
export async function writeCheckpoint(folder: string, note: string): Promise<void> {
  const building = join(folder, `${CHECKPOINT_FILE}.building`)
  await writeSynced(building, Buffer.from(note, 'utf8'))
  await rename(building, join(folder, CHECKPOINT_FILE))
  await syncFolder(folder)
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w', 0o644)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
