// `muster re-export`: the consent of the state that items came from, asked for, given and refused.
import { END_USES } from '@muster/core/rules/certificate.ts'
import { isItemId } from '@muster/core/rules/item.ts'
import { isPartyId } from '@muster/core/rules/party.ts'
import { RE_EXPORT_REFUSALS } from '@muster/core/rules/re-export.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { reExportsView } from '@muster/registry/api/views/affairs.ts'
import type { Home } from '@muster/registry/main.ts'
import { askReExport, consentToReExport, refuseReExport } from '@muster/registry/re-export/act.ts'
import { reExports, type ReExport } from '@muster/registry/re-export/view.ts'
import { usage } from '../errors.ts'
import { hallOf, partyOf } from '../hall.ts'
import { inHome, type Acts } from '../in-home.ts'
import { oneOfWords, timeIn } from '../options.ts'
import { people, PEOPLE } from '../people.ts'
import type { Context, Verb, Words } from '../verb.ts'

const ID_SHOWN = 8

const at = (context: Context, home: Home) => ({ register: home.register, joined: hallOf(context, home).joined })
const noteOf = (context: Context): string | null => context.args.text('note') ?? null

function idOf(context: Context): string {
  const id = context.args.positionals[1] ?? ''
  if (!/^[0-9a-f]{8,32}$/.test(id)) throw usage(context.say({ en: `name the question: ${ID_SHOWN} to 32 characters of its id, as muster re-export list has it`, ru: `укажите запрос: от ${ID_SHOWN} до 32 знаков его номера из muster re-export list` }))
  return id
}

async function ask(context: Context, home: Home): Promise<number> {
  const [origin, to] = [partyOf(context, hallOf(context, home)), context.args.required('to')]
  if (origin === undefined) throw usage(context.say({ en: 'name the origin of the items with --of', ru: 'укажите, от кого получены единицы: --of' }))
  if (!isPartyId(to)) throw usage(`--to ${to}: ${context.say({ en: 'a party\'s code', ru: 'код участника' })}`)
  const items = context.args.texts('item').map((id) => {
    if (!isItemId(id)) throw usage(`--item ${id}: ${context.say({ en: 'an item\'s id', ru: 'код единицы' })}`, 'muster items MARK')
    return id
  })
  const { ask: id, message } = await askReExport(at(context, home), { origin, to, items, endUser: context.args.required('end-user').trim(), endUse: oneOfWords(context, 'end-use', END_USES), note: noteOf(context) }, people(context), home.now())
  if (context.json) context.answer({ ask: id, message: message.id, of: origin, to })
  else context.out(context.say({ en: `Question ${id.slice(0, ID_SHOWN)} to ${origin} is signed; muster serve delivers it.`, ru: `Запрос ${id.slice(0, ID_SHOWN)} для ${origin} подписан; доставит muster serve.` }))
  return 0
}

function told(context: Context, { id, payload }: Message): number {
  if (context.json) context.answer({ message: id, kind: payload.kind, to: payload.to })
  else context.out(context.say({ en: `Signed ${payload.kind} to ${payload.to}; muster serve delivers it.`, ru: `Подписано: ${payload.kind} для ${payload.to}; доставит muster serve.` }))
  return 0
}

async function consent(context: Context, home: Home): Promise<number> {
  return told(context, await consentToReExport(at(context, home), idOf(context), { until: timeIn('until', context.args.required('until')), note: noteOf(context) }, people(context), home.now(), partyOf(context, hallOf(context, home))))
}

async function refuse(context: Context, home: Home): Promise<number> {
  return told(context, await refuseReExport(at(context, home), idOf(context), { reason: oneOfWords(context, 'reason', RE_EXPORT_REFUSALS), note: noteOf(context) }, people(context), home.now(), partyOf(context, hallOf(context, home))))
}

function standing(context: Context, { consents: [first], refused }: ReExport): string {
  if (first !== undefined) return context.say({ en: `consent until ${first.body.until}`, ru: `согласие до ${first.body.until}` })
  return refused === undefined ? context.say({ en: 'waits for an answer', ru: 'ждёт ответа' }) : `${context.say({ en: 'refused', ru: 'отказ' })}: ${refused.body.reason}`
}

async function list(context: Context, home: Home): Promise<number> {
  const all = await reExports(at(context, home))
  if (context.json) {
    context.answer(await reExportsView(at(context, home)))
    return 0
  }
  if (all.length === 0) context.out(context.say({ en: 'No re-export was asked for.', ru: 'Запросов о реэкспорте нет.' }))
  const titles: readonly Words[] = [{ en: 'question', ru: 'запрос' }, { en: 'way', ru: 'путь' }, { en: 'third party', ru: 'третья сторона' }, { en: 'end user', ru: 'конечный пользователь' }, { en: 'items', ru: 'единиц' }, { en: 'where it stands', ru: 'состояние' }]
  if (all.length > 0) {
    context.table(titles.map((title) => ({ title: context.say(title) })), all.map((each) => {
      const { body } = each.asked
      return [body.ask.slice(0, ID_SHOWN), each.direction === 'out' ? `→ ${each.with}` : `← ${each.with}`, body.to, body.endUser, body.items.length, standing(context, each)]
    }))
  }
  return 0
}

const ACTS: Acts = { ask, consent, refuse, list }

export const verb: Verb = {
  name: 're-export',
  summary: { en: 'the origin\'s consent to a re-export: asked for, given, refused', ru: 'согласие страны происхождения на реэкспорт: запрос, согласие, отказ' },
  usage: [
    'muster re-export ask --of ORIGIN --to CODE --item ITEM … --end-user TEXT --end-use CODE --by NAME --dir D',
    'muster re-export consent ID --until TIME --by NAME --and NAME --dir D', 'muster re-export refuse ID --reason CODE --by NAME --dir D', 'muster re-export list --dir D',
  ],
  options: {
    'agreement': { type: 'string', value: 'ID', help: { en: 'the agreement, where several were joined', ru: 'соглашение, если их несколько' } },
    'of': { type: 'string', multiple: true, value: 'CODE', help: { en: 'the party that the items came from; who asks, where two used one id', ru: 'от кого получены единицы; кто спрашивает, если номера совпали' } },
    'to': { type: 'string', value: 'CODE', help: { en: 'the third party', ru: 'третья сторона' } },
    'item': { type: 'string', multiple: true, value: 'ITEM', help: { en: 'an item that is to go on', ru: 'единица для реэкспорта' } },
    'end-user': { type: 'string', value: 'TEXT', help: { en: 'who will use the items', ru: 'конечный пользователь' } },
    'end-use': { type: 'string', value: 'CODE', help: { en: `for what: ${END_USES.join(', ')}`, ru: `назначение: ${END_USES.join(', ')}` } },
    'until': { type: 'string', value: 'TIME', help: { en: 'until when the consent is valid', ru: 'срок действия согласия' } },
    'reason': { type: 'string', value: 'CODE', help: { en: `why not: ${RE_EXPORT_REFUSALS.join(', ')}`, ru: `основание отказа: ${RE_EXPORT_REFUSALS.join(', ')}` } },
    'note': { type: 'string', value: 'TEXT', help: { en: 'a note beside the codes', ru: 'примечание' } },
    ...PEOPLE,
  },
  positionals: { min: 1, max: 2 },
  run: (context) => inHome(context, ACTS),
}
