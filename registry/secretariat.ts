// What this registry tells a secretariat that the agreement names: the matrix of its own calls, its word to those of others, and what is owed. Read anew
// each time. Nothing that names an item is read here but counts, and these are told by class only, where the agreement opens the status of items without
// asking officers.
import { timeOf } from '@muster/core/bytes/time.ts'
import type { Agreement } from '@muster/core/rules/agreement.ts'
import type { CountedRow } from '@muster/core/rules/call.ts'
import { numbersOf, type Numbers } from '@muster/core/rules/secretariat.ts'
import { TOLD_CALLS_MAX, TOLD_DUTIES_MAX, type SecretariatCalls, type SecretariatDuties } from '@muster/core/wire/secretariat.ts'
import { dutiesOf } from './agreement/duties.ts'
import { callsIssued, callsReceived, heldToDeclaration, type CallRow, type IssuedCall } from './call/matrix.ts'
import type { At } from './said.ts'

const permitted = ({ standing }: Agreement): boolean => standing?.sections.includes('status') ?? false

const headOf = ({ register, joined: { agreement } }: At, at: number) => ({ party: register.file.party, agreement: agreement.id, exercise: agreement.exercise, at: timeOf(at) })

/** The newest calls, the oldest of them first. */
export async function callsTold(home: At, at: number): Promise<SecretariatCalls> {
  const { joined: { agreement } } = home
  const told = (counts: readonly CountedRow[] | null | undefined): Numbers | null => counts === null || counts === undefined || !permitted(agreement) ? null : numbersOf(counts)
  const rowOf = async (call: IssuedCall, { party: to, code, standing, since, late, reason, answer }: CallRow) => ({
    to, standing, since, late, reason: reason ?? null, numbers: told(answer?.counts), proof: answer === undefined || code === undefined ? null : (await heldToDeclaration(home, call.body, code, answer)).proof,
  })
  const issued = (await callsIssued(home, at)).slice(-TOLD_CALLS_MAX)
  return {
    ...headOf(home, at),
    issued: await Promise.all(issued.map(async (each) => {
      const { call, reason, asOf, due } = each.body
      return { call, reason, asOf, due, issued: each.issued, rows: await Promise.all(each.rows.map((row) => rowOf(each, row))) }
    })),
    received: (await callsReceived(home)).slice(-TOLD_CALLS_MAX).map(({ from, body: { call, reason, asOf, due }, issued: when, standing, said, counts }) => ({ call, from, reason, asOf, due, issued: when, standing, said, numbers: told(counts) })),
  }
}

/** What is owed, without the office that a delay has come to, which is a text of the agreement's. */
export async function dutiesTold(home: At, at: number): Promise<SecretariatDuties> {
  return { ...headOf(home, at), duties: (await dutiesOf(home, at)).slice(0, TOLD_DUTIES_MAX).map(({ office: _, ...duty }) => duty) }
}
