// What the door demands of what is said about an agreement itself: a text that both sides can go by, no more words than are read, and the agreed notice.
import { canonicalBytes } from '@muster/core/bytes/canonical.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { Agreement } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { earliestWithdrawal } from '@muster/core/rules/standing.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { saidBody, type SaidBody } from '@muster/core/wire/said-body.ts'
import { trustOf, type Trust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import type { At } from '../said.ts'
import { messageById } from '../store/messages.ts'

export type TextCode = 'agreement/other-agreement' | 'agreement/not-a-party' | 'agreement/other-key-record' | 'agreement/unknown-former' | 'agreement/key-record' | 'agreement/too-many' | 'agreement/notice-too-short'

/** Texts, positions and signatures by one party: each is read whenever the agreement is shown. */
const SAYINGS_MAX = 512

/** Undefined where it may be stored, as whatever is about something else. */
export async function admitAgreement(home: At, { id, payload }: Message): Promise<Refusal | undefined> {
  const { kind, from } = payload
  if (!kind.startsWith('agreement/')) return undefined
  const { register, joined } = home
  if (kind === 'agreement/propose' || kind === 'agreement/amend') {
    const body = saidBody(kind, payload.body)
    const wrong = body instanceof Refusal ? body : textFits(home, from, body)
    if (wrong instanceof Refusal) return wrong
  }
  if (kind === 'agreement/withdraw') {
    const body = saidBody(kind, payload.body)
    const earliest = earliestWithdrawal(joined.agreement, payload.time)
    if (!(body instanceof Refusal) && body.from < earliest) return new Refusal<TextCode>('agreement/notice-too-short', `${joined.agreement.id} is left with notice: not before ${earliest}`, 'body.from')
  }
  const [{ said } = { said: 0 }] = await register.db.read<{ said: number }>("SELECT count(*) AS said FROM message WHERE sender = $1 AND agreement_id = $2 AND direction = 'in' AND kind = $3", [from, joined.agreement.id, kind])
  if (said >= SAYINGS_MAX && await messageById(register, joined, from, id) === undefined) return new Refusal<TextCode>('agreement/too-many', `${from} has said ${kind} ${SAYINGS_MAX} times`, 'kind')
  return undefined
}

/** A text that this registry can go by: of this agreement, between its parties, each with the key record that it had; with everybody's keys. */
export function textFits({ register, joined }: At, from: PartyId, body: SaidBody<'agreement/propose'> | SaidBody<'agreement/amend'>): Trust | Refusal {
  const { agreement } = body
  const ids = agreement.parties.map(({ id }) => id)
  if (agreement.id !== joined.agreement.id || agreement.exercise !== joined.agreement.exercise) return new Refusal<TextCode>('agreement/other-agreement', `the text is of ${agreement.id}, this is ${joined.agreement.id}`, 'body.agreement.id')
  const stranger = [from, register.file.party].find((party) => !ids.includes(party) && !joined.trust.parties.has(party))
  if (stranger !== undefined) return new Refusal<TextCode>('agreement/not-a-party', `${stranger} is a party neither of the text nor of what it amends`, 'body.agreement.parties')
  const other = agreement.parties.find(({ id, keyRecord }) => (joined.trust.parties.get(id)?.record.hash ?? keyRecord) !== keyRecord)
  if (other !== undefined) return new Refusal<TextCode>('agreement/other-key-record', `${other.id} has another key record under ${agreement.id}: a text changes none`, 'body.agreement.parties')
  if (agreement.former !== undefined && !followsSomething(joined, agreement)) return new Refusal<TextCode>('agreement/unknown-former', 'the text amends one that is not known here', 'body.agreement.former')
  return trustIn(joined, agreement, 'records' in body ? body.records.map((record) => canonicalBytes(record)) : [])
}

function followsSomething({ standing, agreement: own }: At['joined'], { former, sequence }: Agreement): boolean {
  // Whoever accedes knows the text by which it does and none before.
  if (own.former !== undefined && own.former === former) return true
  return standing.texts.some(({ text }) => text.hash === former && text.agreement.sequence + 1 === sequence)
}

function trustIn({ trust }: At['joined'], agreement: Agreement, more: readonly Uint8Array[]): Trust | Refusal {
  const records = new Map([...trust.parties.values()].map(({ record }) => [record.hash, record.bytes]))
  for (const bytes of more) records.set(toHex(p.sha256(bytes)), bytes)
  try {
    return trustOf(p, agreement, (party) => {
      const record = records.get(agreement.parties.find(({ id }) => id === party)?.keyRecord ?? '')
      if (record === undefined) throw new Refusal<TextCode>('agreement/key-record', `the key record of ${party}, which the text names, is not with it`, 'body.records')
      return record
    })
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown
    if (thrown instanceof Breach) return new Refusal<TextCode>('agreement/key-record', thrown.message, 'body.records')
    throw thrown
  }
}
