// The acts of a licence, each written at the next place of its chain: of two at one moment the second finds the place taken, and nothing of it is done.
import { randomBytes } from 'node:crypto'
import { canonical } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { beyondRows } from '@muster/core/rules/certificate.ts'
import type { Document } from '@muster/core/rules/document.ts'
import type { Holding } from '@muster/core/rules/holding.ts'
import { licenceActOf, refuseLicenceAct, type LicenceAct, type LicenceCode, type LicenceText } from '@muster/core/rules/licence.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { twoPeople } from '@muster/core/rules/two-people.ts'
import { certificateBy } from '../certificate/view.ts'
import { codeOf } from '../engine/fault.ts'
import type { At, People } from '../said.ts'
import { recordAct } from '../store/acts-once.ts'
import { transaction, type Transaction } from '../store/database.ts'
import { LICENCE, licenceBy, licences, type HeldLicence } from './view.ts'

const LICENCE_ID_BYTES = 16
const UNIQUE_VIOLATION = '23505'

/** An act in its shape. Throws a Refusal where the people or a member do not fit. */
function actBy<K extends LicenceAct['kind']>(kind: K, data: Extract<LicenceAct, { readonly kind: K }>['data'], { by, and }: People): LicenceAct {
  const people = twoPeople('an act of a licence', by, and)
  if (people !== undefined) throw people
  const act = licenceActOf({ kind, by, and, data })
  if (act instanceof Refusal) throw act
  return act
}

async function append(tx: Transaction, { register, joined }: At, id: string, place: number, act: LicenceAct, at: number): Promise<void> {
  await recordAct(tx, register.secrets, [LICENCE.act, joined.agreement.id, `${id}/${place}`], canonical(act), at).catch((error: unknown) => {
    throw codeOf(error) === UNIQUE_VIOLATION ? new Refusal<LicenceCode>('licence/changed-meanwhile', 'somebody else has amended, revoked or drawn on this licence meanwhile: look again', 'licence') : error
  })
}

/** What a licence rests on: a certificate of the addressee that is valid, is for as much, and names the same end user. */
async function demandCertificate(home: At, { to, certificate, items, endUser }: LicenceText, at: number): Promise<void> {
  if (certificate === null) return
  const { body, standing } = await certificateBy(home, certificate, 'in', at, to)
  if (standing === 'withdrawn' || standing === 'expired') throw new Refusal(`certificate/${standing}`, `the certificate ${body.number} is ${standing}`, 'certificate')
  if (body.endUser !== endUser) throw new Refusal<LicenceCode>('licence/other-end-user', `the certificate ${body.number} names as end user ${body.endUser}`, 'endUser')
  const beyond = beyondRows(items, body.items)
  if (beyond !== undefined) throw new Refusal<LicenceCode>('licence/beyond-certificate', `row ${beyond} is more, or other, than the certificate ${body.number} is for`, `items[${beyond}]`)
}

/** Grants a licence. Two people; a number is given out once. `certificate`: by its id or number. */
export async function grantLicence(home: At, text: LicenceText, people: People, at: number): Promise<{ readonly licence: string }> {
  const { register, joined } = home
  if (!joined.trust.parties.has(text.to) || text.to === register.file.party) throw new Refusal<LicenceCode>('licence/no-party', `${text.to} is no other party of ${joined.agreement.id}`, 'to')
  const act = actBy('granted', text, people)
  const refused = refuseLicenceAct([], act, [], timeOf(at))
  if (refused !== undefined) throw refused
  await demandCertificate(home, text, at)
  const id = randomBytes(LICENCE_ID_BYTES).toString('hex')
  await transaction(register.db, async (tx) => {
    await recordAct(tx, register.secrets, [LICENCE.number, joined.agreement.id, text.number], id, at).catch((error: unknown) => {
      throw codeOf(error) === UNIQUE_VIOLATION ? new Refusal<LicenceCode>('licence/number-used', `number ${text.number} was given to another licence`, 'number') : error
    })
    await append(tx, home, id, 0, act, at)
  })
  return { licence: id }
}

async function act(home: At, { id, acts, sent }: HeldLicence, next: LicenceAct, at: number): Promise<void> {
  const refused = refuseLicenceAct(acts.map((each) => each.act), next, sent, timeOf(at))
  if (refused !== undefined) throw refused
  await transaction(home.register.db, (tx) => append(tx, home, id, acts.length, next, at))
}

export type Amendment = Partial<Pick<LicenceText, 'endUser' | 'certificate' | 'items' | 'from' | 'until' | 'note'>>

/** Amends what a licence says; what was dispatched under it must still be within it. */
export async function amendLicence(home: At, id: string, changes: Amendment, because: string, people: People, at: number): Promise<void> {
  const held = await licenceBy(home, id, at)
  const text = { ...held.licence.text, ...changes }
  const next = actBy('amended', { text, because }, people)
  await demandCertificate(home, text, at)
  await act(home, held, next, at)
}

export async function revokeLicence(home: At, id: string, why: Extract<LicenceAct, { readonly kind: 'revoked' }>['data'], people: People, at: number): Promise<void> {
  await act(home, await licenceBy(home, id, at), actBy('revoked', why, people), at)
}

/** A licence on which a dispatch draws, the document that names it to the receiver, and what is written of it in the transaction that dispatches. */
export interface LicenceDrawing { readonly document: Document, readonly certificate: string | undefined, readonly draw: (tx: Transaction, transfer: string) => Promise<void> }

/** Throws what forbids a dispatch of these items to `to` under the licence; without one, where a document is a licence of this party's own that was not named as such. */
export async function drawOnLicence(home: At, to: PartyId, named: string | undefined, documents: readonly Document[], certificate: string | undefined, holdings: readonly Holding[], people: People, at: number): Promise<LicenceDrawing | undefined> {
  if (named === undefined) {
    await demandNamed(home, documents, at)
    return undefined
  }
  const { id, acts, sent, licence: { text } } = await licenceBy(home, named, at)
  const several = holdings.find(({ quantity }) => quantity !== undefined)
  if (several !== undefined) throw new Refusal<LicenceCode>('licence/not-one-item', `item ${several.item} stands for several: a licence is drawn on by items`, 'items')
  const next = (transfer: string): LicenceAct => actBy('drawn', { transfer }, people)
  const refused = refuseLicenceAct(acts.map((each) => each.act), next('00'.repeat(LICENCE_ID_BYTES)), sent, timeOf(at), { to, items: holdings.map(({ identity }) => identity) })
  if (refused !== undefined) throw refused
  if (certificate !== undefined && text.certificate !== null && (await certificateBy(home, certificate, 'in', at, to)).body.certificate !== text.certificate) {
    throw new Refusal<LicenceCode>('licence/other-certificate', `licence ${text.number} rests on another end-user certificate`, 'certificate')
  }
  return { document: { series: null, number: text.number, date: text.date }, certificate: text.certificate ?? certificate, draw: (tx, transfer) => append(tx, home, id, acts.length, next(transfer), at) }
}

/** A licence that this party keeps is not named as a mere paper: nothing would be drawn on it. */
export async function demandNamed(home: At, documents: readonly Document[], at: number): Promise<void> {
  const own = new Set((await licences(home, at)).map(({ licence }) => licence.text.number))
  const paper = documents.find(({ number }) => own.has(number))
  if (paper !== undefined) throw new Refusal<LicenceCode>('licence/name-it', `${paper.number} is a licence that the register keeps: dispatch under it with muster transfer send --licence ${paper.number}`, 'documents')
}
