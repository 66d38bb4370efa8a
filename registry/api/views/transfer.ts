// Transfers as they are looked at, by the commands and by the API.
import { known } from '@muster/core/rules/item.ts'
import type { At } from '../../said.ts'
import type { Transfer } from '../../transfer/view.ts'
import { designationsWith } from './directory.ts'

const transferView = ({ direction, with: party, notice, body, items, tally }: Transfer) => ({
  transfer: body.transfer, direction, with: party, notified: notice.payload.time, due: body.due, documents: body.documents, certificate: body.certificate ?? null, listed: body.items.length, ...tally,
  items: items.map(({ standing, what, word }, i) => ({ ...body.items[i], standing, what: what ?? null, word: word ?? null })),
})

/** With what was stated of the designations in it. */
export async function transferShown(at: At, transfer: Transfer) {
  return { ...transferView(transfer), designations: await designationsWith(at, [transfer.with], transfer.body.items.map(({ identity: { type } }) => known(type))) }
}

export const transfersView = (all: readonly Transfer[]) => ({ transfers: all.map((each) => ({ ...transferView(each), items: undefined })) })

interface Overdue { readonly transfer: Transfer, readonly no: number, readonly item: Transfer['body']['items'][number] }

/** Item by item what was neither received nor disputed by the time it was due. */
export function overdueItems(all: readonly Transfer[]): Overdue[] {
  return all.flatMap((transfer) => transfer.items.flatMap(({ standing }, no) => standing === 'overdue' ? [{ transfer, no, item: transfer.body.items[no] as Overdue['item'] }] : []))
}

export const overdueView = (late: readonly Overdue[]) => ({ overdue: late.map(({ transfer: { body, direction, with: party }, no, item }) => ({ transfer: body.transfer, direction, with: party, due: body.due, no, ...item })) })
