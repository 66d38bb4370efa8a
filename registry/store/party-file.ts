// Whose register a data directory is: `muster.json`, made once. It is written last, after the database and the register's key stand, so a
// directory that has it is whole; one that a crash left without it is completed by the same command.
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { boolean, fit, object, oneOf, text, time, type Shaped } from '@muster/core/bytes/shape.ts'
import type { Time } from '@muster/core/bytes/time.ts'
import { partyId, type PartyId } from '@muster/core/rules/party.ts'
import { takeOffice, removeDataDirectory, type EngineOptions } from '../engine/lease.ts'
import { codeOf, Fault } from '../engine/fault.ts'
import { readPlace } from '../engine/place.ts'
import { replaceFile } from '../engine/replace.ts'
import { openRegistryDatabase } from './open.ts'
import { makeRegisterKey, readSecrets } from './secrets.ts'

const FILE = 'muster.json'
const FORMAT = 'muster/party-file/1'
const FILE_BYTES_MAX = 65_536
export const PARTY_NAME_CHARACTERS_MAX = 200

const shape = object({ v: oneOf(FORMAT), party: partyId, name: text(PARTY_NAME_CHARACTERS_MAX), exercise: boolean, created: time })
export type PartyFile = Shaped<typeof shape>

export interface InitRequest {
  readonly party: PartyId
  /** As people call the party; in its own language. */
  readonly name: string
  /** Everything in such a register is invented and says so. */
  readonly exercise: boolean
  readonly at: Time
}

/** The party of a data directory; Fault `not-initialised` where there is none, `kept-damaged` where the file cannot be read. */
export async function readPartyFile(dataDir: string): Promise<PartyFile> {
  const file = await findPartyFile(dataDir)
  if (file === undefined) throw new Fault('not-initialised', `${dataDir} is no register: make one with muster init --party CODE --name NAME --dir ${dataDir}`)
  return file
}

/** The same; undefined where there is none. */
export async function findPartyFile(dataDir: string): Promise<PartyFile | undefined> {
  const path = join(dataDir, FILE)
  let content: string
  try {
    content = await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw error
  }
  const fitted = fit(shape, content.length > FILE_BYTES_MAX ? undefined : parse(content))
  if ('misfit' in fitted) throw new Fault('kept-damaged', `${path}: ${fitted.misfit.at} is not ${fitted.misfit.expected}: restore it from its backup`)
  return fitted.value
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return undefined
  }
}

/**
 * Makes a register: folder, database, key, then `muster.json`. Faults `already-initialised` where a register stands, `directory-taken`
 * where the folder holds other things. After a crash at any step the same call completes it.
 */
export async function initParty(dataDir: string, request: InitRequest, options: EngineOptions & { readonly databaseUrl?: string | undefined } = {}): Promise<PartyFile> {
  if (options.makeEmpty !== undefined && !request.exercise) throw new RangeError('a register that is kept has a cluster of initdb\'s own making')
  await demandNone(dataDir)
  const made: PartyFile = { v: FORMAT, party: request.party, name: request.name, exercise: request.exercise, created: request.at }
  const fitted = fit(shape, made)
  if ('misfit' in fitted) throw new RangeError(`${fitted.misfit.at}: ${fitted.misfit.expected}`)
  if (options.databaseUrl !== undefined) await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const { close } = await openRegistryDatabase(dataDir, { ...options, create: true })
  try {
    // Of two at once one makes the register, and the other is refused.
    const office = await takeOffice(dataDir, 'sequencer')
    try {
      await demandNone(dataDir)
      await readSecrets(dataDir).catch((error: unknown) => {
        if (error instanceof Fault && error.code === 'not-initialised') return makeRegisterKey(dataDir)
        throw error
      })
      await replaceFile(join(dataDir, FILE), `${JSON.stringify(made, undefined, 2)}\n`)
    } finally {
      office.release()
    }
  } finally {
    await close()
  }
  return made
}

async function demandNone(dataDir: string): Promise<void> {
  const held = await findPartyFile(dataDir)
  if (held !== undefined) throw new Fault('already-initialised', `${dataDir} is the register of ${held.party} (${held.name}) already: name another folder, or delete this one with muster init --remove --dir ${dataDir}`)
}

/** Deletes a register with all that Muster made for it elsewhere. A database behind DATABASE_URL is its operator's and stays. */
export async function removeParty(dataDir: string): Promise<{ readonly databaseLeft: boolean }> {
  if (await readPlace(dataDir) !== undefined) {
    await removeDataDirectory(dataDir)
    return { databaseLeft: false }
  }
  await readPartyFile(dataDir)
  const office = await takeOffice(dataDir, 'serve')
  office.release()
  await rm(dataDir, { recursive: true })
  return { databaseLeft: true }
}
