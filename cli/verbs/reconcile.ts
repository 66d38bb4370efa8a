// `muster reconcile`: what passed between this party and one other, set side by side, and looked up in the other's declaration without naming an item.
import { timeOf } from '@muster/core/bytes/time.ts'
import { UNASKED, type Unasked, type Way } from '@muster/core/rules/reconcile.ts'
import { DECLINE_REASONS } from '@muster/core/wire/reconciliation-body.ts'
import { affairStanding, affairsView, affairView } from '@muster/registry/api/views/affairs.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { openAnswering } from '@muster/registry/answering.ts'
import { servedAt, type Home } from '@muster/registry/main.ts'
import { acceptReconciliation, declineReconciliation, proposeReconciliation } from '@muster/registry/reconciliation/act.ts'
import { affairBy, affairs, otherRows, ownTableOf, type Affair } from '@muster/registry/reconciliation/affair.ts'
import { runReconciliation, type Reconciled } from '@muster/registry/reconciliation/run.ts'
import { usage } from '../errors.ts'
import { hallOf, partyOf } from '../hall.ts'
import { inHome, type Acts } from '../in-home.ts'
import { oneOfWords, timeOption } from '../options.ts'
import { people, PEOPLE } from '../people.ts'
import type { Context, Verb, Words } from '../verb.ts'

const ID_SHOWN = 8
const at = (context: Context, home: Home) => ({ register: home.register, joined: hallOf(context, home).joined })

function idOf(context: Context): string {
  const id = context.args.positionals[1] ?? ''
  if (!/^[0-9a-f]{8,32}$/.test(id)) throw usage(context.say({ en: `name the reconciliation: ${ID_SHOWN} to 32 characters of its id, as muster reconcile list has it`, ru: `укажите сверку: от ${ID_SHOWN} до 32 знаков её номера из muster reconcile list` }))
  return id
}

async function propose(context: Context, home: Home): Promise<number> {
  const hall = hallOf(context, home)
  const to = partyOf(context, hall)
  if (to === undefined) throw usage(context.say({ en: 'name the other party with --of', ru: 'укажите другую сторону: --of' }))
  const { id } = await proposeReconciliation(at(context, home), to, { asOf: timeOption(context, 'as-of') ?? timeOf(home.now()), note: context.args.text('note') ?? null }, people(context), home.now())
  if (context.json) context.answer({ reconciliation: id, with: to })
  else context.out(context.say({ en: `Reconciliation ${id.slice(0, ID_SHOWN)} is proposed to ${to}; when it has accepted: muster reconcile run ${id.slice(0, ID_SHOWN)}.`, ru: `Сверка ${id.slice(0, ID_SHOWN)} предложена: ${to}; после согласия: muster reconcile run ${id.slice(0, ID_SHOWN)}.` }))
  return 0
}

async function accept(context: Context, home: Home): Promise<number> {
  const message = await acceptReconciliation(at(context, home), idOf(context), people(context), home.now(), partyOf(context, hallOf(context, home)))
  if (context.json) context.answer({ message: message.id, to: message.payload.to })
  else context.out(context.say({ en: `Accepted; ${message.payload.to} opens its table first.`, ru: `Согласие подписано; первым свою таблицу раскрывает ${message.payload.to}.` }))
  return 0
}

async function decline(context: Context, home: Home): Promise<number> {
  const message = await declineReconciliation(at(context, home), idOf(context), { reason: oneOfWords(context, 'reason', DECLINE_REASONS), note: context.args.text('note') ?? null }, people(context), home.now(), partyOf(context, hallOf(context, home)))
  if (context.json) context.answer({ message: message.id, to: message.payload.to })
  else context.out(context.say({ en: `Declined; ${message.payload.to} is told.`, ru: `Отказ подписан; ${message.payload.to} будет извещён.` }))
  return 0
}

const STANDING: Readonly<Record<string, string>> = { 'done': 'проведена', 'proposed': 'предложена', 'accepted': 'принята', 'tables opened': 'таблицы раскрыты' }

function standingOf(affair: Affair): Words {
  const en = affairStanding(affair)
  return { en, ru: affair.declined === undefined ? STANDING[en] ?? en : `отказ: ${affair.declined.reason}` }
}

async function list(context: Context, home: Home): Promise<number> {
  const all = await affairs(at(context, home))
  if (context.json) context.answer(await affairsView(at(context, home)))
  else if (all.length === 0) context.out(context.say({ en: 'Nothing was proposed.', ru: 'Сверок нет.' }))
  else {
    const columns = [{ en: 'reconciliation', ru: 'сверка' }, { en: 'with', ru: 'с кем' }, { en: 'as of', ru: 'на дату' }, { en: 'standing', ru: 'состояние' }]
    context.table(columns.map((title) => ({ title: context.say(title) })), all.map((each) => [each.id.slice(0, ID_SHOWN), `${each.proposed ? '→' : '←'} ${each.with}`, each.asOf, context.say(standingOf(each))]))
  }
  return 0
}

/** Both tables as they are known, without a question asked. */
async function show(context: Context, home: Home): Promise<number> {
  const where = at(context, home)
  const affair = await affairBy(where, idOf(context), partyOf(context, hallOf(context, home)))
  const own = affair.proposed || affair.accepted !== undefined ? (await ownTableOf(where, affair)).rows : null
  const other = otherRows(affair)
  if (context.json) context.answer(await affairView(where, affair))
  else {
    context.out(`${affair.id}  ${affair.with}  ${affair.asOf}  ${context.say(standingOf(affair))}`)
    const columns = [{ title: context.say({ en: 'says', ru: 'сторона' }) }, { title: context.say({ en: 'class', ru: 'класс' }) }, { title: context.say({ en: 'year', ru: 'год' }) }, { title: context.say({ en: 'released', ru: 'передано' }), align: 'right' as const }, { title: context.say({ en: 'acquired', ru: 'получено' }), align: 'right' as const }]
    const rows = [...(own ?? []).map((row) => ({ who: home.register.file.party, ...row })), ...(other === undefined || other === 'not-bound' ? [] : other).map((row) => ({ who: affair.with, ...row }))]
    context.table(columns, rows.map(({ who, class: kind, year, to, from }) => [who, kind, year, to, from]))
    if (other === 'not-bound') context.out(context.say({ en: `${affair.with} OPENED ANOTHER TABLE THAN IT BOUND: both messages bear its signatures.`, ru: `${affair.with} РАСКРЫЛ НЕ ТУ ТАБЛИЦУ, КОТОРУЮ СВЯЗАЛ: оба сообщения подписаны.` }))
  }
  return 0
}

const WAY: Readonly<Record<Way, Words>> = { to: { en: 'released to', ru: 'передано' }, from: { en: 'acquired from', ru: 'получено от' } }
const NOT_ASKED: Readonly<Record<Unasked, Words>> = {
  'unreadable': { en: 'the serial cannot be read', ru: 'номер не читается' }, 'no-document': { en: 'no document of the passing is recorded', ru: 'нет документа о передаче' },
  'beyond-the-grant': { en: 'more than the grant has room for', ru: 'сверх согласованного объёма' },
}

async function run(context: Context, home: Home): Promise<number> {
  const hall = hallOf(context, home)
  const answering = await servedAt(context.dir) === undefined ? await openAnswering(home) : undefined
  try {
    let bar: ReturnType<Context['progress']> | undefined
    let told = 0
    const result = await runReconciliation({ home, hall, group: await fastGroup(), own: answering?.message }, idOf(context), people(context), (done, of) => {
      bar ??= context.progress(context.say({ en: 'batches', ru: 'пакеты' }), of)
      bar.add(done - told)
      told = done
    })
    bar?.end()
    await tell(context, home, result)
    return 0
  } finally {
    await answering?.close()
  }
}

async function tell(context: Context, home: Home, { id, with: other, head, asOf, rows, items, differences }: Reconciled): Promise<void> {
  if (context.json) {
    context.answer({ id, with: other, head, asOf, rows, differences, notDeclared: items.filter(({ found }) => found === 'not-declared').map(({ item, class: kind, year, way }) => ({ item, class: kind, year, way })), unasked: Object.fromEntries(UNASKED.map((why) => [why, items.filter(({ found }) => found === why).length])) })
    return
  }
  const titles = [{ en: 'class', ru: 'класс' }, { en: 'year', ru: 'год' }, { en: 'way', ru: 'путь' }, { en: 'by our record', ru: 'по нашим данным' }, { en: 'by theirs', ru: 'по их данным' }, { en: 'looked up', ru: 'проверено' }, { en: 'declared', ru: 'объявлено' }, { en: 'difference', ru: 'расхождение' }]
  context.table(titles.map((title, i) => ({ title: context.say(title), ...(i > 2 ? { align: 'right' as const } : {}) })), rows.map((row) => [row.class, row.year, `${context.say(WAY[row.way])} ${other}`, row.own, row.other, row.asked, row.declared, row.differences]))
  for (const { item, class: kind, way } of items.filter(({ found }) => found === 'not-declared')) {
    const [row] = await home.register.db.read<{ serial: string | null }>('SELECT serial FROM item WHERE item_id = $1', [item])
    context.out(context.say({ en: `  ${kind} ${row?.serial ?? '?'} (${item}): ${WAY[way].en} ${other}, not declared by ${other} under its keys as of ${asOf}`, ru: `  ${kind} ${row?.serial ?? '?'} (${item}): ${WAY[way].ru} ${other}; ${other} не объявляет под этими ключами на ${asOf}` }))
  }
  for (const why of UNASKED) {
    const count = items.filter(({ found }) => found === why).length
    if (count > 0) context.out(context.say({ en: `  Not looked up: ${count} (${NOT_ASKED[why].en})`, ru: `  Не проверено: ${count} (${NOT_ASKED[why].ru})` }))
  }
  context.out(context.say({ en: `Differences: ${differences}. A difference is a question to both sides.`, ru: `Расхождений: ${differences}. Расхождение — вопрос к обеим сторонам.` }))
}

const ACTS: Acts = { propose, accept, decline, list, show, run }

export const verb: Verb = {
  name: 'reconcile',
  summary: { en: 'what passed between two parties, set side by side without naming an item', ru: 'сверка переданного между двумя сторонами без раскрытия номеров' },
  usage: [
    'muster reconcile propose --of CODE [--as-of TIME] --by NAME --and NAME --dir D', 'muster reconcile accept ID --by NAME --and NAME --dir D', 'muster reconcile decline ID --reason CODE --by NAME --and NAME --dir D',
    'muster reconcile list --dir D', 'muster reconcile show ID --dir D', 'muster reconcile run ID --by NAME --dir D',
  ],
  options: {
    'agreement': { type: 'string', value: 'ID', help: { en: 'the agreement, where several were joined', ru: 'соглашение, если их несколько' } },
    'of': { type: 'string', multiple: true, value: 'CODE', help: { en: 'the other party', ru: 'другая сторона' } },
    'as-of': { type: 'string', value: 'TIME', help: { en: 'what had passed by then (default: now)', ru: 'что передано к этому времени (по умолчанию сейчас)' } },
    'reason': { type: 'string', value: 'CODE', help: { en: `why not: ${DECLINE_REASONS.join(', ')}`, ru: `причина отказа: ${DECLINE_REASONS.join(', ')}` } },
    'note': { type: 'string', value: 'TEXT', help: { en: 'a note beside the codes', ru: 'примечание' } },
    ...PEOPLE,
  },
  positionals: { min: 1, max: 2 },
  run: (context) => inHome(context, ACTS),
}
