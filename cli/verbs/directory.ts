// `muster directory`: which office of a party answers for what and when, messages sent on to another office, and the terms of two parties side by side.
import { readFile } from 'node:fs/promises'
import { parseJson } from '@muster/core/bytes/canonical.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { isOpen, REROUTES, type Directory, type Office } from '@muster/core/rules/office.ts'
import { isPartyId, type PartyId } from '@muster/core/rules/party.ts'
import type { TermKind, Terms } from '@muster/core/rules/terms-map.ts'
import type { Home } from '@muster/registry/main.ts'
import { reroute, stateDirectory, stateTerms } from '@muster/registry/directory/act.ts'
import { directoryView, termsView } from '@muster/registry/api/views/directory.ts'
import { usage } from '../errors.ts'
import { hallOf } from '../hall.ts'
import { inHome, type Acts } from '../in-home.ts'
import { placedText } from '../office-words.ts'
import { oneOfWords, timeOption } from '../options.ts'
import { people, PEOPLE } from '../people.ts'
import { termCells } from '../term-words.ts'
import type { Context, Verb, Words } from '../verb.ts'

const FILE_BYTES_MAX = 1 << 20

const homeOf = (context: Context, home: Home) => ({ register: home.register, joined: hallOf(context, home).joined })

async function fileAt(context: Context, place: number): Promise<unknown> {
  const path = context.args.positionals[place]
  if (path === undefined) throw usage(context.say({ en: 'name the file', ru: 'укажите файл' }))
  return parseJson(new Uint8Array(await readFile(path)), { bytes: FILE_BYTES_MAX, depth: 16 })
}

function partyNamed(context: Context, home: Home, text: string | undefined): PartyId {
  if (!isPartyId(text) || !hallOf(context, home).joined.trust.parties.has(text)) throw usage(context.say({ en: `${text ?? ''}: a party's code`, ru: `${text ?? ''}: код участника` }))
  return text
}

async function state(context: Context, home: Home): Promise<number> {
  const messages = await stateDirectory(homeOf(context, home), await fileAt(context, 1) as Directory, people(context), home.now())
  const told = messages.map(({ payload: { to } }) => to)
  if (context.json) context.answer({ messages: messages.map(({ id }) => id), to: told })
  else context.out(context.say({ en: `Directory signed for ${told.join(', ')}; muster serve delivers it.`, ru: `Справочник подписан для ${told.join(', ')}; доставит muster serve.` }))
  return 0
}

function nameOf({ names, code }: Office, lang: Context['lang']): string {
  return names[lang] ?? Object.values(names)[0] ?? code
}

/** Days as ISO numbers them, 1 Monday; all times UTC. */
const hoursText = ({ hours }: Office): string => hours.map(({ days, from, until }) => `${days.join('')} ${from}–${until}`).join(' · ')

async function show(context: Context, home: Home): Promise<number> {
  const named = context.args.positionals[1]
  const party = named === undefined ? home.register.file.party : partyNamed(context, home, named)
  const at = timeOption(context, 'at') ?? timeOf(home.now())
  const view = await directoryView(homeOf(context, home), party, at)
  const { offices, finds, stated } = view
  if (context.json) {
    context.answer(view)
    return 0
  }
  context.out(context.say({ en: `${party}, stated ${stated}. Days 1 to 7 from Monday, hours UTC.`, ru: `${party}, заявлено ${stated}. Дни 1–7 с понедельника, часы UTC.` }))
  const titles: readonly Words[] = [{ en: 'office', ru: 'отдел' }, { en: 'name', ru: 'название' }, { en: 'answers for', ru: 'предмет' }, { en: 'hours', ru: 'часы' }, { en: 'otherwise', ru: 'вне часов' }, { en: 'open', ru: 'открыт' }]
  context.table(titles.map((title) => ({ title: context.say(title) })), offices.map((each) => [each.code, nameOf(each, context.lang), each.subjects.join(', '), hoursText(each), each.otherwise ?? '–', isOpen(each, at) ? '✓' : '–']))
  context.table([{ title: context.say({ en: 'subject', ru: 'предмет' }) }, { title: context.say({ en: `finds at ${at}`, ru: `попадёт в ${at}` }) }], Object.entries(finds).map(([subject, placed]) => [subject, placedText(context, placed)]))
  return 0
}

async function route(context: Context, home: Home): Promise<number> {
  const to = context.args.required('to')
  const { payload, id } = await reroute(homeOf(context, home), context.args.positionals[1] ?? '', { to, reason: oneOfWords(context, 'reason', REROUTES), note: context.args.text('note') ?? null }, people(context), home.now())
  if (context.json) context.answer({ message: id, to: payload.to, ...payload.body })
  else context.out(context.say({ en: `The message goes on to ${to}; ${payload.to} is told by muster serve. It is due when it was.`, ru: `Сообщение передано в ${to}; ${payload.to} узнает через muster serve. Срок прежний.` }))
  return 0
}

const WHAT: Readonly<Record<TermKind, Words>> = { designation: { en: 'designation', ru: 'обозначение' }, form: { en: 'form', ru: 'форма' }, category: { en: 'category', ru: 'категория' } }

async function showTerms(context: Context, home: Home, party: PartyId): Promise<number> {
  const self = home.register.file.party
  const view = await termsView(homeOf(context, home), party)
  const { rows } = view
  if (context.json) context.answer(view)
  else if (rows.length === 0) context.out(context.say({ en: `Neither ${self} nor ${party} has stated terms to the other.`, ru: `Ни ${self}, ни ${party} не сообщали друг другу терминов.` }))
  else {
    const titles: readonly Words[] = [{ en: 'what', ru: 'что' }, { en: self, ru: self }, { en: `${self} says`, ru: `по мнению ${self}` }, { en: `${party} says`, ru: `по мнению ${party}` }, { en: party, ru: party }, { en: 'both', ru: 'вместе' }]
    context.table(titles.map((title) => ({ title: context.say(title) })), rows.map((row) => [context.say(WHAT[row.what]), ...termCells(context, row)]))
  }
  return 0
}

async function terms(context: Context, home: Home): Promise<number> {
  const [, act, named] = context.args.positionals
  if (act === 'show') return showTerms(context, home, partyNamed(context, home, named))
  if (act !== 'state') throw usage('muster directory terms state, muster directory terms show')
  const { id, payload } = await stateTerms(homeOf(context, home), partyNamed(context, home, context.args.required('to')), await fileAt(context, 2) as Terms, people(context), home.now())
  if (context.json) context.answer({ message: id, to: payload.to })
  else context.out(context.say({ en: `Terms signed for ${payload.to}; muster serve delivers them.`, ru: `Термины подписаны для ${payload.to}; доставит muster serve.` }))
  return 0
}

const ACTS: Acts = { state, show, route, terms }

export const verb: Verb = {
  name: 'directory',
  summary: { en: 'offices by subject and hours, messages sent on between them, terms of two parties side by side', ru: 'справочник отделов по предмету и часам, переадресация сообщений, термины двух участников рядом' },
  usage: [
    'muster directory state FILE --by NAME --dir D', 'muster directory show [PARTY] [--at TIME] --dir D', 'muster directory route MESSAGE --to OFFICE --reason CODE --by NAME --dir D',
    'muster directory terms state FILE --to PARTY --by NAME --dir D', 'muster directory terms show PARTY --dir D',
  ],
  options: {
    agreement: { type: 'string', value: 'ID', help: { en: 'the agreement, where several were joined', ru: 'соглашение, если их несколько' } },
    at: { type: 'string', value: 'TIME', help: { en: 'as of when (default: now)', ru: 'на какой момент (по умолчанию сейчас)' } },
    to: { type: 'string', value: 'CODE', help: { en: 'the office that a message goes on to; the party that terms are stated to', ru: 'отдел, в который передаётся сообщение; участник, которому сообщаются термины' } },
    reason: { type: 'string', value: 'CODE', help: { en: `why it goes on: ${REROUTES.join(', ')}`, ru: `основание переадресации: ${REROUTES.join(', ')}` } },
    note: { type: 'string', value: 'TEXT', help: { en: 'a note beside the codes', ru: 'примечание' } },
    ...PEOPLE,
  },
  positionals: { min: 1, max: 3 },
  run: (context) => inHome(context, ACTS),
}
