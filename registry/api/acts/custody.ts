// Acts about items that pass between parties or are lost: transfers and notices.
import { createHash } from 'node:crypto'
import { toBase64 } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { base64UpTo, boolean, characters, hex, integer, list, object, oneOf, optional, text, time } from '@muster/core/bytes/shape.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { PARTIES_MAX } from '@muster/core/rules/agreement.ts'
import { REASON_CHARACTERS_MAX } from '@muster/core/rules/custody-event.ts'
import { DOCUMENT_CHARACTERS_MAX, documents } from '@muster/core/rules/document.ts'
import { itemId } from '@muster/core/rules/item.ts'
import { CIRCUMSTANCES, NOTICE_KINDS } from '@muster/core/rules/notice.ts'
import { partyId } from '@muster/core/rules/party.ts'
import { DISPUTES } from '@muster/core/rules/transfer.ts'
import { verifyAviationNotice } from '@muster/core/wire/aviation-notice.ts'
import { aviationText } from '@muster/core/wire/aviation-text.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { giveToAviation } from '../../aviation.ts'
import { giveNotice, noticesIn, type NoticeCode } from '../../notice.ts'
import { disputeItems, dispatchItems, receiveItems, settleTransfer } from '../../transfer/act.ts'
import { act, body, demandParty, idBegun, note, of, type Act } from '../act.ts'

export const ITEMS_MAX = 1_024
const AVIATION_BYTES_MAX = 1_048_576
const RECIPIENTS_MAX = 200

export const items = list(itemId, 1, ITEMS_MAX)
const places = optional(list(integer(0, ITEMS_MAX - 1), 1, ITEMS_MAX))
const count = integer(0, ITEMS_MAX)
const sentMessage = object({ message: hex(32), to: partyId })

export const TRANSFER_ACTS: readonly Act[] = [
  act('transfer', 'send', {
    what: 'send items to another party, listed by number', two: true, takes: body({ to: partyId, items, documents, due: time, reason: text(REASON_CHARACTERS_MAX), certificate: optional(text(DOCUMENT_CHARACTERS_MAX)), licence: optional(text(DOCUMENT_CHARACTERS_MAX)), note }),
    answers: object({ transfer: hex(16), to: partyId, items: count }),
  }, async ({ at, hall }, { to, items, documents, due, reason, certificate, licence, note }, people, now) => {
    const { transfer } = await dispatchItems(at(), { to: demandParty(hall(), to, 'to'), items, documents, due, reason, certificate, licence, note: note ?? null }, people, now)
    return { transfer, to, items: items.length }
  }),
  act('transfer', 'receive', { what: 'confirm that items were received, all that are open where none is named', takes: body({ id: idBegun, of, places, happened: optional(time), note }), answers: object({ message: hex(32), to: partyId, items }) },
    async ({ at }, { id, of, places, happened, note }, people, now) => {
      const { message, items } = await receiveItems(at(), id, { items: places, happened: happened ?? timeOf(now), note: note ?? null }, people, now, of)
      return { message: message.id, to: message.payload.to, items }
    }),
  act('transfer', 'dispute', { what: 'dispute items of a transfer', takes: body({ id: idBegun, of, places, what: oneOf(...DISPUTES), note }), answers: sentMessage },
    async ({ at }, { id, of, places, what, note }, people, now) => {
      const message = await disputeItems(at(), id, { items: places, what, note: note ?? null }, people, now, of)
      return { message: message.id, to: message.payload.to }
    }),
  act('transfer', 'settle', { what: 'record in the own register what became of a transfer', takes: body({ id: idBegun }), answers: object({ released: count, disputed: count }), two: true },
    ({ at }, { id }, people, now) => settleTransfer(at(), id, people, now)),
]

export const NOTICE_ACTS: readonly Act[] = [
  act('notice', 'give', {
    what: 'tell parties of a loss, a theft or a recovery; numbers of items take two people',
    takes: body({ kind: oneOf(...NOTICE_KINDS), items, to: optional(list(partyId, 1, PARTIES_MAX)), discovered: optional(time), region: optional(text(100)), circumstances: optional(oneOf(...CIRCUMSTANCES)), numbers: optional(boolean), note }),
    answers: object({ notice: hex(16), kind: oneOf(...NOTICE_KINDS), to: list(partyId, 0, PARTIES_MAX), items: count }), two: { where: 'numbers' },
  }, async ({ at }, { kind, items, to, discovered, region, circumstances, numbers, note }, people, now) => {
    const { notice, messages } = await giveNotice(at(), { kind, items, to, discovered: discovered ?? timeOf(now), region: region ?? null, circumstances: circumstances ?? 'unknown', numbers: numbers ?? false, follows: null, note: note ?? null }, people, now)
    return { notice, kind, to: messages.map(({ payload: { to: each } }) => each), items: items.length }
  }),
  act('notice', 'aviation', {
    what: 'the signed document of a notice for aviation authorities, recorded as given', takes: body({ id: idBegun, to: optional(list(text(200), 1, RECIPIENTS_MAX)) }),
    answers: object({ notice: hex(16), handed: list(object({ recipient: text(200), by: text(200), given: time, sha256: hex(32) }), 0, RECIPIENTS_MAX), document: base64UpTo(AVIATION_BYTES_MAX), text: characters(0, AVIATION_BYTES_MAX) }),
  }, async ({ at }, { id, to }, people, now) => {
    const [only, ...more] = (await noticesIn(at())).filter(({ body: { notice } }) => notice.startsWith(id))
    if (only === undefined || more.length > 0) throw new Refusal<NoticeCode>('notice/unknown', `${more.length === 0 ? 'no notice begins' : 'several notices begin'} with ${id}`, 'id')
    const { document, handed } = await giveToAviation(at(), only, to, people, now)
    const words = verifyAviationNotice(p, document, undefined)
    if (words.verdict === 'refused') throw new Error('the document that was just signed is refused')
    return { notice: only.body.notice, handed, document: toBase64(document), text: aviationText(words.notice, createHash('sha256').update(document).digest('hex')) }
  }),
]
