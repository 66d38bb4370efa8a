// Acts about who may have items: end-user certificates, and the consent of their origin to a re-export.
import { anyObject, date, hex, list, object, oneOf, optional, text, time } from '@muster/core/bytes/shape.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { CERTIFIED_ROWS_MAX, certifiedRow, END_USES, UNDERTAKINGS, WITHDRAWALS } from '@muster/core/rules/certificate.ts'
import { REASON_CHARACTERS_MAX } from '@muster/core/rules/custody-event.ts'
import { DOCUMENT_CHARACTERS_MAX } from '@muster/core/rules/document.ts'
import { LICENCE_REVOCATIONS } from '@muster/core/rules/licence.ts'
import { partyId } from '@muster/core/rules/party.ts'
import { RE_EXPORT_REFUSALS } from '@muster/core/rules/re-export.ts'
import { CERTIFICATE_BODY } from '@muster/core/wire/certificate-body.ts'
import { issueCertificate, verifyCertificate, withdrawCertificate } from '../../certificate/act.ts'
import { certificateBy } from '../../certificate/view.ts'
import { amendLicence, grantLicence, revokeLicence } from '../../licence/act.ts'
import { licenceBy } from '../../licence/view.ts'
import { askReExport, consentToReExport, refuseReExport } from '../../re-export/act.ts'
import type { At } from '../../said.ts'
import { act, body, demandParty, idBegun, note, of, signed, told, type Act } from '../act.ts'
import { licenceView } from '../views/affairs.ts'
import { items } from './custody.ts'

const named = text(DOCUMENT_CHARACTERS_MAX)

export const CERTIFICATE_ACTS: readonly Act[] = [
  act('certificate', 'issue', {
    what: 'issue an end-user certificate to an exporting party', two: true,
    takes: body({ to: partyId, number: named, date: optional(date), until: time, endUser: text(200), endUse: oneOf(...END_USES), items: list(certifiedRow, 1, CERTIFIED_ROWS_MAX), undertakings: optional(list(oneOf(...UNDERTAKINGS), 0, UNDERTAKINGS.length)), note }),
    answers: object({ certificate: hex(16), hash: hex(32), message: hex(32), to: partyId }),
  }, async ({ at, hall }, { to, number, date, until, endUser, endUse, items, undertakings, note }, people, now) => {
    const { certificate, hash, message } = await issueCertificate(at(), demandParty(hall(), to, 'to'), { number, date: date ?? timeOf(now).slice(0, 10), until, endUser, endUse, items, undertakings: undertakings ?? [], note: note ?? null }, people, now)
    return { certificate, hash, message: message.id, to }
  }),
  act('certificate', 'verify', { what: 'ask whoever issued a certificate whether a copy of it is genuine', takes: body({ copy: CERTIFICATE_BODY['certificate/issue'] }), answers: signed },
    async ({ at }, { copy }, people, now) => told(await verifyCertificate(at(), copy, people, now))),
  act('certificate', 'withdraw', { what: 'withdraw an own certificate', takes: body({ id: named, of, reason: oneOf(...WITHDRAWALS), note }), answers: signed, two: true },
    async ({ at }, { id, of, reason, note }, people, now) => told(await withdrawCertificate(at(), id, { reason, note: note ?? null }, people, now, of))),
]

const rows = list(certifiedRow, 1, CERTIFIED_ROWS_MAX)
const granted = object({ licence: hex(16), to: partyId })

/** A certificate by the id or number under which it was received. */
async function certificateOf(at: () => At, named: string | undefined, now: number): Promise<{ readonly certificate?: string }> {
  return named === undefined ? {} : { certificate: (await certificateBy(at(), named, 'in', now)).body.certificate }
}

export const LICENCE_ACTS: readonly Act[] = [
  act('licence', 'grant', {
    what: 'grant a licence to let items go', two: true, takes: body({ to: partyId, number: named, date: optional(date), endUser: text(200), certificate: optional(named), items: rows, from: optional(time), until: time, note }), answers: granted,
  }, async ({ at, hall }, { to, number, date, endUser, certificate, items, from, until, note }, people, now) => {
    const { licence } = await grantLicence(at(), {
      number, date: date ?? timeOf(now).slice(0, 10), to: demandParty(hall(), to, 'to'), endUser, certificate: null, ...await certificateOf(at, certificate, now), items, from: from ?? timeOf(now), until, note: note ?? null,
    }, people, now)
    return { licence, to }
  }),
  act('licence', 'amend', {
    what: 'amend a licence; what is left out stays', two: true, answers: anyObject,
    takes: body({ id: named, because: text(REASON_CHARACTERS_MAX), endUser: optional(text(200)), certificate: optional(named), items: optional(rows), from: optional(time), until: optional(time), note }),
  }, async ({ at }, { id, because, agreement: _, certificate, ...changes }, people, now) => {
    await amendLicence(at(), id, { ...changes, ...await certificateOf(at, certificate, now) }, because, people, now)
    return licenceView(await licenceBy(at(), id, now))
  }),
  act('licence', 'revoke', { what: 'revoke a licence', takes: body({ id: named, reason: oneOf(...LICENCE_REVOCATIONS), note }), answers: anyObject, two: true }, async ({ at }, { id, reason, note }, people, now) => {
    await revokeLicence(at(), id, { reason, note: note ?? null }, people, now)
    return licenceView(await licenceBy(at(), id, now))
  }),
]

export const RE_EXPORT_ACTS: readonly Act[] = [
  act('re-export', 'ask', {
    what: 'ask the origin of items for its consent to their re-export', takes: body({ origin: partyId, to: partyId, items, endUser: text(200), endUse: oneOf(...END_USES), note }), answers: object({ ask: hex(16), message: hex(32), of: partyId, to: partyId }),
  }, async ({ at, hall }, { origin, to, items, endUser, endUse, note }, people, now) => {
    const { ask, message } = await askReExport(at(), { origin: demandParty(hall(), origin, 'origin'), to, items, endUser, endUse, note: note ?? null }, people, now)
    return { ask, message: message.id, of: origin, to }
  }),
  act('re-export', 'consent', { what: 'consent to a re-export', takes: body({ id: idBegun, of, until: time, note }), answers: signed, two: true },
    async ({ at }, { id, of, until, note }, people, now) => told(await consentToReExport(at(), id, { until, note: note ?? null }, people, now, of))),
  act('re-export', 'refuse', { what: 'refuse a re-export', takes: body({ id: idBegun, of, reason: oneOf(...RE_EXPORT_REFUSALS), note }), answers: signed },
    async ({ at }, { id, of, reason, note }, people, now) => told(await refuseReExport(at(), id, { reason, note: note ?? null }, people, now, of))),
]
