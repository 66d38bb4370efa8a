// `muster outbox`: what was signed for other parties and has no receipt yet, and delivering it.
import { servedAt, type Home } from '@muster/registry/main.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { messagesById } from '@muster/registry/store/messages.ts'
import { onTheirWay } from '@muster/registry/store/outbox.ts'
import { hallOf } from '../hall.ts'
import { inHome, type Acts } from '../in-home.ts'
import type { Context, Verb } from '../verb.ts'

async function list(context: Context, home: Home): Promise<number> {
  const { joined } = hallOf(context, home)
  const waiting = await onTheirWay(home.register, joined.agreement.id)
  const messages = new Map((await messagesById(home.register, joined, home.register.file.party, waiting.map(({ id }) => id))).map(({ id, payload }) => [id, payload]))
  const rows = waiting.map(({ id, to, sequence, aside }) => ({ id, to, sequence, kind: messages.get(id)?.kind ?? null, time: messages.get(id)?.time ?? null, by: to === home.register.file.party || joined.urls.has(to) ? 'wire' : 'courier', aside }))
  if (context.json) context.answer({ agreement: joined.agreement.id, outbox: rows })
  else if (rows.length === 0) context.out(context.say({ en: 'Everything that was sent has its receipt.', ru: 'На всё отправленное есть расписки.' }))
  else {
    const columns = [{ en: 'to', ru: 'кому' }, { en: 'no.', ru: '№' }, { en: 'kind', ru: 'вид' }, { en: 'signed', ru: 'подписано' }, { en: 'by', ru: 'путь' }, { en: 'sent no more because', ru: 'больше не отправляется' }]
    context.table(columns.map((title) => ({ title: context.say(title) })), rows.map(({ to, sequence, kind, time, by, aside }) => [to, sequence, kind ?? '?', time ?? '?', by, aside ?? '']))
  }
  return 0
}

/** A registry that is served delivers by itself. */
async function send(context: Context, home: Home): Promise<number> {
  const hall = hallOf(context, home)
  const delivery = await deliverOnce(home, hall, undefined)
  if (context.json) context.answer({ agreement: hall.joined.agreement.id, ...delivery, served: await servedAt(context.dir) !== undefined })
  else context.out(context.say({ en: `Delivered ${delivery.delivered}, refused ${delivery.refused}, run out ${delivery.lapsed}; still due: ${delivery.due}.`, ru: `Доставлено ${delivery.delivered}, отклонено ${delivery.refused}, истекло ${delivery.lapsed}; осталось: ${delivery.due}.` }))
  return delivery.due === 0 ? 0 : 1
}

const ACTS: Acts = { list, send }

export const verb: Verb = {
  name: 'outbox',
  summary: { en: 'messages without a receipt yet, and sending them', ru: 'сообщения без расписки и их отправка' },
  usage: ['muster outbox list [--agreement ID] --dir D', 'muster outbox send [--agreement ID] --dir D'],
  options: { agreement: { type: 'string', value: 'ID', help: { en: 'the agreement, where several were joined', ru: 'соглашение, если их несколько' } } },
  positionals: { min: 1, max: 1 },
  run: (context) => inHome(context, ACTS),
}
