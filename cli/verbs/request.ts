// `muster request`: the formal requests of traces, put and received, with all that is said of them until they are answered and after; questions that
// were refused for want of quota; and suspensions that officers lift.
import { isPartyId } from '@muster/core/rules/party.ts'
import { CLARIFICATIONS, INTERIM_STATES, LOOK_FINDINGS, NOT_ACCESSIBLE, WITHDRAWALS } from '@muster/core/rules/request.ts'
import { DISCLOSED_SECTIONS, type DisclosedSection } from '@muster/core/rules/terms.ts'
import { twoPeople } from '@muster/core/rules/two-people.ts'
import { REFUSAL_REASONS, traceBody } from '@muster/core/wire/trace-body.ts'
import { REQUEST_STATE } from '@muster/core/words/request.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { marksOf, previewView, requestView } from '@muster/registry/api/views/request.ts'
import { servedAt, type Home } from '@muster/registry/main.ts'
import { startEvaluator } from '@muster/registry/peer/evaluator-process.ts'
import { approveRequest, previewRequest, refuseRequest } from '@muster/registry/peer/waiting-request.ts'
import { officesOf } from '@muster/registry/directory/view.ts'
import { grantQuota, refusedByQuota } from '@muster/registry/request/quota.ts'
import { formalRequests, requestBy, type RequestWord } from '@muster/registry/request/view.ts'
import { fault, usage } from '../errors.ts'
import { hallOf } from '../hall.ts'
import { inHome, type Acts } from '../in-home.ts'
import { placedText } from '../office-words.ts'
import { people } from '../people.ts'
import { requestId, toldMessage, WORDS } from '../request-words.ts'
import type { Context, Verb, Words } from '../verb.ts'

const ID_SHOWN = 12

const home_ = (context: Context, home: Home) => ({ register: home.register, joined: hallOf(context, home).joined })

/** Requests that want a word of somebody; with --all, every one. */
async function list(context: Context, home: Home): Promise<number> {
  const { joined } = hallOf(context, home)
  const all = await formalRequests(home_(context, home), home.now())
  const offices = await officesOf(home_(context, home), all.map(({ message }) => message))
  const office = context.args.text('office')
  const shown = all.filter(({ standing, message }) => (context.args.flag('all') || standing.due !== null) && (office === undefined || offices.get(message.id)?.office === office))
  if (context.json) context.answer({ agreement: joined.agreement.id, requests: shown.map((each) => requestView(each, offices.get(each.message.id))) })
  else if (shown.length === 0) context.out(context.say({ en: 'No request waits.', ru: 'Запросов в ожидании нет.' }))
  else {
    const titles: readonly Words[] = [{ en: 'request', ru: 'запрос' }, { en: 'way', ru: 'путь' }, { en: 'of', ru: 'от' }, { en: 'ground', ru: 'основание' }, { en: 'marks', ru: 'маркировка' }, { en: 'office', ru: 'отдел' }, { en: 'where it stands', ru: 'состояние' }, { en: 'due', ru: 'срок' }]
    context.table(titles.map((title) => ({ title: context.say(title) })), shown.map((each) => [
      each.message.id.slice(0, ID_SHOWN), each.direction === 'out' ? `→ ${each.with}` : `← ${each.with}`, each.message.payload.time, each.body.ground, marksOf(each).join(' · '), placedText(context, offices.get(each.message.id)), context.say(REQUEST_STATE[each.standing.state]),
      each.standing.due === null ? '–' : `${each.standing.due}${each.standing.overdue ? ` ${context.say({ en: 'OVERDUE', ru: 'ПРОСРОЧЕНО' })}` : ''}`,
    ]))
  }
  return 0
}

/** A request and every word of it, oldest first. */
async function show(context: Context, home: Home): Promise<number> {
  const request = await requestBy(home_(context, home), requestId(context), home.now())
  const office = (await officesOf(home_(context, home), [request.message])).get(request.message.id)
  if (context.json) {
    context.answer({ agreement: hallOf(context, home).joined.agreement.id, ...requestView(request, office) })
    return 0
  }
  const { message: { id, payload: { from, to, time } }, answer, standing, words } = request
  context.out(`${id.slice(0, ID_SHOWN)}  ${from} → ${to}  ${marksOf(request).join(' · ')}`)
  context.out(`${context.say(REQUEST_STATE[standing.state])}${standing.due === null ? '' : ` · ${context.say({ en: 'due', ru: 'срок' })} ${standing.due}${standing.overdue ? ` ${context.say({ en: 'OVERDUE', ru: 'ПРОСРОЧЕНО' })}` : ''}`}`)
  context.out(`${context.say({ en: 'office', ru: 'отдел' })} ${placedText(context, office)}`)
  const rows = [{ time, from, kind: 'trace/request', rest: '' }, ...words.map((word) => ({ time: word.said.message.payload.time, from: word.said.message.payload.from, kind: word.kind, rest: detail(word) })),
    ...(answer === undefined ? [] : [{ time: answer.payload.time, from: answer.payload.from, kind: answer.payload.kind as string, rest: '' }])].sort((a, b) => a.time < b.time ? -1 : a.time > b.time ? 1 : 0)
  context.table([{ title: context.say({ en: 'time', ru: 'время' }) }, { title: context.say({ en: 'who', ru: 'кто' }) }, { title: context.say({ en: 'what', ru: 'что' }) }, { title: context.say({ en: 'which says', ru: 'содержание' }) }], rows.map(({ time: when, from: who, kind, rest }) => [when, who, kind, rest]))
  const items = answer?.payload.kind === 'trace/answer' ? [...new Set(traceBody('trace/answer', answer.payload.body).hits.flatMap((hit) => hit.items.map(({ label }) => label)))] : []
  for (const label of items) context.out(`${context.say({ en: 'item shown', ru: 'показана единица' })} ${label.slice(0, ID_SHOWN)}`)
  return 0
}

function detail({ said: { body } }: RequestWord): string {
  const { request: _, note, ...rest } = body
  return [...Object.entries(rest).flatMap(([name, value]) => value === null ? [] : [`${name} ${typeof value === 'string' ? value.length === 64 ? value.slice(0, ID_SHOWN) : value : JSON.stringify(value)}`]), ...(note === null ? [] : [`“${note}”`])].join(' · ')
}

function sectionsOf(context: Context): DisclosedSection[] {
  return context.args.texts('section').map((name) => {
    const known = DISCLOSED_SECTIONS.find((each) => each === name)
    if (known === undefined) throw usage(`--section ${name}: ${DISCLOSED_SECTIONS.join(', ')}`)
    return known
  })
}

/** What an answer would open, before anybody approves it. */
async function preview(context: Context, home: Home): Promise<number> {
  const view = previewView(await previewRequest({ ...home_(context, home), group: await sodiumGroup() }, requestId(context), sectionsOf(context), home.now()))
  if (context.json) context.answer(view)
  else {
    context.out(context.say({ en: `${view.to} would learn of ${view.items.length} items, ${view.bytes} bytes:`, ru: `${view.to} узнает о единицах: ${view.items.length}, байтов: ${view.bytes}` }))
    context.table([{ title: context.say({ en: 'item', ru: 'единица' }) }, { title: context.say({ en: 'section', ru: 'раздел' }) }, { title: context.say({ en: 'which says', ru: 'содержание' }) }],
      view.items.flatMap(({ label, sections }) => Object.entries(sections).map(([name, value]) => [label.slice(0, ID_SHOWN), name, JSON.stringify(value)])))
  }
  return 0
}

async function approve(context: Context, home: Home): Promise<number> {
  const sections = sectionsOf(context)
  const { by, and } = people(context)
  return toldMessage(context, await approveRequest({ ...home_(context, home), group: await sodiumGroup() }, requestId(context), sections, by, and, home.now()))
}

async function refuse(context: Context, home: Home): Promise<number> {
  const { by, and } = people(context)
  return toldMessage(context, await refuseRequest({ ...home_(context, home), group: await sodiumGroup() }, requestId(context), context.args.required('reason'), by, and, home.now()))
}

/** Questions that were refused for want of quota. */
async function quota(context: Context, home: Home): Promise<number> {
  const all = await refusedByQuota(home_(context, home))
  if (context.json) context.answer({ refused: all.map(({ question: _, ...told }) => told) })
  else if (all.length === 0) context.out(context.say({ en: 'No question was refused for want of quota.', ru: 'Вопросов, отклонённых из-за квоты, нет.' }))
  else {
    const titles: readonly Words[] = [{ en: 'question', ru: 'вопрос' }, { en: 'from', ru: 'от кого' }, { en: 'time', ru: 'время' }, { en: 'elements', ru: 'элементов' }, { en: 'finds', ru: 'находок' }, { en: 'granted', ru: 'предоставлено' }]
    context.table(titles.map((title) => ({ title: context.say(title) })), all.map(({ id, from, time, elements, finds, granted }) => [id.slice(0, ID_SHOWN), from, time, elements, finds, granted ? '✓' : '–']))
  }
  return 0
}

/** Gives the asker of a refused question its elements beside the quota. */
async function grant(context: Context, home: Home): Promise<number> {
  const { id, from, elements } = await grantQuota(home_(context, home), requestId(context), people(context), home.now())
  if (context.json) context.answer({ question: id, to: from, elements })
  else context.out(context.say({ en: `${from} may ask ${elements} elements more: it asks anew.`, ru: `${from} может запросить ещё ${elements} элементов: пусть спросит заново.` }))
  return 0
}

/** Ends all suspensions of a party. The evaluator alone keeps them, so it must not be at work for a server. */
async function lift(context: Context, home: Home): Promise<number> {
  const party = context.args.positionals[1]
  if (!isPartyId(party)) throw usage(context.say({ en: 'name the party whose quota is suspended', ru: 'укажите участника, чья квота приостановлена' }))
  const { by, and } = people(context)
  const refused = twoPeople('lifting a suspension', by, and)
  if (refused !== undefined) throw refused
  const { joined } = hallOf(context, home)
  const url = await servedAt(context.dir)
  if (url !== undefined) throw fault('served', context.say({ en: `this registry is served at ${url}: stop it, lift the suspension, serve it again`, ru: `реестр работает (${url}): остановите его, снимите приостановку и запустите снова` }))
  const evaluator = startEvaluator(context.dir)
  try {
    await evaluator.forgive(joined.agreement.id, party)
    const { suspended } = await evaluator.facts(joined.agreement.id)
    if (context.json) context.answer({ agreement: joined.agreement.id, suspended })
    else context.out(context.say({ en: `${party} may ask again.`, ru: `${party} может снова направлять запросы.` }))
  } finally {
    await evaluator.close()
  }
  return 0
}

const ACTS: Acts = { list, show, preview, ...WORDS, approve, refuse, quota, grant, lift }

export const verb: Verb = {
  name: 'request',
  summary: { en: 'formal requests of traces: taken up, clarified, answered, looked into, refused, withdrawn', ru: 'официальные запросы о прослеживании: приём, уточнение, ответ, осмотр, отказ, отзыв' },
  usage: [
    'muster request list [--all] [--office CODE] [--agreement ID] --dir D', 'muster request show ID --dir D',
    'muster request acknowledge ID [--expected TIME] --by PERSON --dir D', 'muster request clarify ID --asks CODE … --by PERSON --dir D', 'muster request reply ID --says CODE=TEXT … [--photo FILE] --by PERSON --dir D',
    'muster request interim ID --state CODE [--expected TIME] --by PERSON --dir D',
    'muster request preview ID --section NAME … --dir D',
    'muster request approve ID --section NAME … --by PERSON --and PERSON --dir D',
    'muster request refuse ID --reason CODE --by PERSON --and PERSON --dir D',
    'muster request look ID --found CODE --when TIME [--item LABEL] [--photo FILE] [--reason CODE] --by PERSON --and PERSON --dir D',
    'muster request withdraw ID --reason CODE --by PERSON [--and PERSON] --dir D', 'muster request outcome ID --outcome CODE [--holder CODE] [--dossier SHA256] --by PERSON --dir D',
    'muster request quota --dir D', 'muster request grant QUESTION --by PERSON --and PERSON --dir D', 'muster request lift PARTY --by PERSON --and PERSON --dir D',
  ],
  options: {
    agreement: { type: 'string', value: 'ID', help: { en: 'the agreement, where several were joined', ru: 'соглашение, если их несколько' } },
    all: { type: 'boolean', help: { en: 'also those that want nothing more', ru: 'и те, по которым ничего не требуется' } },
    office: { type: 'string', value: 'CODE', help: { en: 'only what lies with this office', ru: 'только то, что находится в этом отделе' } },
    section: { type: 'string', multiple: true, value: 'NAME', help: { en: `a section to open: ${DISCLOSED_SECTIONS.join(', ')}`, ru: `раскрываемый раздел: ${DISCLOSED_SECTIONS.join(', ')}` } },
    reason: { type: 'string', value: 'CODE', help: { en: `refuse: ${REFUSAL_REASONS.join(', ')}; look: ${NOT_ACCESSIBLE.join(', ')}; withdraw: ${WITHDRAWALS.join(', ')}`, ru: `отказ: ${REFUSAL_REASONS.join(', ')}; осмотр: ${NOT_ACCESSIBLE.join(', ')}; отзыв: ${WITHDRAWALS.join(', ')}` } },
    asks: { type: 'string', multiple: true, value: 'CODE', help: { en: `what is needed: ${CLARIFICATIONS.join(', ')}`, ru: `что нужно уточнить: ${CLARIFICATIONS.join(', ')}` } },
    says: { type: 'string', multiple: true, value: 'CODE=TEXT', help: { en: 'the answer to one question back', ru: 'ответ на одно уточнение' } },
    state: { type: 'string', value: 'CODE', help: { en: `how far the answer is: ${INTERIM_STATES.join(', ')}`, ru: `на каком этапе ответ: ${INTERIM_STATES.join(', ')}` } },
    expected: { type: 'string', value: 'TIME', help: { en: 'when the answer is expected; it moves no deadline', ru: 'когда ожидается ответ; срока это не меняет' } },
    found: { type: 'string', value: 'CODE', help: { en: `what was found: ${LOOK_FINDINGS.join(', ')}`, ru: `итог осмотра: ${LOOK_FINDINGS.join(', ')}` } },
    when: { type: 'string', value: 'TIME', help: { en: 'when somebody looked', ru: 'время осмотра' } },
    item: { type: 'string', value: 'LABEL', help: { en: 'the item, where the answer shows several', ru: 'единица, если в ответе их несколько' } },
    photo: { type: 'string', multiple: true, value: 'FILE', help: { en: 'a photo: its hash is sent, the file is not', ru: 'фотография: передаётся её хеш, а не файл' } },
    outcome: { type: 'string', value: 'CODE', help: { en: 'what came of the trace', ru: 'чем закончилось прослеживание' } },
    holder: { type: 'string', value: 'CODE', help: { en: 'the last lawful holder', ru: 'последний законный держатель' } },
    dossier: { type: 'string', value: 'SHA256', help: { en: 'SHA-256 of the dossier', ru: 'SHA-256 досье' } },
    note: { type: 'string', value: 'TEXT', help: { en: 'a note beside the codes', ru: 'примечание' } },
    by: { type: 'string', value: 'PERSON', help: { en: 'who decides', ru: 'кто решает' } },
    and: { type: 'string', value: 'PERSON', help: { en: 'the second person', ru: 'второе лицо' } },
  },
  positionals: { min: 1, max: 2 },
  run: (context) => inHome(context, ACTS),
}
