// `muster destruction`: items destroyed by number, certified to other parties by two people, and witnessed.
import { timeOf } from '@muster/core/bytes/time.ts'
import { DESTRUCTION_METHODS, NOT_WITNESSED } from '@muster/core/rules/destruction.ts'
import { isItemId, known, type ItemId } from '@muster/core/rules/item.ts'
import { isPartyId } from '@muster/core/rules/party.ts'
import type { DestructionCertificate } from '@muster/core/wire/destruction-body.ts'
import { destructionShown, destructionsView } from '@muster/registry/api/views/production.ts'
import { certifyDestruction, recordDestroyed, witnessDestruction, type Word } from '@muster/registry/destruction/act.ts'
import { destructionBy, destructions, type WitnessWord } from '@muster/registry/destruction/view.ts'
import type { Home } from '@muster/registry/main.ts'
import { dateOr } from '../certified-rows.ts'
import { usage } from '../errors.ts'
import { hallOf, partiesOf, partyOf } from '../hall.ts'
import { inHome, type Acts } from '../in-home.ts'
import { oneOfWords, timeOption } from '../options.ts'
import { people, PEOPLE } from '../people.ts'
import { printDesignations } from '../term-words.ts'
import type { Context, Verb, Words } from '../verb.ts'

const ID_SHOWN = 8
const WORD: Readonly<Record<WitnessWord, Words>> = {
  'own': { en: 'own witness', ru: 'свой свидетель' }, 'waiting': { en: 'no word yet', ru: 'ответа ещё нет' }, 'witnessed': { en: 'confirms', ru: 'подтверждает' }, 'not-witnessed': { en: 'DOES NOT CONFIRM', ru: 'НЕ ПОДТВЕРЖДАЕТ' },
}

const at = (context: Context, home: Home) => ({ register: home.register, joined: hallOf(context, home).joined })
const noteOf = (context: Context): string | null => context.args.text('note') ?? null

function idOf(context: Context): string {
  const id = context.args.positionals[1]
  if (id === undefined) throw usage(context.say({ en: `name the certificate: its number, or ${ID_SHOWN} or more characters of its id`, ru: `укажите акт: его номер или от ${ID_SHOWN} знаков кода` }))
  return id
}

function itemsOf(context: Context): readonly ItemId[] | undefined {
  const items = context.args.texts('item').map((id) => {
    if (!isItemId(id)) throw usage(`--item ${id}: ${context.say({ en: 'an item\'s id', ru: 'код единицы' })}`, 'muster items MARK')
    return id
  })
  return items.length === 0 ? undefined : items
}

/** `PARTY:NAME:OFFICE`. */
function witnessOf(text: string): DestructionCertificate['witnesses'][number] {
  const [party = '', name = '', office = ''] = text.split(':').map((part) => part.trim())
  if (!isPartyId(party) || name === '' || office === '') throw usage(`--witness ${text}: CODE:NAME:OFFICE`)
  return { party, name, office }
}

async function record(context: Context, home: Home): Promise<number> {
  const number = context.args.required('number').trim()
  const recorded = await recordDestroyed(home.register, { items: itemsOf(context) ?? [], number, happened: timeOption(context, 'happened') ?? timeOf(home.now()), reason: context.args.required('reason').trim() }, people(context), home.now())
  if (context.json) context.answer({ recorded, number })
  else context.out(context.say({ en: `Recorded as destroyed: ${recorded}. Certify it: muster destruction certify --number ${number}`, ru: `Записано уничтоженных единиц: ${recorded}. Акт: muster destruction certify --number ${number}` }))
  return 0
}

async function certify(context: Context, home: Home): Promise<number> {
  const { destruction, messages } = await certifyDestruction(at(context, home), {
    number: context.args.required('number').trim(), date: dateOr(context, timeOf(home.now())), region: context.args.required('region').trim(), method: oneOfWords(context, 'method', DESTRUCTION_METHODS), witnesses: context.args.texts('witness').map(witnessOf), note: noteOf(context),
    items: itemsOf(context), to: partiesOf(context, hallOf(context, home)),
  }, people(context), home.now())
  const told = messages.map(({ payload: { to } }) => to)
  if (context.json) context.answer({ destruction, messages: messages.map(({ id }) => id), to: told })
  else context.out(context.say({ en: `Certificate ${destruction.slice(0, ID_SHOWN)} is signed for ${told.join(', ')}; muster serve delivers it.`, ru: `Акт ${destruction.slice(0, ID_SHOWN)} подписан для ${told.join(', ')}; доставит muster serve.` }))
  return 0
}

async function list(context: Context, home: Home): Promise<number> {
  const all = await destructions(at(context, home))
  if (context.json) context.answer(destructionsView(all))
  else if (all.length === 0) context.out(context.say({ en: 'No destruction was certified.', ru: 'Актов об уничтожении нет.' }))
  else {
    const titles: readonly Words[] = [{ en: 'certificate', ru: 'акт' }, { en: 'number', ru: 'номер' }, { en: 'by', ru: 'кто' }, { en: 'date', ru: 'дата' }, { en: 'items', ru: 'единиц' }, { en: 'witnesses', ru: 'свидетели' }]
    context.table(titles.map((title) => ({ title: context.say(title) })), all.map(({ body, witnesses }) => [
      body.destruction.slice(0, ID_SHOWN), body.number, body.party, body.date, body.items.length, witnesses.map(({ party, word }) => `${party}: ${context.say(WORD[word])}`).join('; '),
    ]))
  }
  return 0
}

async function show(context: Context, home: Home): Promise<number> {
  const held = await destructionBy(at(context, home), idOf(context), undefined, partyOf(context, hallOf(context, home)))
  const { body, witnesses } = held
  const view = await destructionShown(at(context, home), held)
  if (context.json) {
    context.answer(view)
    return 0
  }
  context.out(`${body.number}  ${body.date}  ${body.party}  ${body.region}  ${body.method}`)
  const titles: readonly Words[] = [{ en: 'class', ru: 'класс' }, { en: 'type', ru: 'тип' }, { en: 'year', ru: 'год' }, { en: 'lot', ru: 'партия' }, { en: 'serial', ru: 'номер' }]
  context.table(titles.map((title) => ({ title: context.say(title) })), body.items.map(({ class: kind, type, year, lot, serial }) => [kind, known(type) ?? '?', known(year) ?? '?', known(lot) ?? '?', known(serial) ?? '?']))
  const words: readonly Words[] = [{ en: 'witness', ru: 'свидетель' }, { en: 'office', ru: 'должность' }, { en: 'of', ru: 'сторона' }, { en: 'word', ru: 'ответ' }]
  context.table(words.map((title) => ({ title: context.say(title) })), witnesses.map(({ name, office, party, word, reason }) => [name, office, party, `${context.say(WORD[word])}${reason === null ? '' : `: ${reason}`}`]))
  printDesignations(context, view.designations)
  return 0
}

async function say(context: Context, home: Home, word: Word): Promise<number> {
  const [witness = ''] = context.args.texts('witness')
  const message = await witnessDestruction(at(context, home), idOf(context), witness.trim(), word, noteOf(context), people(context), home.now(), partyOf(context, hallOf(context, home)))
  if (context.json) context.answer({ message: message.id, kind: message.payload.kind, to: message.payload.to })
  else context.out(context.say({ en: `The word of ${witness} to ${message.payload.to} is signed; muster serve delivers it.`, ru: `Ответ свидетеля ${witness} для ${message.payload.to} подписан; доставит muster serve.` }))
  return 0
}

const ACTS: Acts = {
  record, certify, list, show, confirm: (context, home) => say(context, home, { kind: 'destruction/witnessed' }),
  deny: (context, home) => say(context, home, { kind: 'destruction/not-witnessed', reason: oneOfWords(context, 'reason', NOT_WITNESSED) }),
}

export const verb: Verb = {
  name: 'destruction',
  summary: { en: 'destruction by number: record, certify, witness', ru: 'уничтожение по номерам: записать, составить акт, засвидетельствовать' },
  usage: [
    'muster destruction record --number TEXT --item ITEM … --reason TEXT [--happened TIME] --by NAME --and NAME --dir D',
    'muster destruction certify --number TEXT --region TEXT --method CODE --witness CODE:NAME:OFFICE … [--date DATE] [--item ITEM …] [--of CODE …] --by NAME --and NAME --dir D',
    'muster destruction list --dir D', 'muster destruction show ID --dir D', 'muster destruction confirm ID --witness NAME --by NAME --dir D', 'muster destruction deny ID --witness NAME --reason CODE --by NAME --dir D',
  ],
  options: {
    agreement: { type: 'string', value: 'ID', help: { en: 'the agreement, where several were joined', ru: 'соглашение, если их несколько' } },
    of: { type: 'string', multiple: true, value: 'CODE', help: { en: 'parties that are told (default: all), or the one that certified', ru: 'кому сообщить (по умолчанию всем) или кто составил акт' } },
    number: { type: 'string', value: 'TEXT', help: { en: 'number of the certificate', ru: 'номер акта' } },
    date: { type: 'string', value: 'DATE', help: { en: 'day of the destruction (default: today)', ru: 'день уничтожения (по умолчанию сегодня)' } },
    region: { type: 'string', value: 'TEXT', help: { en: 'region where it was done', ru: 'регион, где проведено' } },
    method: { type: 'string', value: 'CODE', help: { en: `how: ${DESTRUCTION_METHODS.join(', ')}`, ru: `способ: ${DESTRUCTION_METHODS.join(', ')}` } },
    item: { type: 'string', multiple: true, value: 'ITEM', help: { en: 'a destroyed item (certify: default all under the number)', ru: 'уничтоженная единица (certify: по умолчанию все под этим номером)' } },
    witness: { type: 'string', multiple: true, value: 'TEXT', help: { en: 'CODE:NAME:OFFICE; of confirm and deny the name', ru: 'КОД:ИМЯ:ДОЛЖНОСТЬ; для confirm и deny имя' } },
    happened: { type: 'string', value: 'TIME', help: { en: 'when they were destroyed (default: now)', ru: 'когда уничтожены (по умолчанию сейчас)' } },
    reason: { type: 'string', value: 'TEXT', help: { en: `why; of deny one of ${NOT_WITNESSED.join(', ')}`, ru: `основание; для deny одно из ${NOT_WITNESSED.join(', ')}` } },
    note: { type: 'string', value: 'TEXT', help: { en: 'a note', ru: 'примечание' } },
    ...PEOPLE,
  },
  positionals: { min: 1, max: 2 },
  run: (context) => inHome(context, ACTS),
}
