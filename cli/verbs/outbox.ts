// `muster outbox`: what was signed for other parties and has no receipt yet, and delivering it.
import { resolve } from 'node:path'
import { exportCourier } from '@muster/registry/courier.ts'
import { servedAt, type Home } from '@muster/registry/main.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { messagesById } from '@muster/registry/store/messages.ts'
import { onTheirWay } from '@muster/registry/store/outbox.ts'
import { usage } from '../errors.ts'
import { hallOf, partyOf } from '../hall.ts'
import { inHome, type Acts } from '../in-home.ts'
import type { Context, Verb } from '../verb.ts'
import { writeNew } from '../write-new.ts'

async function list(context: Context, home: Home): Promise<number> {
  const { joined } = hallOf(context, home)
  const waiting = await onTheirWay(home.register, joined.agreement.id)
  const messages = new Map((await messagesById(home.register, joined, home.register.file.party, waiting.map(({ id }) => id))).map(({ id, payload }) => [id, payload]))
  const rows = waiting.map(({ id, to, sequence, aside }) => ({ id, to, sequence, kind: messages.get(id)?.kind ?? null, time: messages.get(id)?.time ?? null, by: to === home.register.file.party ? 'here' : joined.urls.has(to) ? 'wire' : 'courier', aside }))
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

/** What is due to one party, as a file that is carried to it. */
async function carry(context: Context, home: Home): Promise<number> {
  const hall = hallOf(context, home)
  const to = partyOf(context, hall)
  if (to === undefined) throw usage(context.say({ en: 'name one party with --of', ru: 'укажите одного участника: --of' }))
  const path = resolve(context.args.required('out'))
  const paths: string[] = []
  const carried = await exportCourier(home, hall, to, async (bytes, n) => {
    const each = n === 1 ? path : `${path}.${n}`
    await writeNew(context, each, bytes)
    paths.push(each)
  })
  if (context.json) context.answer({ agreement: hall.joined.agreement.id, to, messages: 0, receipts: 0, left: 0, published: 0, ...carried, file: paths[0] ?? null, files: paths })
  else if (carried === undefined) context.out(context.say({ en: `Nothing is due to ${to}: no file is written.`, ru: `Для ${to} ничего нет: файл не создан.` }))
  else context.out(context.say({ en: `${paths.join(', ')}: messages: ${carried.messages}, published files: ${carried.published}, for ${to} alone to open. Messages stay in the outbox until their receipts come back.`, ru: `${paths.join(', ')}: сообщений ${carried.messages}, опубликованных файлов ${carried.published}, вскрыть может только ${to}. Сообщения остаются в исходящих до возвращения расписок.` }))
  return 0
}

const ACTS: Acts = { list, send, export: carry }

export const verb: Verb = {
  name: 'outbox',
  summary: { en: 'messages without a receipt yet: sending them, by wire or by courier', ru: 'сообщения без расписки: отправка по сети или с курьером' },
  usage: ['muster outbox list [--agreement ID] --dir D', 'muster outbox send [--agreement ID] --dir D', 'muster outbox export --of CODE --out FILE [--agreement ID] --dir D'],
  options: {
    agreement: { type: 'string', value: 'ID', help: { en: 'the agreement, where several were joined', ru: 'соглашение, если их несколько' } },
    of: { type: 'string', multiple: true, value: 'CODE', help: { en: 'the party that the file is for', ru: 'для какого участника файл' } },
    out: { type: 'string', value: 'FILE', help: { en: 'the file to write; one that is there is not written over', ru: 'файл; существующий не перезаписывается' } },
  },
  positionals: { min: 1, max: 1 },
  run: (context) => inHome(context, ACTS),
}
