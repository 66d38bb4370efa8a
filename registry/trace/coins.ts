// The coins of batches (DESIGN section 5, step 3): what shows an asked party that its coin and the asker's did not pick a batch, or opens one that
// they picked. One message tells a party of many batches, since all of them are due within the same hour and none waits for an answer.
import { fromHex, toHex } from '@muster/core/bytes/bytes.ts'
import { isPicked } from '@muster/core/oprf/batch.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { SHOWN_BATCHES_MAX, traceBody, type ShownBatch } from '@muster/core/wire/trace-body.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import type { Hall } from '../main.ts'
import { Unreachable } from '../peer/client.ts'
import { writeMessages, type Saying } from '../store/messages.ts'
import { openingOf } from './ask.ts'
import type { Asked, Tracing } from './asked.ts'
import type { BoundFind } from './find.ts'
import { BODY_BYTES_MAX } from './packing.ts'
import { letGoAgain } from '../store/outbox.ts'
import { send } from '../send.ts'

/** A batch with what opens it: the canonical events of its finds and the salts of their leaves. */
export interface Tossed {
  readonly asked: Asked
  readonly finds: readonly Pick<BoundFind, 'eventText' | 'salt'>[]
  /** A batch with a hit that no formal request opens is opened whatever the coin says. */
  readonly always?: boolean
}

function shown({ agreement }: Hall['joined'], { asked: { question, request, answer, lookups }, finds, always = false }: Tossed): ShownBatch | undefined {
  if (question === undefined || request === undefined || answer?.payload.kind !== 'evaluation/answer' || lookups.length === 0) return undefined
  const { coin } = traceBody('evaluation/answer', answer.payload.body)
  if (coin === null) return undefined
  const own = { request: request.id, coin: toHex(question.coin) }
  if (!always && !isPicked(p.sha256, question.coin, fromHex(coin) as Uint8Array, agreement.openOneIn)) return { ...own, opened: null }
  return { ...own, opened: openingOf(question), recoveries: finds.map(({ eventText, salt }) => ({ event: eventText, salt: toHex(salt) })) }
}

/** As many batches to a message as it holds, those of each party in their order. */
function sayings(joined: Hall['joined'], tossed: readonly Tossed[]): Saying[] {
  const filling = new Map<PartyId, { readonly batches: ShownBatch[], bytes: number }>()
  const full: Saying[] = []
  const say = (to: PartyId, batches: readonly ShownBatch[]): Saying => ({ to, kind: 'evaluation/open', body: { batches } })
  for (const each of tossed) {
    const batch = shown(joined, each)
    if (batch === undefined) continue
    const { party } = each.asked.party
    const bytes = Buffer.byteLength(JSON.stringify(batch))
    const held = filling.get(party)
    if (held !== undefined && held.batches.length < SHOWN_BATCHES_MAX && held.bytes + bytes <= BODY_BYTES_MAX) {
      held.batches.push(batch)
      held.bytes += bytes
      continue
    }
    if (held !== undefined) full.push(say(party, held.batches))
    filling.set(party, { batches: [batch], bytes })
  }
  return [...full, ...[...filling].map(([party, { batches }]) => say(party, batches))]
}

/** Shows the coin of each batch that was evaluated, opening those that are picked; a party that cannot be reached is shown it by the outbox. Resolves to the refusals of parties that find an opening wrong. */
export async function showCoins({ home, hall, own }: Tracing, tossed: readonly Tossed[]): Promise<Message[]> {
  const said = sayings(hall.joined, tossed)
  const messages = said.length === 0 ? [] : await writeMessages(home.register, hall.joined, said, home.now())
  const refused = await Promise.all(messages.map(async (message) => {
    try {
      const { answers } = await send(home, hall, message, own)
      return answers.filter(({ payload }) => payload.kind === 'evaluation/refuse')
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error
      await letGoAgain(home.register, hall.joined.agreement.id, [message])
      return []
    }
  }))
  return refused.flat()
}
