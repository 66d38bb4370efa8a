// The acts of an end-user certificate: issued and withdrawn by the importing state, verified with it by whoever was shown one, and drawn on by a dispatch.
import { randomBytes } from 'node:crypto'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { refuseDispatch, verdictOn, type CertificateCode } from '@muster/core/rules/certificate.ts'
import type { Holding } from '@muster/core/rules/holding.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { twoPeople } from '@muster/core/rules/two-people.ts'
import { certificateHash, type CertificateText } from '@muster/core/wire/certificate-body.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { saidBody, type SaidBody } from '@muster/core/wire/said-body.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { codeOf } from '../engine/fault.ts'
import { demandBody, recordPeople, sayWith, type At, type People } from '../said.ts'
import { recordAct } from '../store/acts-once.ts'
import type { Reader, Transaction } from '../store/database.ts'
import { messagesAbout, writeMessages, writeWith } from '../store/messages.ts'
import { certificateBy, certificates, listedIn, type HeldCertificate } from './view.ts'

const CERTIFICATE_ID_BYTES = 16
const VERIFY_SECONDS = 30 * 86_400
/** The family of acts by which the numbers that this party has given out are kept. */
const NUMBER = 'certificate/number'
const UNIQUE_VIOLATION = '23505'

function demandTwo({ by, and }: People): void {
  const refused = twoPeople('an end-user certificate', by, and)
  if (refused !== undefined) throw refused
}

/** Issues a certificate to the exporting party. Two people; a number is given out once. */
export async function issueCertificate(home: At, to: PartyId, text: Omit<CertificateText, 'certificate' | 'importer' | 'exporter'>, people: People, at: number): Promise<{ readonly certificate: string, readonly hash: string, readonly message: Message }> {
  const { register, joined } = home
  demandTwo(people)
  if (!joined.trust.parties.has(to) || to === register.file.party) throw new Refusal<CertificateCode>('certificate/no-party', `${to} is no other party of ${joined.agreement.id}`, 'to')
  if (text.until <= timeOf(at)) throw new Refusal<CertificateCode>('certificate/over', `a certificate that is valid until ${text.until} is expired before anybody has it`, 'until')
  const certificate = randomBytes(CERTIFICATE_ID_BYTES).toString('hex')
  const whole: CertificateText = { certificate, importer: register.file.party, exporter: to, ...text }
  return writeWith(register, joined, [{ to, kind: 'certificate/issue', body: demandBody('certificate/issue', whole) }], at, async (tx, messages) => {
    await recordPeople(tx, home, messages, people, at)
    await recordAct(tx, register.secrets, [NUMBER, joined.agreement.id, text.number], certificate, at).catch((error: unknown) => {
      throw codeOf(error) === UNIQUE_VIOLATION ? new Refusal<CertificateCode>('certificate/number-used', `number ${text.number} was given to another certificate`, 'number') : error
    })
    return { certificate, hash: certificateHash(p, whole), message: messages[0] as Message }
  })
}

/** Withdraws an own certificate: nothing more is dispatched under it once the exporter has the word. */
export async function withdrawCertificate(home: At, id: string, { reason, note }: Pick<SaidBody<'certificate/withdraw'>, 'reason' | 'note'>, people: People, at: number, other?: PartyId): Promise<Message> {
  demandTwo(people)
  const { with: to, message, body, withdrawn } = await certificateBy(home, id, 'out', at, other)
  if (withdrawn !== undefined) throw new Refusal<CertificateCode>('certificate/withdrawn', `it was withdrawn at ${withdrawn.message.payload.time}`, 'id')
  const said = demandBody('certificate/withdraw', { certificate: body.certificate, issue: message.id, reason, note })
  const [written] = await sayWith(home, [{ to, kind: 'certificate/withdraw', body: said, about: message.id }], people, at)
  return written as Message
}

/** Asks the issuer about a certificate as it was shown: its registry answers by itself. */
export async function verifyCertificate(home: At, shown: CertificateText, people: People, at: number): Promise<Message> {
  const { importer, certificate, number } = shown
  if (!home.joined.trust.parties.has(importer)) throw new Refusal<CertificateCode>('certificate/no-party', `${importer}, by which it says that it was issued, is no party of ${home.joined.agreement.id}`, 'importer')
  const body = demandBody('certificate/verify', { certificate, number, hash: certificateHash(p, shown) })
  const [written] = await sayWith(home, [{ to: importer, kind: 'certificate/verify', body, expiresAfterSeconds: VERIFY_SECONDS }], people, at)
  return written as Message
}

/**
 * Answers a question about an own certificate, once: by its own message, which comes through the other side's door. A number that was given out makes
 * another text of it altered; of a certificate that was never issued nothing is said but that.
 */
export async function answerVerify(home: At, { id, payload: { kind, from, body } }: Message, at: number): Promise<void> {
  const { register, joined } = home
  const asked = kind === 'certificate/verify' ? saidBody(kind, body) : undefined
  if (asked === undefined || asked instanceof Refusal) return
  if ((await messagesAbout(register, joined, register.file.party, [id], 'out')).some(({ payload }) => payload.kind === 'certificate/verified')) return
  const own = (await certificates(home, at)).filter(({ direction }) => direction === 'out')
  const known = own.find((each) => each.body.certificate === asked.certificate) ?? own.find((each) => each.body.number === asked.number)
  const verdict = verdictOn(known === undefined ? undefined : { hash: known.hash, until: known.body.until, withdrawn: known.withdrawn !== undefined }, asked.hash, timeOf(at))
  await writeMessages(register, joined, [{ to: from, kind: 'certificate/verified', body: demandBody('certificate/verified', { certificate: asked.certificate, request: id, verdict }), about: id }], at)
}

/** A certificate that a dispatch draws on, and the check, inside the transaction that dispatches, that nobody has drawn on it and nobody withdrawn it meanwhile. */
export interface Drawing { readonly held: HeldCertificate, readonly unchanged: (tx: Transaction) => Promise<boolean> }

/** Throws what forbids a dispatch of these items to `to` under the certificate, or without one where the agreement demands one. */
export async function drawOn(home: At, to: PartyId, id: string | undefined, holdings: readonly Holding[], at: number): Promise<Drawing | undefined> {
  if (id === undefined) {
    if (home.joined.agreement.certificates === true) throw new Refusal<CertificateCode>('certificate/demanded', `${home.joined.agreement.id} demands the receiver's end-user certificate: name it (--certificate)`, 'certificate')
    return undefined
  }
  // Counted before the certificate is read: a withdrawal that arrives later is one more.
  const withdrawals = await withdrawalsBy(home.register.db, home, to)
  const held = await certificateBy(home, id, 'in', at, to)
  const several = holdings.find(({ quantity }) => quantity !== undefined)
  if (several !== undefined) throw new Refusal<CertificateCode>('certificate/not-one-item', `item ${several.item} stands for several: a certificate is drawn on by items`, 'items')
  const refused = refuseDispatch(held.body, held.withdrawn !== undefined, listedIn(held.notices), holdings.map(({ identity }) => identity), timeOf(at))
  if (refused !== undefined) throw refused
  // The transaction holds the lane to the issuer and has written its own notice.
  return { held, unchanged: async (tx) => await noticesUnder(tx, home, held) === held.notices.length + 1 && await withdrawalsBy(tx, home, to) === withdrawals }
}

async function noticesUnder(db: Reader, { register, joined }: At, { message }: HeldCertificate): Promise<number> {
  const [row] = await db.read<{ said: number }>("SELECT count(*) AS said FROM message WHERE sender = $1 AND agreement_id = $2 AND about = $3 AND direction = 'out' AND kind = 'transfer/notify'",
    [register.file.party, joined.agreement.id, Buffer.from(message.id, 'hex')])
  return row?.said ?? 0
}

async function withdrawalsBy(db: Reader, { joined }: At, issuer: PartyId): Promise<number> {
  const [row] = await db.read<{ said: number }>("SELECT count(*) AS said FROM message WHERE sender = $1 AND agreement_id = $2 AND direction = 'in' AND kind = 'certificate/withdraw'", [issuer, joined.agreement.id])
  return row?.said ?? 0
}
