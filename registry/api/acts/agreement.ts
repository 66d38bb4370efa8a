// Acts by which parties come to an agreement, change it and leave it, report by its schedule, and declare under it.
import { canonicalBytes } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { anyObject, hex, integer, list, misfit, nullable, object, oneOf, optional, ruled, table, text, time, type Shape } from '@muster/core/bytes/shape.ts'
import { agreementId, agreementShape, PARTIES_MAX, SEQUENCE_MAX } from '@muster/core/rules/agreement.ts'
import { partyId, type PartyId } from '@muster/core/rules/party.ts'
import { EXCHANGES, OFFICE_CHARACTERS_MAX } from '@muster/core/rules/terms.ts'
import { CONCERNS, POSITIONS, WITHDRAWAL_REASONS } from '@muster/core/wire/agreement-body.ts'
import { exchangeRows } from '@muster/core/wire/exchange-body.ts'
import { readKeyRecord } from '@muster/core/wire/key-record.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { proposeAmendment, proposeDraft, signText, takePosition, withdraw } from '../../agreement/act.ts'
import { reportExchange } from '../../agreement/duties.ts'
import { declare } from '../../log/declare.ts'
import { act, body, note, type Act, type Office } from '../act.ts'

const URL_CHARACTERS_MAX = 1_000
const PERSON_CHARACTERS_MAX = 200
const hashBegun = optional(text(64))

const address = ruled(text(URL_CHARACTERS_MAX), 'an http or https URL', (given, at) => { if (!/^https?:\/\//.test(given) || !URL.canParse(given)) misfit(at, 'an http or https URL') })
const addresses = optional(table(partyId as Shape<string>, address, PARTIES_MAX))
const urlsOf = (given: Readonly<Record<string, string>> | undefined): Map<PartyId, string> => new Map(Object.entries(given ?? {}).map(([party, url]) => [party as PartyId, url.replace(/\/$/, '')]))

const saidToAll = object({ agreement: agreementId, kind: nullable(text(100)), to: list(partyId, 0, PARTIES_MAX), state: text(40), missing: list(partyId, 0, PARTIES_MAX) })
const toldAll = ({ hall }: Office, messages: readonly Message[]) => {
  const { joined: { agreement, standing } } = hall()
  return { agreement: agreement.id, kind: messages[0]?.payload.kind ?? null, to: messages.map(({ payload: { to } }) => to), state: standing.state, missing: standing.current.missing }
}

export const AGREEMENT_ACTS: readonly Act[] = [
  act('agreement', 'propose', { what: 'propose the draft that was taken up', takes: body({ note }), answers: saidToAll }, async (office, { note }, people, now) => toldAll(office, await proposeDraft(office.at(), note ?? null, people, now))),
  act('agreement', 'position', {
    what: 'state a position on a text', takes: body({ kind: optional(oneOf(...POSITIONS)), place: optional(text(200)), concern: optional(oneOf(...CONCERNS)), words: optional(text(4_000)), text: hashBegun, answers: hashBegun }), answers: saidToAll,
  }, async (office, { kind, place, concern, words, text, answers }, people, now) => toldAll(office, await takePosition(office.at(), { kind: kind ?? 'position', place: place ?? null, concern: concern ?? 'other', words: words ?? null, text, answers }, people, now))),
  act('agreement', 'sign', { what: 'sign a text for this party', takes: body({ text: hashBegun, signatory: text(PERSON_CHARACTERS_MAX), office: text(OFFICE_CHARACTERS_MAX), addresses }), answers: saidToAll, two: true },
    async (office, { text, signatory, office: rank, addresses }, people, now) => toldAll(office, await signText(office.at(), { text, name: signatory, office: rank, urls: urlsOf(addresses) }, people, now))),
  act('agreement', 'amend', { what: 'propose the next text, with the key records of parties that accede', takes: body({ text: agreementShape, records: optional(list(anyObject, 0, PARTIES_MAX)), addresses, note }), answers: saidToAll },
    async (office, { text, records, addresses, note }, people, now) => {
      const read = (records ?? []).map((record) => readKeyRecord(p, canonicalBytes(record)))
      for (const each of read) if (each instanceof Refusal) throw each
      return toldAll(office, await proposeAmendment(office.at(), { agreement: text, records: (records ?? []).map((record) => canonicalBytes(record)), urls: urlsOf(addresses), note: note ?? null }, people, now))
    }),
  act('agreement', 'report', { what: 'report what the schedule of exchanges asks for', takes: body({ what: oneOf(...EXCHANGES), until: optional(time), rows: exchangeRows, note }), answers: saidToAll },
    async (office, { what, until, rows, note }, people, now) => toldAll(office, await reportExchange(office.at(), { what, until, rows, note: note ?? null }, people, now))),
  act('agreement', 'withdraw', { what: 'leave the agreement from a date', takes: body({ from: time, reason: optional(oneOf(...WITHDRAWAL_REASONS)), note }), answers: saidToAll, two: true },
    async (office, { from, reason, note }, people, now) => toldAll(office, await withdraw(office.at(), { from, reason: reason ?? 'unstated', note: note ?? null }, people, now))),
]

const count = integer(0, SEQUENCE_MAX)

export const DECLARE_ACTS: readonly Act[] = [
  act('declare', 'declare', { what: 'declare the register as of now; the next period takes it into the log', takes: body({}), answers: object({ agreement: agreementId, sequence: count, asOf: time, items: count, keys: count, dummies: count, size: count, head: hex(32) }) },
    async ({ hall }, _, _people, now) => {
      const { head: { head, hash }, items, keys, dummies } = await declare(hall().log, now)
      return { agreement: hall().joined.agreement.id, sequence: head.sequence, asOf: head.asOf, items, keys, dummies, size: head.size, head: hash }
    }),
]
