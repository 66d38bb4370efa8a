// Acts in case files, and the end of a watch. Documents and dossiers, which are files, enter a case at the command line.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { anyObject, integer, object, text, type Shape } from '@muster/core/bytes/shape.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { ACTS_MAX, CASE_ACT, caseId, type CaseActKind, type CaseId } from '@muster/core/rules/case.ts'
import { REASON_CHARACTERS_MAX } from '@muster/core/rules/custody-event.ts'
import { actInCase, type CaseFileCode } from '../../store/case-acts.ts'
import { listCases, openCase } from '../../store/cases.ts'
import type { Register } from '../../store/register.ts'
import { endWatch, watchedIn, type Watched, type WatchCode } from '../../watch/view.ts'
import { act, body, uuidBegun, type Act, type Office } from '../act.ts'

const reason = text(REASON_CHARACTERS_MAX)
const entered = object({ case: caseId, seq: integer(1, ACTS_MAX), kind: text(40), data: anyObject })

/** The case whose id begins so. */
export async function caseNamed(register: Register, id: string): Promise<CaseId> {
  const [only, ...more] = (await listCases(register)).filter((each) => each.id.startsWith(id))
  if (only === undefined || more.length > 0) throw new Refusal<CaseFileCode>('case/unknown', `${more.length === 0 ? 'no case begins' : 'several cases begin'} with ${id}`, 'case')
  return only.id
}

/** An act of a case: the body's `data` is what spec/event.md and spec/case.md give it. */
function inCase<K extends CaseActKind>(name: string, kind: K, what: string, two = false): Act {
  const said: Shape<object> = CASE_ACT[kind]
  return act('case', name, { what, two, takes: body({ case: uuidBegun, data: said }), answers: entered }, async ({ home }, { case: id, data }, { by, and }, now) => {
    const found = await caseNamed(home.register, id)
    const { seq, kind: done, data: written } = await actInCase(home.register, found, { kind, data, by, and }, timeOf(now))
    return { case: found, seq, kind: done, data: written }
  })
}

export const CASE_ACTS: readonly Act[] = [
  act('case', 'open', { what: 'open a case', takes: body({ title: reason }), answers: object({ id: caseId, title: reason, by: text(200), and: text(200), written: text(20) }), two: true },
    ({ home }, { title }, { by, and }, now) => openCase(home.register, title, by, and, timeOf(now))),
  inCase('recovery', 'recovery-added', 'add a recovery'), inCase('incident', 'incident-added', 'add an incident'), inCase('claim', 'claim-added', 'add what a source says'),
  inCase('explain', 'explained', 'add an explanation, with facts for and against it'), inCase('fact', 'fact-added', 'add a fact to an explanation'), inCase('dispute', 'disputed', 'dispute an entry'),
  inCase('close', 'closed', 'close a case', true), inCase('reopen', 'opened', 'open a closed case again', true),
]

/** The watch whose id begins so. */
export async function watchNamed({ home, hall }: Office, id: string): Promise<Watched> {
  const [only, ...more] = (await watchedIn(home, hall())).filter(({ watch }) => watch.id.startsWith(id))
  if (only === undefined || more.length > 0) throw new Refusal<WatchCode>('watch/unknown', `${more.length === 0 ? 'no watch begins' : 'several watches begin'} with ${id}`, 'id')
  return only
}

export const WATCH_ACTS: readonly Act[] = [
  act('watch', 'end', { what: 'end a watch', takes: body({ id: uuidBegun, reason }), answers: object({ ended: caseId }), two: true }, async (office, { id, reason }, people, now) => {
    const { watch } = await watchNamed(office, id)
    await endWatch(office.home, office.hall(), watch.id, reason, people, now)
    return { ended: watch.id }
  }),
]
