// What a courier does between registries of one process: takes a file along, and hands it in.
import assert from 'node:assert/strict'
import { openAnswering, type Answering } from '@muster/registry/answering.ts'
import { exportCourier, importCourier, ownDoor, type Brought } from '@muster/registry/courier.ts'
import type { Home } from '@muster/registry/main.ts'
import type { Served } from './served.ts'

const doors = new Map<Home, Answering>()

export async function closeDoors(): Promise<void> {
  for (const door of doors.values()) await door.close()
}

export async function carry(served: Served, from: string, to: string): Promise<Uint8Array> {
  const files: Uint8Array[] = []
  await exportCourier(served.of(from).home(), served.of(from).hall(), served.of(to).party, (bytes) => {
    files.push(bytes)
    return Promise.resolve()
  })
  assert.equal(files.length, 1, `${from} to ${to}`)
  return files[0] as Uint8Array
}

export async function load(served: Served, party: string, file: Uint8Array): Promise<Brought> {
  const home = served.of(party).home()
  const door = doors.get(home) ?? await openAnswering(home)
  doors.set(home, door)
  return importCourier(home, file, ownDoor(home, door.message))
}

/** One way to `to` and one back. */
export async function backAndForth(served: Served, party: string, to = 'CC'): Promise<void> {
  await load(served, to, await carry(served, party, to))
  await load(served, party, await carry(served, to, party))
}
