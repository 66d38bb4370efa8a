// `muster agreement`: keys under an agreement, the agreement as a file, and joining it.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalBytes, parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { agreementBytes, agreementOf, isAgreementId, isExerciseId, parseAgreement, type AgreementId } from '@muster/core/rules/agreement.ts'
import { formatPolicy } from '@muster/core/proof/policy.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { makeOprfKey } from '@muster/registry/evaluator/key.ts'
import { openHome } from '@muster/registry/main.ts'
import { joinAgreement, takeUpDraft } from '@muster/registry/store/agreements.ts'
import { firstKeyRecord, makeAgreementKeys } from '@muster/registry/store/keys.ts'
import { openRegister } from '@muster/registry/store/register.ts'
import { readPartyFile } from '@muster/registry/store/party-file.ts'
import { AGREEMENT_OPTIONS, AGREEMENT_USAGE, agreementActs } from '../agreement-acts.ts'
import { recordsIn, urlsIn } from '../agreement-files.ts'
import { STATE } from '../agreement-words.ts'
import { fault, usage } from '../errors.ts'
import { now, seconds } from '../now.ts'
import { PEOPLE } from '../people.ts'
import type { Context, Verb } from '../verb.ts'

function idOf(context: Context): AgreementId {
  const id = context.args.positionals[1]
  if (!isAgreementId(id)) throw usage(context.say({ en: 'name the agreement: 1 to 63 of a-z, 0-9 and dash', ru: 'укажите соглашение: от 1 до 63 знаков a-z, 0-9 и дефис' }))
  return id
}

/** Makes the party's keys under an agreement that is still to be written, and its key record for the others. */
async function keys(context: Context): Promise<number> {
  const id = idOf(context)
  const { party, exercise } = await readPartyFile(context.dir)
  if (isExerciseId(id) !== exercise) throw fault('agreement-refused', exercise ? `this register is an exercise: its agreements are named exercise or exercise-…, and ${id} is not` : `${id} names an exercise, and this register is none: an exercise and the real never mix`)
  const path = join(context.dir, `${id}-${party}.key-record.json`)
  const held = await readFile(path).catch(() => undefined)
  if (held === undefined) {
    const made = await makeAgreementKeys(context.dir, id)
    await writeFile(path, await firstKeyRecord(made, id, party, now(), await makeOprfKey(context.dir, id)), { flag: 'wx' })
  }
  if (context.json) context.answer({ agreement: id, party, record: path })
  else context.out(context.say({ en: `Key record of ${party} under ${id}: ${path}. Give it to all parties.`, ru: `Запись ключей ${party} по ${id}: ${path}. Передайте её всем участникам.` }))
  return 0
}

/** Settings that a draft takes where no file says otherwise. */
function defaults(parties: number): { readonly [name: string]: Json } {
  return {
    liars: Math.floor((parties - 1) / 3), quorum: Math.floor((parties + Math.floor((parties - 1) / 3)) / 2) + 1, periodSeconds: 3600, step: 256, declarationAgeSecondsMax: 400 * 86_400,
    quota: { windowSeconds: 86_400, askerElements: 100_000, allElements: 1_000_000 }, batches: [16, 64, 256, 1024], openOneIn: 10,
    deadlines: { openSeconds: 86_400, answerSeconds: 86_400, receiptSeconds: 3600, lookSeconds: 30 * 86_400 }, standing: null, scope: { classes: null },
    marking: { level: 'unmarked', caveats: [] },
  }
}

/** Writes an agreement from the parties' key records; `--settings FILE` (JSON) says what differs from the defaults. */
async function draft(context: Context): Promise<number> {
  const id = idOf(context)
  const records = await recordsIn(context)
  const out = context.args.required('out')
  const settings = context.args.text('settings')
  const given = settings === undefined ? {} : parseJson(new Uint8Array(await readFile(settings))) as { readonly [name: string]: Json }
  const names = new Map(context.args.texts('name').map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]))
  const parties = [...records.values()].map(({ record, hash }) => ({ id: record.party, name: { en: names.get(record.party) ?? record.party, ru: names.get(record.party) ?? record.party }, keyRecord: hash }))
  const whole = {
    ...defaults(parties.length), v: 'muster/agreement/1', id, sequence: 0, exercise: context.args.flag('exercise'), title: { en: id, ru: id }, parties, baseline: timeOf(0), ...given,
  }
  const agreement = agreementOf(whole)
  if (agreement instanceof Error) throw agreement
  await writeFile(out, agreementBytes(agreement))
  if (context.json) context.answer({ agreement: id, parties: parties.length, quorum: agreement.quorum, out })
  else context.out(context.say({ en: `${out}: ${parties.length} parties, quorum ${agreement.quorum}. Each party reads it and joins.`, ru: `${out}: участников ${parties.length}, кворум ${agreement.quorum}. Каждый участник читает и присоединяется.` }))
  return 0
}

async function handIn(context: Context, draft: boolean): Promise<number> {
  const file = context.args.positionals[1]
  if (file === undefined) throw usage(context.say({ en: 'name the agreement file', ru: 'укажите файл соглашения' }))
  const bytes = canonicalBytes(parseJson(new Uint8Array(await readFile(file))))
  const agreement = parseAgreement(bytes)
  if (agreement instanceof Error) throw agreement
  const records = new Map([...(await recordsIn(context))].map(([party, { bytes: record }]) => [party, record]))
  const register = await openRegister(context.dir, { databaseUrl: context.databaseUrl })
  try {
    if (draft) await takeUpDraft(register, { bytes, records, urls: urlsIn(context) }, seconds())
    else await joinAgreement(register, bytes, records, urlsIn(context), seconds())
  } finally {
    await register.close()
  }
  if (context.json) context.answer({ agreement: agreement.id, parties: agreement.parties.length })
  else if (draft) context.out(context.say({ en: `Draft ${agreement.id} taken up: muster agreement propose, position, sign. It is in force when all have signed.`, ru: `Проект ${agreement.id} принят к обсуждению: muster agreement propose, position, sign. Вступит в силу, когда подпишут все.` }))
  else context.out(context.say({ en: `Joined ${agreement.id}. It takes effect with the log's next period: muster serve, or muster declare.`, ru: `Присоединено: ${agreement.id}. Вступит в журнал со следующим периодом: muster serve или muster declare.` }))
  return 0
}

async function list(context: Context): Promise<number> {
  const home = await openHome(context.dir, { databaseUrl: context.databaseUrl })
  try {
    const rows = [...home.halls.values()].map(({ joined: { agreement, urls, standing } }) => ({ id: agreement.id, sequence: agreement.sequence, state: standing.state, parties: agreement.parties.length, quorum: agreement.quorum, addresses: urls.size }))
    if (context.json) context.answer({ agreements: rows })
    else context.table([{ title: 'agreement' }, { title: 'state' }, { title: 'parties' }, { title: 'quorum' }, { title: 'addresses' }], rows.map(({ id, state, parties, quorum, addresses }) => [id, context.say(STATE[state]), parties, quorum, addresses]))
  } finally {
    await home.close()
  }
  return 0
}

/** The trust policy of an agreement for any tool that reads C2SP tlog-policy: every party's log, every witness, the quorum. */
async function policy(context: Context): Promise<number> {
  const home = await openHome(context.dir, { databaseUrl: context.databaseUrl })
  try {
    const hall = home.halls.get(idOf(context))
    if (hall === undefined) throw usage(context.say({ en: 'this agreement is not joined', ru: 'к этому соглашению реестр не присоединён' }))
    const { trust, agreement } = hall.joined
    const text = Buffer.from(formatPolicy(p, [...trust.parties.values()].flatMap(({ log }) => [log.ed25519, log.mldsa44]), [...trust.parties.values()].map(({ witness }) => witness), agreement.quorum)).toString('utf8')
    if (context.json) context.answer({ agreement: agreement.id, policy: text })
    else context.out(text.trimEnd())
  } finally {
    await home.close()
  }
  return 0
}

const ACTS: Readonly<Record<string, (context: Context) => Promise<number>>> = { keys, draft, join: (context) => handIn(context, false), take: (context) => handIn(context, true), list, policy, ...agreementActs }

export const verb: Verb = {
  name: 'agreement',
  summary: { en: 'an agreement: drafted, proposed, signed, amended, left, or joined as a file', ru: 'соглашение: проект, предложение, подписание, изменение, выход; присоединение по файлу' },
  usage: [
    'muster agreement keys ID --dir D',
    'muster agreement draft ID --record FILE … [--settings FILE] [--name CODE=NAME …] [--exercise] --out FILE',
    'muster agreement join FILE --record FILE … [--peer CODE=URL …] --dir D',
    'muster agreement list --dir D',
    'muster agreement policy ID --dir D', ...AGREEMENT_USAGE,
  ],
  options: {
    record: { type: 'string', multiple: true, value: 'FILE', help: { en: 'key record of a party', ru: 'запись ключей участника' } },
    settings: { type: 'string', value: 'FILE', help: { en: 'JSON with what differs from the defaults', ru: 'JSON с отличиями от значений по умолчанию' } },
    name: { type: 'string', multiple: true, value: 'CODE=NAME', help: { en: 'a party as people call it', ru: 'название участника' } },
    peer: { type: 'string', multiple: true, value: 'CODE=URL', help: { en: 'where a party\'s registry answers', ru: 'адрес реестра участника' } },
    exercise: { type: 'boolean', help: { en: 'an exercise', ru: 'учения' } },
    out: { type: 'string', value: 'FILE', help: { en: 'where the agreement is written', ru: 'куда записать соглашение' } },
    ...AGREEMENT_OPTIONS, ...PEOPLE,
  },
  positionals: { min: 1, max: 2 },
  run: (context) => {
    const act = ACTS[context.args.positionals[0] ?? '']
    if (act === undefined) throw usage(context.say({ en: `one of ${Object.keys(ACTS).join(', ')}`, ru: `одно из: ${Object.keys(ACTS).join(', ')}` }))
    return act(context)
  },
}
