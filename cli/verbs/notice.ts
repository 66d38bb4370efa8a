// `muster notice`: loss, theft and recovery told to the parties in time, and what aviation authorities are given, which names type and number only.
import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { timeOf } from '@muster/core/bytes/time.ts'
import { isItemId } from '@muster/core/rules/item.ts'
import { CIRCUMSTANCES, NOTICE_KINDS, type NoticeKind } from '@muster/core/rules/notice.ts'
import { aviationText } from '@muster/core/wire/aviation-text.ts'
import { verifyAviationNotice } from '@muster/core/wire/aviation-notice.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { noticesDueView, noticesView } from '@muster/registry/api/views/affairs.ts'
import type { Home } from '@muster/registry/main.ts'
import { dueToAviation, giveToAviation } from '@muster/registry/aviation.ts'
import { giveNotice, noticesDue, noticesIn, type GivenNotice } from '@muster/registry/notice.ts'
import { usage } from '../errors.ts'
import { hallOf, partiesOf } from '../hall.ts'
import { inHome, type Acts } from '../in-home.ts'
import { oneOfWords, timeOption } from '../options.ts'
import { people, PEOPLE } from '../people.ts'
import type { Context, Verb, Words } from '../verb.ts'
import { writeNew } from '../write-new.ts'

const ID_SHOWN = 8
const KIND: Readonly<Record<NoticeKind, Words>> = { loss: { en: 'loss', ru: 'утрата' }, theft: { en: 'theft', ru: 'хищение' }, recovery: { en: 'recovery', ru: 'изъятие' } }

const at = (context: Context, home: Home) => ({ register: home.register, joined: hallOf(context, home).joined })

async function give(context: Context, home: Home): Promise<number> {
  const kind = NOTICE_KINDS.find((each) => each === context.args.positionals[1])
  if (kind === undefined) throw usage(`notice give ${context.args.positionals[1] ?? ''}: ${NOTICE_KINDS.join(', ')}`)
  const items = context.args.texts('item').map((id) => {
    if (!isItemId(id)) throw usage(`--item ${id}: ${context.say({ en: 'an item\'s id', ru: 'код единицы' })}`, 'muster items MARK')
    return id
  })
  const { notice, messages } = await giveNotice(at(context, home), {
    kind, items, to: partiesOf(context, hallOf(context, home)), discovered: timeOption(context, 'discovered') ?? timeOf(home.now()), region: context.args.text('region') ?? null,
    circumstances: oneOfWords(context, 'circumstances', CIRCUMSTANCES, 'unknown'), numbers: context.args.flag('numbers'), follows: null, note: context.args.text('note') ?? null,
  }, people(context), home.now())
  if (context.json) context.answer({ notice, kind, to: messages.map(({ payload: { to } }) => to), items: items.length })
  else context.out(context.say({ en: `Notice ${notice.slice(0, ID_SHOWN)} of ${KIND[kind].en} is signed for ${messages.map(({ payload: { to } }) => to).join(', ')}; muster serve delivers it.`, ru: `Уведомление ${notice.slice(0, ID_SHOWN)} (${KIND[kind].ru}) подписано для ${messages.map(({ payload: { to } }) => to).join(', ')}; доставит muster serve.` }))
  return 0
}

const itemsText = ({ body }: GivenNotice): string => body.items.map(({ class: what, type, items }) => `${items} × ${what}${type === null ? '' : ` ${type}`}`).join(', ')

async function list(context: Context, home: Home): Promise<number> {
  const all = await noticesIn(at(context, home))
  if (context.json) context.answer(await noticesView(at(context, home)))
  else if (all.length === 0) context.out(context.say({ en: 'No notice was given or received.', ru: 'Уведомлений нет.' }))
  else {
    const titles = [{ en: 'notice', ru: 'уведомление' }, { en: 'what', ru: 'что' }, { en: 'way', ru: 'путь' }, { en: 'discovered', ru: 'обнаружено' }, { en: 'items', ru: 'единицы' }, { en: 'numbers', ru: 'номера' }, { en: 'how', ru: 'обстоятельства' }]
    context.table(titles.map((title) => ({ title: context.say(title) })), all.map((each) => [
      each.body.notice.slice(0, ID_SHOWN), context.say(KIND[each.kind]), `${each.direction === 'out' ? '→' : '←'} ${each.with.join(' ')}`, each.body.discovered, itemsText(each),
      each.body.listed === null ? '–' : context.say({ en: 'listed', ru: 'указаны' }), each.body.circumstances,
    ]))
  }
  return 0
}

async function due(context: Context, home: Home): Promise<number> {
  const waiting = await noticesDue(at(context, home), home.now())
  const authorities = await dueToAviation(at(context, home), await noticesIn(at(context, home)), home.now())
  const when = (by: string | undefined, overdue: boolean): string => `${by ?? '–'}${overdue ? context.say({ en: ' OVERDUE', ru: ' ПРОСРОЧЕНО' }) : ''}`
  if (context.json) context.answer(await noticesDueView(at(context, home), home.now()))
  else if (waiting.length + authorities.length === 0) context.out(context.say({ en: 'Of everything lost or stolen notice was given.', ru: 'Обо всём утраченном и похищенном уведомлено.' }))
  else {
    const titles = [{ en: 'item or notice', ru: 'единица или уведомление' }, { en: 'what', ru: 'что' }, { en: 'since', ru: 'с' }, { en: 'to be told by', ru: 'уведомить до' }]
    context.table(titles.map((title) => ({ title: context.say(title) })), [
      ...waiting.map(({ item, kind, since, due: by, overdue }) => [item, context.say(KIND[kind]), since, when(by, overdue)]),
      ...authorities.map(({ notice, recipient, due: by, overdue }) => [notice.slice(0, ID_SHOWN), context.say({ en: `to be given to ${recipient}`, ru: `передать: ${recipient}` }), '–', when(by, overdue)]),
    ])
  }
  return [...waiting, ...authorities].some(({ overdue }) => overdue) ? 1 : 0
}

async function named(context: Context, home: Home): Promise<GivenNotice> {
  const id = context.args.positionals[1] ?? ''
  const [only, ...more] = id.length < ID_SHOWN ? [] : (await noticesIn(at(context, home))).filter(({ body }) => body.notice.startsWith(id))
  if (only === undefined || more.length > 0) throw usage(context.say({ en: `name the notice: ${ID_SHOWN} or more characters of its id, as muster notice list has it`, ru: `укажите уведомление: от ${ID_SHOWN} знаков его номера из muster notice list` }))
  return only
}

/** `FILE` is the signed document, `FILE.txt` its printed form. */
async function aviation(context: Context, home: Home): Promise<number> {
  const notice = await named(context, home)
  const to = context.args.texts('to')
  const out = context.args.text('out')
  const { document, handed } = await giveToAviation(at(context, home), notice, to.length === 0 ? undefined : to, people(context), home.now())
  const words = verifyAviationNotice(nodePrimitives, document, undefined)
  if (words.verdict === 'refused') throw new Error('the document that was just signed is refused')
  const text = aviationText(words.notice, createHash('sha256').update(document).digest('hex'))
  const files = out === undefined ? [] : [resolve(out), resolve(`${out}.txt`)]
  if (out !== undefined) {
    await writeNew(context, resolve(out), document)
    await writeNew(context, resolve(`${out}.txt`), Buffer.from(text))
  }
  if (context.json) context.answer({ notice: notice.body.notice, handed, files, text })
  else {
    if (out === undefined) context.out(text.trimEnd())
    else for (const file of files) context.out(file)
    const all = handed.map(({ recipient }) => recipient).join(', ')
    context.out(all === '' ? context.say({ en: 'Everybody on the list has it.', ru: 'Он уже есть у всех по списку.' }) : context.say({ en: `Recorded as given to ${all}.`, ru: `Записано, что передано: ${all}.` }))
  }
  return 0
}

const ACTS: Acts = { give, list, due, aviation }

export const verb: Verb = {
  name: 'notice',
  summary: { en: 'loss, theft and recovery, told to the parties in time', ru: 'утрата, хищение и изъятие: уведомление участников в срок' },
  usage: [
    'muster notice give loss|theft|recovery --item ITEM … [--of CODE …] [--discovered TIME] [--region NAME] [--circumstances CODE] [--numbers --and NAME] --by NAME --dir D',
    'muster notice list --dir D', 'muster notice due --dir D', 'muster notice aviation ID [--to RECIPIENT …] [--out FILE] --by NAME --dir D',
  ],
  options: {
    agreement: { type: 'string', value: 'ID', help: { en: 'the agreement, where several were joined', ru: 'соглашение, если их несколько' } },
    item: { type: 'string', multiple: true, value: 'ITEM', help: { en: 'an item that it is about', ru: 'единица, о которой речь' } },
    of: { type: 'string', multiple: true, value: 'CODE', help: { en: 'a party that is told (default: all others)', ru: 'кого уведомить (по умолчанию всех остальных)' } },
    discovered: { type: 'string', value: 'TIME', help: { en: 'when it was discovered (default: now)', ru: 'когда обнаружено (по умолчанию сейчас)' } },
    region: { type: 'string', value: 'NAME', help: { en: 'the region, as coarse as others may know', ru: 'район, насколько его могут знать другие' } },
    circumstances: { type: 'string', value: 'CODE', help: { en: CIRCUMSTANCES.join(', '), ru: `одно из: ${CIRCUMSTANCES.join(', ')}` } },
    numbers: { type: 'boolean', help: { en: 'list the numbers on the items; two people decide it', ru: 'указать номера единиц; решают двое' } },
    note: { type: 'string', value: 'TEXT', help: { en: 'a note beside the codes', ru: 'примечание' } },
    to: { type: 'string', multiple: true, value: 'RECIPIENT', help: { en: 'a recipient of the own list, recipients.json (default: all that have it not)', ru: 'получатель из своего списка recipients.json (по умолчанию все, у кого его нет)' } },
    out: { type: 'string', value: 'FILE', help: { en: 'the signed document to write; its printed form goes beside it, as FILE.txt', ru: 'подписанный документ; печатная форма рядом, как ФАЙЛ.txt' } },
    ...PEOPLE,
  },
  positionals: { min: 1, max: 2 },
  run: (context) => inHome(context, ACTS),
}
