// `muster request`: formal requests of a trace that wait for officers, who release sections or refuse; and suspensions that officers lift.
import { isPartyId } from '@muster/core/rules/party.ts'
import { DISCLOSED_SECTIONS, type DisclosedSection } from '@muster/core/rules/terms.ts'
import { twoPeople } from '@muster/core/rules/two-people.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { REFUSAL_REASONS } from '@muster/core/wire/trace-body.ts'
import { sodiumGroup } from '@muster/fast/sodium-group.ts'
import { servedAt, type Home } from '@muster/registry/main.ts'
import { startEvaluator } from '@muster/registry/peer/evaluator-process.ts'
import { approveRequest, refuseRequest, waitingRequests } from '@muster/registry/peer/waiting-request.ts'
import { fault, usage } from '../errors.ts'
import { hallOf } from '../hall.ts'
import { inHome, type Acts } from '../in-home.ts'
import { seconds } from '../now.ts'
import type { Context, Verb } from '../verb.ts'

const ID_SHOWN = 12

async function list(context: Context, home: Home): Promise<number> {
  const { joined } = hallOf(context, home)
  const waiting = await waitingRequests({ register: home.register, joined })
  if (context.json) context.answer({ agreement: joined.agreement.id, waiting })
  else if (waiting.length === 0) context.out(context.say({ en: 'No request waits.', ru: 'Запросов в ожидании нет.' }))
  else {
    context.table([{ title: 'id' }, { title: 'from' }, { title: 'time' }, { title: 'ground' }, { title: 'use' }, { title: 'marks' }, { title: 'hits', align: 'right' }],
      waiting.map(({ id, from, time, ground, use, marks, hits }) => [id.slice(0, ID_SHOWN), from, time, ground, use, marks.join(' · '), hits]))
  }
  return 0
}

function idOf(context: Context): string {
  const id = context.args.positionals[1] ?? ''
  if (!/^[0-9a-f]{8,64}$/.test(id)) throw usage(context.say({ en: 'name the request: 8 to 64 characters of its id', ru: 'укажите запрос: от 8 до 64 знаков его номера' }))
  return id
}

function people(context: Context): { readonly by: string, readonly and: string | null } {
  return { by: context.args.required('by'), and: context.args.text('and') ?? null }
}

function told(context: Context, { id, payload }: Message): number {
  if (context.json) context.answer({ answer: id, kind: payload.kind, to: payload.to })
  else context.out(context.say({ en: `Signed ${payload.kind} to ${payload.to}: muster serve delivers it.`, ru: `Подписано: ${payload.kind} для ${payload.to}; доставит muster serve.` }))
  return 0
}

async function approve(context: Context, home: Home): Promise<number> {
  const sections = context.args.texts('section').map((name): DisclosedSection => {
    const known = DISCLOSED_SECTIONS.find((each) => each === name)
    if (known === undefined) throw usage(`--section ${name}: ${DISCLOSED_SECTIONS.join(', ')}`)
    return known
  })
  const { by, and } = people(context)
  const { joined } = hallOf(context, home)
  return told(context, await approveRequest({ register: home.register, joined, group: await sodiumGroup() }, idOf(context), sections, by, and, seconds()))
}

async function refuse(context: Context, home: Home): Promise<number> {
  const { by, and } = people(context)
  const { joined } = hallOf(context, home)
  return told(context, await refuseRequest({ register: home.register, joined, group: await sodiumGroup() }, idOf(context), context.args.required('reason'), by, and, seconds()))
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

const ACTS: Acts = { list, approve, refuse, lift }

export const verb: Verb = {
  name: 'request',
  summary: { en: 'requests that wait for two officers', ru: 'запросы, ожидающие решения двух должностных лиц' },
  usage: [
    'muster request list [--agreement ID] --dir D',
    'muster request approve ID --section NAME … --by PERSON --and PERSON --dir D',
    'muster request refuse ID --reason CODE --by PERSON --and PERSON --dir D',
    'muster request lift PARTY --by PERSON --and PERSON --dir D',
  ],
  options: {
    agreement: { type: 'string', value: 'ID', help: { en: 'the agreement, where several were joined', ru: 'соглашение, если их несколько' } },
    section: { type: 'string', multiple: true, value: 'NAME', help: { en: `a section to open: ${DISCLOSED_SECTIONS.join(', ')}`, ru: `раскрываемый раздел: ${DISCLOSED_SECTIONS.join(', ')}` } },
    reason: { type: 'string', value: 'CODE', help: { en: `why nothing is opened: ${REFUSAL_REASONS.join(', ')}`, ru: `причина отказа: ${REFUSAL_REASONS.join(', ')}` } },
    by: { type: 'string', value: 'PERSON', help: { en: 'who decides', ru: 'кто решает' } },
    and: { type: 'string', value: 'PERSON', help: { en: 'the second person', ru: 'второе лицо' } },
  },
  positionals: { min: 1, max: 2 },
  run: (context) => inHome(context, ACTS),
}
