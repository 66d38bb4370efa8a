// An answer set against what its party said before, and against the items that this register and the party have passed to one another since.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { balanceOf, countedItems, declaredItems, statedBefore, type Balance, type Passed, type Stated } from '@muster/core/rules/balance.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { checkDeclaredCounts, type CallBody } from '@muster/core/wire/call-body.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { saidOf, type At } from '../said.ts'
import { transfers } from '../transfer/view.ts'
import { headsOf } from './matrix.ts'

type Answer = CallBody<'call/answer'>

/** Undefined where the party said nothing earlier that is comparable: of all types, and of every class that this call asks for. `at`: POSIX seconds. */
export async function againstEarlier(home: At, call: CallBody<'call/issue'>, party: PartyId, answer: Answer, at: number): Promise<Balance | undefined> {
  if (call.types !== null) return undefined
  const [issues, answers] = [await saidOf(home, 'call/issue', 'out'), (await saidOf(home, 'call/answer', 'in')).filter(({ message }) => message.payload.from === party).map(({ body }) => body)]
  const asked = new Map(issues.map(({ message: { id }, body }) => [id, body]))
  const comparable = ({ request }: Answer): boolean => {
    const earlier = asked.get(request)
    return earlier !== undefined && earlier.types === null && (earlier.classes === null || call.classes?.every((kind) => earlier.classes?.includes(kind)) === true)
  }
  const counted = answers.filter(comparable).map(({ asOf, counts }): Stated => ({ source: 'answer', asOf, items: countedItems(counts) }))
  const before = statedBefore([...counted, ...await declaredBy(home, party, answers)], answer.asOf)
  return before === undefined ? undefined : balanceOf(before, { asOf: answer.asOf, items: countedItems(answer.counts) }, await passedWith(home, party, at), call.classes)
}

/** Counts that answers opened from declarations in the party's log. */
async function declaredBy(home: At, party: PartyId, answers: readonly Answer[]): Promise<Stated[]> {
  const trust = home.joined.trust.parties.get(party)
  const heads = trust === undefined ? [] : await headsOf(home, trust)
  return answers.flatMap(({ declared }) => {
    const head = heads.find(({ head: { hash } }) => hash === declared?.head)?.head.head
    return declared === null || head === undefined || checkDeclaredCounts(p, declared, head) instanceof Refusal ? [] : [{ source: 'declaration' as const, asOf: head.asOf, items: declaredItems(declared.counts) }]
  })
}

/** Items that passed between the party and this register, as their receiver says. */
async function passedWith(home: At, party: PartyId, at: number): Promise<Passed[]> {
  return (await transfers(home, at)).filter((each) => each.with === party).flatMap(({ direction, body, items }) => items.flatMap(({ happened }, place) => {
    const kind = body.items[place]?.identity.class
    return happened === undefined || kind === undefined ? [] : [{ class: kind, received: happened, way: direction === 'out' ? 'to' as const : 'from' as const }]
  }))
}
