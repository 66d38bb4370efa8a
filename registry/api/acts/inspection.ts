// Acts of inspections, and of reconciliations.
import { hex, integer, list, nullable, object, oneOf, optional, text, time } from '@muster/core/bytes/shape.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { RESERVATIONS } from '@muster/core/rules/inspection.ts'
import { identity } from '@muster/core/rules/item.ts'
import { partyId } from '@muster/core/rules/party.ts'
import { CONFIDENCE_WHOLE, SAMPLED_ITEMS_MAX } from '@muster/core/rules/sample.ts'
import { DISCLOSED_SECTIONS } from '@muster/core/rules/terms.ts'
import { inspectionFinding, inspectionTally, INSPECTORS_MAX, MET_MAX, SAMPLE_MAX } from '@muster/core/wire/inspection-body.ts'
import { DECLINE_REASONS } from '@muster/core/wire/reconciliation-body.ts'
import { announceAnew, announceInspection, drawInspection, joinInspection, openInspection, replyToReport, reportInspection, showInspection, type InspectionHome } from '../../inspection/act.ts'
import { acceptReconciliation, declineReconciliation, proposeReconciliation } from '../../reconciliation/act.ts'
import { act, body, demandParty, idBegun, note, of, signed, told, type Act, type Office } from '../act.ts'

const CONFIDENCE = 9_500
const MESSAGES_MAX = 100_000

const homeOf = ({ home, hall }: Office): InspectionHome => {
  const { joined, log, mirror } = hall()
  return { register: home.register, joined, log, mirror }
}

const saidOf = object({ inspection: text(32), messages: integer(0, MESSAGES_MAX) })
const begun = object({ inspection: hex(16), head: hex(32) })
const only = body({ id: idBegun })
const index = integer(0, Number.MAX_SAFE_INTEGER)

export const INSPECTION_ACTS: readonly Act[] = [
  act('inspection', 'announce', {
    what: 'announce an inspection of a party; `confidence` in hundredths of a percent', answers: begun,
    takes: body({ inspected: partyId, together: optional(list(partyId, 0, INSPECTORS_MAX)), missing: integer(1, SAMPLED_ITEMS_MAX), confidence: optional(integer(1, CONFIDENCE_WHOLE - 1)), day: optional(time), site: optional(text(200)), note }),
  }, async (office, { inspected, together, missing, confidence, day, site, note }, people, now) => {
    for (const each of together ?? []) demandParty(office.hall(), each, 'together')
    const { inspection, head } = await announceInspection(homeOf(office), {
      inspected: demandParty(office.hall(), inspected, 'inspected'), together: together ?? [], day: day ?? timeOf(now), site: site ?? null, missing, confidence: confidence ?? CONFIDENCE, note: note ?? null,
    }, people, now)
    return { inspection, head }
  }),
  act('inspection', 'anew', { what: 'hold a draw anew that failed', takes: only, answers: begun }, async (office, { id }, people, now) => {
    const { inspection, head } = await announceAnew(homeOf(office), id, people, now)
    return { inspection, head }
  }),
  act('inspection', 'join', { what: 'bind this side\'s share of a joint inspection', takes: only, answers: saidOf }, async (office, { id }, people, now) => ({ inspection: id, messages: (await joinInspection(homeOf(office), id, people, now)).length })),
  act('inspection', 'share', { what: 'give the inspected side\'s share, which draws the sample', takes: only, answers: saidOf, two: true }, async (office, { id }, people, now) => ({ inspection: id, messages: (await drawInspection(homeOf(office), id, people, now)).length })),
  act('inspection', 'open', { what: 'open this side\'s share', takes: only, answers: saidOf }, async (office, { id }, people, now) => ({ inspection: id, messages: (await openInspection(homeOf(office), id, people, now)).length })),
  act('inspection', 'disclose', { what: 'show the drawn leaves', takes: body({ id: idBegun, sections: optional(list(oneOf(...DISCLOSED_SECTIONS), 0, DISCLOSED_SECTIONS.length)) }), answers: saidOf, two: true },
    async (office, { id, sections }, people, now) => ({ inspection: id, messages: (await showInspection(homeOf(office), id, sections ?? [], people, now)).messages.length })),
  act('inspection', 'report', {
    what: 'report what was found on site, leaf by leaf', takes: body({ id: idBegun, findings: list(inspectionFinding, 1, SAMPLE_MAX), met: optional(list(identity, 0, MET_MAX)), note }),
    answers: object({ inspection: text(32), shown: inspectionTally }),
  }, async (office, { id, findings, met, note }, people, now) => ({ inspection: id, shown: (await reportInspection(homeOf(office), id, { findings, met: met ?? [] }, note ?? null, people, now)).shown })),
  act('inspection', 'reply', {
    what: 'accept a report, or reserve', takes: body({ id: idBegun, of, reservations: optional(list(object({ index: nullable(index), met: nullable(integer(0, MET_MAX - 1)), why: oneOf(...RESERVATIONS) }), 0, SAMPLE_MAX)), note }), answers: saidOf,
  }, async (office, { id, of, reservations, note }, people, now) => ({ inspection: id, messages: (await replyToReport(homeOf(office), id, { of, reservations: reservations ?? [], note: note ?? null }, people, now)).length })),
]

export const RECONCILE_ACTS: readonly Act[] = [
  act('reconcile', 'propose', { what: 'propose to set side by side what passed between two parties', takes: body({ with: partyId, asOf: optional(time), note }), answers: object({ reconciliation: hex(16), with: partyId }), two: true },
    async ({ at, hall }, { with: other, asOf, note }, people, now) => {
      const { id } = await proposeReconciliation(at(), demandParty(hall(), other, 'with'), { asOf: asOf ?? timeOf(now), note: note ?? null }, people, now)
      return { reconciliation: id, with: other }
    }),
  act('reconcile', 'accept', { what: 'accept a reconciliation', takes: body({ id: idBegun, of }), answers: signed, two: true }, async ({ at }, { id, of }, people, now) => told(await acceptReconciliation(at(), id, people, now, of))),
  act('reconcile', 'decline', { what: 'decline a reconciliation', takes: body({ id: idBegun, of, reason: oneOf(...DECLINE_REASONS), note }), answers: signed, two: true },
    async ({ at }, { id, of, reason, note }, people, now) => told(await declineReconciliation(at(), id, { reason, note: note ?? null }, people, now, of))),
]
