// `muster inspection`: a sample of a declaration that nobody could choose, what to look at on site, and the report of both sides.
import { resolve } from 'node:path'
import { fit } from '@muster/core/bytes/shape.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { DISCLOSED_SECTIONS } from '@muster/core/rules/terms.ts'
import { NO_ACCESS_REASONS, RESERVATIONS } from '@muster/core/rules/inspection.ts'
import { identity, partOf } from '@muster/core/rules/item.ts'
import { CONFIDENCE_WHOLE, SAMPLED_ITEMS_MAX, sampleSize, smallerSamples } from '@muster/core/rules/sample.ts'
import type { InspectionBody } from '@muster/core/wire/inspection-body.ts'
import type { Inspection } from '@muster/core/wire/inspection.ts'
import { provenOf } from '@muster/core/wire/met-proof.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { announceAnew, announceInspection, drawInspection, joinInspection, openInspection, replyToReport, reportInspection, showInspection, type Findings, type InspectionHome } from '@muster/registry/inspection/act.ts'
import { lookUpInspected } from '@muster/registry/inspection/look-up.ts'
import { inspectionBy, inspections } from '@muster/registry/inspection/view.ts'
import { inspectionView } from '@muster/registry/api/views/inspection.ts'
import type { Home } from '@muster/registry/main.ts'
import { usage } from '../errors.ts'
import { hallOf, partyOf } from '../hall.ts'
import { inHome, type Acts } from '../in-home.ts'
import { itemCells, percent, shownWords, smallerTable, STAGE, toBeLookedAt } from '../inspection-words.ts'
import { timeOption } from '../options.ts'
import { people, PEOPLE } from '../people.ts'
import { tableLines } from '../table.ts'
import type { Context, Verb } from '../verb.ts'
import { writeNew } from '../write-new.ts'

const ID_SHOWN = 8
const SHEET_COLUMNS = 120

function homeOf(context: Context, home: Home): InspectionHome {
  const { joined, log, mirror } = hallOf(context, home)
  return { register: home.register, joined, log, mirror }
}

function idOf(context: Context): string {
  const id = context.args.positionals[1] ?? ''
  if (!/^[0-9a-f]{8,32}$/.test(id)) throw usage(context.say({ en: `name the inspection: ${ID_SHOWN} to 32 characters of its id, as muster inspection list has it`, ru: `укажите инспекцию: от ${ID_SHOWN} до 32 знаков её номера из muster inspection list` }))
  return id
}

/** Percent as people write it, with at most two decimals, in hundredths. */
function confidenceOf(context: Context): number {
  const text = context.args.text('confidence') ?? '95'
  const confidence = /^\d{1,2}(\.\d{1,2})?$/.test(text) ? Math.round(Number(text) * (CONFIDENCE_WHOLE / 100)) : 0
  if (confidence < 1) throw usage(`--confidence ${text}: 0.01…99.99`)
  return confidence
}

function missingOf(context: Context): number {
  context.args.required('missing')
  return context.args.integer('missing', { min: 1, max: SAMPLED_ITEMS_MAX }) as number
}

/** `NUMBER=WORD`: a number on the sheet, and what is said of it. */
function numbered(context: Context, option: string): [number, string][] {
  return context.args.texts(option).map((given) => {
    const [, number = '', word = ''] = /^(\d{1,5})(?:=(.+))?$/.exec(given) ?? []
    if (number === '') throw usage(`--${option} ${given}: ${context.say({ en: 'a number of the sheet', ru: 'номер по листу' })}`)
    return [Number(number), word]
  })
}

function wordAmong<T extends string>(option: string, word: string, choices: readonly T[]): T {
  const known = choices.find((each) => each === word)
  if (known === undefined) throw usage(`--${option} N=${word}: ${choices.join(', ')}`)
  return known
}

async function sample(context: Context): Promise<number> {
  context.args.required('items')
  const wanted = { items: context.args.integer('items', { min: 1, max: SAMPLED_ITEMS_MAX }) as number, missing: missingOf(context), confidence: confidenceOf(context) }
  const size = sampleSize(wanted)
  if (size instanceof Refusal) throw size
  const smaller = smallerSamples(wanted, size)
  if (context.json) context.answer({ ...wanted, sample: size, smaller })
  else {
    context.out(context.say({
      en: `${size} of ${wanted.items} items: if ${wanted.missing} or more are missing, at least one of them is noticed with ${percent(wanted.confidence)} confidence.`,
      ru: `${size} из ${wanted.items}: если отсутствует ${wanted.missing} или более, хотя бы одна будет замечена с достоверностью ${percent(wanted.confidence)}.`,
    }))
    smallerTable(context, wanted, size)
  }
  return 0
}

async function announce(context: Context, home: Home): Promise<number> {
  const hall = hallOf(context, home)
  const inspected = partyOf(context, hall)
  if (inspected === undefined) throw usage(context.say({ en: 'name the party that is inspected with --of', ru: 'укажите инспектируемую сторону: --of' }))
  const together = context.args.texts('with').map((code) => {
    const party = [...hall.joined.trust.parties.keys()].find((each) => each === code)
    if (party === undefined) throw usage(`--with ${code}: ${[...hall.joined.trust.parties.keys()].join(', ')}`)
    return party
  })
  const said = await announceInspection(homeOf(context, home), {
    inspected, together, day: timeOption(context, 'day') ?? timeOf(home.now()), site: context.args.text('site') ?? null, missing: missingOf(context), confidence: confidenceOf(context), note: context.args.text('note') ?? null,
  }, people(context), home.now())
  if (context.json) context.answer({ inspection: said.inspection, inspected, head: said.head })
  else context.out(context.say({ en: `Inspection ${said.inspection.slice(0, ID_SHOWN)} of ${inspected} is announced for declaration ${said.head.slice(0, ID_SHOWN)}; this side's share is bound.`, ru: `Инспекция ${said.inspection.slice(0, ID_SHOWN)} стороны ${inspected} объявлена по декларации ${said.head.slice(0, ID_SHOWN)}; доля этой стороны связана.` }))
  return 0
}

async function anew(context: Context, home: Home): Promise<number> {
  const { inspection, head } = await announceAnew(homeOf(context, home), idOf(context), people(context), home.now())
  if (context.json) context.answer({ inspection, head })
  else context.out(context.say({ en: `The draw is held anew as inspection ${inspection.slice(0, ID_SHOWN)}.`, ru: `Жеребьёвка проводится заново: инспекция ${inspection.slice(0, ID_SHOWN)}.` }))
  return 0
}

/** An act that says something and answers with how many messages were signed. */
const saying = (act: (context: Context, home: Home) => Promise<readonly unknown[]>) => async (context: Context, home: Home): Promise<number> => {
  const { length } = await act(context, home)
  if (context.json) context.answer({ inspection: idOf(context), messages: length })
  else context.out(context.say({ en: `Signed; messages: ${length}. muster serve delivers them.`, ru: `Подписано сообщений: ${length}; доставит muster serve.` }))
  return 0
}

async function list(context: Context, home: Home): Promise<number> {
  const all = await inspections(homeOf(context, home), home.now())
  if (context.json) context.answer({ inspections: all.map(inspectionView) })
  else if (all.length === 0) context.out(context.say({ en: 'No inspection was announced.', ru: 'Инспекций нет.' }))
  else {
    const titles = [{ en: 'inspection', ru: 'инспекция' }, { en: 'of', ru: 'сторона' }, { en: 'by', ru: 'инспектируют' }, { en: 'day', ru: 'день' }, { en: 'sample', ru: 'выборка' }, { en: 'where it stands', ru: 'состояние' }, { en: 'due', ru: 'срок' }]
    context.table(titles.map((title) => ({ title: context.say(title) })), all.map(({ terms, stage, sample: size, items, due, failed }) => [
      terms.inspection.slice(0, ID_SHOWN), terms.inspected, terms.inspectors.join(' '), terms.day, size === undefined ? '–' : `${size} / ${items ?? '?'}`, `${context.say(STAGE[stage])}${failed.length === 0 ? '' : `: ${failed.join(' ')}`}`, due ?? '–',
    ]))
  }
  return 0
}

async function show(context: Context, home: Home): Promise<number> {
  const inspection = await inspectionBy(homeOf(context, home), idOf(context), home.now())
  const { terms, stage, failed, wrong, drawn, items, sample: size, reports, replies } = inspection
  if (context.json) context.answer(inspectionView(inspection))
  else {
    context.out(`${terms.inspection}  ${terms.inspectors.join(' ')} → ${terms.inspected}  ${terms.day}  ${terms.site ?? ''}`)
    context.out(`${context.say(STAGE[stage])}${failed.length === 0 ? '' : `: ${failed.join(', ')}`}${wrong === undefined ? '' : `: ${wrong.message} [${wrong.code}]`}`)
    if (drawn.length > 0) context.out(context.say({ en: `Leaves opened: ${drawn.length}, of them items to be looked at: ${toBeLookedAt(inspection).length}.`, ru: `Раскрыто записей: ${drawn.length}, из них к осмотру: ${toBeLookedAt(inspection).length}.` }))
    if (items !== undefined && size !== undefined) smallerTable(context, { items, missing: Math.min(terms.missing, items), confidence: terms.confidence }, size)
    for (const { from, body } of reports) context.out(`${from}: ${shownWords(context, body.shown)}`)
    for (const { from, body } of replies) context.out(`${from}: ${body.stance}${body.reservations.map(({ index, met, why }) => ` ${index ?? `met ${met ?? ''}`}=${why}`).join('')}`)
  }
  return stage === 'failed' ? 1 : 0
}

async function sheet(context: Context, home: Home): Promise<number> {
  const inspection = await inspectionBy(homeOf(context, home), idOf(context), home.now())
  const items = toBeLookedAt(inspection)
  if (!inspection.complete) throw usage(context.say({ en: 'the drawn leaves are not all shown yet', ru: 'ещё не все выбранные записи предъявлены' }), `muster inspection show ${inspection.terms.inspection}`)
  if (context.json) {
    context.answer({ inspection: inspection.terms.inspection, items: items.map(({ index, status, marks }, i) => ({ number: i + 1, index, status, marks })) })
    return 0
  }
  const titles = [{ en: 'no.', ru: '№' }, { en: 'class', ru: 'класс' }, { en: 'type', ru: 'тип' }, { en: 'year', ru: 'год' }, { en: 'lot', ru: 'партия' }, { en: 'serial', ru: 'номер' }, { en: 'marks as declared', ru: 'маркировка по декларации' }, { en: 'found', ru: 'обнаружено' }]
  const { terms } = inspection
  const lines = [
    ...(hallOf(context, home).joined.agreement.exercise ? ['EXERCISE · УЧЕНИЕ'] : []), context.say({ en: `Sheet of inspection ${terms.inspection}`, ru: `Лист инспекции ${terms.inspection}` }),
    `${terms.inspectors.join(' ')} → ${terms.inspected}  ${terms.day}  ${terms.site ?? ''}`, ...tableLines(titles.map((title) => ({ title: context.say(title) })), items.map((item, i) => [i + 1, ...itemCells(item), '____']), SHEET_COLUMNS),
  ]
  const out = context.args.text('out')
  if (out === undefined) for (const line of lines) context.out(line)
  else {
    await writeNew(context, resolve(out), Buffer.from(`${lines.join('\n')}\n`))
    context.out(resolve(out))
  }
  return 0
}

/** `CLASS/TYPE/SERIAL` as it was read on each item that was met. */
function metOf(context: Context): Findings['met'] {
  return context.args.texts('met').map((text) => {
    const [kind, type, serial, ...more] = text.split('/')
    const fitted = fit(identity, { class: kind, maker: 'unknown', type: partOf(type), year: 'unknown', lot: 'unknown', serial: partOf(serial) })
    if ('misfit' in fitted || more.length > 0) throw usage(`--met ${text}: CLASS/TYPE/SERIAL`)
    return fitted.value
  })
}

/** Looks up what was read off items, in the declaration that is inspected, and shows everybody what came of it. */
async function lookUp(context: Context, home: Home): Promise<number> {
  const hall = hallOf(context, home)
  const { proofs, terms } = await lookUpInspected({ home, hall, group: await fastGroup(), own: undefined }, idOf(context), { met: metOf(context), drawn: context.args.flag('drawn') }, people(context))
  const own = provenOf(proofs.filter(({ by }) => by === home.register.file.party).flatMap(({ looked }) => looked))
  const count = (what: 'declared' | 'not-declared'): number => [...own.values()].filter((each) => each === what).length
  const [declared, notDeclared] = [count('declared'), count('not-declared')]
  if (context.json) context.answer({ inspection: terms.inspection, declared, notDeclared })
  else context.out(context.say({ en: `Looked up by their marks: ${declared + notDeclared}; declared ${declared}, not declared ${notDeclared}. Everybody who inspects has the proofs, and ${terms.inspected}.`, ru: `Проверено по маркировке: ${declared + notDeclared}; заявлено ${declared}, не заявлено ${notDeclared}. Доказательства есть у всех инспектирующих и у стороны ${terms.inspected}.` }))
  return 0
}

function findingsOf(context: Context, inspection: Inspection): Findings {
  const items = toBeLookedAt(inspection)
  const found = new Map<number, Findings['findings'][number]>()
  const put = (option: string, make: (word: string) => Omit<Findings['findings'][number], 'index'>): void => {
    for (const [number, word] of numbered(context, option)) {
      const item = items[number - 1]
      if (item === undefined || found.has(item.index)) throw usage(`--${option} ${number}: ${context.say({ en: `the sheet has numbers 1 to ${items.length}, each said once`, ru: `на листе номера от 1 до ${items.length}, каждый один раз` })}`)
      found.set(item.index, { index: item.index, ...make(word) })
    }
  }
  put('seen', () => ({ what: 'seen', reason: null, read: null }))
  put('not-seen', () => ({ what: 'not-seen', reason: null, read: null }))
  put('not-accessible', (word) => ({ what: 'not-accessible', reason: wordAmong('not-accessible', word, NO_ACCESS_REASONS), read: null }))
  put('mark-differs', (word) => ({ what: 'mark-differs', reason: null, read: word === '' ? '?' : word }))
  if (context.args.flag('rest-seen')) for (const { index } of items) if (!found.has(index)) found.set(index, { index, what: 'seen', reason: null, read: null })
  return { findings: [...found.values()], met: metOf(context) }
}

async function report(context: Context, home: Home): Promise<number> {
  const at = homeOf(context, home)
  const inspection = await inspectionBy(at, idOf(context), home.now())
  const { shown } = await reportInspection(at, idOf(context), findingsOf(context, inspection), context.args.text('note') ?? null, people(context), home.now())
  if (context.json) context.answer({ inspection: inspection.terms.inspection, shown })
  else context.out(shownWords(context, shown))
  return 0
}

async function reply(context: Context, home: Home): Promise<readonly unknown[]> {
  const at = homeOf(context, home)
  const items = toBeLookedAt(await inspectionBy(at, idOf(context), home.now()))
  const reservations = numbered(context, 'reserve').map(([number, word]): InspectionBody<'inspection/reply'>['reservations'][number] => {
    const item = items[number - 1]
    if (item === undefined) throw usage(`--reserve ${number}: 1…${items.length}`)
    return { index: item.index, met: null, why: wordAmong('reserve', word, RESERVATIONS) }
  })
  return replyToReport(at, idOf(context), { of: partyOf(context, hallOf(context, home)), reservations, note: context.args.text('note') ?? null }, people(context), home.now())
}

async function disclose(context: Context, home: Home): Promise<readonly unknown[]> {
  const sections = context.args.texts('section').map((name) => wordAmong('section', name, DISCLOSED_SECTIONS))
  return (await showInspection(homeOf(context, home), idOf(context), sections, people(context), home.now())).messages
}

const ACTS: Acts = {
  announce, anew, list, show, sheet, report, 'look-up': lookUp,
  join: saying((context, home) => joinInspection(homeOf(context, home), idOf(context), people(context), home.now())),
  share: saying((context, home) => drawInspection(homeOf(context, home), idOf(context), people(context), home.now())),
  open: saying((context, home) => openInspection(homeOf(context, home), idOf(context), people(context), home.now())),
  disclose: saying(disclose), reply: saying(reply),
}

export const verb: Verb = {
  name: 'inspection',
  summary: { en: 'a sample that nobody could choose, looked at on site and reported', ru: 'инспекция: выборка, которую никто не мог подобрать, осмотр и акт' },
  usage: [
    'muster inspection sample --items N --missing N [--confidence PERCENT]',
    'muster inspection announce --of CODE [--with CODE …] --missing N [--confidence PERCENT] [--day TIME] [--site NAME] --by NAME --dir D', 'muster inspection join ID --by NAME --dir D',
    'muster inspection list --dir D', 'muster inspection show ID --dir D', 'muster inspection share ID --by NAME --and NAME --dir D', 'muster inspection open ID --by NAME --dir D',
    'muster inspection disclose ID [--section NAME …] --by NAME --and NAME --dir D', 'muster inspection sheet ID [--out FILE] --dir D',
    'muster inspection look-up ID [--met CLASS/TYPE/SERIAL …] [--drawn] --by NAME --dir D',
    'muster inspection report ID [--rest-seen] [--seen N …] [--not-seen N …] [--not-accessible N=REASON …] [--mark-differs N=TEXT …] [--met CLASS/TYPE/SERIAL …] --by NAME --dir D',
    'muster inspection reply ID [--of CODE] [--reserve N=WHY …] --by NAME --dir D', 'muster inspection anew ID --by NAME --dir D',
  ],
  options: {
    'agreement': { type: 'string', value: 'ID', help: { en: 'the agreement, where several were joined', ru: 'соглашение, если их несколько' } },
    'of': { type: 'string', multiple: true, value: 'CODE', help: { en: 'the inspected party; with reply, whose report is meant', ru: 'инспектируемая сторона; для reply — чей акт' } },
    'with': { type: 'string', multiple: true, value: 'CODE', help: { en: 'a party that inspects together with this one', ru: 'сторона, инспектирующая вместе с этой' } },
    'items': { type: 'string', value: 'N', help: { en: 'of how many items the sample is drawn', ru: 'из скольких единиц выборка' } },
    'missing': { type: 'string', value: 'N', help: { en: 'so many missing are to be noticed', ru: 'какую недостачу следует заметить' } },
    'confidence': { type: 'string', value: 'PERCENT', help: { en: 'with this confidence (default: 95)', ru: 'с какой достоверностью (по умолчанию 95)' } },
    'day': { type: 'string', value: 'TIME', help: { en: 'the day of the inspection (default: today)', ru: 'день инспекции (по умолчанию сегодня)' } },
    'site': { type: 'string', value: 'NAME', help: { en: 'the site, as coarse as both sides may know', ru: 'место, насколько его могут знать обе стороны' } },
    'section': { type: 'string', multiple: true, value: 'NAME', help: { en: `opened beside status and marks: ${DISCLOSED_SECTIONS.join(', ')}`, ru: `раскрыть кроме status и marks: ${DISCLOSED_SECTIONS.join(', ')}` } },
    'rest-seen': { type: 'boolean', help: { en: 'every item that nothing else is said of was seen with its marks', ru: 'все остальные единицы осмотрены, маркировка совпадает' } },
    'seen': { type: 'string', multiple: true, value: 'N', help: { en: 'a number of the sheet: seen with its marks', ru: 'номер по листу: осмотрена, маркировка совпадает' } },
    'not-seen': { type: 'string', multiple: true, value: 'N', help: { en: 'it is not there', ru: 'её нет на месте' } },
    'not-accessible': { type: 'string', multiple: true, value: 'N=WHY', help: { en: NO_ACCESS_REASONS.join(', '), ru: `недоступна: ${NO_ACCESS_REASONS.join(', ')}` } },
    'mark-differs': { type: 'string', multiple: true, value: 'N=TEXT', help: { en: 'what is written on it instead', ru: 'что на ней написано' } },
    'met': { type: 'string', multiple: true, value: 'C/T/SERIAL', help: { en: 'an item met on site, as its mark was read', ru: 'встреченная на месте единица, как прочитана маркировка' } },
    'drawn': { type: 'boolean', help: { en: 'look up every drawn item by its marks too', ru: 'проверить по маркировке и все выбранные единицы' } },
    'reserve': { type: 'string', multiple: true, value: 'N=WHY', help: { en: RESERVATIONS.join(', '), ru: `оговорка: ${RESERVATIONS.join(', ')}` } },
    'note': { type: 'string', value: 'TEXT', help: { en: 'a note beside the codes', ru: 'примечание' } },
    'out': { type: 'string', value: 'FILE', help: { en: 'the sheet to write', ru: 'файл листа' } },
    ...PEOPLE,
  },
  positionals: { min: 1, max: 2 },
  run: (context) => context.args.positionals[0] === 'sample' ? sample(context) : inHome(context, ACTS),
}
