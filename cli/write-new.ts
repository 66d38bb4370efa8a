// Files that a verb writes where its caller says: whole, on the disk, and never over one that is there.
import { open, rm } from 'node:fs/promises'
import { codeOf } from '@muster/registry/engine/fault.ts'
import { fault } from './errors.ts'
import type { Context } from './verb.ts'

const OWNER_ONLY = 0o600

/** Fault `file-exists` where a file of that name stands. What could not be written whole is removed again. */
export async function writeNew(context: Context, path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', OWNER_ONLY).catch((error: unknown) => {
    throw codeOf(error) === 'EEXIST' ? fault('file-exists', context.say({ en: `${path} is there already: choose another name`, ru: `${path} уже есть: выберите другое имя` })) : error
  })
  try {
    await file.writeFile(bytes)
    await file.sync()
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}
