// `muster breach`: what other parties signed and may not have signed, as it was found; the file that proves it to anybody; and that it is settled.
import { resolve } from 'node:path'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { isPartyId } from '@muster/core/rules/party.ts'
import { publicGroup } from '@muster/fast/public-group.ts'
import type { Home } from '@muster/registry/main.ts'
import { isDisproven } from '@muster/registry/delivery/charge.ts'
import { evidenceFile } from '@muster/registry/peer/evidence-file.ts'
import { filedBreaches, settleBreaches, type FiledBreach } from '@muster/registry/store/breaches.ts'
import { usage } from '../errors.ts'
import { hallOf } from '../hall.ts'
import { inHome, type Acts } from '../in-home.ts'
import { people, PEOPLE } from '../people.ts'
import type { Context, Verb } from '../verb.ts'
import { CHARGE } from '../verify/evidence.ts'
import { writeNew } from '../write-new.ts'

const ID_SHOWN = 8

const fileOf = (group: Group, home: Home, breach: FiledBreach): ReturnType<typeof evidenceFile> => {
  const hall = [...home.halls.values()].find(({ joined }) => joined.agreement.id === breach.agreement)
  return hall === undefined ? undefined : evidenceFile(group, hall.joined, breach)
}

async function list(context: Context, home: Home): Promise<number> {
  const group = await publicGroup()
  const all = await Array.fromAsync(filedBreaches(home.register), (breach) => {
    const { evidence: { message }, ...filed } = breach
    return { ...filed, charge: fileOf(group, home, breach)?.charge ?? null, message: typeof message === 'string' ? message : '' }
  })
  if (context.json) context.answer({ breaches: all })
  else if (all.length === 0) context.out(context.say({ en: 'No breach is on file.', ru: 'Нарушений не обнаружено.' }))
  else {
    const columns = [{ en: 'breach', ru: 'нарушение' }, { en: 'party', ru: 'сторона' }, { en: 'found', ru: 'обнаружено' }, { en: 'convicts before a third', ru: 'доказуемо третьему' }, { en: 'settled', ru: 'урегулировано' }, { en: 'what', ru: 'что' }]
    context.table(columns.map((title) => ({ title: context.say(title) })), all.map(({ id, party, found, charge, settled, message }) =>
      [id.slice(0, ID_SHOWN), party, found, charge === null ? '—' : context.say(CHARGE[charge]), settled ?? '—', message]))
  }
  return 0
}

async function chosen(context: Context, home: Home): Promise<FiledBreach> {
  const id = context.args.positionals[1] ?? ''
  let breach: FiledBreach | undefined
  let named = 0
  for await (const each of filedBreaches(home.register)) {
    if (id.length < ID_SHOWN || !each.id.startsWith(id)) continue
    breach = each
    named += 1
  }
  if (breach === undefined || named > 1) throw usage(context.say({ en: `name the breach: ${ID_SHOWN} or more characters of its id, as muster breach list has it`, ru: `укажите нарушение: от ${ID_SHOWN} знаков его номера из muster breach list` }))
  return breach
}

async function write(context: Context, home: Home): Promise<number> {
  const path = resolve(context.args.required('out'))
  const breach = await chosen(context, home)
  const hall = [...home.halls.values()].find(({ joined }) => joined.agreement.id === breach.agreement)
  if (hall !== undefined && await isDisproven({ register: home.register, joined: hall.joined }, breach)) {
    throw new Refusal('breach/made-good', context.say({ en: `what was missing from ${breach.party} has come since: no file is written`, ru: `недостававшее от стороны ${breach.party} поступило позже: файл не создан` }))
  }
  const file = fileOf(await publicGroup(), home, breach)
  if (file === undefined) {
    throw new Refusal('breach/no-evidence', context.say({
      en: `${breach.code} of ${breach.party} was seen here and cannot be shown to a third by signatures of ${breach.party} alone: no file is written`,
      ru: `${breach.code} (${breach.party}) замечено здесь, но не доказуемо третьему одними подписями стороны ${breach.party}: файл не создан`,
    }))
  }
  await writeNew(context, path, file.bytes)
  if (context.json) context.answer({ file: path, agreement: breach.agreement, party: breach.party, charge: file.charge })
  else context.out(context.say({ en: `${path}: anybody checks it with muster verify ${path} --agreement FILE`, ru: `${path}: проверить может каждый: muster verify ${path} --agreement ФАЙЛ` }))
  return 0
}

async function settle(context: Context, home: Home): Promise<number> {
  const { joined } = hallOf(context, home)
  const party = context.args.positionals[1]
  if (!isPartyId(party) || !joined.trust.parties.has(party)) throw usage(context.say({ en: 'name the party whose breaches are settled', ru: 'укажите сторону, нарушения которой урегулированы' }))
  const settled = await settleBreaches(home.register, joined.agreement.id, party, { ...people(context), reason: context.args.required('reason') }, home.now())
  if (context.json) context.answer({ agreement: joined.agreement.id, party, settled })
  else context.out(context.say({ en: `Settled: ${settled}. What is found from now on convicts ${party} anew.`, ru: `Урегулировано: ${settled}. Обнаруженное позже снова обличит сторону ${party}.` }))
  return 0
}

const ACTS: Acts = { list, write, settle }

export const verb: Verb = {
  name: 'breach',
  summary: { en: 'breaches of other parties on file, and the evidence of one as a file', ru: 'обнаруженные нарушения других сторон и файл с доказательством' },
  usage: ['muster breach list --dir D', 'muster breach write ID --out FILE --dir D', 'muster breach settle PARTY --reason TEXT --by NAME --and NAME [--agreement ID] --dir D'],
  options: {
    out: { type: 'string', value: 'FILE', help: { en: 'the evidence file to write; one that is there is not written over', ru: 'файл доказательства; существующий не перезаписывается' } },
    agreement: { type: 'string', value: 'ID', help: { en: 'the agreement, where several were joined', ru: 'соглашение, если их несколько' } },
    reason: { type: 'string', value: 'TEXT', help: { en: 'why nothing is held against the party any more', ru: 'почему претензий к стороне больше нет' } }, ...PEOPLE,
  },
  positionals: { min: 1, max: 2 },
  run: (context) => inHome(context, ACTS),
}
