// What was said under an agreement by notices of their own, read from the messages: they are the record, and nothing else is kept of an affair.
import { toHex } from '@muster/core/bytes/bytes.ts'
import { canonical, type Json } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { isInspectionKind, SAID_BY_INSPECTED, type InspectionBody, type InspectionKind } from '@muster/core/wire/inspection-body.ts'
import { notInForce } from '@muster/core/rules/standing.ts'
import { answeredBy, mayExpire, saidBeforeForce } from '@muster/core/wire/message-kind.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { checkReceipt } from '@muster/core/wire/receipt.ts'
import { isByAsked, isRequestKind, type RequestKind } from '@muster/core/wire/request-body.ts'
import { ANSWERS_TO, isSaidKind, saidBody, type SaidBody, type SaidKind } from '@muster/core/wire/said-body.ts'
import type { Joined } from './store/agreements.ts'
import { recordAct } from './store/acts-once.ts'
import type { Transaction } from './store/database.ts'
import { messageById, messagesById, writeWith, type Saying } from './store/messages.ts'
import type { Register } from './store/register.ts'

export type At = { readonly register: Register, readonly joined: Joined }
/** A message with its body read. */
export interface Said<K extends SaidKind> { readonly message: Message, readonly body: SaidBody<K> }
export interface People { readonly by: string, readonly and: string | null }

/** A body to be said, in its shape. Throws a Refusal that names the member. */
export function demandBody<K extends SaidKind>(kind: K, body: SaidBody<K>): { readonly [name: string]: Json } {
  const fitted = saidBody(kind, body)
  if (fitted instanceof Refusal) throw fitted
  return fitted
}

/** Says it with the names of who did: they are kept here, bound in the log beside the messages, and go to no other party. */
export function sayWith({ register, joined }: At, sayings: readonly Saying[], { by, and }: People, at: number): Promise<readonly Message[]> {
  return writeWith(register, joined, sayings, at, async (tx, messages) => {
    await recordPeople(tx, { register, joined }, messages, { by, and }, at)
    return messages
  })
}

/** Within the transaction that writes the messages. */
export async function recordPeople(tx: Transaction, { register, joined }: At, messages: readonly Message[], { by, and }: People, at: number): Promise<void> {
  const [first] = messages
  if (first !== undefined) await recordAct(tx, register.secrets, [first.payload.kind, joined.agreement.id, first.id], canonical({ by, and }), at)
}

interface Row { readonly sender: PartyId, readonly message_id: Buffer }

/** All of one kind that were sent (`out`) or received (`in`), oldest first. */
export async function saidOf<K extends SaidKind>({ register, joined }: At, kind: K, direction: 'out' | 'in'): Promise<Said<K>[]> {
  const rows = await register.db.read<Row>('SELECT sender, message_id FROM message WHERE agreement_id = $1 AND kind = $2 AND direction = $3', [joined.agreement.id, kind, direction])
  const said: Said<K>[] = []
  for (const sender of new Set(rows.map((row) => row.sender))) {
    const messages = await messagesById(register, joined, sender, rows.filter((row) => row.sender === sender).map(({ message_id }) => toHex(message_id)))
    for (const message of messages) {
      const body = saidBody(kind, message.payload.body)
      if (!(body instanceof Refusal)) said.push({ message, body })
    }
  }
  return said.sort((a, b) => a.message.payload.time < b.message.payload.time ? -1 : a.message.payload.time > b.message.payload.time ? 1 : a.message.payload.sequence - b.message.payload.sequence)
}

/** The receipts for these own messages, each by the party that the message went to, by the id of the message. */
export async function receiptsFor({ register, joined }: At, messages: readonly Message[]): Promise<ReadonlyMap<string, Message>> {
  const own = new Map(messages.map((message) => [message.id, message]))
  const rows = await register.db.read<Row>(
    "SELECT sender, message_id FROM message WHERE agreement_id = $1 AND kind = 'receipt' AND direction = 'in' AND about = ANY($2)", [joined.agreement.id, [...own.keys()].map((id) => Buffer.from(id, 'hex'))])
  const receipts = new Map<string, Message>()
  for (const sender of new Set(rows.map((row) => row.sender))) {
    for (const receipt of await messagesById(register, joined, sender, rows.filter((row) => row.sender === sender).map(({ message_id }) => toHex(message_id)))) {
      const message = own.get(answeredBy(receipt.payload) ?? '')
      // What another party says of a message that was not sent to it is no receipt.
      if (message !== undefined && checkReceipt(message, receipt) === undefined) receipts.set(message.id, receipt)
    }
  }
  return receipts
}

type Affair = 'call' | 'transfer' | 'reconciliation' | 'certificate' | 're-export' | 'request'
export type AdmitCode = `${'call' | 'transfer' | 'reconciliation' | 'certificate' | 're-export' | 'request'}/${'unknown' | 'too-many'}` | 'call/other-than-asked' | `${'inspection' | 'certificate'}/not-its-part` | 'inspection/unknown' | 'certificate/used-already'

/** Messages of one kind by one party about one question: more says nothing more, and each is read whenever the affair is shown. */
const WORDS_MAX = 64

/**
 * What the door demands before a message is stored: a body of its kind, and, of an answer, that it answers what this party said to whoever answers.
 * Undefined where it may be stored. A question needs an agreement that holds now, a statement one that held when it was said. `at`: POSIX seconds.
 */
export async function admit({ register, joined }: At, { id, payload }: Message, at: number): Promise<Refusal | undefined> {
  const { kind, from, body } = payload
  const idle = saidBeforeForce(kind) ? undefined : notInForce(joined.standing, [from, register.file.party], mayExpire(kind) || payload.time > timeOf(at) ? timeOf(at) : payload.time)
  if (idle !== undefined) return idle
  if (!isSaidKind(kind)) return undefined
  const fitted = saidBody(kind, body)
  if (fitted instanceof Refusal) return fitted
  if (isInspectionKind(kind)) return partInInspection({ register, joined }, from, kind, fitted as InspectionBody<InspectionKind>)
  if (kind === 'certificate/issue') return partInCertificate({ register, joined }, { id, from }, fitted as SaidBody<'certificate/issue'>)
  if (isRequestKind(kind)) return partInRequest({ register, joined }, { id, from, kind }, fitted as SaidBody<RequestKind>)
  if (kind === 'certificate/withdraw') return partInWithdrawal({ register, joined }, from, fitted as SaidBody<'certificate/withdraw'>)
  const answers = ANSWERS_TO[kind]
  if (answers === undefined || !('request' in fitted)) return undefined
  const asked = await messageById(register, joined, register.file.party, fitted.request)
  const named = asked?.payload.kind === answers.asks && asked.payload.to === from ? asked.payload.body[answers.member ?? answers.affair] : undefined
  if (asked === undefined || named === undefined || named !== body[answers.member ?? answers.affair]) {
    return new Refusal<AdmitCode>(`${answers.affair}/unknown`, `${from} answers a ${answers.affair} of which ${register.file.party} did not tell it`, 'body.request')
  }
  const many = await tooMany({ register, joined }, { id, from, kind, about: asked.id }, answers.affair)
  if (many !== undefined) return many
  return kind === 'call/answer' ? otherThanAsked(fitted as SaidBody<'call/answer'>, asked) : undefined
}

/** Of a formal request the asked party and the asker each say what is theirs to say, to one another. */
async function partInRequest({ register, joined }: At, { id, from, kind }: { readonly id: string, readonly from: PartyId, readonly kind: RequestKind }, body: SaidBody<RequestKind>): Promise<Refusal | undefined> {
  const self = register.file.party
  const [asker, asked] = isByAsked(kind, body) ? [self, from] : [from, self]
  const request = await messageById(register, joined, asker, body.request)
  if (request?.payload.kind !== 'trace/request' || request.payload.to !== asked) return new Refusal<AdmitCode>('request/unknown', `${asker} has put no such request to ${asked}`, 'body.request')
  return tooMany({ register, joined }, { id, from, kind, about: request.id }, 'request')
}

async function tooMany({ register, joined }: At, { id, from, kind, about }: { readonly id: string, readonly from: PartyId, readonly kind: SaidKind, readonly about: string }, affair: Affair): Promise<Refusal | undefined> {
  const [{ said } = { said: 0 }] = await register.db.read<{ said: number }>("SELECT count(*) AS said FROM message WHERE sender = $1 AND agreement_id = $2 AND about = $3 AND direction = 'in' AND kind = $4",
    [from, joined.agreement.id, Buffer.from(about, 'hex'), kind])
  if (said < WORDS_MAX || await messageById(register, joined, from, id) !== undefined) return undefined
  return new Refusal<AdmitCode>(`${affair}/too-many`, `${from} has said ${WORDS_MAX} times what it has to say to this ${affair}`, 'body.request')
}

/** A count is of the day and the classes that were asked for. */
function otherThanAsked({ asOf, counts }: SaidBody<'call/answer'>, { payload }: Message): Refusal | undefined {
  const call = saidBody('call/issue', payload.body)
  if (call instanceof Refusal) return call
  if (asOf !== call.asOf) return new Refusal<AdmitCode>('call/other-than-asked', `the call is for ${call.asOf}, and this counts as of ${asOf}`, 'body.asOf')
  const { classes } = call
  const other = classes === null ? undefined : counts.find((row) => !classes.includes(row.class))
  return other === undefined ? undefined : new Refusal<AdmitCode>('call/other-than-asked', `the call does not ask for ${other.class}`, 'body.counts')
}

/** Of an inspection everybody says what is theirs to say: the inspected party draws, shows and replies, the inspecting ones announce, open and report. */
async function partInInspection(home: At, from: PartyId, kind: InspectionKind, body: InspectionBody<InspectionKind>): Promise<Refusal | undefined> {
  const self = home.register.file.party
  const isOf = ({ inspected, inspectors }: InspectionBody<'inspection/announce'>): boolean =>
    SAID_BY_INSPECTED.includes(kind) ? from === inspected && inspectors.includes(self) : inspectors.includes(from) && (inspected === self || inspectors.includes(self))
  if (kind === 'inspection/announce') return isOf(body as InspectionBody<'inspection/announce'>) ? undefined : new Refusal<AdmitCode>('inspection/not-its-part', `${from} announces an inspection that is not between ${from} and ${self}`, 'body.inspectors')
  const announced = [...await saidOf(home, 'inspection/announce', 'in'), ...await saidOf(home, 'inspection/announce', 'out')].filter((each) => each.body.inspection === body.inspection)
  if (announced.length === 0) return new Refusal<AdmitCode>('inspection/unknown', `no inspection ${body.inspection} was announced between ${from} and ${self}`, 'body.inspection')
  return announced.some((each) => isOf(each.body)) ? undefined : new Refusal<AdmitCode>('inspection/not-its-part', `it is not ${from} that says ${kind} of this inspection`, 'body.inspection')
}

/** A certificate is given by the state that imports to the one that exports, under an id of its own: two texts under one id would leave open which of them was drawn on. */
async function partInCertificate(home: At, { id, from }: { readonly id: string, readonly from: PartyId }, { certificate, importer, exporter }: SaidBody<'certificate/issue'>): Promise<Refusal | undefined> {
  if (importer !== from || exporter !== home.register.file.party) return new Refusal<AdmitCode>('certificate/not-its-part', `${from} issues a certificate of ${importer} for ${exporter}`, importer === from ? 'body.exporter' : 'body.importer')
  const other = (await saidOf(home, 'certificate/issue', 'in')).some(({ message, body }) => message.payload.from === from && body.certificate === certificate && message.id !== id)
  return other ? new Refusal<AdmitCode>('certificate/used-already', `${from} has issued another certificate ${certificate}`, 'body.certificate') : undefined
}

/** A certificate is withdrawn by who issued it. */
async function partInWithdrawal({ register, joined }: At, from: PartyId, { certificate, issue }: SaidBody<'certificate/withdraw'>): Promise<Refusal | undefined> {
  const issued = await messageById(register, joined, from, issue)
  return issued?.payload.kind === 'certificate/issue' && issued.payload.body.certificate === certificate ? undefined
    : new Refusal<AdmitCode>('certificate/unknown', `${from} withdraws a certificate ${certificate} that ${register.file.party} does not have of it`, 'body.issue')
}
