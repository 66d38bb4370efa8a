// `muster call`: a call to count, issued and answered, and the matrix of who answered what, when, and how it was verified.
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Balance } from '@muster/core/rules/balance.ts'
import { CALL_REASONS, NO_COUNT_REASONS, SEEN, totalsOf } from '@muster/core/rules/call.ts'
import type { CallBody } from '@muster/core/wire/call-body.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { PROOF, STANDING } from '@muster/core/words/call.ts'
import type { Home } from '@muster/registry/main.ts'
import { acknowledgeCall, answerCall, countFor, declineCall, issueCall } from '@muster/registry/call/act.ts'
import { callMatrix, callsView, callView } from '@muster/registry/api/views/call.ts'
import { callsIssued, callsReceived, type CallRow } from '@muster/registry/call/matrix.ts'
import { officesOf } from '@muster/registry/directory/view.ts'
import { enterAnswer, PAPER_OPTIONS, writeNote } from '../call-paper.ts'
import { usage } from '../errors.ts'
import { hallOf, partiesOf, partyOf } from '../hall.ts'
import { inHome, type Acts } from '../in-home.ts'
import { placedText } from '../office-words.ts'
import { oneOfWords, timeIn, timeOption } from '../options.ts'
import { people, PEOPLE } from '../people.ts'
import type { Context, Verb, Words } from '../verb.ts'

const ID_SHOWN = 8
const ALL_WORDS = { en: 'all', ru: 'все' }

function idOf(context: Context): string {
  const id = context.args.positionals[1] ?? ''
  if (!/^[0-9a-f]{8,32}$/.test(id)) throw usage(context.say({ en: `name the call: ${ID_SHOWN} to 32 characters of its id, as muster call list has it`, ru: `укажите запрос: от ${ID_SHOWN} до 32 знаков его номера из muster call list` }))
  return id
}

const someOrNull = (values: readonly string[]): readonly string[] | null => values.length === 0 ? null : values

async function issue(context: Context, home: Home): Promise<number> {
  const hall = hallOf(context, home)
  const { by } = people(context)
  const at = home.now()
  const due = timeIn('due', context.args.required('due'))
  const { call, messages } = await issueCall({ register: home.register, joined: hall.joined }, {
    reason: oneOfWords(context, 'reason', CALL_REASONS), classes: someOrNull(context.args.texts('class')), types: someOrNull(context.args.texts('type')), seen: oneOfWords(context, 'seen', SEEN, 'opened'),
    asOf: timeOption(context, 'as-of') ?? timeOf(at), due, remind: context.args.texts('remind').map((text) => timeIn('remind', text)).sort(), note: context.args.text('note') ?? null,
  }, partiesOf(context, hall), by, at)
  if (context.json) context.answer({ call, agreement: hall.joined.agreement.id, addressed: messages.map(({ payload: { to } }) => to), due })
  else context.out(context.say({ en: `Call ${call.slice(0, ID_SHOWN)} is signed for ${messages.length} parties, due ${due}. muster serve delivers it; muster call show ${call.slice(0, ID_SHOWN)} shows who has answered.`, ru: `Запрос ${call.slice(0, ID_SHOWN)} подписан для ${messages.length} участников, срок ${due}. Доставит muster serve; ответы: muster call show ${call.slice(0, ID_SHOWN)}.` }))
  return 0
}

function scopeText(context: Context, { classes, types }: CallBody<'call/issue'>): string {
  return [classes, types].map((each) => each?.join(', ') ?? context.say(ALL_WORDS)).join(' · ')
}

async function list(context: Context, home: Home): Promise<number> {
  const at = { register: home.register, joined: hallOf(context, home).joined }
  if (context.json) {
    context.answer(await callsView(at, home.now()))
    return 0
  }
  const [issued, received] = [await callsIssued(at, home.now()), await callsReceived(at)]
  const offices = await officesOf(at, received.map(({ message }) => message))
  if (issued.length + received.length === 0) context.out(context.say({ en: 'No call was issued or received.', ru: 'Запросов о пересчёте нет.' }))
  const titles = [{ en: 'call', ru: 'запрос' }, { en: 'from', ru: 'от кого' }, { en: 'about', ru: 'предмет' }, { en: 'due', ru: 'срок' }, { en: 'office', ru: 'отдел' }, { en: 'where it stands', ru: 'состояние' }]
  const own = home.register.file.party
  const rows = [
    ...issued.map(({ body, tally: { addressed, answered, declined, silent } }) => [body.call.slice(0, ID_SHOWN), own, scopeText(context, body), body.due, '',
      context.say({ en: `${answered} of ${addressed} counted, ${declined} refuse, ${silent} silent`, ru: `подсчитали ${answered} из ${addressed}, отказов ${declined}, молчат ${silent}` })]),
    ...received.filter(({ from }) => from !== own).map(({ from, message, body, standing, reminders }) => [body.call.slice(0, ID_SHOWN), from, scopeText(context, body), body.due, placedText(context, offices.get(message.id)),
      `${standing === 'open' ? context.say({ en: 'waits for you', ru: 'ждёт вас' }) : context.say(STANDING[standing])}${reminders > 0 ? context.say({ en: `, reminded ${reminders}×`, ru: `, напоминаний: ${reminders}` }) : ''}`]),
  ]
  if (rows.length > 0) context.table(titles.map((title) => ({ title: context.say(title) })), rows)
  return 0
}

async function show(context: Context, home: Home): Promise<number> {
  const at = { register: home.register, joined: hallOf(context, home).joined }
  const matrix = await callMatrix(at, idOf(context), home.now())
  const { call, rows } = matrix
  const id = call.body.call
  if (context.json) {
    context.answer(callView(matrix))
    return 0
  }
  context.out(context.say({ en: `Call ${id} · ${call.body.reason} · ${scopeText(context, call.body)} · as of ${call.body.asOf} · due ${call.body.due}`, ru: `Запрос ${id} · ${call.body.reason} · ${scopeText(context, call.body)} · по состоянию на ${call.body.asOf} · срок ${call.body.due}` }))
  const titles: readonly (Words & { readonly right?: true })[] = [
    { en: 'party', ru: 'участник' }, { en: 'answer', ru: 'ответ' }, { en: 'since', ru: 'с' }, { en: 'opened', ru: 'вскрыто', right: true }, { en: 'sealed', ru: 'по пломбам', right: true },
    { en: 'records', ru: 'по учёту', right: true }, { en: 'beside its declaration', ru: 'рядом с объявлением' }, { en: 'office', ru: 'отдел' },
  ]
  context.table(titles.map((title) => ({ title: context.say(title), ...(title.right === true ? { align: 'right' as const } : {}) })), rows.map(({ row, office, proof, differences }) => [
    row.code ?? `${row.party} ${context.say({ en: '(on paper)', ru: '(на бумаге)' })}`, `${context.say(STANDING[row.standing])}${row.late ? context.say({ en: ', late', ru: ', с опозданием' }) : ''}${row.reason === undefined ? '' : `: ${row.reason}`}`, row.since,
    row.totals?.opened ?? '', row.totals?.sealed ?? '', row.totals?.records ?? '', besides(context, row, proof, differences), placedText(context, office),
  ]))
  for (const { row: { party }, balance } of rows) if (balance !== undefined) showBalance(context, party, balance)
  return 0
}

const SOURCE: Readonly<Record<Balance['source'], Words>> = { answer: { en: 'its answer', ru: 'прежний ответ' }, declaration: { en: 'its declaration', ru: 'прежнее объявление' } }

/** Counts that an earlier statement and the transfers known here do not explain. */
function showBalance(context: Context, party: string, { source, since, rows }: Balance): void {
  for (const { class: kind, before, received, released, now, unexplained } of rows.filter((row) => row.unexplained !== 0)) {
    const [from, sign] = [context.say(SOURCE[source]), unexplained > 0 ? `+${unexplained}` : String(unexplained)]
    context.out(context.say({
      en: `  ${party}, ${kind}: ${before} by ${from} of ${since}, received ${received}, released ${released}, counted ${now}: ${sign} that no transfer known here explains`,
      ru: `  ${party}, ${kind}: ${before} (${from}, ${since}), получено ${received}, передано ${released}, подсчитано ${now}: ${sign}, известными здесь передачами не объясняется`,
    }))
  }
}

function besides(context: Context, { answer }: CallRow, proof: string | null, differences: readonly { readonly class: string, readonly counted: number, readonly declared: number }[]): string {
  if (answer === undefined || proof === null) return ''
  if (differences.length === 0) return context.say(PROOF[proof] as Words)
  return differences.map(({ class: kind, counted, declared }) => context.say({ en: `${kind}: counted ${counted}, declared ${declared}`, ru: `${kind}: подсчитано ${counted}, объявлено ${declared}` })).join('; ')
}

function told(context: Context, { id, payload }: Message): number {
  if (context.json) context.answer({ message: id, kind: payload.kind, to: payload.to })
  else context.out(context.say({ en: `Signed ${payload.kind} to ${payload.to}; muster serve delivers it.`, ru: `Подписано: ${payload.kind} для ${payload.to}; доставит muster serve.` }))
  return 0
}

async function acknowledge(context: Context, home: Home): Promise<number> {
  const { by } = people(context)
  return told(context, await acknowledgeCall({ register: home.register, joined: hallOf(context, home).joined }, idOf(context), { office: context.args.text('office') ?? null, expected: timeOption(context, 'expected') ?? null, by }, home.now(), partyOf(context, hallOf(context, home))))
}

async function answer(context: Context, home: Home): Promise<number> {
  const at = { register: home.register, joined: hallOf(context, home).joined }
  const note = context.args.text('note') ?? null
  const caller = partyOf(context, hallOf(context, home))
  if (!context.args.flag('dry-run')) return told(context, await answerCall(at, idOf(context), note, people(context), home.now(), caller))
  const { answer: { counts, declared, asOf } } = await countFor(at, idOf(context), note, home.now(), caller)
  if (context.json) context.answer({ asOf, counts, declared })
  else {
    const titles = [{ en: 'class', ru: 'класс' }, { en: 'type', ru: 'тип' }, { en: 'opened', ru: 'вскрыто' }, { en: 'sealed', ru: 'по пломбам' }, { en: 'records', ru: 'по учёту' }]
    context.table(titles.map((title, i) => ({ title: context.say(title), ...(i > 1 ? { align: 'right' as const } : {}) })), counts.map(({ class: kind, type, opened, sealed, records }) => [kind, type ?? '', opened, sealed, records]))
    const { opened, sealed, records } = totalsOf(counts)
    context.out(context.say({ en: `In hand as of ${asOf}: ${opened + sealed + records}. Nothing was sent.`, ru: `В наличии на ${asOf}: ${opened + sealed + records}. Ничего не отправлено.` }))
  }
  return 0
}

async function decline(context: Context, home: Home): Promise<number> {
  return told(context, await declineCall({ register: home.register, joined: hallOf(context, home).joined }, idOf(context), {
    stance: context.args.flag('object') ? 'objects' : 'declines', reason: oneOfWords(context, 'reason', NO_COUNT_REASONS), note: context.args.text('note') ?? null,
  }, people(context), home.now(), partyOf(context, hallOf(context, home))))
}

const ACTS: Acts = {
  issue, list, show, acknowledge, answer, decline,
  note: (context, home) => writeNote(context, home, idOf(context)), paper: (context, home) => enterAnswer(context, home, idOf(context)),
}

export const verb: Verb = {
  name: 'call',
  summary: { en: 'a call to count: issue it, answer it, see who answered', ru: 'запрос о пересчёте: направить, ответить, увидеть ответы' },
  usage: [
    'muster call issue --reason CODE --due TIME [--class NAME …] [--type NAME …] [--of CODE …] [--seen HOW] [--as-of TIME] [--remind TIME …] [--note TEXT] --by NAME --dir D',
    'muster call list --dir D', 'muster call show ID --dir D',
    'muster call acknowledge ID [--office NAME] [--expected TIME] --by NAME --dir D',
    'muster call answer ID [--dry-run] [--note TEXT] --by NAME --and NAME --dir D',
    'muster call decline ID --reason CODE [--object] [--note TEXT] --by NAME --and NAME --dir D',
    'muster call note ID --state NAME --out FILE --by NAME --dir D',
    'muster call paper ID --state NAME --on DATE (--count CLASS=N,N,N … | --reason CODE [--object] | --delivered) [--scan FILE] --by NAME --and NAME --dir D',
  ],
  options: {
    'agreement': { type: 'string', value: 'ID', help: { en: 'the agreement, where several were joined', ru: 'соглашение, если их несколько' } },
    'reason': { type: 'string', value: 'CODE', help: { en: `why: ${CALL_REASONS.join(', ')}; why there is no count: ${NO_COUNT_REASONS.join(', ')}`, ru: `основание: ${CALL_REASONS.join(', ')}; причина отказа: ${NO_COUNT_REASONS.join(', ')}` } },
    'due': { type: 'string', value: 'TIME', help: { en: 'by when an answer is asked for', ru: 'срок ответа' } },
    'as-of': { type: 'string', value: 'TIME', help: { en: 'the day that is counted for (default: now)', ru: 'на какой момент считать (по умолчанию сейчас)' } },
    'class': { type: 'string', multiple: true, value: 'NAME', help: { en: 'a class that is asked for (default: all)', ru: 'запрашиваемый класс (по умолчанию все)' } },
    'type': { type: 'string', multiple: true, value: 'NAME', help: { en: 'a type that is asked for, in either alphabet (default: all)', ru: 'запрашиваемый тип, в любом алфавите (по умолчанию все)' } },
    'of': { type: 'string', multiple: true, value: 'CODE', help: { en: 'a party that is called (default: all, the own one too); whose call is answered, where two used one id', ru: 'адресат (по умолчанию все участники, свой тоже); чей запрос, если номера совпали' } },
    'seen': { type: 'string', value: 'HOW', help: { en: `how items are to be seen: ${SEEN.join(', ')} (default: opened)`, ru: `как проверить: ${SEEN.join(', ')} (по умолчанию opened)` } },
    'remind': { type: 'string', multiple: true, value: 'TIME', help: { en: 'when to remind who has not answered', ru: 'когда напомнить неответившим' } },
    'note': { type: 'string', value: 'TEXT', help: { en: 'a note beside the codes', ru: 'примечание' } },
    'office': { type: 'string', value: 'NAME', help: { en: 'which office sees to it', ru: 'какой орган занимается' } },
    'expected': { type: 'string', value: 'TIME', help: { en: 'when an answer may be expected', ru: 'когда ожидать ответа' } },
    'object': { type: 'boolean', help: { en: 'object to the call itself', ru: 'возражение против самого запроса' } },
    'dry-run': { type: 'boolean', help: { en: 'show the count and send nothing', ru: 'показать подсчёт и ничего не отправлять' } },
    ...PAPER_OPTIONS, ...PEOPLE,
  },
  positionals: { min: 1, max: 2 },
  run: (context) => inHome(context, ACTS),
}
