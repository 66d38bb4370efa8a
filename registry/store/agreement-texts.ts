// What a registry knows of an agreement's texts: those that its own log holds, which are in force or were; those that were proposed to it or by it; and
// who has signed which. A text that stands in the log was signed by all, or concluded on paper, when it was let in.
import { Breach } from '@muster/core/bytes/breach.ts'
import { equal, toHex } from '@muster/core/bytes/bytes.ts'
import { canonicalBytes } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { AGREEMENT_VERSION, agreementBytes, parseAgreement, type Agreement, type AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { standingOf, type Standing } from '@muster/core/rules/standing.ts'
import { agreementSaid, textHash } from '@muster/core/wire/agreement-said.ts'
import { CLEAR } from '@muster/core/wire/entry.ts'
import { parseEnvelope, type Message } from '@muster/core/wire/message.ts'
import type { MessageKind } from '@muster/core/wire/message-kind.ts'
import { saidBody } from '@muster/core/wire/said-body.ts'
import { keysOfAll, trustOf, type Trust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import type { Reader } from './database.ts'
import type { Register } from './register.ts'

/** Kinds from which the standing follows. */
const KINDS: readonly MessageKind[] = ['agreement/propose', 'agreement/amend', 'agreement/sign', 'agreement/withdraw']

/** Texts in the own log, or on their way into it, by sequence. */
export async function adoptedTexts(db: Reader, id: AgreementId): Promise<Agreement[]> {
  const rows = await db.read<{ entry: Buffer }>(
    "SELECT entry FROM log_entry WHERE agreement_id = $1 AND get_byte(entry, 0) = $2 UNION ALL SELECT '\\x01'::bytea || bytes AS entry FROM waiting WHERE agreement_id = $1 AND subject = 'clear'", [id, CLEAR])
  const texts = rows.filter(({ entry }) => entry.includes(`"${AGREEMENT_VERSION}"`)).map(({ entry }) => parseAgreement(new Uint8Array(entry.subarray(1))))
  return texts.filter((text): text is Agreement => !(text instanceof Refusal)).sort((a, b) => a.sequence - b.sequence)
}

/** How much was said from which the standing follows. */
export async function countSaid(db: Reader, id: AgreementId): Promise<number> {
  const [row] = await db.read<{ said: number }>('SELECT count(*) AS said FROM message WHERE agreement_id = $1 AND kind = ANY($2)', [id, KINDS])
  return row?.said ?? 0
}

export interface ReadStanding {
  /** By what the registry goes: the text in force, or the draft; with keys of everybody who may speak of any text. */
  readonly trust: Trust
  readonly standing: Standing
  readonly adopted: readonly Agreement[]
  /** In force and not in the log yet, in their order. */
  readonly due: readonly Agreement[]
  readonly texts: readonly Trust[]
  readonly messages: readonly Message[]
}

/** Later key records of a party, oldest first. */
type LaterOf = (party: PartyId) => readonly Uint8Array[]

/** `row`: the text that the registry went by last. `records`: first key records that it holds; those of parties that accede come with the amendment. */
export async function readStanding({ db, file }: Pick<Register, 'db' | 'file'>, row: Agreement, records: readonly Uint8Array[], laterOf: LaterOf, at: number): Promise<ReadStanding> {
  const adopted = await adoptedTexts(db, row.id)
  const first = adopted[0] ?? row
  const held = [...adopted, ...(adopted.length === 0 ? [row] : [])]
  const rows = await db.read<{ envelope: Buffer }>('SELECT envelope FROM message WHERE agreement_id = $1 AND kind = ANY($2)', [row.id, KINDS])
  const envelopes = rows.map(({ envelope }) => new Uint8Array(envelope))
  let trusts = trustsOf(held, records, laterOf)
  let messages = opened(envelopes, trusts)
  const proposed = messages.flatMap(textsIn)
  trusts = trustsOf([...held, ...proposed.flatMap(({ agreement }) => held.some((text) => equal(agreementBytes(text), agreementBytes(agreement))) ? [] : [agreement])], [...records, ...proposed.flatMap(({ records: more }) => more)], laterOf)
  if (messages.length < envelopes.length) messages = opened(envelopes, trusts)
  const standing = standingOf(agreementSaid(p, held, messages, { hash: textHash(p, first), concluded: adopted.length > 0 }), timeOf(at))
  const current = trusts.find(({ agreement }) => textHash(p, agreement) === standing.current.text.hash) as Trust
  const due = standing.current.state === 'in-force' ? chainTo(standing).filter(({ sequence }) => !adopted.some((text) => text.sequence === sequence)) : []
  const isParty = current.parties.has(file.party)
  const trust = isParty ? current : trusts.findLast(({ parties }) => parties.has(file.party)) as Trust
  return { trust: { ...trust, messageKeys: keysOfAll([trust, ...trusts]) }, standing, adopted, due: isParty ? due : [], texts: trusts, messages }
}

/** The text in force and those that it follows from, oldest first. */
function chainTo({ current, texts }: Standing): Agreement[] {
  const chain = [current.text]
  for (;;) {
    const former = texts.find(({ text: { hash } }) => hash === chain[0]?.agreement.former)
    if (former === undefined || former.text.agreement.sequence >= (chain[0]?.agreement.sequence ?? 0)) return chain.map(({ agreement }) => agreement)
    chain.unshift(former.text)
  }
}

/** What a key that nobody knows yet has signed is left out, and read when the key is known. */
function opened(envelopes: readonly Uint8Array[], trusts: readonly Trust[]): Message[] {
  return envelopes.map((envelope) => parseEnvelope(p, envelope, keysOfAll(trusts))).filter((message): message is Message => !(message instanceof Error))
}

function textsIn({ payload }: Message): { readonly agreement: Agreement, readonly records: readonly Uint8Array[] }[] {
  if (payload.kind !== 'agreement/propose' && payload.kind !== 'agreement/amend') return []
  const body = saidBody(payload.kind, payload.body)
  if (body instanceof Refusal || body.agreement.id !== payload.agreement) return []
  return [{ agreement: body.agreement, records: 'records' in body ? body.records.map((record) => canonicalBytes(record)) : [] }]
}

/** Texts of which every party's key record is held. */
function trustsOf(texts: readonly Agreement[], records: readonly Uint8Array[], laterOf: LaterOf): Trust[] {
  const byHash = new Map(records.map((bytes) => [toHex(p.sha256(bytes)), bytes]))
  return texts.flatMap((agreement) => {
    const recordOf = new Map(agreement.parties.map(({ id, keyRecord }) => [id, byHash.get(keyRecord)]))
    if ([...recordOf.values()].includes(undefined)) return []
    try {
      return [trustOf(p, agreement, (party) => recordOf.get(party) as Uint8Array, laterOf)]
    } catch (thrown) {
      // A proposal that names a record of somebody else is nobody's agreement.
      if (thrown instanceof Refusal || thrown instanceof Breach) return []
      throw thrown
    }
  })
}
