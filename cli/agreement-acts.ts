// The acts of `muster agreement` by which parties come to an agreement, change it and leave it.
import { readFile } from 'node:fs/promises'
import { DUTY } from '@muster/core/words/duty.ts'
import { parseJson } from '@muster/core/bytes/canonical.ts'
import { agreementOf } from '@muster/core/rules/agreement.ts'
import type { TextStanding } from '@muster/core/rules/standing.ts'
import { CONCERNS, POSITIONS, WITHDRAWAL_REASONS } from '@muster/core/wire/agreement-body.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { positionsOn, proposeAmendment, proposeDraft, signText, takePosition, withdraw } from '@muster/registry/agreement/act.ts'
import { agreementView } from '@muster/registry/api/views/affairs.ts'
import type { Hall, Home } from '@muster/registry/main.ts'
import { recordsIn, urlsIn } from './agreement-files.ts'
import { POSITION, STATE } from './agreement-words.ts'
import { usage } from './errors.ts'
import { EXCHANGES } from '@muster/core/rules/terms.ts'
import type { ExchangeReport } from '@muster/core/wire/exchange-body.ts'
import { dutiesOf, reportExchange } from '@muster/registry/agreement/duties.ts'
import { inHome, type Acts } from './in-home.ts'
import { oneOfWords, timeIn } from './options.ts'
import { people } from './people.ts'
import type { Context } from './verb.ts'

const HASH_SHOWN = 12

function hallNamed(context: Context, home: Home): Hall {
  const id = context.args.positionals[1]
  const hall = id === undefined ? (home.halls.size === 1 ? [...home.halls.values()][0] : undefined) : [...home.halls].find(([each]) => each === id)?.[1]
  if (hall === undefined) throw usage(context.say({ en: 'name an agreement that was joined or taken up', ru: 'укажите соглашение, к которому реестр присоединён или проект которого принят' }), [...home.halls.keys()].join(', ') || undefined)
  return hall
}

const at = (context: Context, home: Home) => ({ register: home.register, joined: hallNamed(context, home).joined })

function told(context: Context, messages: readonly Message[], home: Home): number {
  const { joined: { agreement, standing } } = at(context, home)
  const [first] = messages
  if (context.json) context.answer({ agreement: agreement.id, kind: first?.payload.kind, to: messages.map(({ payload: { to } }) => to), state: standing.state, missing: standing.current.missing })
  else context.out(context.say({ en: `Signed ${first?.payload.kind ?? ''} for ${messages.map(({ payload: { to } }) => to).join(', ')}; muster serve delivers it. ${agreement.id}: ${STATE[standing.state].en}.`, ru: `Подписано: ${first?.payload.kind ?? ''} для ${messages.map(({ payload: { to } }) => to).join(', ')}; доставит muster serve. ${agreement.id}: ${STATE[standing.state].ru}.` }))
  return 0
}

async function propose(context: Context, home: Home): Promise<number> {
  return told(context, await proposeDraft(at(context, home), context.args.text('note') ?? null, people(context), home.now()), home)
}

async function position(context: Context, home: Home): Promise<number> {
  return told(context, await takePosition(at(context, home), {
    kind: oneOfWords(context, 'kind', POSITIONS, 'position'), place: context.args.text('place') ?? null, concern: oneOfWords(context, 'concern', CONCERNS, 'other'), words: context.args.text('words') ?? null,
    text: context.args.text('text'), answers: context.args.text('answers'),
  }, people(context), home.now()), home)
}

async function sign(context: Context, home: Home): Promise<number> {
  return told(context, await signText(at(context, home), { text: context.args.text('text'), name: context.args.required('signatory'), office: context.args.required('office'), urls: urlsIn(context) }, people(context), home.now()), home)
}

/** The amendment as a whole agreement in FILE; what names its place in the sequence is put in where it is left out. */
async function amend(context: Context, home: Home): Promise<number> {
  const { joined } = at(context, home)
  const given = parseJson(new Uint8Array(await readFile(context.args.required('file')))) as { readonly [name: string]: unknown }
  const { current } = joined.standing
  const agreement = agreementOf({ former: current.text.hash, ...given, sequence: given.former === undefined ? current.text.agreement.sequence + 1 : given.sequence })
  if (agreement instanceof Error) throw agreement
  const records = [...(await recordsIn(context)).values()].map(({ bytes }) => bytes)
  return told(context, await proposeAmendment({ register: home.register, joined }, { agreement, records, urls: urlsIn(context), note: context.args.text('note') ?? null }, people(context), home.now()), home)
}

async function leave(context: Context, home: Home): Promise<number> {
  return told(context, await withdraw(at(context, home), { from: timeIn('from', context.args.required('from')), reason: oneOfWords(context, 'reason', WITHDRAWAL_REASONS, 'unstated'), note: context.args.text('note') ?? null }, people(context), home.now()), home)
}

function textRow(context: Context, { text, state, signed, missing, since }: TextStanding): string[] {
  return [String(text.agreement.sequence), text.hash.slice(0, HASH_SHOWN), context.say(STATE[state]), signed.map(({ party, name, office }) => `${party} (${name}, ${office})`).join('; '), missing.join(', '), state === 'in-force' || since !== undefined ? since ?? '' : '']
}

/** Every text with who has signed it, every position that was stated, who leaves, and what counts for nothing. */
async function show(context: Context, home: Home): Promise<number> {
  const { joined } = at(context, home)
  const { standing, agreement } = joined
  const positions = await positionsOn(at(context, home))
  if (context.json) {
    context.answer(await agreementView(at(context, home)))
    return 0
  }
  context.out(`${agreement.id}: ${context.say(STATE[standing.state])}`)
  const titles = [{ en: 'sequence', ru: 'порядок' }, { en: 'text', ru: 'текст' }, { en: 'where it stands', ru: 'состояние' }, { en: 'signed by', ru: 'подписали' }, { en: 'not signed', ru: 'не подписали' }, { en: 'since', ru: 'с' }]
  context.table(titles.map((title) => ({ title: context.say(title) })), standing.texts.map((text) => textRow(context, text)))
  if (positions.length > 0) {
    const columns = [{ en: 'position', ru: 'позиция' }, { en: 'of', ru: 'сторона' }, { en: 'kind', ru: 'вид' }, { en: 'about', ru: 'о чём' }, { en: 'text', ru: 'текст' }, { en: 'words', ru: 'слова' }, { en: 'answers', ru: 'в ответ' }]
    context.table(columns.map((title) => ({ title: context.say(title) })), positions.map(({ from, body }) => [
      body.position.slice(0, HASH_SHOWN), from, context.say(POSITION[body.kind]), `${body.place ?? ''} ${body.concern}`.trim(), body.text.slice(0, HASH_SHOWN), body.words ?? '', body.answers?.slice(0, HASH_SHOWN) ?? '']))
  }
  for (const [party, from] of standing.withdrawn) context.out(context.say({ en: `${party} leaves from ${from}.`, ru: `${party} выходит с ${from}.` }))
  for (const { party, hash, time } of standing.idle) context.out(context.say({ en: `Counts for nothing: ${party} signed ${hash.slice(0, HASH_SHOWN)} at ${time}.`, ru: `Не имеет силы: ${party}, подпись под ${hash.slice(0, HASH_SHOWN)}, ${time}.` }))
  return 0
}

async function duties(context: Context, home: Home): Promise<number> {
  const all = await dutiesOf(at(context, home), home.now())
  if (context.json) context.answer({ duties: all })
  else if (all.length === 0) context.out(context.say({ en: 'Nothing is owed.', ru: 'Обязательств по срокам нет.' }))
  else {
    const titles = [{ en: 'what', ru: 'что' }, { en: 'by', ru: 'кто' }, { en: 'to', ru: 'кому' }, { en: 'about', ru: 'предмет' }, { en: 'due', ru: 'срок' }, { en: 'state', ru: 'состояние' }, { en: 'now with', ru: 'у кого' }]
    context.table(titles.map((title) => ({ title: context.say(title) })), all.map(({ what, by, to, about, due, state, office }) => [what, by, to ?? context.say({ en: 'all', ru: 'всем' }), about, due, context.say(DUTY[state]), office ?? '']))
  }
  return 0
}

/** Rows as CLASS/TYPE/WITH=N, type and other side left out where unknown. */
function rowsOf(context: Context): ExchangeReport['rows'] {
  return context.args.texts('count').map((text) => {
    const [name, items] = [text.slice(0, text.lastIndexOf('=')), Number(text.slice(text.lastIndexOf('=') + 1))]
    const [kind = '', type = '', other = ''] = name.split('/')
    return { class: kind, type: type === '' ? null : type, with: other === '' ? null : other, items }
  })
}

async function report(context: Context, home: Home): Promise<number> {
  const until = context.args.text('until')
  return told(context, await reportExchange(at(context, home), {
    what: oneOfWords(context, 'what', EXCHANGES), until: until === undefined ? undefined : timeIn('until', until), rows: rowsOf(context), note: context.args.text('note') ?? null,
  }, people(context), home.now()), home)
}

const ACTS: Acts = { duties, report, propose, position, sign, amend, withdraw: leave, show }

export const agreementActs = Object.fromEntries(Object.keys(ACTS).map((name) => [name, (context: Context) => inHome(context, ACTS)])) as Readonly<Record<string, (context: Context) => Promise<number>>>

export const AGREEMENT_USAGE = [
  'muster agreement take FILE --record FILE … [--peer CODE=URL …] --dir D', 'muster agreement propose ID [--note TEXT] --by NAME --dir D',
  'muster agreement position ID [--kind KIND] [--place MEMBER] [--concern CODE] [--words TEXT] [--text HASH] [--answers POSITION] --by NAME --dir D',
  'muster agreement sign ID --signatory NAME --office NAME [--text HASH] [--peer CODE=URL …] --by NAME --and NAME --dir D', 'muster agreement show ID --dir D',
  'muster agreement amend ID --file FILE [--record FILE …] [--peer CODE=URL …] --by NAME --dir D',
  'muster agreement duties ID --dir D', 'muster agreement report ID --what WHAT [--until TIME] [--count CLASS/TYPE/WITH=N …] [--note TEXT] --by NAME --dir D',
  'muster agreement withdraw ID --from TIME [--reason CODE] [--note TEXT] --by NAME --and NAME --dir D',
] as const

export const AGREEMENT_OPTIONS = {
  kind: { type: 'string', value: 'KIND', help: { en: `what is stated: ${POSITIONS.join(', ')}`, ru: `что заявляется: ${POSITIONS.join(', ')}` } },
  place: { type: 'string', value: 'MEMBER', help: { en: 'the member that it is about, as quota.askerElements', ru: 'член соглашения, например quota.askerElements' } },
  concern: { type: 'string', value: 'CODE', help: { en: `as a code: ${CONCERNS.join(', ')}`, ru: `кодом: ${CONCERNS.join(', ')}` } },
  words: { type: 'string', value: 'TEXT', help: { en: 'in the party\'s own words', ru: 'словами стороны' } },
  text: { type: 'string', value: 'HASH', help: { en: 'the text that is meant, by the beginning of its hash', ru: 'какой текст: начало его хеша' } },
  answers: { type: 'string', value: 'POSITION', help: { en: 'the position that is answered', ru: 'на какую позицию ответ' } },
  signatory: { type: 'string', value: 'NAME', help: { en: 'who signs for the party', ru: 'кто подписывает за сторону' } },
  office: { type: 'string', value: 'NAME', help: { en: 'in which office', ru: 'в какой должности' } },
  file: { type: 'string', value: 'FILE', help: { en: 'the whole agreement anew', ru: 'соглашение целиком в новой редакции' } },
  from: { type: 'string', value: 'TIME', help: { en: 'from when', ru: 'с какого времени' } },
  reason: { type: 'string', value: 'CODE', help: { en: `why: ${WITHDRAWAL_REASONS.join(', ')}`, ru: `причина: ${WITHDRAWAL_REASONS.join(', ')}` } },
  what: { type: 'string', value: 'WHAT', help: { en: `what is reported: ${EXCHANGES.join(', ')}`, ru: `о чём сообщается: ${EXCHANGES.join(', ')}` } },
  until: { type: 'string', value: 'TIME', help: { en: 'the end of the period (default: the newest that has ended)', ru: 'конец периода (по умолчанию последний завершённый)' } },
  count: { type: 'string', multiple: true, value: 'CLASS/TYPE/WITH=N', help: { en: 'how many; none given: nothing to report', ru: 'сколько; без строк: сведений нет' } },
  note: { type: 'string', value: 'TEXT', help: { en: 'a note beside the codes', ru: 'примечание' } },
} as const
