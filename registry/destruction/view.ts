// Destructions as they are certified, read anew from the messages: by this party and by others, with the word of each witness.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { DestructionCode } from '@muster/core/rules/destruction.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { DestructionCertificate } from '@muster/core/wire/destruction-body.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { saidOf, type At } from '../said.ts'

/** What a witness says: of the party that certifies, nothing but the certificate itself. */
export type WitnessWord = 'own' | 'waiting' | 'witnessed' | 'not-witnessed'
export interface Witness { readonly party: PartyId, readonly name: string, readonly office: string, readonly word: WitnessWord, readonly reason: string | null, readonly message: string | null }

export interface Destruction {
  /** `out`: certified by this party; `in`: told to it. */
  readonly direction: 'out' | 'in'
  /** The message to each party that was told; of `in` the one. */
  readonly messages: readonly Message[]
  readonly body: DestructionCertificate
  readonly witnesses: readonly Witness[]
}

/** All that is certified under the agreement, oldest first. */
export async function destructions(home: At): Promise<Destruction[]> {
  const read = async (direction: 'out' | 'in'): Promise<Destruction[]> => {
    const back = direction === 'out' ? 'in' : 'out'
    const [certified, yes, no] = [await saidOf(home, 'destruction/certify', direction), await saidOf(home, 'destruction/witnessed', back), await saidOf(home, 'destruction/not-witnessed', back)]
    const first = certified.filter(({ message, body }, i) => certified.findIndex((each) => each.body.destruction === body.destruction && each.message.payload.from === message.payload.from) === i)
    return first.map(({ message: { payload: { from } }, body }) => {
      const messages = certified.filter((each) => each.body.destruction === body.destruction && each.message.payload.from === from).map(({ message }) => message)
      const witnesses = body.witnesses.map((witness): Witness => {
        const of = <T extends { readonly message: Message, readonly body: { readonly request: string, readonly witness: string } }>(all: readonly T[]) =>
          all.find((each) => each.body.witness === witness.name && each.message.payload.from === witness.party && messages.some(({ id }) => id === each.body.request))
        const [said, denied] = [of(yes), of(no)]
        return { ...witness, word: witness.party === body.party ? 'own' : denied !== undefined ? 'not-witnessed' : said !== undefined ? 'witnessed' : 'waiting', reason: denied?.body.reason ?? null, message: (denied ?? said)?.message.id ?? null }
      })
      return { direction, messages, body, witnesses }
    })
  }
  return [...await read('out'), ...await read('in')].sort((a, b) => (a.messages[0]?.payload.time ?? '') < (b.messages[0]?.payload.time ?? '') ? -1 : 1)
}

const ID_SHOWN_MIN = 8

/** The one destruction whose id begins so, or whose certificate has that number. */
export async function destructionBy(home: At, id: string, direction: 'out' | 'in' | undefined, other?: PartyId): Promise<Destruction> {
  const named = (await destructions(home)).filter((each) => (direction === undefined || each.direction === direction) && (other === undefined || each.body.party === other) && ((id.length >= ID_SHOWN_MIN && each.body.destruction.startsWith(id)) || each.body.number === id))
  const [only] = named
  if (only === undefined || named.length > 1) throw new Refusal<DestructionCode>('destruction/unknown', `no one certificate of destruction begins with ${id} or has it as its number: see muster destruction list, and name the party with --of where two are alike`, 'id')
  return only
}
