// A register for one test file or bench, in a folder of its own, with a real server; and the database's superuser, to change it behind Muster's back.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { addressOf, postmasterOf, SUPERUSER } from '../engine/cluster.ts'
import { openDatabase } from './database.ts'
import { initParty, removeParty } from './party-file.ts'
import { openRegister, type Register } from './register.ts'
import { scratchFolder } from './scratch.ts'

export interface ScratchRegister extends Register {
  readonly folder: string
  /** Runs statements as the superuser, who may do anything. */
  readonly behindItsBack: <T>(act: (connection: pg.ClientBase) => Promise<T>) => Promise<T>
  readonly remove: () => Promise<void>
}

/** Runs statements on a register's database as the superuser, who may do anything. The server is up as long as the register is open. */
export async function behindItsBack<T>({ place }: Pick<Register, 'place'>, act: (connection: pg.ClientBase) => Promise<T>): Promise<T> {
  const server = place === undefined ? undefined : postmasterOf(place)
  if (place === undefined || server === undefined) throw new Error('the server of the register is not up')
  const db = openDatabase(await addressOf(place, server, SUPERUSER))
  try {
    return await db.session(async (connection) => {
      await connection.query('SET default_transaction_read_only = off')
      return act(connection)
    })
  } finally {
    await db.close()
  }
}

export async function scratchParty(party = 'RJ', name = 'Rio'): Promise<ScratchRegister> {
  const folder = await scratchFolder()
  const dataDir = join(folder, 'register')
  await initParty(dataDir, { party: party as PartyId, name, exercise: true, at: timeOf(1_700_000_000) })
  const register = await openRegister(dataDir)
  return {
    ...register, folder,
    behindItsBack: (act) => behindItsBack(register, act),
    remove: async () => {
      await register.close()
      await removeParty(dataDir)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
