// Calls as they are looked at, by the commands and by the API: the own ones with their matrix, and those of others.
import type { Placed } from '@muster/core/rules/office.ts'
import type { CallBody } from '@muster/core/wire/call-body.ts'
import { againstEarlier } from '../../call/against.ts'
import { callsIssued, callsReceived, heldToDeclaration, type CallRow, type IssuedCall } from '../../call/matrix.ts'
import { issuedCall } from '../../call/said.ts'
import { officesOf } from '../../directory/view.ts'
import type { At } from '../../said.ts'

export async function callsView(at: At, now: number) {
  const [issued, received] = [await callsIssued(at, now), await callsReceived(at)]
  const offices = await officesOf(at, received.map(({ message }) => message))
  return { issued: issued.map(({ body, issued: since, tally }) => ({ ...body, issued: since, ...tally })), received: received.map(({ from, message, body, issued: since, standing, reminders }) => ({ ...body, from, issued: since, office: offices.get(message.id) ?? null, standing, reminders })) }
}

/** The call whose id begins so, and each row with the office where the call lies and what its answer is held to. */
export async function callMatrix(at: At, id: string, now: number) {
  const [said] = await issuedCall(at, id)
  const call = (await callsIssued(at, now)).find(({ body }) => body.call === (said?.body as CallBody<'call/issue'>).call) as IssuedCall
  const offices = await officesOf(at, [...call.issues.values()])
  const officeOf = ({ code }: CallRow): Placed | undefined => code === undefined ? undefined : offices.get(call.issues.get(code)?.id ?? '')
  const rows = await Promise.all(call.rows.map(async (row) => ({ row, office: officeOf(row), ...(row.answer === undefined || row.code === undefined ? { proof: null, differences: [], balance: undefined } : {
    ...await heldToDeclaration(at, call.body, row.code, row.answer), balance: await againstEarlier(at, call.body, row.code, row.answer, now),
  }) })))
  return { call, rows }
}

export function callView({ call, rows }: Awaited<ReturnType<typeof callMatrix>>) {
  return { ...call.body, issued: call.issued, ...call.tally, matrix: rows.map(({ row: { answer, ...row }, office, proof, differences, balance }) => ({ ...row, office: office ?? null, counts: answer?.counts ?? null, proof, differences, balance: balance ?? null })) }
}
