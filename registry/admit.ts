// The door of what is said under an agreement: what a message must be before it is stored.
import { canonical } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { refuseWitness, type DestructionCode } from '@muster/core/rules/destruction.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { notInForce } from '@muster/core/rules/standing.ts'
import { isInspectionKind, SAID_BY_INSPECTED, type InspectionBody, type InspectionKind } from '@muster/core/wire/inspection-body.ts'
import { mayExpire, saidBeforeForce } from '@muster/core/wire/message-kind.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { refuseReturn } from '@muster/core/wire/production-body.ts'
import { isByAsked, isRequestKind, type RequestKind } from '@muster/core/wire/request-body.ts'
import { ANSWERS_TO, isSaidKind, saidBody, type SaidBody, type SaidKind } from '@muster/core/wire/said-body.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { saidOf, type At } from './said.ts'
import { messageById } from './store/messages.ts'

type Affair = 'directory' | 'call' | 'transfer' | 'reconciliation' | 'certificate' | 're-export' | 'destruction' | 'request'
export type AdmitCode =
  | 'directory/unknown' | 'directory/too-many' | 'call/unknown' | 'call/too-many' | 'transfer/unknown' | 'transfer/too-many' | 'reconciliation/unknown' | 'reconciliation/too-many' | 'certificate/unknown' | 'certificate/too-many' | 're-export/unknown' | 're-export/too-many' | 'destruction/unknown' | 'destruction/too-many' | 'request/unknown' | 'request/too-many'
  | 'call/other-than-asked' | 'inspection/not-its-part' | 'inspection/unknown' | 'certificate/not-its-part' | 'certificate/used-already' | 'destruction/not-its-part' | 'destruction/used-already'

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
  if (kind === 'directory/rerouted') return partInRerouting({ register, joined }, { id, from, kind }, fitted as SaidBody<'directory/rerouted'>)
  if (kind === 'certificate/withdraw') return partInWithdrawal({ register, joined }, from, fitted as SaidBody<'certificate/withdraw'>)
  if (kind === 'production/return') return refuseReturn(p, joined.agreement.licensedProduction, from, register.file.party, fitted as SaidBody<'production/return'>, payload.time)
  if (kind === 'destruction/certify') return partInDestruction({ register, joined }, { id, from }, fitted as SaidBody<'destruction/certify'>)
  const answers = ANSWERS_TO[kind]
  if (answers === undefined || !('request' in fitted)) return undefined
  const asked = await messageById(register, joined, register.file.party, fitted.request)
  const named = asked?.payload.kind === answers.asks && asked.payload.to === from ? asked.payload.body[answers.member ?? answers.affair] : undefined
  if (asked === undefined || named === undefined || named !== body[answers.member ?? answers.affair]) {
    return new Refusal<AdmitCode>(`${answers.affair}/unknown`, `${from} answers a ${answers.affair} of which ${register.file.party} did not tell it`, 'body.request')
  }
  const many = await tooMany({ register, joined }, { id, from, kind, about: asked.id }, answers.affair)
  if (many !== undefined) return many
  if (kind === 'destruction/witnessed' || kind === 'destruction/not-witnessed') return refuseWitness(asked.payload.body.witnesses as SaidBody<'destruction/certify'>['witnesses'], from, (fitted as SaidBody<'destruction/witnessed'>).witness)
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
  const of = { member: 'inspection', begins: body.inspection } as const
  const announced = [...await saidOf(home, 'inspection/announce', 'in', of), ...await saidOf(home, 'inspection/announce', 'out', of)]
  if (announced.length === 0) return new Refusal<AdmitCode>('inspection/unknown', `no inspection ${body.inspection} was announced between ${from} and ${self}`, 'body.inspection')
  return announced.some((each) => isOf(each.body)) ? undefined : new Refusal<AdmitCode>('inspection/not-its-part', `it is not ${from} that says ${kind} of this inspection`, 'body.inspection')
}

/** A certificate is given by the state that imports to the one that exports, under an id of its own: two texts under one id would leave open which of them was drawn on. */
async function partInCertificate(home: At, { id, from }: { readonly id: string, readonly from: PartyId }, { certificate, importer, exporter }: SaidBody<'certificate/issue'>): Promise<Refusal | undefined> {
  if (importer !== from || exporter !== home.register.file.party) return new Refusal<AdmitCode>('certificate/not-its-part', `${from} issues a certificate of ${importer} for ${exporter}`, importer === from ? 'body.exporter' : 'body.importer')
  const other = (await saidOf(home, 'certificate/issue', 'in')).some(({ message, body }) => message.payload.from === from && body.certificate === certificate && message.id !== id)
  return other ? new Refusal<AdmitCode>('certificate/used-already', `${from} has issued another certificate ${certificate}`, 'body.certificate') : undefined
}

/** A message is sent on by the party that it was sent to. */
async function partInRerouting(home: At, { id, from, kind }: { readonly id: string, readonly from: PartyId, readonly kind: SaidKind }, { request }: SaidBody<'directory/rerouted'>): Promise<Refusal | undefined> {
  const { register, joined } = home
  const sent = await messageById(register, joined, register.file.party, request)
  if (sent === undefined || sent.payload.to !== from || sent.payload.kind === 'receipt') return new Refusal<AdmitCode>('directory/unknown', `${register.file.party} has sent no such message to ${from}`, 'body.request')
  return tooMany(home, { id, from, kind, about: request }, 'directory')
}

/** A certificate is withdrawn by who issued it. */
async function partInWithdrawal({ register, joined }: At, from: PartyId, { certificate, issue }: SaidBody<'certificate/withdraw'>): Promise<Refusal | undefined> {
  const issued = await messageById(register, joined, from, issue)
  return issued?.payload.kind === 'certificate/issue' && issued.payload.body.certificate === certificate ? undefined
    : new Refusal<AdmitCode>('certificate/unknown', `${from} withdraws a certificate ${certificate} that ${register.file.party} does not have of it`, 'body.issue')
}

/** A destruction is certified by who destroyed, once: no number, no id and no item stands in two certificates of one party. */
async function partInDestruction(home: At, { id, from }: { readonly id: string, readonly from: PartyId }, { party, destruction, number, items }: SaidBody<'destruction/certify'>): Promise<Refusal | undefined> {
  if (party !== from) return new Refusal<AdmitCode>('destruction/not-its-part', `${from} certifies a destruction by ${party}`, 'body.party')
  const earlier = (await saidOf(home, 'destruction/certify', 'in')).filter(({ message }) => message.payload.from === from && message.id !== id)
  if (earlier.some(({ body }) => body.destruction === destruction || body.number === number)) return new Refusal<AdmitCode>('destruction/used-already', `${from} has given another certificate of destruction ${number}`, 'body.number')
  const listed = new Set(earlier.flatMap(({ body }) => body.items.map((item) => canonical(item))))
  const again = items.findIndex((item) => typeof item.serial === 'object' && listed.has(canonical(item)))
  return again < 0 ? undefined : new Refusal<DestructionCode>('destruction/certified-already', `item ${again} stands in an earlier certificate of ${from}`, `body.items[${again}]`)
}
