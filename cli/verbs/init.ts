// `muster init`: a register for a party, and the end of one.
import { isPartyId } from '@muster/core/rules/party.ts'
import { initParty, PARTY_NAME_CHARACTERS_MAX, removeParty } from '@muster/registry/store/party-file.ts'
import { usage } from '../errors.ts'
import { now } from '../now.ts'
import type { Context, Verb } from '../verb.ts'

async function remove(context: Context): Promise<number> {
  const { databaseLeft } = await removeParty(context.dir)
  if (context.json) context.answer({ removed: context.dir, databaseLeft })
  else {
    context.out(context.say({ en: `Deleted: ${context.dir}`, ru: `Удалено: ${context.dir}` }))
    if (databaseLeft) context.out(context.say({ en: 'The database of DATABASE_URL is its operator\'s and was left as it is.', ru: 'База данных DATABASE_URL принадлежит её администратору и не тронута.' }))
  }
  return 0
}

async function make(context: Context): Promise<number> {
  const party = context.args.required('party')
  const name = context.args.required('name').trim()
  if (!isPartyId(party)) throw usage(context.say({ en: `--party ${party}: 2 to 16 of A-Z and 0-9, a letter first`, ru: `--party ${party}: от 2 до 16 знаков A-Z и 0-9, первая буква` }))
  if (name === '' || name.length > PARTY_NAME_CHARACTERS_MAX || /\p{Cc}/u.test(name)) {
    throw usage(context.say({ en: `--name: 1 to ${PARTY_NAME_CHARACTERS_MAX} characters on one line`, ru: `--name: от 1 до ${PARTY_NAME_CHARACTERS_MAX} знаков в одну строку` }))
  }
  const file = await initParty(context.dir, { party, name, exercise: context.args.flag('exercise'), at: now() }, { databaseUrl: context.databaseUrl })
  if (context.json) context.answer({ party: file.party, name: file.name, exercise: file.exercise, created: file.created, dir: context.dir })
  else {
    context.out(context.say({ en: `The register of ${party} (${name}) is ready in ${context.dir}.`, ru: `Реестр ${party} (${name}) готов: ${context.dir}.` }))
    context.out(context.say({
      en: `Back up ${context.dir}/keys now and after each agreement: without it no row can be checked and no declaration opened.`,
      ru: `Сохраните копию ${context.dir}/keys сейчас и после каждого соглашения: без неё нельзя проверить ни одной строки и раскрыть ни одной декларации.`,
    }))
  }
  return 0
}

export const verb: Verb = {
  name: 'init',
  summary: { en: 'make a register for a party', ru: 'создать реестр участника' },
  usage: ['muster init --party CODE --name NAME [--exercise] --dir D', 'muster init --remove --dir D'],
  options: {
    party: { type: 'string', value: 'CODE', help: { en: 'the party: 2 to 16 of A-Z and 0-9, as in RJ', ru: 'участник: от 2 до 16 знаков A-Z и 0-9, например RJ' } },
    name: { type: 'string', value: 'NAME', help: { en: 'the party as people call it', ru: 'название участника' } },
    exercise: { type: 'boolean', help: { en: 'an exercise: all that is recorded is invented', ru: 'учения: все записи вымышлены' } },
    remove: { type: 'boolean', help: { en: 'delete the register with its database and keys', ru: 'удалить реестр вместе с базой и ключами' } },
  },
  run: (context) => context.args.flag('remove') ? remove(context) : make(context),
}
