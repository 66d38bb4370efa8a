// `muster licence`: what the exporting party lets go to whom, granted, amended and revoked by two people, and what was dispatched under it.
import { timeOf } from '@muster/core/bytes/time.ts'
import { LICENCE_REVOCATIONS, type LicenceAct, type LicenceStanding } from '@muster/core/rules/licence.ts'
import { certificateBy } from '@muster/registry/certificate/view.ts'
import { amendLicence, grantLicence, revokeLicence, type Amendment } from '@muster/registry/licence/act.ts'
import { licenceBy, licences } from '@muster/registry/licence/view.ts'
import { licenceView } from '@muster/registry/api/views/affairs.ts'
import type { Home } from '@muster/registry/main.ts'
import { certifiedRowOf, dateOr } from '../certified-rows.ts'
import { usage } from '../errors.ts'
import { hallOf, partyOf } from '../hall.ts'
import { inHome, type Acts } from '../in-home.ts'
import { oneOfWords, timeIn, timeOption } from '../options.ts'
import { people, PEOPLE } from '../people.ts'
import type { Context, Verb, Words } from '../verb.ts'

const ID_SHOWN = 8

const STANDING: Readonly<Record<LicenceStanding, Words>> = {
  'valid': { en: 'valid', ru: 'действует' }, 'to-come': { en: 'not valid yet', ru: 'ещё не действует' }, 'exhausted': { en: 'used up', ru: 'исчерпана' }, 'expired': { en: 'expired', ru: 'истекла' }, 'revoked': { en: 'revoked', ru: 'отозвана' },
}
const ACT: Readonly<Record<LicenceAct['kind'], Words>> = {
  granted: { en: 'granted', ru: 'выдана' }, amended: { en: 'amended', ru: 'изменена' }, revoked: { en: 'revoked', ru: 'отозвана' }, drawn: { en: 'dispatched under it', ru: 'отгрузка по ней' },
}

const at = (context: Context, home: Home) => ({ register: home.register, joined: hallOf(context, home).joined })

function idOf(context: Context): string {
  const id = context.args.positionals[1]
  if (id === undefined) throw usage(context.say({ en: `name the licence: its number, or ${ID_SHOWN} or more characters of its id`, ru: `укажите лицензию: её номер или от ${ID_SHOWN} знаков кода` }))
  return id
}

/** What the options say of a licence; the id of the certificate that `--certificate` names. */
async function saidIn(context: Context, home: Home): Promise<Amendment> {
  const [endUser, certificate, rows, note, from, until] = [context.args.text('end-user'), context.args.text('certificate'), context.args.texts('item'), context.args.text('note'), timeOption(context, 'from'), timeOption(context, 'until')]
  return {
    ...(endUser === undefined ? {} : { endUser: endUser.trim() }), ...(rows.length === 0 ? {} : { items: rows.map(certifiedRowOf) }), ...(note === undefined ? {} : { note }),
    ...(certificate === undefined ? {} : { certificate: (await certificateBy(at(context, home), certificate, 'in', home.now())).body.certificate }), ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }),
  }
}

async function grant(context: Context, home: Home): Promise<number> {
  const to = partyOf(context, hallOf(context, home))
  if (to === undefined) throw usage(context.say({ en: 'name the addressee with --of', ru: 'укажите адресата: --of' }))
  const now = timeOf(home.now())
  const { licence } = await grantLicence(at(context, home), {
    number: context.args.required('number').trim(), date: dateOr(context, now), to, endUser: context.args.required('end-user').trim(), certificate: null, items: [], from: now, until: timeIn('until', context.args.required('until')), note: null, ...await saidIn(context, home),
  }, people(context), home.now())
  if (context.json) context.answer({ licence, to })
  else context.out(context.say({ en: `Licence ${licence.slice(0, ID_SHOWN)} for ${to} is granted.`, ru: `Лицензия ${licence.slice(0, ID_SHOWN)} для ${to} выдана.` }))
  return 0
}

async function amend(context: Context, home: Home): Promise<number> {
  const changes = await saidIn(context, home)
  if (Object.keys(changes).length === 0) throw usage('--item, --from, --until, --end-user, --certificate, --note')
  await amendLicence(at(context, home), idOf(context), changes, context.args.required('because').trim(), people(context), home.now())
  return show(context, home)
}

async function revoke(context: Context, home: Home): Promise<number> {
  await revokeLicence(at(context, home), idOf(context), { reason: oneOfWords(context, 'reason', LICENCE_REVOCATIONS), note: context.args.text('note') ?? null }, people(context), home.now())
  return show(context, home)
}

async function list(context: Context, home: Home): Promise<number> {
  const all = await licences(at(context, home), home.now())
  if (context.json) context.answer({ licences: all.map(licenceView) })
  else if (all.length === 0) context.out(context.say({ en: 'No licence was granted.', ru: 'Лицензий нет.' }))
  else {
    const titles: readonly Words[] = [{ en: 'licence', ru: 'лицензия' }, { en: 'number', ru: 'номер' }, { en: 'for', ru: 'для' }, { en: 'valid until', ru: 'действует до' }, { en: 'dispatched', ru: 'отгружено' }, { en: 'where it stands', ru: 'состояние' }]
    context.table(titles.map((title) => ({ title: context.say(title) })), all.map(({ id, licence: { text }, drawn, standing }) => [
      id.slice(0, ID_SHOWN), text.number, text.to, text.until, text.items.map(({ quantity }, i) => `${drawn[i] ?? 0}/${quantity}`).join(' '), context.say(STANDING[standing]),
    ]))
  }
  return 0
}

function told(context: Context, { kind, data }: LicenceAct): string {
  const more = kind === 'amended' ? data.because : kind === 'revoked' ? data.reason : kind === 'drawn' ? data.transfer.slice(0, ID_SHOWN) : ''
  return `${context.say(ACT[kind])}${more === '' ? '' : `: ${more}`}`
}

async function show(context: Context, home: Home): Promise<number> {
  const held = await licenceBy(at(context, home), idOf(context), home.now())
  const { licence: { text }, acts, drawn, standing } = held
  if (context.json) {
    context.answer(licenceView(held))
    return 0
  }
  context.out(`${text.number}  ${text.date}  → ${text.to}  ${text.endUser}  ${text.from}/${text.until}  ${context.say(STANDING[standing])}${text.certificate === null ? '' : `  ${context.say({ en: 'certificate', ru: 'сертификат' })} ${text.certificate.slice(0, ID_SHOWN)}`}`)
  const titles: readonly Words[] = [{ en: 'class', ru: 'класс' }, { en: 'type', ru: 'тип' }, { en: 'quantity', ru: 'количество' }, { en: 'dispatched', ru: 'отгружено' }, { en: 'serials', ru: 'номера' }]
  context.table(titles.map((title) => ({ title: context.say(title) })), text.items.map(({ class: kind, type, quantity, serials }, i) => [kind, type ?? '', quantity, drawn[i] ?? 0, serials?.join(' ') ?? '']))
  const history: readonly Words[] = [{ en: 'when', ru: 'когда' }, { en: 'what', ru: 'что' }, { en: 'by', ru: 'кто' }]
  context.table(history.map((title) => ({ title: context.say(title) })), acts.map(({ act, written }) => [written, told(context, act), `${act.by}, ${act.and}`]))
  return 0
}

const ACTS: Acts = { grant, amend, revoke, list, show }

export const verb: Verb = {
  name: 'licence',
  summary: { en: 'licences to let items go: grant, amend, revoke', ru: 'лицензии на передачу: выдать, изменить, отозвать' },
  usage: [
    'muster licence grant --of CODE --number TEXT --end-user TEXT --item CLASS[:TYPE]=N … --until TIME [--from TIME] [--certificate ID] [--date DATE] --by NAME --and NAME --dir D',
    'muster licence amend ID --because TEXT [--item CLASS[:TYPE]=N …] [--until TIME] [--from TIME] [--end-user TEXT] [--certificate ID] --by NAME --and NAME --dir D',
    'muster licence revoke ID --reason CODE --by NAME --and NAME --dir D', 'muster licence list --dir D', 'muster licence show ID --dir D',
  ],
  options: {
    'agreement': { type: 'string', value: 'ID', help: { en: 'the agreement, where several were joined', ru: 'соглашение, если их несколько' } },
    'of': { type: 'string', multiple: true, value: 'CODE', help: { en: 'the party to which items may go', ru: 'сторона, которой можно передавать' } },
    'number': { type: 'string', value: 'TEXT', help: { en: 'the number of the licence', ru: 'номер лицензии' } },
    'date': { type: 'string', value: 'DATE', help: { en: 'its date (default: today)', ru: 'дата (по умолчанию сегодня)' } },
    'from': { type: 'string', value: 'TIME', help: { en: 'from when it is valid (default: now)', ru: 'начало действия (по умолчанию сейчас)' } },
    'until': { type: 'string', value: 'TIME', help: { en: 'until when it is valid', ru: 'срок действия' } },
    'end-user': { type: 'string', value: 'TEXT', help: { en: 'who will use the items', ru: 'конечный пользователь' } },
    'certificate': { type: 'string', value: 'ID', help: { en: 'the end-user certificate on which it rests: its id or number', ru: 'сертификат конечного пользователя, на котором она основана: код или номер' } },
    'item': { type: 'string', multiple: true, value: 'ROW', help: { en: 'CLASS[:TYPE]=N, or CLASS[:TYPE]=#SERIAL,SERIAL…', ru: 'КЛАСС[:ТИП]=N или КЛАСС[:ТИП]=#НОМЕР,НОМЕР…' } },
    'because': { type: 'string', value: 'TEXT', help: { en: 'why it is amended', ru: 'основание изменения' } },
    'reason': { type: 'string', value: 'CODE', help: { en: `why it is revoked: ${LICENCE_REVOCATIONS.join(', ')}`, ru: `основание отзыва: ${LICENCE_REVOCATIONS.join(', ')}` } },
    'note': { type: 'string', value: 'TEXT', help: { en: 'a note beside the codes', ru: 'примечание' } },
    ...PEOPLE,
  },
  positionals: { min: 1, max: 2 },
  run: (context) => inHome(context, ACTS),
}
