// `muster certificate`: end-user certificates, issued to an exporting party, verified with whoever issued them, and withdrawn.
import { readFile, stat } from 'node:fs/promises'
import { canonical } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { strictJson } from '@muster/core/bytes/shaped-json.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { END_USES, UNDERTAKINGS, WITHDRAWALS, type Undertaking, type Verdict } from '@muster/core/rules/certificate.ts'
import type { CertificateText } from '@muster/core/wire/certificate-body.ts'
import { saidBody } from '@muster/core/wire/said-body.ts'
import { issueCertificate, verifyCertificate, withdrawCertificate } from '@muster/registry/certificate/act.ts'
import { certificateBy, certificates, verifications, type CertificateStanding } from '@muster/registry/certificate/view.ts'
import { certificateShown, certificatesView } from '@muster/registry/api/views/affairs.ts'
import type { Home } from '@muster/registry/main.ts'
import { certifiedRowOf, dateOr } from '../certified-rows.ts'
import { usage } from '../errors.ts'
import { hallOf, partyOf } from '../hall.ts'
import { inHome, type Acts } from '../in-home.ts'
import { oneOfWords, timeIn } from '../options.ts'
import { people, PEOPLE } from '../people.ts'
import { printDesignations } from '../term-words.ts'
import type { Context, Verb, Words } from '../verb.ts'

const ID_SHOWN = 8
const CERTIFICATE_BYTES_MAX = 1_048_576

const STANDING: Readonly<Record<CertificateStanding, Words>> = {
  valid: { en: 'valid', ru: 'действует' }, exhausted: { en: 'used up', ru: 'исчерпан' }, beyond: { en: 'GONE BEYOND', ru: 'ПРЕВЫШЕН' }, expired: { en: 'expired', ru: 'истёк' }, withdrawn: { en: 'withdrawn', ru: 'отозван' },
}
const VERDICT: Readonly<Record<Verdict, Words>> = {
  genuine: { en: 'genuine', ru: 'подлинный' }, unknown: { en: 'NEVER ISSUED', ru: 'НЕ ВЫДАВАЛСЯ' }, withdrawn: { en: 'withdrawn', ru: 'отозван' }, expired: { en: 'expired', ru: 'истёк' }, altered: { en: 'ALTERED', ru: 'ИЗМЕНЁН' },
}

const at = (context: Context, home: Home) => ({ register: home.register, joined: hallOf(context, home).joined })

function idOf(context: Context): string {
  const id = context.args.positionals[1]
  if (id === undefined) throw usage(context.say({ en: `name the certificate: its number, or ${ID_SHOWN} or more characters of its id`, ru: `укажите сертификат: его номер или от ${ID_SHOWN} знаков кода` }))
  return id
}

function undertakingOf(text: string): Undertaking {
  const known = UNDERTAKINGS.find((each) => each === text)
  if (known === undefined) throw usage(`--undertaking ${text}: ${UNDERTAKINGS.join(', ')}`)
  return known
}

async function issue(context: Context, home: Home): Promise<number> {
  const to = partyOf(context, hallOf(context, home))
  if (to === undefined) throw usage(context.say({ en: 'name the exporting party with --of', ru: 'укажите экспортёра: --of' }))
  const { certificate, hash, message } = await issueCertificate(at(context, home), to, {
    number: context.args.required('number').trim(), date: dateOr(context, timeOf(home.now())), until: timeIn('until', context.args.required('until')), endUser: context.args.required('end-user').trim(), endUse: oneOfWords(context, 'end-use', END_USES),
    items: context.args.texts('item').map(certifiedRowOf), undertakings: context.args.texts('undertaking').map(undertakingOf), note: context.args.text('note') ?? null,
  }, people(context), home.now())
  if (context.json) context.answer({ certificate, hash, message: message.id, to })
  else context.out(context.say({ en: `Certificate ${certificate.slice(0, ID_SHOWN)} is signed for ${to}; muster serve delivers it.`, ru: `Сертификат ${certificate.slice(0, ID_SHOWN)} подписан для ${to}; доставит muster serve.` }))
  return 0
}

async function list(context: Context, home: Home): Promise<number> {
  const [all, asked] = [await certificates(at(context, home), home.now()), await verifications(at(context, home))]
  if (context.json) context.answer(await certificatesView(at(context, home), home.now()))
  else if (all.length + asked.length === 0) context.out(context.say({ en: 'No certificate was issued, received or asked about.', ru: 'Сертификатов нет.' }))
  if (all.length > 0) {
    const titles: readonly Words[] = [{ en: 'certificate', ru: 'сертификат' }, { en: 'number', ru: 'номер' }, { en: 'way', ru: 'путь' }, { en: 'valid until', ru: 'действует до' }, { en: 'dispatched', ru: 'отгружено' }, { en: 'where it stands', ru: 'состояние' }]
    context.table(titles.map((title) => ({ title: context.say(title) })), all.map(({ direction, with: party, body, drawn, standing }) => [
      body.certificate.slice(0, ID_SHOWN), body.number, direction === 'out' ? `→ ${party}` : `← ${party}`, body.until, body.items.map(({ quantity }, i) => `${drawn[i] ?? 0}/${quantity}`).join(' '), context.say(STANDING[standing]),
    ]))
  }
  if (asked.length > 0) {
    const titles: readonly Words[] = [{ en: 'asked about', ru: 'запрос о' }, { en: 'issuer', ru: 'кто выдал' }, { en: 'since', ru: 'с' }, { en: 'its word', ru: 'ответ' }]
    context.table(titles.map((title) => ({ title: context.say(title) })), asked.map(({ asked: { message, body }, answered }) =>
      [body.number, message.payload.to, message.payload.time, answered === undefined ? context.say({ en: 'no answer yet', ru: 'ответа ещё нет' }) : context.say(VERDICT[answered.body.verdict])]))
  }
  return 0
}

async function show(context: Context, home: Home): Promise<number> {
  const held = await certificateBy(at(context, home), idOf(context), undefined, home.now(), partyOf(context, hallOf(context, home)))
  const { body, hash, drawn, standing } = held
  const view = await certificateShown(at(context, home), held)
  if (context.json) context.answer(view)
  else if (context.args.flag('copy')) context.out(canonical(body))
  else {
    context.out(`${body.number}  ${body.date}  ${body.importer} → ${body.exporter}  ${body.endUser}  ${body.endUse}  ${body.until}  ${context.say(STANDING[standing])}`)
    context.out(`${body.undertakings.join(', ')}  SHA-256 ${hash}`)
    const titles: readonly Words[] = [{ en: 'class', ru: 'класс' }, { en: 'type', ru: 'тип' }, { en: 'quantity', ru: 'количество' }, { en: 'dispatched', ru: 'отгружено' }, { en: 'serials', ru: 'номера' }]
    context.table(titles.map((title) => ({ title: context.say(title) })), body.items.map(({ class: kind, type, quantity, serials }, i) => [kind, type ?? '', quantity, drawn[i] ?? 0, serials?.join(' ') ?? '']))
    printDesignations(context, view.designations)
  }
  return 0
}

async function copyAt(path: string): Promise<CertificateText> {
  if ((await stat(path)).size > CERTIFICATE_BYTES_MAX) throw new Refusal('certificate/too-long', `${path}: at most ${CERTIFICATE_BYTES_MAX} bytes are read`)
  const read = strictJson('certificate', CERTIFICATE_BYTES_MAX, await readFile(path))
  const body = read instanceof Refusal ? read : saidBody('certificate/issue', read.value)
  if (body instanceof Refusal) throw body
  return body
}

async function verify(context: Context, home: Home): Promise<number> {
  const message = await verifyCertificate(at(context, home), await copyAt(idOf(context)), people(context), home.now())
  if (context.json) context.answer({ message: message.id, to: message.payload.to, ...message.payload.body })
  else context.out(context.say({ en: `${message.payload.to} is asked; its word stands in muster certificate list.`, ru: `Запрос для ${message.payload.to} подписан; ответ: muster certificate list.` }))
  return 0
}

async function withdraw(context: Context, home: Home): Promise<number> {
  const message = await withdrawCertificate(at(context, home), idOf(context), { reason: oneOfWords(context, 'reason', WITHDRAWALS), note: context.args.text('note') ?? null }, people(context), home.now(), partyOf(context, hallOf(context, home)))
  if (context.json) context.answer({ message: message.id, to: message.payload.to })
  else context.out(context.say({ en: `Withdrawn; ${message.payload.to} is told.`, ru: `Отозвано; сообщение для ${message.payload.to} подписано.` }))
  return 0
}

const ACTS: Acts = { issue, list, show, verify, withdraw }

export const verb: Verb = {
  name: 'certificate',
  summary: { en: 'end-user certificates: issue, verify, withdraw', ru: 'сертификаты конечного пользователя: выдать, проверить, отозвать' },
  usage: [
    'muster certificate issue --of CODE --number TEXT --until TIME --end-user TEXT --end-use CODE --item CLASS[:TYPE]=N … [--undertaking CODE …] [--date DATE] --by NAME --and NAME --dir D',
    'muster certificate list --dir D', 'muster certificate show ID [--copy] --dir D', 'muster certificate verify FILE --by NAME --dir D',
    'muster certificate withdraw ID --reason CODE --by NAME --and NAME --dir D',
  ],
  options: {
    'agreement': { type: 'string', value: 'ID', help: { en: 'the agreement, where several were joined', ru: 'соглашение, если их несколько' } },
    'of': { type: 'string', multiple: true, value: 'CODE', help: { en: 'the exporting party, or the other side', ru: 'экспортёр или другая сторона' } },
    'number': { type: 'string', value: 'TEXT', help: { en: 'the number of the certificate', ru: 'номер сертификата' } },
    'date': { type: 'string', value: 'DATE', help: { en: 'its date (default: today)', ru: 'дата (по умолчанию сегодня)' } },
    'until': { type: 'string', value: 'TIME', help: { en: 'until when it is valid', ru: 'срок действия' } },
    'end-user': { type: 'string', value: 'TEXT', help: { en: 'who will use the items', ru: 'конечный пользователь' } },
    'end-use': { type: 'string', value: 'CODE', help: { en: `for what: ${END_USES.join(', ')}`, ru: `назначение: ${END_USES.join(', ')}` } },
    'item': { type: 'string', multiple: true, value: 'ROW', help: { en: 'CLASS[:TYPE]=N, or CLASS[:TYPE]=#SERIAL,SERIAL…', ru: 'КЛАСС[:ТИП]=N или КЛАСС[:ТИП]=#НОМЕР,НОМЕР…' } },
    'undertaking': { type: 'string', multiple: true, value: 'CODE', help: { en: `what is undertaken: ${UNDERTAKINGS.join(', ')}`, ru: `обязательства: ${UNDERTAKINGS.join(', ')}` } },
    'reason': { type: 'string', value: 'CODE', help: { en: `why it is withdrawn: ${WITHDRAWALS.join(', ')}`, ru: `основание отзыва: ${WITHDRAWALS.join(', ')}` } },
    'copy': { type: 'boolean', help: { en: 'the text of the certificate as a file that anybody can put to its issuer', ru: 'текст сертификата для файла, который можно проверить у выдавшего' } },
    'note': { type: 'string', value: 'TEXT', help: { en: 'a note beside the codes', ru: 'примечание' } },
    ...PEOPLE,
  },
  positionals: { min: 1, max: 2 },
  run: (context) => inHome(context, ACTS),
}
