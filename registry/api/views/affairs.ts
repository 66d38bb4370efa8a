// What two parties ask and answer with codes, as it is looked at by the commands and by the API: notices, certificates, re-exports, reconciliations, texts
// of an agreement.
import { dueToAviation } from '../../aviation.ts'
import { certificates, verifications, type HeldCertificate } from '../../certificate/view.ts'
import { positionsOn } from '../../agreement/act.ts'
import type { HeldLicence } from '../../licence/view.ts'
import { noticesDue, noticesIn } from '../../notice.ts'
import { reExports } from '../../re-export/view.ts'
import { affairs, otherRows, ownTableOf, type Affair } from '../../reconciliation/affair.ts'
import type { At } from '../../said.ts'
import { designationsWith } from './directory.ts'

export async function noticesView(at: At) {
  return { notices: (await noticesIn(at)).map(({ body, ...rest }) => ({ ...rest, ...body })) }
}

export async function noticesDueView(at: At, now: number) {
  return { due: await noticesDue(at, now), aviation: await dueToAviation(at, await noticesIn(at), now) }
}

const certificateView = ({ direction, with: party, message, body, hash, withdrawn, drawn, standing, notices }: HeldCertificate) => ({
  direction, with: party, issued: message.payload.time, ...body, hash, standing, withdrawn: withdrawn?.message.payload.time ?? null, items: body.items.map((row, i) => ({ ...row, dispatched: drawn[i] ?? 0 })), transfers: notices.map((each) => each.body.transfer),
})

/** With what was stated of the designations in it. */
export async function certificateShown(at: At, held: HeldCertificate) {
  return { ...certificateView(held), designations: await designationsWith(at, [held.with], held.body.items.map(({ type }) => type)) }
}

export async function certificatesView(at: At, now: number) {
  const [all, asked] = [await certificates(at, now), await verifications(at)]
  return { certificates: all.map(certificateView), verified: asked.map(({ asked: { message, body }, answered }) => ({ issuer: message.payload.to, asked: message.payload.time, ...body, verdict: answered?.body.verdict ?? null })) }
}

export const licenceView = ({ id, licence: { text, transfers }, acts, drawn, standing }: HeldLicence) => ({
  licence: id, ...text, standing, items: text.items.map((row, i) => ({ ...row, dispatched: drawn[i] ?? 0 })), transfers, acts: acts.map(({ act: { kind, by, and, data }, written }) => ({ kind, by, and, data, written })),
})

export async function reExportsView(at: At) {
  return { reExports: (await reExports(at)).map(({ direction, with: party, asked: { message, body }, consents, refused }) => ({ direction, with: party, asked: message.payload.time, ...body, consent: consents[0]?.body ?? null, refused: refused?.body ?? null })) }
}

/** Where a reconciliation stands, in English for machines. */
export function affairStanding({ accepted, declined, open, reports }: Affair): string {
  if (declined !== undefined) return `declined: ${declined.reason}`
  if (reports.own !== undefined) return 'done'
  if (accepted === undefined) return 'proposed'
  return open === undefined ? 'accepted' : 'tables opened'
}

export async function affairsView(at: At) {
  return { reconciliations: (await affairs(at)).map((each) => ({ id: each.id, with: each.with, proposed: each.proposed, asOf: each.asOf, standing: affairStanding(each) })) }
}

/** Both tables as they are known, without a question asked. */
export async function affairView(at: At, affair: Affair) {
  const own = affair.proposed || affair.accepted !== undefined ? (await ownTableOf(at, affair)).rows : null
  return { id: affair.id, with: affair.with, asOf: affair.asOf, standing: affairStanding(affair), own, other: otherRows(affair) ?? null, report: affair.reports.other?.body ?? null }
}

/** Every text with who has signed it, every position that was stated, who leaves, and what counts for nothing. */
export async function agreementView(at: At) {
  const { standing, agreement } = at.joined
  const positions = await positionsOn(at)
  return {
    agreement: agreement.id, sequence: agreement.sequence, state: standing.state,
    texts: standing.texts.map(({ text, state, signed, missing, since }) => ({ hash: text.hash, sequence: text.agreement.sequence, state, proposed: text.proposed, signed, missing, since: since ?? null })),
    withdrawn: [...standing.withdrawn].map(([party, from]) => ({ party, from })), nothing: standing.idle, positions: positions.map(({ from, time, body }) => ({ from, time, ...body })),
  }
}
