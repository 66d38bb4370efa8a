// `muster token`: who may use the API, each by a token in one person's name.
import type { Home } from '@muster/registry/main.ts'
import { makeToken, revokeToken, TOKEN_DAYS, tokens } from '@muster/registry/store/tokens.ts'
import { usage } from '../errors.ts'
import { inHome, type Acts } from '../in-home.ts'
import { timeOption } from '../options.ts'
import { people, PEOPLE } from '../people.ts'
import type { Context, Verb, Words } from '../verb.ts'

const ID_SHOWN = 8

async function make(context: Context, home: Home): Promise<number> {
  const person = context.args.required('for').trim()
  const { id, token, until } = await makeToken(home.register, { person, by: people(context).by, until: timeOption(context, 'until') }, home.now())
  if (context.json) context.answer({ id, person, until, token })
  else {
    context.out(token)
    context.stderr(context.say({ en: `Shown this once: give it to ${person} and to nobody else. It ends at ${until}; muster token revoke ${id.slice(0, ID_SHOWN)} ends it before.`, ru: `Показан один раз: передайте только лицу ${person}. Действует до ${until}; отозвать раньше: muster token revoke ${id.slice(0, ID_SHOWN)}.` }))
  }
  return 0
}

async function list(context: Context, home: Home): Promise<number> {
  const all = await tokens(home.register)
  if (context.json) context.answer({ tokens: all })
  else if (all.length === 0) context.out(context.say({ en: 'No token was given.', ru: 'Токенов нет.' }))
  else {
    const titles: readonly Words[] = [{ en: 'token', ru: 'токен' }, { en: 'person', ru: 'лицо' }, { en: 'made', ru: 'выдан' }, { en: 'by', ru: 'кем' }, { en: 'until', ru: 'до' }, { en: 'revoked', ru: 'отозван' }]
    context.table(titles.map((title) => ({ title: context.say(title) })), all.map(({ id, person, made, madeBy, until, revoked, revokedBy }) => [id.slice(0, ID_SHOWN), person, made, madeBy, until, revoked === null ? '' : `${revoked} (${revokedBy ?? ''})`]))
  }
  return 0
}

async function revoke(context: Context, home: Home): Promise<number> {
  const id = context.args.positionals[1]
  if (id === undefined) throw usage(context.say({ en: 'name the token as muster token list has it', ru: 'укажите токен из muster token list' }))
  const token = await revokeToken(home.register, id, people(context).by, home.now())
  if (context.json) context.answer(token)
  else context.out(context.say({ en: `The token of ${token.person} is revoked: it opens nothing from now on.`, ru: `Токен (${token.person}) отозван и больше не действует.` }))
  return 0
}

const ACTS: Acts = { new: make, list, revoke }

export const verb: Verb = {
  name: 'token',
  summary: { en: 'tokens for the API, each in one person\'s name', ru: 'токены для API, каждый на имя одного лица' },
  usage: ['muster token new --for NAME [--until TIME] --by NAME --dir D', 'muster token list --dir D', 'muster token revoke ID --by NAME --dir D'],
  options: {
    for: { type: 'string', value: 'NAME', help: { en: 'the person (muster person) under whose name all of it is recorded', ru: 'лицо (muster person), от имени которого всё записывается' } },
    until: { type: 'string', value: 'TIME', help: { en: `when it ends (default: in ${TOKEN_DAYS} days)`, ru: `срок действия (по умолчанию ${TOKEN_DAYS} дней)` } },
    ...PEOPLE,
  },
  positionals: { min: 1, max: 2 },
  run: (context) => inHome(context, ACTS),
}
