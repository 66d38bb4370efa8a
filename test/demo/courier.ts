// EXERCISE. Two states without a line between them: what each publishes, and the other's cosignatures on it, goes by courier, sealed for its receiver.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PartyId } from '@muster/core/rules/party.ts'
import { exportCourier, importCourier } from '@muster/registry/courier.ts'
import { withCourierDoor } from '@muster/registry/courier-door.ts'
import { openHome, type Home } from '@muster/registry/main.ts'
import { hallIn } from './seizure.ts'

/** Neither has the other's address. */
export const APART: readonly [PartyId, PartyId] = ['QV' as PartyId, 'QW' as PartyId]

/** Carries files between the two until each has read and cosigned what the other published; resolves to how many. */
export async function carryBetween(folder: string, directoryOf: (party: PartyId) => string, done: () => void): Promise<number> {
  const homes = new Map<PartyId, Home>()
  try {
    for (const party of APART) homes.set(party, await openHome(directoryOf(party)))
    let files = 0
    const [one, other] = APART
    // There, back with what was cosigned, and there again with the cosignatures on what came back.
    for (const [from, to] of [[one, other], [other, one], [one, other]] as const) {
      for (const file of await carried(folder, homes.get(from) as Home, to, files)) {
        const home = homes.get(to) as Home
        await withCourierDoor(home, (door) => importCourier(home, file, door))
        files += 1
      }
      done()
    }
    return files
  } finally {
    for (const home of homes.values()) await home.close()
  }
}

async function carried(folder: string, home: Home, to: PartyId, before: number): Promise<Uint8Array[]> {
  const files: Uint8Array[] = []
  await exportCourier(home, hallIn(home), to, async (bytes, n) => {
    await writeFile(join(folder, `courier-${before + n}-to-${to}-EXERCISE.age`), bytes)
    files.push(bytes)
  })
  return files
}
