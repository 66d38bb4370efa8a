// `muster case`: case files. Two people open, close and reopen one; what is added to it stays.
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { CaseId } from '@muster/core/rules/case.ts'
import { caseFile } from '@muster/registry/case-file.ts'
import { openHome } from '@muster/registry/main.ts'
import { actInCase, caseActs } from '@muster/registry/store/case-acts.ts'
import { listCases, openCase } from '@muster/registry/store/cases.ts'
import { openRegister, type Register } from '@muster/registry/store/register.ts'
import { TYPED } from '../case/acts.ts'
import { caseTold } from '../case/sheets.ts'
import { usage } from '../errors.ts'
import { hallOf } from '../hall.ts'
import { now } from '../now.ts'
import { pageOf } from '../page.ts'
import { people, PEOPLE } from '../people.ts'
import { showTold } from '../sheet.ts'
import type { Context, Verb } from '../verb.ts'
import { writeNew } from '../write-new.ts'

const ID_SHOWN = 8

async function named(context: Context, register: Register): Promise<CaseId> {
  const id = context.args.positionals[1] ?? ''
  const [only, ...more] = id.length < ID_SHOWN ? [] : (await listCases(register)).filter((each) => each.id.startsWith(id))
  if (only === undefined || more.length > 0) throw usage(context.say({ en: `name the case: ${ID_SHOWN} or more characters of its id, as muster case list has it`, ru: `укажите дело: от ${ID_SHOWN} знаков его номера из muster case list` }))
  return only.id
}

async function open(context: Context, register: Register): Promise<void> {
  const { by, and } = people(context)
  const opened = await openCase(register, context.args.required('title'), by, and, now())
  if (context.json) context.answer(opened)
  else context.out(opened.id)
}

async function list(context: Context, register: Register): Promise<void> {
  const cases = await listCases(register)
  if (context.json) {
    for (const each of cases) context.answer(each)
    context.answer({ cases: cases.length })
    return
  }
  context.table([{ title: context.say({ en: 'case', ru: 'дело' }) }, { title: context.say({ en: 'title', ru: 'название' }) }, { title: context.say({ en: 'opened by', ru: 'открыли' }) }, { title: context.say({ en: 'at', ru: 'когда' }) }],
    cases.map(({ id, title: about, by, and, written }) => [id, about, `${by}, ${and}`, written]))
}

async function show(context: Context, register: Register): Promise<void> {
  const id = await named(context, register)
  const acts = await caseActs(register.db, register.secrets, id)
  const page = context.args.text('page')
  const { exercise } = register.file
  if (page !== undefined) writeFileSync(resolve(page), pageOf((lang) => caseTold(acts, exercise, lang), context.lang))
  if (context.json) context.answer({ case: id, exercise, acts, page: page === undefined ? null : resolve(page) })
  else if (page !== undefined) context.out(resolve(page))
  else showTold(context, caseTold(acts, exercise, context.lang))
}

async function act(context: Context, register: Register, kind: string): Promise<void> {
  const id = await named(context, register)
  const { document, ...typed } = await (TYPED[kind] as (typeof TYPED)[string])(context, register)
  const written = await actInCase(register, id, { ...typed, ...people(context) }, now(), document)
  if (context.json) context.answer({ case: id, seq: written.seq, kind: written.kind, data: written.data })
  else context.out(context.say({ en: `Entered as act ${written.seq} of the case ${id.slice(0, ID_SHOWN)}.`, ru: `Внесено как запись ${written.seq} дела ${id.slice(0, ID_SHOWN)}.` }))
}

async function exportCase(context: Context): Promise<number> {
  const out = resolve(context.args.required('out'))
  const home = await openHome(context.dir, { databaseUrl: context.databaseUrl, report: (what) => { context.stderr(what) } })
  try {
    const { bytes, verification: { bound, acts } } = await caseFile(home, hallOf(context, home), await named(context, home.register))
    await writeNew(context, out, bytes)
    if (context.json) context.answer({ file: out, acts: acts.length, bound })
    else context.out(context.say({ en: `${out}: ${acts.length} acts, ${bound} bound in the log. Anybody checks it with muster verify ${out} --agreement FILE`, ru: `${out}: записей ${acts.length}, связано журналом ${bound}. Проверить может каждый: muster verify ${out} --agreement ФАЙЛ` }))
    return 0
  } finally {
    await home.close()
  }
}

const text = (value: string, en: string, ru: string) => ({ type: 'string', value, help: { en, ru } }) as const

export const verb: Verb = {
  name: 'case',
  summary: { en: 'case files: what ties recoveries, incidents, documents, claims and explanations', ru: 'дела: изъятия, происшествия, документы, сведения и объяснения' },
  usage: [
    'muster case open --title TITLE --by NAME --and NAME --dir D', 'muster case list --dir D', 'muster case show CASE [--page FILE] --dir D', 'muster case export CASE --out FILE [--agreement ID] --dir D',
    'muster case recovery CASE --item ITEM … [--id ID] --by NAME --dir D', 'muster case incident CASE --id ID --kind KIND --region NAME --what TEXT --source TEXT [--when DATE] --by NAME --dir D',
    'muster case document CASE --id ID --file FILE --title TITLE --source TEXT [--when DATE] [--marking LEVEL] --by NAME --dir D', 'muster case dossier CASE --trace ID [--id ID] --by NAME --dir D',
    'muster case claim CASE --id ID --about TEXT --source TEXT (--value TEXT | --number N) [--unit TEXT] [--least N] [--most N] [--when DATE] [--standing WORD] [--said-by WHO] --by NAME --dir D',
    'muster case explain CASE --id ID --what TEXT [--for "ID: FACT" …] [--against "ID: FACT" …] --by NAME --dir D', 'muster case fact CASE --id EXPLANATION (--for "ID: FACT" | --against "ID: FACT") --by NAME --dir D',
    'muster case dispute CASE --id ID --said-by WHO --what TEXT --by NAME --dir D', 'muster case close CASE --reason TEXT --by NAME --and NAME --dir D', 'muster case reopen CASE --title TITLE --by NAME --and NAME --dir D',
  ],
  positionals: { min: 1, max: 2 },
  options: {
    agreement: text('ID', 'the agreement whose log shows the acts, where several were joined', 'соглашение, журнал которого связывает записи, если их несколько'),
    title: text('TITLE', 'what the case or the document is about', 'о чём дело или документ'), id: text('ID', 'a name of its own within the case', 'код внутри дела'),
    item: { type: 'string', multiple: true, value: 'ITEM', help: { en: 'a find that the recovery is of', ru: 'находка, входящая в изъятие' } },
    kind: text('KIND', 'attack, seizure, theft, loss, accident, other', 'вид: attack, seizure, theft, loss, accident, other'), region: text('NAME', 'the region, no place', 'район, но не место'),
    what: text('TEXT', 'what happened, or what is said', 'что произошло или что утверждается'), source: text('TEXT', 'who reported it', 'кто сообщил'), when: text('DATE', 'as exact as it is known: YYYY, YYYY-MM, YYYY-MM-DD, a time', 'настолько точно, насколько известно: ГГГГ, ГГГГ-ММ, ГГГГ-ММ-ДД, время'),
    file: text('FILE', 'the document; of a picture the copy without metadata is kept', 'документ; у снимка хранится копия без метаданных'), marking: text('LEVEL', 'how the document is marked', 'гриф документа'),
    trace: text('ID', 'the trace whose dossier it is', 'прослеживание, чьё досье'), about: text('TEXT', 'the matter, in the same words for all claims of it', 'предмет, одними словами для всех сведений о нём'),
    value: text('TEXT', 'what the source says, in its words', 'что говорит источник, его словами'), number: text('N', 'what the source says, as a number', 'что говорит источник, числом'), unit: text('TEXT', 'what is counted', 'что считают'),
    least: text('N', 'the least that the words allow', 'не меньше'), most: text('N', 'the most that the words allow', 'не больше'), standing: text('WORD', 'how far the source says that it got: reported, discussed, agreed …', 'как далеко зашло по словам источника: reported, discussed, agreed …'),
    'said-by': text('WHO', 'who said it, an office', 'кто сказал, должность'), for: { type: 'string', multiple: true, value: 'FACT', help: { en: 'a fact for it, "ID: what it says"', ru: 'довод за: «КОД: что говорит»' } },
    against: { type: 'string', multiple: true, value: 'FACT', help: { en: 'a fact against it', ru: 'довод против' } }, reason: text('TEXT', 'why it is closed', 'почему закрывается'),
    page: text('FILE', 'write the case as one static HTML page', 'записать дело одной страницей HTML'), out: text('FILE', 'the file to write; one that is there is not written over', 'файл; существующий не перезаписывается'), ...PEOPLE,
  },
  run: async (context) => {
    const [name = ''] = context.args.positionals
    if (name === 'export') return exportCase(context)
    const acts: Readonly<Record<string, (context: Context, register: Register) => Promise<void>>> = { open, list, show }
    const chosen = acts[name] ?? (Object.hasOwn(TYPED, name) ? (within: Context, register: Register) => act(within, register, name) : undefined)
    if (chosen === undefined) throw usage(`case ${name}: ${[...Object.keys(acts), ...Object.keys(TYPED), 'export'].join(', ')}`)
    const register = await openRegister(context.dir, { databaseUrl: context.databaseUrl })
    try {
      await chosen(context, register)
      return 0
    } finally {
      await register.close()
    }
  },
}
