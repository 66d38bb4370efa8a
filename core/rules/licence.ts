// A licence (DOMAIN: an exporting state licenses what goes to whom before it dispatches). It is a national act and no message: what is kept is the row of
// its acts in their order, granted, amended, drawn on and revoked, and what it allows is their fold. Pure; time is an argument.
import { Refusal } from '../bytes/refusal.ts'
import { tagged } from '../bytes/schema.ts'
import { anyJson, date, hex, list, misfit, nullable, object, oneOf, ruled, stated, text, time, type Shape, type Shaped } from '../bytes/shape.ts'
import { shaped, type ShapeCode } from '../bytes/shaped-json.ts'
import type { Time } from '../bytes/time.ts'
import { CERTIFIED_ROWS_MAX, certifiedRow, checkRows, drawn, rowOf, type CertifiedRow } from './certificate.ts'
import { PERSON_CHARACTERS_MAX, REASON_CHARACTERS_MAX } from './custody-event.ts'
import { DOCUMENT_CHARACTERS_MAX } from './document.ts'
import type { Identity } from './item.ts'
import { partyId, type PartyId } from './party.ts'
import { twoPeople, type TwoPeopleCode } from './two-people.ts'

export const LICENCE_REVOCATIONS = ['order-cancelled', 'granted-in-error', 'diversion-feared', 'embargo', 'certificate-withdrawn', 'replaced'] as const
/** Acts of one licence: a dispatch a day for as long as any is valid. */
export const LICENCE_ACTS_MAX = 10_000

const members = object({
  /** The party to which it lets go, who there will use the items, and the end-user certificate of that party on which it rests. */
  number: text(DOCUMENT_CHARACTERS_MAX), date, to: partyId, endUser: text(200), certificate: nullable(hex(16)),
  items: list(certifiedRow, 1, CERTIFIED_ROWS_MAX), from: time, until: time, note: nullable(text(1_000)),
})
const licence = ruled(members, 'each class and type and serial once; as many serials as items; `until` after `from`', ({ items, from, until }) => {
  checkRows(items)
  if (until <= from) misfit('until', 'a time after `from`')
})
export type LicenceText = Shaped<typeof licence>

const words = text(REASON_CHARACTERS_MAX)
const ACT = {
  'granted': licence,
  /** The whole text as it reads from now on; number, date and addressee stay. */
  'amended': object({ text: licence, because: words }),
  'revoked': object({ reason: oneOf(...LICENCE_REVOCATIONS), note: nullable(words) }),
  /** A dispatch under it, by the id of its transfer. */
  'drawn': object({ transfer: hex(16) }),
} as const
type Kind = keyof typeof ACT
type ActOf<K extends Kind> = { readonly kind: K, readonly by: string, readonly and: string, readonly data: Shaped<(typeof ACT)[K]> }
export type LicenceAct = { [K in Kind]: ActOf<K> }[Kind]

const head = object({ kind: oneOf(...Object.keys(ACT) as Kind[]), by: text(PERSON_CHARACTERS_MAX), and: text(PERSON_CHARACTERS_MAX), data: anyJson })
export const licenceAct: Shape<LicenceAct> = stated((value, at) => {
  const whole = head(value, at)
  return { ...whole, data: (ACT[whole.kind] as Shape<unknown>)(whole.data, 'data') } as LicenceAct
}, () => tagged(head, 'kind', 'data', ACT))

export function licenceActOf(value: unknown): LicenceAct | Refusal<ShapeCode<'licence'>> {
  return shaped('licence', licenceAct, value)
}

export interface Licence {
  readonly text: LicenceText
  /** All texts in their order, the first as it was granted. */
  readonly texts: readonly LicenceText[]
  readonly revoked: ActOf<'revoked'> | undefined
  /** Transfers that drew on it. */
  readonly transfers: readonly string[]
  readonly acts: number
}

export type LicenceCode = TwoPeopleCode
  | 'licence/unknown' | 'licence/number-used' | 'licence/no-party' | 'licence/over' | 'licence/not-granted' | 'licence/another-licence' | 'licence/revoked'
  | 'licence/not-yet-valid' | 'licence/expired' | 'licence/other-party' | 'licence/other-item' | 'licence/not-one-item' | 'licence/exhausted' | 'licence/beyond-quantity'
  | 'licence/below-drawn' | 'licence/beyond-certificate' | 'licence/other-certificate' | 'licence/other-end-user' | 'licence/too-many-acts' | 'licence/changed-meanwhile'
  | 'licence/name-it'

/** Undefined before the grant. */
export function foldLicence(acts: readonly LicenceAct[]): Licence | undefined {
  const texts = acts.flatMap((act) => act.kind === 'granted' ? [act.data] : act.kind === 'amended' ? [act.data.text] : [])
  const last = texts.at(-1)
  return last === undefined ? undefined : {
    text: last, texts, revoked: acts.find((act) => act.kind === 'revoked'), transfers: acts.flatMap((act) => act.kind === 'drawn' ? [act.data.transfer] : []), acts: acts.length,
  }
}

export const LICENCE_STANDINGS = ['valid', 'to-come', 'exhausted', 'expired', 'revoked'] as const
export type LicenceStanding = (typeof LICENCE_STANDINGS)[number]

/** `sent`: the items of all dispatches that drew on it. */
export function licenceStanding({ text: { items, from, until }, revoked }: Licence, sent: readonly Identity[], at: Time): LicenceStanding {
  if (revoked !== undefined) return 'revoked'
  if (at > until) return 'expired'
  if (left(items, sent).every((each) => each <= 0)) return 'exhausted'
  return at < from ? 'to-come' : 'valid'
}

function left(rows: readonly CertifiedRow[], sent: readonly Identity[]): number[] {
  const counts = drawn(rows, sent)
  return rows.map(({ quantity }, i) => quantity - (counts[i] ?? 0))
}

const refuse = (code: LicenceCode, message: string, at: string): Refusal<LicenceCode> => new Refusal(code, message, at)

/** Whether `act` may follow on the acts before it; undefined where it may. `sent`: what was dispatched under the licence so far, `items`: what `drawn` would add, to `to`. */
export function refuseLicenceAct(before: readonly LicenceAct[], act: LicenceAct, sent: readonly Identity[], at: Time, dispatch?: { readonly to: PartyId, readonly items: readonly Identity[] }): Refusal<LicenceCode> | undefined {
  const people = twoPeople('an act of a licence', act.by, act.and)
  if (people !== undefined) return people
  const held = foldLicence(before)
  if (act.kind === 'granted') return held !== undefined ? refuse('licence/another-licence', 'it was granted before', 'kind') : overAlready(act.data, at)
  if (held === undefined) return refuse('licence/not-granted', 'it was not granted', 'kind')
  if (held.acts >= LICENCE_ACTS_MAX) return refuse('licence/too-many-acts', `a licence has at most ${LICENCE_ACTS_MAX} acts: grant another one`, 'kind')
  if (held.revoked !== undefined) return refuse('licence/revoked', `it was revoked: ${held.revoked.data.reason}`, 'licence')
  if (act.kind === 'amended') return refuseAmendment(held, act.data.text, sent, at)
  return act.kind === 'drawn' && dispatch !== undefined ? refuseDraw(held, sent, dispatch, at) : undefined
}

function overAlready({ until }: LicenceText, at: Time): Refusal<LicenceCode> | undefined {
  return until <= at ? refuse('licence/over', `a licence until ${until} is over before anything goes by it`, 'until') : undefined
}

function refuseAmendment({ text: { number, date: dated, to } }: Licence, amended: LicenceText, sent: readonly Identity[], at: Time): Refusal<LicenceCode> | undefined {
  if (amended.number !== number || amended.date !== dated || amended.to !== to) return refuse('licence/another-licence', 'number, date and addressee stay: what goes to somebody else takes a licence of its own', 'text')
  const gone = sent.find((item) => rowOf(amended.items, item) === undefined)
  if (gone !== undefined || left(amended.items, sent).some((each) => each < 0)) return refuse('licence/below-drawn', 'more was dispatched under it than the text would then allow', 'text.items')
  return overAlready(amended, at)
}

function refuseDraw({ text: { to, items: rows, from, until } }: Licence, sent: readonly Identity[], dispatch: { readonly to: PartyId, readonly items: readonly Identity[] }, at: Time): Refusal<LicenceCode> | undefined {
  if (dispatch.to !== to) return refuse('licence/other-party', `the licence lets go to ${to}, and not to ${dispatch.to}`, 'to')
  if (at < from) return refuse('licence/not-yet-valid', `the licence is valid from ${from}`, 'licence')
  if (at > until) return refuse('licence/expired', `the licence was valid until ${until}`, 'licence')
  const other = dispatch.items.findIndex((item) => rowOf(rows, item) === undefined)
  if (other >= 0) return refuse('licence/other-item', `item ${other} is none that the licence lists`, `items[${other}]`)
  const [open, more] = [left(rows, sent), drawn(rows, dispatch.items)]
  if (open.every((each) => each <= 0)) return refuse('licence/exhausted', 'everything that the licence is for was dispatched under it', 'licence')
  const over = rows.findIndex((_, i) => (more[i] ?? 0) > (open[i] ?? 0))
  if (over < 0) return undefined
  const { class: kind, type, quantity } = rows[over] as CertifiedRow
  return refuse('licence/beyond-quantity', `the licence is for ${quantity} of ${kind}${type === null ? '' : ` ${type}`}: ${open[over] ?? 0} of them are left, and these are ${more[over] ?? 0}`, 'items')
}
