// The matrix of answers to the own calls, and what stands open of those of others: read anew from the messages each time, so it is never behind.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf, type Time } from '@muster/core/bytes/time.ts'
import { differencesOf, matrixRow, tallyOf, type CallTally, type Difference, type MatrixRow, type Word } from '@muster/core/rules/call.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { checkDeclaredCounts, type CallBody } from '@muster/core/wire/call-body.ts'
import type { Message } from '@muster/core/wire/message.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { areEnough, inVain } from '../delivery/statements.ts'
import { logFolder } from '../log/own-log.ts'
import { logCopy, resumeLog, type Followed } from '../peer/mirror.ts'
import { addressedOnPaper, papersOf } from './paper.ts'
import { receiptsFor, saidOf, type At, type Said } from '../said.ts'

export interface CallRow extends MatrixRow {
  /** The party on the wire or by courier; undefined for a state that is called on paper. */
  readonly code: PartyId | undefined
  /** The answer in force, where there is one. */
  readonly answer: CallBody<'call/answer'> | undefined
}

export interface IssuedCall {
  readonly body: CallBody<'call/issue'>
  readonly issued: Time
  readonly rows: readonly CallRow[]
  readonly tally: CallTally
  /** The message to each addressee. */
  readonly issues: ReadonlyMap<PartyId, Message>
}

/** Every own call with its matrix as of `at` (POSIX seconds), oldest first. */
export async function callsIssued(home: At, at: number): Promise<IssuedCall[]> {
  const issues = await saidOf(home, 'call/issue', 'out')
  const receipts = await receiptsFor(home, issues.map(({ message }) => message))
  const words = await wordsIn(home)
  const papers = await papersOf(home)
  const calls = new Map<string, Said<'call/issue'>[]>()
  for (const issue of issues) calls.set(issue.body.call, [...calls.get(issue.body.call) ?? [], issue])
  return Promise.all([...calls.values()].map(async (said): Promise<IssuedCall> => {
    const [{ body, message: { payload: { time: issued } } }] = said as [Said<'call/issue'>]
    const rows = (await Promise.all(said.map(({ message }) => rowOf(home, body, message, receipts.get(message.id), words.filter(({ request, from }) => request === message.id && from === message.payload.to), at)))).sort((a, b) => a.party < b.party ? -1 : 1)
    rows.push(...addressedOnPaper(papers.filter(({ call }) => call === body.call)).map((addressed): CallRow => ({ ...matrixRow(addressed, body.due, timeOf(at)), code: undefined, answer: undefined })))
    return { body, issued, rows, tally: tallyOf(rows), issues: new Map(said.map(({ message }) => [message.payload.to, message])) }
  }))
}

interface Heard { readonly from: PartyId, readonly sequence: number, readonly request: string, readonly word: Word, readonly answer?: CallBody<'call/answer'> }

/** In the order in which each party said them: the sequence is the sender's own, whatever its clock says. */
async function wordsIn(home: At): Promise<Heard[]> {
  const [acknowledged, answered, declined] = await Promise.all([saidOf(home, 'call/acknowledge', 'in'), saidOf(home, 'call/answer', 'in'), saidOf(home, 'call/decline', 'in')])
  const saidBy = ({ payload: { from, sequence } }: Message) => ({ from, sequence })
  return [
    ...acknowledged.map(({ message, body }): Heard => ({ ...saidBy(message), request: body.request, word: { kind: 'acknowledged', time: message.payload.time, expected: body.expected } })),
    ...answered.map(({ message, body }): Heard => ({ ...saidBy(message), request: body.request, word: { kind: 'answered', time: message.payload.time, counts: body.counts }, answer: body })),
    ...declined.map(({ message, body }): Heard => ({ ...saidBy(message), request: body.request, word: { kind: body.stance === 'objects' ? 'objected' : 'declined', time: message.payload.time, reason: body.reason } })),
  ].sort((a, b) => a.sequence - b.sequence)
}

async function rowOf(home: At, call: CallBody<'call/issue'>, issue: Message, receipt: Message | undefined, heard: readonly Heard[], at: number): Promise<CallRow> {
  const { to: party, time: issued } = issue.payload
  const offered = receipt === undefined && heard.length === 0 && timeOf(at) > call.due && areEnough(home, await inVain(home, issue, call.due, at))
  const row = matrixRow({ party, issued, receipted: receipt?.payload.time ?? null, offered, words: heard.map(({ word }) => word) }, call.due, timeOf(at))
  return { ...row, code: party, answer: row.standing === 'answered' ? heard.findLast(({ word }) => word.kind === 'answered')?.answer : undefined }
}

/**
 * Whether the counts that an answer opens are those of a head in the party's log, as this registry has it. `older`: of an earlier declaration than its
 * newest here. `not-comparable`: they are, and the call asks for some types only, of which a head says nothing.
 */
export type DeclaredProof = 'proven' | 'older' | 'not-comparable' | 'not-bound' | 'head-not-here' | 'none'

/** The heads in a party's log, as this registry has it. */
export async function headsOf({ register, joined: { agreement } }: At, trust: PartyTrust): Promise<Followed['heads']> {
  const folder = trust.party === register.file.party ? logFolder({ dataDir: register.dataDir, agreement }) : logCopy(register.dataDir, agreement.id, trust.party)
  return (await resumeLog(folder, trust, agreement))?.heads ?? []
}

/** An answer held to its party's own declaration: `differences` are the classes of which it counts another number, where that is proven and comparable. */
export async function heldToDeclaration({ register, joined }: At, call: CallBody<'call/issue'>, party: PartyId, { declared, counts }: CallBody<'call/answer'>): Promise<{ readonly proof: DeclaredProof, readonly differences: readonly Difference[] }> {
  const trust = joined.trust.parties.get(party)
  if (declared === null || trust === undefined) return { proof: 'none', differences: [] }
  const heads = await headsOf({ register, joined }, trust)
  const head = heads.find(({ head: { hash } }) => hash === declared.head)?.head
  if (head === undefined) return { proof: 'head-not-here', differences: [] }
  if (checkDeclaredCounts(p, declared, head.head) instanceof Refusal) return { proof: 'not-bound', differences: [] }
  if (call.types !== null) return { proof: 'not-comparable', differences: [] }
  return { proof: heads.at(-1)?.head.hash === declared.head ? 'proven' : 'older', differences: differencesOf(counts, declared.counts, call.classes) }
}

export interface ReceivedCall { readonly from: PartyId, readonly message: Message, readonly body: CallBody<'call/issue'>, readonly issued: Time, readonly standing: 'open' | 'acknowledged' | 'answered' | 'declined' | 'objected', /** When the word in force was said. */ readonly said: Time | null, readonly counts: CallBody<'call/answer'>['counts'] | null, readonly reminders: number }

/** Calls that were received, oldest first, and what this party said to each. */
export async function callsReceived(home: At): Promise<ReceivedCall[]> {
  const [issues, acknowledged, answered, declined, reminded] = await Promise.all([
    saidOf(home, 'call/issue', 'in'), saidOf(home, 'call/acknowledge', 'out'), saidOf(home, 'call/answer', 'out'), saidOf(home, 'call/decline', 'out'), saidOf(home, 'call/remind', 'in'),
  ])
  return issues.map(({ message, body }): ReceivedCall => {
    const about = ({ body: said }: { readonly body: { readonly request: string } }) => said.request === message.id
    const [answer, decline] = [answered.findLast(about), declined.findLast(about)]
    const refused = decline === undefined ? undefined : decline.body.stance === 'objects' ? 'objected' as const : 'declined' as const
    const last = answer !== undefined && (decline === undefined || decline.message.payload.sequence < answer.message.payload.sequence) ? 'answered' as const : refused
    const acknowledgement = acknowledged.findLast(about)
    const word = last === 'answered' ? answer : last === undefined ? acknowledgement : decline
    return { from: message.payload.from, message, body, issued: message.payload.time, standing: last ?? (acknowledgement === undefined ? 'open' : 'acknowledged'), said: word?.message.payload.time ?? null, counts: last === 'answered' ? answer?.body.counts ?? null : null, reminders: reminded.filter(({ body: { issue } }) => issue === message.id).length }
  })
}
