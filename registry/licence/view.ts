// Licences as they stand, read anew from their acts and from the notices of what was dispatched under them.
import { parseJson } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf, type Time } from '@muster/core/bytes/time.ts'
import { drawn } from '@muster/core/rules/certificate.ts'
import type { Identity } from '@muster/core/rules/item.ts'
import { foldLicence, licenceActOf, licenceStanding, type Licence, type LicenceAct, type LicenceCode, type LicenceStanding } from '@muster/core/rules/licence.ts'
import { listedIn } from '../certificate/view.ts'
import { saidOf, type At } from '../said.ts'
import { actsOf } from '../store/acts-once.ts'

/** The family of acts in which the acts of all licences are kept, each by the licence's id and its place, and that of the numbers that were given out. */
export const LICENCE = { act: 'licence/act', number: 'licence/number' } as const

export interface WrittenLicenceAct { readonly act: LicenceAct, readonly written: Time }

export interface HeldLicence {
  readonly id: string
  readonly acts: readonly WrittenLicenceAct[]
  readonly licence: Licence
  /** The items of all dispatches under it, and how many they are of each row. */
  readonly sent: readonly Identity[]
  readonly drawn: readonly number[]
  readonly standing: LicenceStanding
}

/** All licences of the agreement as of `at` (POSIX seconds), in the order of their grants. */
export async function licences(home: At, at: number): Promise<HeldLicence[]> {
  const chains = new Map<string, WrittenLicenceAct[]>()
  for (const [about, { answer, written }] of await actsOf(home.register, LICENCE.act, home.joined.agreement.id)) {
    const [id = '', place = ''] = about.split('/')
    const act = licenceActOf(parseJson(new TextEncoder().encode(answer)))
    if (act instanceof Refusal) throw act
    const chain = chains.get(id) ?? []
    chain[Number(place)] = { act, written: written }
    chains.set(id, chain)
  }
  const notices = await saidOf(home, 'transfer/notify', 'out')
  return [...chains].flatMap(([id, acts]): HeldLicence[] => {
    const licence = foldLicence(acts.map(({ act }) => act))
    if (licence === undefined) return []
    const sent = listedIn(notices.filter(({ body }) => licence.transfers.includes(body.transfer)))
    return [{ id, acts, licence, sent, drawn: drawn(licence.text.items, sent), standing: licenceStanding(licence, sent, timeOf(at)) }]
  }).sort((a, b) => (a.acts[0]?.written ?? '') < (b.acts[0]?.written ?? '') ? -1 : 1)
}

const ID_SHOWN_MIN = 8

/** The one licence whose id begins so, or whose number it is. */
export async function licenceBy(home: At, id: string, at: number): Promise<HeldLicence> {
  const named = (await licences(home, at)).filter((each) => (id.length >= ID_SHOWN_MIN && each.id.startsWith(id)) || each.licence.text.number === id)
  const [only] = named
  if (only === undefined || named.length > 1) throw new Refusal<LicenceCode>('licence/unknown', `no one licence begins with ${id} or has it as its number: see muster licence list`, 'id')
  return only
}
