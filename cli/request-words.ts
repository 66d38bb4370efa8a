// `muster request`: what officers say of a formal request besides its answer, and what the asker's say in return.
import { TRACE_OUTCOMES } from '@muster/core/rules/chain.ts'
import { isPartyId } from '@muster/core/rules/party.ts'
import { CLARIFICATIONS, INTERIM_STATES, LOOK_FINDINGS, NOT_ACCESSIBLE, WITHDRAWALS } from '@muster/core/rules/request.ts'
import type { Time } from '@muster/core/bytes/time.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { traceBody } from '@muster/core/wire/trace-body.ts'
import type { Home } from '@muster/registry/main.ts'
import { acknowledgeRequest, answerInterim, clarifyRequest, replyClarification, reportLook, tellOutcome, withdrawAnswer, withdrawRequest } from '@muster/registry/request/act.ts'
import { requestBy } from '@muster/registry/request/view.ts'
import { usage } from './errors.ts'
import { hallOf } from './hall.ts'
import type { Acts } from './in-home.ts'
import { oneOfWords, timeIn, timeOption } from './options.ts'
import { people } from './people.ts'
import { photosAt } from './photo-files.ts'
import type { Context } from './verb.ts'

const LABEL_SHOWN_MIN = 8

const at = (context: Context, home: Home) => ({ register: home.register, joined: hallOf(context, home).joined })
const noteOf = (context: Context): string | null => context.args.text('note') ?? null
const expectedOf = (context: Context): Time | null => timeOption(context, 'expected') ?? null

/** The id that the second argument begins. */
export function requestId(context: Context): string {
  const id = context.args.positionals[1] ?? ''
  if (!/^[0-9a-f]{8,64}$/.test(id)) throw usage(context.say({ en: 'name the request: 8 to 64 characters of its id', ru: 'укажите запрос: от 8 до 64 знаков его номера' }))
  return id
}

export function toldMessage(context: Context, { id, payload }: Message): number {
  if (context.json) context.answer({ answer: id, kind: payload.kind, to: payload.to })
  else context.out(context.say({ en: `Signed ${payload.kind} to ${payload.to}: muster serve delivers it.`, ru: `Подписано: ${payload.kind} для ${payload.to}; доставит muster serve.` }))
  return 0
}

/** Every word of a list of them. */
function wordsOf<T extends string>(context: Context, option: string, choices: readonly T[]): T[] {
  const given = context.args.texts(option)
  if (given.length === 0) throw usage(`--${option}: ${choices.join(', ')}`)
  return given.map((each) => choices.find((choice) => choice === each) ?? (() => { throw usage(`--${option} ${each}: ${choices.join(', ')}`) })())
}

async function acknowledge(context: Context, home: Home): Promise<number> {
  return toldMessage(context, await acknowledgeRequest(at(context, home), requestId(context), { expected: expectedOf(context), note: noteOf(context) }, people(context), home.now()))
}

async function clarify(context: Context, home: Home): Promise<number> {
  return toldMessage(context, await clarifyRequest(at(context, home), requestId(context), { asks: wordsOf(context, 'asks', CLARIFICATIONS), note: noteOf(context) }, people(context), home.now()))
}

async function interim(context: Context, home: Home): Promise<number> {
  return toldMessage(context, await answerInterim(at(context, home), requestId(context), { state: oneOfWords(context, 'state', INTERIM_STATES), expected: expectedOf(context), note: noteOf(context) }, people(context), home.now()))
}

async function photoHash(context: Context): Promise<string | null> {
  const paths = context.args.texts('photo')
  if (paths.length > 1) throw usage(context.say({ en: 'name one photo', ru: 'укажите одну фотографию' }))
  return (await photosAt(context, paths))[0]?.hash ?? null
}

/** The label of an item of the answer: the only one, or the one that --item begins. */
async function labelOf(context: Context, home: Home): Promise<string> {
  const { answer } = await requestBy(at(context, home), requestId(context), home.now(), 'in')
  const labels = answer?.payload.kind === 'trace/answer' ? [...new Set(traceBody('trace/answer', answer.payload.body).hits.flatMap(({ items }) => items.map(({ label }) => label)))] : []
  const start = context.args.text('item')
  const named = start === undefined ? labels : labels.filter((label) => start.length >= LABEL_SHOWN_MIN && label.startsWith(start))
  const [only] = named
  if (only === undefined || named.length > 1) throw usage(context.say({ en: `name the item with --item: ${LABEL_SHOWN_MIN} or more characters of its label, as muster request show has it`, ru: `укажите единицу: --item и от ${LABEL_SHOWN_MIN} знаков её метки из muster request show` }))
  return only
}

async function look(context: Context, home: Home): Promise<number> {
  const found = oneOfWords(context, 'found', LOOK_FINDINGS)
  const reason = found === 'not-accessible' ? oneOfWords(context, 'reason', NOT_ACCESSIBLE) : null
  const said = { label: await labelOf(context, home), found, reason, when: timeIn('when', context.args.required('when')), photo: await photoHash(context), note: noteOf(context) }
  return toldMessage(context, await reportLook(at(context, home), requestId(context), said, people(context), home.now()))
}

/** The asker its request, the asked party its answer. */
async function withdraw(context: Context, home: Home): Promise<number> {
  const { direction } = await requestBy(at(context, home), requestId(context), home.now())
  const act = direction === 'out' ? withdrawRequest : withdrawAnswer
  return toldMessage(context, await act(at(context, home), requestId(context), { reason: oneOfWords(context, 'reason', WITHDRAWALS), note: noteOf(context) }, people(context), home.now()))
}

/** `--says CODE=TEXT`, and a photo where the code asks for one. */
async function reply(context: Context, home: Home): Promise<number> {
  const photo = await photoHash(context)
  const says = context.args.texts('says').map((each) => {
    const [code = '', ...text] = each.split('=')
    const asks = CLARIFICATIONS.find((choice) => choice === code)
    if (asks === undefined) throw usage(`--says ${each}: CODE=TEXT, ${CLARIFICATIONS.join(', ')}`)
    return { asks, text: text.length === 0 ? null : text.join('='), photo: asks === 'photo-of-mark' ? photo : null }
  })
  return toldMessage(context, await replyClarification(at(context, home), requestId(context), { says, note: noteOf(context) }, people(context), home.now()))
}

async function outcome(context: Context, home: Home): Promise<number> {
  const holder = context.args.text('holder') ?? null
  if (holder !== null && !isPartyId(holder)) throw usage(`--holder ${holder}: ${context.say({ en: 'a party\'s code', ru: 'код участника' })}`)
  const dossier = context.args.text('dossier') ?? null
  if (dossier !== null && !/^[0-9a-f]{64}$/.test(dossier)) throw usage(`--dossier ${dossier}: SHA-256`)
  return toldMessage(context, await tellOutcome(at(context, home), requestId(context), { outcome: oneOfWords(context, 'outcome', TRACE_OUTCOMES), lastHolder: holder, dossier, note: noteOf(context) }, people(context), home.now()))
}

export const WORDS: Acts = { acknowledge, clarify, reply, interim, look, withdraw, outcome }
