// `muster person`: who may use the registry, for what, and in which part of it.
import type { Home } from '@muster/registry/main.ts'
import { ROLES, type Rights, type Role } from '@muster/core/rules/rights.ts'
import { changeRights, INVITATION_HOURS, invite, leave, makePass, makePerson, persons, type Person } from '@muster/registry/store/persons.ts'
import { usage } from '../errors.ts'
import { inHome, type Acts } from '../in-home.ts'
import { people, PEOPLE } from '../people.ts'
import type { Context, Verb, Words } from '../verb.ts'

function nameIn(context: Context): string {
  const name = context.args.positionals[1]?.trim()
  if (name === undefined || name === '') throw usage(context.say({ en: 'name the person', ru: 'укажите лицо' }))
  return name
}

function rightsIn(context: Context): Rights {
  const roles = context.args.texts('role')
  const wrong = roles.find((role) => !(ROLES as readonly string[]).includes(role))
  if (roles.length === 0 || wrong !== undefined) throw usage(context.say({ en: `--role ${wrong ?? ''}: one of ${ROLES.join(', ')}`, ru: `--role ${wrong ?? ''}: одна из ${ROLES.join(', ')}` }))
  return { roles: ROLES.filter((role: Role) => roles.includes(role)), scope: { sites: context.args.texts('site'), units: context.args.texts('unit') } }
}

const partText = ({ scope: { sites, units } }: Rights, whole: string): string => [...sites, ...units].join(', ') || whole

function told(context: Context, person: Person, words: Words): number {
  if (context.json) context.answer(person)
  else context.out(context.say(words))
  return 0
}

async function make(context: Context, home: Home): Promise<number> {
  const person = await makePerson(home.register, { person: nameIn(context), rights: rightsIn(context) }, people(context), home.now())
  return told(context, person, { en: `${person.person}: ${person.rights.roles.join(', ')}. For the browser: muster person invite; for programs: muster token new.`, ru: `${person.person}: ${person.rights.roles.join(', ')}. Для браузера: muster person invite; для программ: muster token new.` })
}

async function rights(context: Context, home: Home): Promise<number> {
  const person = await changeRights(home.register, { person: nameIn(context), rights: rightsIn(context) }, people(context), home.now())
  return told(context, person, { en: `${person.person}: ${person.rights.roles.join(', ')}, from now on.`, ru: `${person.person}: ${person.rights.roles.join(', ')}, с этого момента.` })
}

async function dismiss(context: Context, home: Home): Promise<number> {
  const person = await leave(home.register, nameIn(context), people(context).by, home.now())
  return told(context, person, { en: `${person.person} has left: their tokens and sessions open nothing from now on.`, ru: `${person.person}: доступ прекращён, токены и сеансы больше не действуют.` })
}

async function ask(context: Context, home: Home): Promise<number> {
  const { person, code, until } = await invite(home.register, nameIn(context), people(context), home.now())
  if (context.json) context.answer({ person, code, until })
  else {
    context.out(code)
    context.stderr(context.say({ en: `Shown this once: give it to ${person} and to nobody else. It is entered at the console within ${INVITATION_HOURS} hours, once.`, ru: `Показано один раз: передайте только лицу ${person}. Вводится на странице реестра один раз, в течение ${INVITATION_HOURS} часов.` }))
  }
  return 0
}

async function pass(context: Context, home: Home): Promise<number> {
  const { person, code, until } = await makePass(home.register, nameIn(context), people(context), home.now())
  if (context.json) context.answer({ person, code, until })
  else {
    context.out(code)
    context.stderr(context.say({ en: `EXERCISE. Whoever opens the console with #pass= and this is ${person}, until ${until}.`, ru: `УЧЕНИЕ. Кто откроет страницу реестра с #pass= и этим кодом, тот ${person}, до ${until}.` }))
  }
  return 0
}

async function list(context: Context, home: Home): Promise<number> {
  const all = await persons(home.register)
  if (context.json) context.answer({ persons: all })
  else if (all.length === 0) context.out(context.say({ en: 'Nobody may use this registry over the API yet: muster person new.', ru: 'Через API реестром пока никто не пользуется: muster person new.' }))
  else {
    const titles: readonly Words[] = [{ en: 'person', ru: 'лицо' }, { en: 'roles', ru: 'роли' }, { en: 'part', ru: 'часть' }, { en: 'since', ru: 'с' }, { en: 'decided by', ru: 'кем решено' }, { en: 'can sign in', ru: 'вход' }, { en: 'left', ru: 'выбыл' }]
    const [whole, yes] = [context.say({ en: 'the whole register', ru: 'весь реестр' }), context.say({ en: 'yes', ru: 'да' })]
    context.table(titles.map((title) => ({ title: context.say(title) })), all.map(({ person, rights: held, made, madeBy: { by, and }, enrolled, left }) => [person, held.roles.join(', '), partText(held, whole), made, `${by}, ${and ?? ''}`, enrolled ? yes : '', left ?? '']))
  }
  return 0
}

const ACTS: Acts = { new: make, rights, invite: ask, pass, leave: dismiss, list }

export const verb: Verb = {
  name: 'person',
  summary: { en: 'who may use the registry, for what, in which part of it', ru: 'кто пользуется реестром, для чего и в какой части' },
  usage: ['muster person new NAME --role ROLE [--site CODE] [--unit NAME] --by NAME --and NAME --dir D', 'muster person rights NAME --role ROLE [--site CODE] [--unit NAME] --by NAME --and NAME --dir D', 'muster person invite NAME --by NAME --and NAME --dir D', 'muster person pass NAME --by NAME --and NAME --dir D', 'muster person leave NAME --by NAME --dir D', 'muster person list --dir D'],
  options: {
    role: { type: 'string', multiple: true, value: 'ROLE', help: { en: ROLES.join(', '), ru: `одна из: ${ROLES.join(', ')}` } },
    site: { type: 'string', multiple: true, value: 'CODE', help: { en: 'only what lies at this site (default: the whole register)', ru: 'только это место хранения (по умолчанию весь реестр)' } },
    unit: { type: 'string', multiple: true, value: 'NAME', help: { en: 'only what this unit has', ru: 'только это подразделение' } },
    ...PEOPLE,
  },
  positionals: { min: 1, max: 2 },
  run: (context) => inHome(context, ACTS),
}
