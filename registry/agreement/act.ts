// The acts by which parties come to an agreement, change it and leave it (spec/agreement.md). Each is signed messages to every other party, carried by the
// outbox and bound in the logs; what follows from them is read anew at once. Signing and leaving take two people.
import { randomBytes } from 'node:crypto'
import { parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Agreement } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { earliestWithdrawal, notInForce, type TextStanding } from '@muster/core/rules/standing.ts'
import { twoPeople } from '@muster/core/rules/two-people.ts'
import { textHash } from '@muster/core/wire/agreement-said.ts'
import type { Message } from '@muster/core/wire/message.ts'
import type { SaidBody } from '@muster/core/wire/said-body.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { demandBody, saidOf, sayWith, type At, type People } from '../said.ts'
import { setAddresses } from '../store/agreements.ts'
import { textFits, type TextCode } from './admit.ts'
import { renew } from './renew.ts'

export type AgreementActCode = 'agreement/unknown-text' | 'agreement/unknown-position' | 'agreement/signed-already' | 'agreement/signed-another' | 'agreement/not-next' | 'agreement/withdrawn-already'

const ID_SHOWN_MIN = 8
const POSITION_BYTES = 16

/** Every other party of these texts. */
function othersOf({ register }: At, texts: readonly Agreement[]): PartyId[] {
  return [...new Set(texts.flatMap(({ parties }) => parties.map(({ id }) => id)))].filter((party) => party !== register.file.party)
}

async function sayToAll(home: At, to: readonly PartyId[], kind: 'agreement/propose' | 'agreement/amend' | 'agreement/position' | 'agreement/sign' | 'agreement/withdraw', body: { readonly [name: string]: Json }, people: People, at: number): Promise<readonly Message[]> {
  const messages = await sayWith(home, to.map((party) => ({ to: party, kind, body })), people, at)
  await renew(home, at)
  return messages
}

/** Proposes the draft that was taken up to its other parties. */
export async function proposeDraft(home: At, note: string | null, people: People, at: number): Promise<readonly Message[]> {
  const { agreement, standing } = home.joined
  if (standing.state === 'in-force') throw new Refusal<AgreementActCode>('agreement/not-next', `${agreement.id} is in force: it is changed by an amendment`, 'agreement')
  return sayToAll(home, othersOf(home, [agreement]), 'agreement/propose', demandBody('agreement/propose', { agreement, note }), people, at)
}

/** Proposes the next text of an agreement in force; key records of parties that accede by it go with it. */
export async function proposeAmendment(home: At, { agreement, records, urls, note }: { readonly agreement: Agreement, readonly records: readonly Uint8Array[], readonly urls: ReadonlyMap<PartyId, string>, readonly note: string | null }, people: People, at: number): Promise<readonly Message[]> {
  const { register, joined } = home
  const { current } = joined.standing
  const idle = notInForce(joined.standing, [register.file.party], timeOf(at))
  if (idle !== undefined) throw idle
  if (agreement.former !== current.text.hash || agreement.sequence !== current.text.agreement.sequence + 1) {
    throw new Refusal<AgreementActCode>('agreement/not-next', `an amendment of ${agreement.id} has sequence ${current.text.agreement.sequence + 1} and names ${current.text.hash} as former`, 'former')
  }
  const body = demandBody('agreement/amend', { agreement, records: records.map((each) => parseJson(each) as { readonly [name: string]: Json }), note })
  const trust = textFits(home, register.file.party, body as SaidBody<'agreement/amend'>)
  if (trust instanceof Refusal) throw trust
  await setAddresses(register, joined, trust, urls)
  return sayToAll(home, othersOf(home, [agreement, current.text.agreement]), 'agreement/amend', body, people, at)
}

/** The text by the beginning of its hash; the newest that is not in force yet where none is named. */
function textBy({ joined: { standing, agreement } }: At, named: string | undefined): TextStanding {
  const own = textHash(p, agreement)
  const open = standing.texts.filter(({ state, text }) => state !== 'in-force' && text.agreement.sequence >= standing.current.text.agreement.sequence)
  const fitting = named === undefined ? (open.length > 1 ? open.filter(({ text }) => text.hash === own) : open) : standing.texts.filter(({ text }) => named.length >= ID_SHOWN_MIN && text.hash.startsWith(named))
  const [one] = fitting
  if (one === undefined || fitting.length > 1) throw new Refusal<AgreementActCode>('agreement/unknown-text', `${fitting.length} texts of ${agreement.id} fit ${named ?? 'what waits to be signed'}: name one by ${ID_SHOWN_MIN} or more characters of its hash`, 'text')
  return one
}

export type Position = Omit<SaidBody<'agreement/position'>, 'position' | 'text' | 'answers'> & { readonly text?: string | undefined, readonly answers?: string | undefined }

/** States a position on a text, or on the text in force where none is open; all parties are told. */
export async function takePosition(home: At, { text, answers, ...position }: Position, people: People, at: number): Promise<readonly Message[]> {
  const { standing } = home.joined
  const about = text === undefined && standing.texts.every(({ state }) => state === 'in-force') ? standing.current : textBy(home, text)
  const answered = answers === undefined ? undefined : (await positionsOn(home)).find(({ body }) => answers.length >= ID_SHOWN_MIN && body.position.startsWith(answers))
  if (answers !== undefined && answered === undefined) throw new Refusal<AgreementActCode>('agreement/unknown-position', `no position begins with ${answers}`, 'answers')
  const body = demandBody('agreement/position', { ...position, position: randomBytes(POSITION_BYTES).toString('hex'), text: about.text.hash, answers: answered?.body.position ?? null })
  return sayToAll(home, othersOf(home, [about.text.agreement]), 'agreement/position', body, people, at)
}

/** Signs a text for this party, by its hash. A party signs one text of each sequence. */
export async function signText(home: At, { text: named, name, office, urls }: { readonly text?: string | undefined, readonly name: string, readonly office: string, readonly urls: ReadonlyMap<PartyId, string> }, people: People, at: number): Promise<readonly Message[]> {
  const { register, joined } = home
  const refused = twoPeople('signing an agreement', people.by, people.and)
  if (refused !== undefined) throw refused
  const { text } = textBy(home, named)
  const { sequence } = text.agreement
  const own = joined.standing.texts.flatMap(({ signed }) => signed).find((signature) => signature.party === register.file.party && signature.sequence === sequence)
  if (own !== undefined) {
    throw own.hash === text.hash ? new Refusal<AgreementActCode>('agreement/signed-already', `${register.file.party} signed this text at ${own.time}`, 'text')
      : new Refusal<AgreementActCode>('agreement/signed-another', `${register.file.party} signed another text of sequence ${sequence} at ${own.time}: ${own.hash}`, 'text')
  }
  const { current } = joined.standing
  if (current.state === 'in-force' && text.agreement.former !== current.text.hash) throw new Refusal<AgreementActCode>('agreement/not-next', `the text does not amend what is in force, ${current.text.hash}`, 'text')
  if (urls.size > 0) await setAddresses(register, joined, textTrust(home, text.agreement, await recordsSaid(home)), urls)
  const body = demandBody('agreement/sign', { text: text.hash, sequence, name, office })
  return sayToAll(home, othersOf(home, [text.agreement, ...(current.state === 'in-force' ? [current.text.agreement] : [])]), 'agreement/sign', body, people, at)
}

async function recordsSaid(home: At): Promise<readonly { readonly [name: string]: Json }[]> {
  const said = [...await saidOf(home, 'agreement/amend', 'in'), ...await saidOf(home, 'agreement/amend', 'out')]
  return said.flatMap(({ body }) => body.records)
}

function textTrust(home: At, agreement: Agreement, records: readonly { readonly [name: string]: Json }[]) {
  const trust = textFits(home, home.register.file.party, { agreement, records, note: null })
  if (trust instanceof Refusal) throw trust
  return trust
}

/** Leaves the agreement from a date that its notice allows. What was proven before stays proven. */
export async function withdraw(home: At, { from, reason, note }: SaidBody<'agreement/withdraw'>, people: People, at: number): Promise<readonly Message[]> {
  const refused = twoPeople('leaving an agreement', people.by, people.and)
  if (refused !== undefined) throw refused
  const { register, joined: { agreement, standing } } = home
  const idle = notInForce(standing, [register.file.party], timeOf(at))
  if (idle !== undefined) throw idle
  if (standing.withdrawn.has(register.file.party)) throw new Refusal<AgreementActCode>('agreement/withdrawn-already', `${register.file.party} has said that it leaves from ${standing.withdrawn.get(register.file.party) ?? ''}`, 'from')
  const earliest = earliestWithdrawal(agreement, timeOf(at))
  if (from < earliest) throw new Refusal<TextCode>('agreement/notice-too-short', `${agreement.id} is left with notice: not before ${earliest}`, 'from')
  return sayToAll(home, othersOf(home, [agreement]), 'agreement/withdraw', demandBody('agreement/withdraw', { from, reason, note }), people, at)
}

export interface HeardPosition { readonly from: PartyId, readonly time: string, readonly body: SaidBody<'agreement/position'> }

/** Every position that was stated, in the order of its time; one that was told to several stands once. */
export async function positionsOn(home: At): Promise<HeardPosition[]> {
  const seen = new Set<string>()
  const said = [...await saidOf(home, 'agreement/position', 'in'), ...await saidOf(home, 'agreement/position', 'out')]
  return said.map(({ message: { payload: { from, time } }, body }) => ({ from, time, body })).filter(({ from, body }) => seen.size < seen.add(`${from} ${body.position}`).size)
    .toSorted((a, b) => a.time < b.time ? -1 : a.time > b.time ? 1 : 0)
}
