// Directories and terms as they are looked at, by the commands and by the API.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { Time } from '@muster/core/bytes/time.ts'
import { officeFor, SUBJECTS, type DirectoryCode } from '@muster/core/rules/office.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { designationsOf, type SideBySide } from '@muster/core/rules/terms-map.ts'
import { directoriesOf, directoryBy, termsWith } from '../../directory/view.ts'
import type { At } from '../../said.ts'

/** The directory of a party as of a time, with the office that a message of each subject finds then. */
export async function directoryView(home: At, party: PartyId, at: Time) {
  const said = await directoryBy(home, party, at)
  if (said === undefined) throw new Refusal<DirectoryCode>('directory/none', `${party} had stated no directory by ${at}`, 'party')
  const statements = new Set((await directoriesOf(home, party)).map(({ message: { payload } }) => payload.time))
  return { party, at, stated: said.message.payload.time, statements: statements.size, offices: said.body.offices, finds: Object.fromEntries(SUBJECTS.map((subject) => [subject, officeFor(said.body, subject, at)])) }
}

/** The terms of this party and another, side by side. */
export async function termsView(home: At, party: PartyId) {
  const { own, theirs, rows } = await termsWith(home, party)
  return { party, own: own?.message.payload.time ?? null, theirs: theirs?.message.payload.time ?? null, rows: rows.map(termView) }
}

const termView = ({ left, right, ...row }: SideBySide) => ({ ...row, own: left ?? null, theirs: right ?? null })

/** What this party and each of the others stated of the designations of types in a paper, one view for all papers: shown beside, decided by nobody. */
export async function designationsWith(home: At, parties: readonly PartyId[], types: readonly (string | null | undefined)[]) {
  const named = [...new Set(types.flatMap((type) => type ?? []))]
  const all = await Promise.all([...new Set(parties)].map(async (party) => designationsOf((await termsWith(home, party)).rows, named).map((row) => ({ with: party, ...termView(row) }))))
  return all.flat()
}
export type DesignationView = Awaited<ReturnType<typeof designationsWith>>[number]
