// An event that a person records alone, held to what the party has agreed with others: it goes round no certificate, no consent and no receipt.
import { secondsOf, timeOf } from '@muster/core/bytes/time.ts'
import { meantBy, refuseByHand, sentTo, type Partner } from '@muster/core/rules/by-hand.ts'
import { fold } from '@muster/core/rules/holding.ts'
import { notInForce } from '@muster/core/rules/standing.ts'
import { demandNamed } from '../licence/act.ts'
import { takeConsents } from '../re-export/act.ts'
import { allJoined, type Joined } from '../store/agreements.ts'
import { recordEvent, type Recorded, type Recording } from '../store/record-event.ts'
import type { Register } from '../store/register.ts'

/** The other parties with which an agreement is in force at `at` (POSIX seconds). */
function partnersIn({ file }: Register, halls: readonly Joined[], at: number): Partner[] {
  return halls.flatMap(({ agreement, standing }) => agreement.parties
    .filter(({ id }) => id !== file.party && notInForce(standing, [file.party, id], timeOf(at)) === undefined)
    .map(({ id, name }) => ({ party: id, names: [name.en, name.ru], agreement: agreement.id, baseline: agreement.baseline, certificates: agreement.certificates === true })))
}

/** Records the event. Throws as `recordEvent`, where another act is the way to record it, and where a bound item goes abroad without its origin's consent. */
export function recordByHand(register: Register, recording: Omit<Recording, 'beside'>): Promise<Recorded> {
  const at = secondsOf(recording.at)
  return recordEvent(register, {
    ...recording,
    beside: async (tx, item, before) => {
      const act = meantBy(before, recording.request)
      if (act === undefined || !['dispatched', 'received', 'imported', 'lot-split'].includes(act.kind)) return
      const halls = await allJoined({ register }, at)
      const partners = partnersIn(register, halls, at)
      const refused = refuseByHand(act, register.file.party, partners)
      if (refused !== undefined) throw refused
      const [to, holding] = [sentTo(act, register.file.party, partners), fold(before)]
      if (to === undefined || holding === undefined) return
      for (const joined of halls) await demandNamed({ register, joined }, act.documents, at)
      const take = await takeConsents(register, halls, to === 'unnamed' ? undefined : to, [{ item, events: before, holding }], at)
      await take(tx)
    },
  })
}
