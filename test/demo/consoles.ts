// EXERCISE. Two people of each state at their registry in a browser, and a page of every registry that leads to the others.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalBytes } from '@muster/core/bytes/canonical.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { WHOLE, type Role } from '@muster/core/rules/rights.ts'
import type { Others } from '@muster/registry/api/others.ts'
import { systemClock } from '@muster/registry/main.ts'
import { makePass, makePerson } from '@muster/registry/store/persons.ts'
import { officers } from './custody.ts'
import type { Prepared } from './party.ts'

const ROLES: readonly Role[] = ['stockpile-officer', 'point-of-contact', 'investigator', 'export-control-officer']

/** Names the officers of every state and gives each a pass. Resolves to the file that every registry is served with, and what stands in it. */
export async function openConsoles(folder: string, parties: readonly Pick<Prepared, 'state' | 'register'>[], ports: ReadonlyMap<PartyId, number>): Promise<{ readonly path: string, readonly consoles: Others }> {
  const consoles: Others[number][] = []
  for (const { state, register } of parties) {
    const [first, second] = officers(state.party)
    const people = { by: `${state.party} administrator 1`, and: `${state.party} administrator 2` }
    for (const person of [first, second]) {
      await makePerson(register, { person, rights: { roles: ROLES, scope: WHOLE } }, people, systemClock())
      const { code } = await makePass(register, person, people, systemClock())
      consoles.push({ party: state.party, name: state.title.en, person, url: `http://127.0.0.1:${ports.get(state.party) as number}/#pass=${code}` })
    }
  }
  const path = join(folder, 'consoles-EXERCISE.json')
  await writeFile(path, canonicalBytes(consoles), { mode: 0o600 })
  return { path, consoles }
}
