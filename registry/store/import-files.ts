// What an import leaves beside the database: the refused rows and the possible duplicates, as tables that a spreadsheet program opens. A file is
// written under another name and takes its own when it is whole, before the import is committed; what a killed import left is removed by the next.
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { createWriteStream, type WriteStream } from 'node:fs'
import { basename, join } from 'node:path'
import { finished } from 'node:stream/promises'
import { syncFile, syncFolder } from '../engine/replace.ts'
import { createRefusalFile, guard, type RefusalFile } from '../intake/refusals.ts'
import type { RowRefusal } from '../intake/row.ts'

const FOLDER = 'refusals'
const STEM_CHARACTERS_MAX = 60
const FLUSH_CHARACTERS = 65_536
const UNFINISHED = /\.part-(\d+)$/

export interface Likeness {
  readonly row: number
  /** A row of the same file, or an item of the register. */
  readonly like: number | string
  readonly why: 'same-cells' | 'same-class-and-serial'
  readonly serial: string
}

export interface ImportFiles {
  readonly refuse: (refusal: RowRefusal, header: readonly string[]) => Promise<void>
  readonly liken: (likeness: Likeness) => Promise<void>
  /** Gives the files their names, synced; absolute paths, null for a file without rows. */
  readonly finish: () => Promise<{ readonly refusals: string | null, readonly duplicates: string | null }>
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = UNFINISHED.exec(name)?.[1]
    if (pid !== undefined && Number(pid) !== process.pid && !isAlive(Number(pid))) await rm(join(folder, name), { force: true })
  }
}

export interface ImportPaths { readonly folder: string, readonly refusals: string, readonly duplicates: string }

const part = (path: string): string => `${path}.part-${process.pid}`

/** Where an import's files will stand; makes the folder only. `written`: the import's time, part of the files' names. */
export async function planImportFiles(dataDir: string, source: string, written: string): Promise<ImportPaths> {
  const folder = join(dataDir, FOLDER)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await removeLeftovers(folder)
  const stem = basename(source).replace(/\.[A-Za-z0-9]{1,5}$/, '').replace(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, STEM_CHARACTERS_MAX)
  const name = join(folder, `${stem}-${written.replace(/[-:]/g, '')}-${randomBytes(4).toString('hex')}`)
  return { folder, refusals: `${name}.csv`, duplicates: `${name}-duplicates.csv` }
}

/** Removes what an import that failed had written so far. */
export async function dropImportFiles({ refusals, duplicates }: ImportPaths): Promise<void> {
  for (const path of [refusals, duplicates]) await rm(part(path), { force: true })
}

/** Nothing is made before the first row. */
export function openImportFiles(paths: ImportPaths, lang: 'en' | 'ru'): ImportFiles {
  let refusals: RefusalFile | undefined
  let duplicates: DuplicateFile | undefined
  return {
    refuse: async (refusal, header) => {
      refusals ??= await createRefusalFile(part(paths.refusals), header, lang)
      await refusals.add(refusal)
    },
    liken: async (likeness) => {
      duplicates ??= createDuplicateFile(part(paths.duplicates))
      await duplicates.add(likeness)
    },
    finish: async () => {
      await refusals?.close()
      await duplicates?.close()
      for (const [kind, file] of [['refusals', refusals], ['duplicates', duplicates]] as const) {
        if (file === undefined) continue
        await syncFile(part(paths[kind]))
        await rename(part(paths[kind]), paths[kind])
      }
      await syncFolder(paths.folder)
      return { refusals: refusals === undefined ? null : paths.refusals, duplicates: duplicates === undefined ? null : paths.duplicates }
    },
  }
}

interface DuplicateFile { readonly add: (likeness: Likeness) => Promise<void>, readonly close: () => Promise<void> }

/** As the refusal file: UTF-8 with byte order mark, `;`, CRLF. */
function createDuplicateFile(path: string): DuplicateFile {
  const stream: WriteStream = createWriteStream(path, { flags: 'wx', mode: 0o600 })
  let failed: Error | undefined
  stream.on('error', (error) => { failed = error })
  let pending = '\ufeffrow;like;why;serial\r\n'
  const flush = async (): Promise<void> => {
    const text = pending
    pending = ''
    if (failed !== undefined) throw failed
    await new Promise<void>((resolve, reject) => { stream.write(text, (error) => { if (error) reject(error); else resolve() }) })
  }
  return {
    add: async ({ row, like, why, serial }) => {
      pending += `${row};${like};${why};"${guard(serial).replaceAll('"', '""')}"\r\n`
      if (pending.length > FLUSH_CHARACTERS) await flush()
    },
    close: async () => {
      await flush()
      stream.end()
      await finished(stream)
    },
  }
}
