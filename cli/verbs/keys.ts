// `muster keys`: the own keys under an agreement change, as two people decide, and the record says so in the log.
import { canonicalBytes, parseJson } from '@muster/core/bytes/canonical.ts'
import { isTime } from '@muster/core/bytes/time.ts'
import { CHANGED_PURPOSES, changeKeys, COMPROMISED_PURPOSES, type ChangedPurpose } from '@muster/registry/keys.ts'
import type { Home } from '@muster/registry/main.ts'
import { usage } from '../errors.ts'
import { hallOf } from '../hall.ts'
import { inHome, type Acts } from '../in-home.ts'
import { people, PEOPLE } from '../people.ts'
import type { Context, Verb } from '../verb.ts'
import { writeNew } from '../write-new.ts'

/** Those of `--purpose`; by default all, but the OPRF key, which is named: its compromise makes every trace look twice. */
function purposesOf(context: Context): readonly ChangedPurpose[] {
  const named = context.args.texts('purpose')
  return named.length === 0 ? CHANGED_PURPOSES : named.map((text) => {
    const purpose = COMPROMISED_PURPOSES.find((each) => each === text)
    if (purpose === undefined) throw usage(context.say({ en: `--purpose ${text}: ${COMPROMISED_PURPOSES.join(', ')}`, ru: `--purpose ${text}: ${COMPROMISED_PURPOSES.join(', ')}` }))
    return purpose
  })
}

async function changed(context: Context, home: Home, compromisedSince: string | null): Promise<number> {
  const hall = hallOf(context, home)
  const { record, hash } = await changeKeys(home, hall, { purposes: purposesOf(context), compromisedSince, ...people(context) }, home.now())
  const { agreement, sequence, from, reason } = record
  if (context.json) context.answer({ agreement, sequence, from, reason, hash })
  else context.out(context.say({
    en: `Key record ${sequence} of ${record.party} under ${agreement}, in force from ${from}. It stands in the log with the next period: muster serve. The others go by the new keys once they have read it.`,
    ru: `Запись ключей ${sequence} стороны ${record.party} по ${agreement}, действует с ${from}. Войдёт в журнал со следующим периодом: muster serve. Другие перейдут на новые ключи, когда прочтут её.`,
  }))
  return 0
}

const change = (context: Context, home: Home): Promise<number> => changed(context, home, null)

async function compromise(context: Context, home: Home): Promise<number> {
  const since = context.args.required('since')
  if (!isTime(since)) throw usage(context.say({ en: `--since ${since}: YYYY-MM-DDTHH:MM:SSZ`, ru: `--since ${since}: ГГГГ-ММ-ДДTЧЧ:ММ:ССZ` }))
  return changed(context, home, since)
}

/** Key records of all parties, as this registry knows them. */
async function list(context: Context, home: Home): Promise<number> {
  const { joined } = hallOf(context, home)
  const rows = await Promise.resolve([...joined.trust.parties.values()].flatMap(({ party, records }) => records.map(({ record: { sequence, from, reason, compromisedSince }, hash }) => ({ party, sequence, from, reason, compromisedSince, hash }))))
  if (context.json) context.answer({ agreement: joined.agreement.id, records: rows })
  else {
    const titles = [{ en: 'party', ru: 'сторона' }, { en: 'record', ru: 'запись' }, { en: 'in force from', ru: 'действует с' }, { en: 'reason', ru: 'причина' }, { en: 'compromised since', ru: 'скомпрометирован с' }]
    const reasons = { first: { en: 'first', ru: 'первая' }, rotation: { en: 'change', ru: 'смена' }, compromise: { en: 'COMPROMISE', ru: 'КОМПРОМЕТАЦИЯ' } } as const
    context.table(titles.map((title) => ({ title: context.say(title) })), rows.map(({ party, sequence, from, reason, compromisedSince }) => [party, sequence, from, context.say(reasons[reason]), compromisedSince ?? '–']))
  }
  return 0
}

/** All key records of all parties as a file: what whoever verifies a file with `--records` holds against what it leaves out. */
async function write(context: Context, home: Home): Promise<number> {
  const [, path] = context.args.positionals
  if (path === undefined) throw usage(context.say({ en: 'muster keys write FILE', ru: 'muster keys write ФАЙЛ' }))
  const { trust } = hallOf(context, home).joined
  const records = [...trust.parties.values()].flatMap(({ records: all }) => all.map(({ bytes }) => parseJson(bytes)))
  await writeNew(context, path, canonicalBytes(records))
  if (context.json) context.answer({ records: records.length, path })
  else context.out(path)
  return 0
}

const ACTS: Acts = { change, compromise, list, write }

export const verb: Verb = {
  name: 'keys',
  summary: { en: 'change the own keys, each purpose by itself or all, or say that they were compromised', ru: 'сменить свои ключи, по назначениям или все, или объявить их скомпрометированными' },
  usage: [
    'muster keys change [--purpose PURPOSE …] --by NAME --and NAME [--agreement ID] --dir D', 'muster keys compromise --since TIME [--purpose PURPOSE …] --by NAME --and NAME [--agreement ID] --dir D',
    'muster keys list [--agreement ID] --dir D', 'muster keys write FILE [--agreement ID] --dir D',
  ],
  options: {
    purpose: { type: 'string', multiple: true, value: 'PURPOSE', help: { en: 'message, courier, witness, reader or log, several times; all by default. After a compromise oprf too, by name only', ru: 'message, courier, witness, reader или log, можно несколько раз; по умолчанию все. При компрометации и oprf, только по имени' } },
    since: { type: 'string', value: 'TIME', help: { en: 'since when the keys may be in other hands', ru: 'с какого времени ключи могут быть в чужих руках' } },
    agreement: { type: 'string', value: 'ID', help: { en: 'the agreement, where several were joined', ru: 'соглашение, если их несколько' } }, ...PEOPLE,
  },
  positionals: { min: 1, max: 2 },
  run: (context) => inHome(context, ACTS),
}
