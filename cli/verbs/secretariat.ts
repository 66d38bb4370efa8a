// `muster secretariat`: who answered which call, put together from all registries that tell it, and what is owed. A secretariat is named in the agreement,
// is no party, and needs no register.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { canonicalBytes, parseJson } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { parseAgreement, type Agreement } from '@muster/core/rules/agreement.ts'
import { isPartyId } from '@muster/core/rules/party.ts'
import { toldMatrix, type Contradiction, type Numbers, type ToldRow } from '@muster/core/rules/secretariat.ts'
import { STANDING } from '@muster/core/words/call.ts'
import { DUTY } from '@muster/core/words/duty.ts'
import { askCalls, askDuties, makeSecretariat, readSecretariat, type AskedRegistry, type SecretariatKeys } from '@muster/registry/ask-as-secretariat.ts'
import { Unreachable } from '@muster/registry/peer/client.ts'
import { usage } from '../errors.ts'
import { seconds } from '../now.ts'
import type { Context, Verb, Words } from '../verb.ts'
import { writeNew } from '../write-new.ts'

const ID_SHOWN = 8
const WATCH_SECONDS_MAX = 86_400
const MS = 1_000

const CONTRADICTION: Readonly<Record<Contradiction, Words>> = {
  'other-word': { en: 'ANOTHER ANSWER THERE', ru: 'ТАМ ДРУГОЙ ОТВЕТ' }, 'word-not-here': { en: 'ANSWER NOT WITH THE CALLER', ru: 'ОТВЕТА НЕТ У ЗАПРОСИВШЕГО' }, 'word-not-given': { en: 'ANSWER NOT KNOWN TO WHO GAVE IT', ru: 'ДАВШИЙ ОТВЕТ ЕГО НЕ ЗНАЕТ' },
  'not-received': { en: 'RECEIVED, AND NOT THERE', ru: 'ПОЛУЧЕН, НО ТАМ ЕГО НЕТ' }, 'not-issued': { en: 'THE CALLER HAS NO SUCH CALL', ru: 'У ЗАПРОСИВШЕГО ТАКОГО НЕТ' }, 'other-numbers': { en: 'OTHER NUMBERS THERE', ru: 'ТАМ ДРУГИЕ ЧИСЛА' },
}
const OPEN: Words = { en: 'waits', ru: 'ждёт' }

interface Asking { readonly keys: SecretariatKeys, readonly agreement: Agreement, readonly registries: readonly AskedRegistry[] }

/** `--registry CODE=URL`: the party is named here and not by whoever answers, so that a ticket is of use to no other. */
async function asking(context: Context): Promise<Asking> {
  const agreement = parseAgreement(canonicalBytes(parseJson(new Uint8Array(await readFile(context.args.required('agreement'))))))
  if (agreement instanceof Error) throw agreement
  const named = context.args.texts('registry')
  if (named.length === 0) throw usage('--registry CODE=URL …')
  const registries = named.map((text): AskedRegistry => {
    const [party, url] = [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1).replace(/\/$/, '')]
    if (!isPartyId(party) || !agreement.parties.some(({ id }) => id === party) || !URL.canParse(url)) throw usage(`--registry ${text}: CODE=http://host:port`)
    return { party, url }
  })
  return { keys: readSecretariat(await readFile(context.args.required('keys'))), agreement, registries }
}

async function init(context: Context): Promise<number> {
  const { file, keys } = makeSecretariat(context.args.required('id'))
  const path = resolve(context.args.required('out'))
  await writeNew(context, path, Buffer.from(file))
  const name = context.args.required('name').trim()
  const member = { id: context.args.required('id'), name: { en: name, ru: context.args.text('name-ru') ?? name }, ...keys }
  if (context.json) context.answer({ file: path, member })
  else {
    context.out(JSON.stringify(member))
    context.stderr(context.say({ en: `${path} is secret. The line above goes into the agreement, as a member of secretariats.`, ru: `${path} хранить в тайне. Строка выше вносится в соглашение, в список secretariats.` }))
  }
  return 0
}

interface Heard<T> { readonly told: readonly T[], readonly missing: readonly { readonly party: string, readonly why: string }[] }

/** Whoever answers is heard; whoever does not is named. */
async function heard<T>({ registries }: Asking, ask: (registry: AskedRegistry) => Promise<T>): Promise<Heard<T>> {
  const all = await Promise.all(registries.map(async (registry) => {
    try {
      return { told: await ask(registry) }
    } catch (error) {
      if (error instanceof Refusal || error instanceof Unreachable) return { party: registry.party, why: error.message }
      throw error
    }
  }))
  return { told: all.flatMap((each) => 'told' in each ? [each.told] : []), missing: all.flatMap((each) => 'told' in each ? [] : [each]) }
}

const numbersText = (numbers: Numbers | null | undefined): string => numbers === null || numbers === undefined ? '' : numbers.map(({ class: kind, opened, sealed, records }) => `${kind} ${opened}/${sealed}/${records}`).join(', ')

function rowText(context: Context, { call, from, to, due, caller, addressee, contradiction }: ToldRow): string[] {
  const there = addressee === null ? '' : addressee.standing === 'open' ? context.say(OPEN) : context.say(STANDING[addressee.standing])
  return [
    call.slice(0, ID_SHOWN), `${from} → ${to}`, due, caller === null ? '' : `${context.say(STANDING[caller.standing])}${caller.late ? context.say({ en: ', late', ru: ', с опозданием' }) : ''}`, caller?.since ?? '', there, addressee?.said ?? '',
    numbersText(caller?.numbers ?? addressee?.numbers), contradiction === null ? '' : context.say(CONTRADICTION[contradiction]),
  ]
}

function missed(context: Context, missing: Heard<unknown>['missing']): void {
  for (const { party, why } of missing) context.out(context.say({ en: `${party} does not answer: ${why}`, ru: `${party} не отвечает: ${why}` }))
}

/** Exit code 1 where views contradict one another. */
async function calls(context: Context, asked: Asking): Promise<number> {
  const { told, missing } = await heard(asked, (registry) => askCalls(asked.keys, registry, asked.agreement.id, seconds()))
  const rows = toldMatrix(told)
  if (context.json) context.answer({ agreement: asked.agreement.id, exercise: asked.agreement.exercise, answered: told.map(({ party, at }) => ({ party, at })), missing, calls: rows })
  else {
    const titles: readonly Words[] = [
      { en: 'call', ru: 'запрос' }, { en: 'way', ru: 'путь' }, { en: 'due', ru: 'срок' }, { en: 'as the caller has it', ru: 'у запросившего' }, { en: 'since', ru: 'с' }, { en: 'as the addressee has it', ru: 'у адресата' }, { en: 'said', ru: 'сказано' },
      { en: 'opened/sealed/records', ru: 'вскрыто/по пломбам/по учёту' }, { en: 'contradiction', ru: 'противоречие' },
    ]
    if (rows.length > 0) context.table(titles.map((title) => ({ title: context.say(title) })), rows.map((row) => rowText(context, row)))
    else context.out(context.say({ en: 'No call was issued.', ru: 'Запросов о пересчёте нет.' }))
    missed(context, missing)
  }
  return rows.some(({ contradiction }) => contradiction !== null) ? 1 : 0
}

/** Each duty once, as each registry that tells it has it. Exit code 1 where something is late. */
async function duties(context: Context, asked: Asking): Promise<number> {
  const { told, missing } = await heard(asked, (registry) => askDuties(asked.keys, registry, asked.agreement.id, seconds()))
  const rows = told.flatMap(({ party, duties: all }) => all.map((duty) => ({ toldBy: party, ...duty }))).toSorted((a, b) => `${a.by} ${a.due} ${a.what} ${a.about}` < `${b.by} ${b.due} ${b.what} ${b.about}` ? -1 : 1)
  if (context.json) context.answer({ agreement: asked.agreement.id, exercise: asked.agreement.exercise, missing, duties: rows })
  else {
    const titles: readonly Words[] = [{ en: 'by', ru: 'кто' }, { en: 'what', ru: 'что' }, { en: 'to', ru: 'кому' }, { en: 'about', ru: 'предмет' }, { en: 'due', ru: 'срок' }, { en: 'state', ru: 'состояние' }, { en: 'as told by', ru: 'по данным' }]
    if (rows.length > 0) context.table(titles.map((title) => ({ title: context.say(title) })), rows.map(({ by, what, to, about, due, state, toldBy }) => [by, what, to ?? context.say({ en: 'all', ru: 'всем' }), about, due, context.say(DUTY[state]), toldBy]))
    else context.out(context.say({ en: 'Nothing is owed.', ru: 'Обязательств по срокам нет.' }))
    missed(context, missing)
  }
  return rows.some(({ state }) => state === 'late') ? 1 : 0
}

/** Once, or with --watch again and again until stopped. */
async function shown(context: Context, show: (context: Context, asked: Asking) => Promise<number>): Promise<number> {
  const asked = await asking(context)
  const every = context.args.integer('watch', { min: 1, max: WATCH_SECONDS_MAX })
  const stopped = every === undefined ? undefined : context.stopped()
  for (;;) {
    if (every !== undefined) context.clear()
    if (!context.json) context.out(`${asked.agreement.exercise ? context.say({ en: 'EXERCISE · ', ru: 'УЧЕНИЯ · ' }) : ''}${asked.agreement.id} · ${new Date(seconds() * MS).toISOString().slice(0, 19)}Z`)
    const code = await show(context, asked)
    if (every === undefined || stopped === undefined) return code
    await sleep(every * MS, undefined, { signal: stopped }).catch(() => undefined)
    if (stopped.aborted) return code
  }
}

const ACTS: Readonly<Record<string, (context: Context) => Promise<number>>> = { init, calls: (context) => shown(context, calls), duties: (context) => shown(context, duties) }

export const verb: Verb = {
  name: 'secretariat',
  summary: { en: 'who answered which call and what is owed, from all registries that tell a secretariat', ru: 'кто ответил на запросы и что предстоит: сводка секретариата по всем реестрам' },
  usage: [
    'muster secretariat init --id ID --name TEXT [--name-ru TEXT] --out FILE', 'muster secretariat calls --agreement FILE --keys FILE --registry CODE=URL … [--watch SECONDS]',
    'muster secretariat duties --agreement FILE --keys FILE --registry CODE=URL … [--watch SECONDS]',
  ],
  options: {
    'id': { type: 'string', value: 'ID', help: { en: 'the secretariat in the agreement: a-z, 0-9 and dash', ru: 'код секретариата в соглашении: a-z, 0-9 и дефис' } },
    'name': { type: 'string', value: 'TEXT', help: { en: 'its name in English', ru: 'название по-английски' } },
    'name-ru': { type: 'string', value: 'TEXT', help: { en: 'its name in Russian (default: the same)', ru: 'название по-русски (по умолчанию то же)' } },
    'out': { type: 'string', value: 'FILE', help: { en: 'the file of its secret keys', ru: 'файл секретных ключей' } },
    'agreement': { type: 'string', value: 'FILE', help: { en: 'the agreement that names it', ru: 'соглашение, в котором он назван' } },
    'keys': { type: 'string', value: 'FILE', help: { en: 'the file of its secret keys', ru: 'файл секретных ключей' } },
    'registry': { type: 'string', multiple: true, value: 'CODE=URL', help: { en: 'a party and where its registry answers', ru: 'участник и адрес его реестра' } },
    'watch': { type: 'string', value: 'SECONDS', help: { en: 'ask and show again so often, until stopped', ru: 'спрашивать и показывать заново с этим шагом, пока не остановлено' } },
  },
  positionals: { min: 1, max: 1 },
  run: (context) => {
    const act = ACTS[context.args.positionals[0] ?? '']
    if (act === undefined) throw usage(Object.keys(ACTS).join(', '))
    return act(context)
  },
}
