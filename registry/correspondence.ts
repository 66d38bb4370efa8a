// Everything that was said of one affair as a file for a third (spec/correspondence.md): both sides' messages and receipts as they were signed. What is
// made is verified before it is given out.
import { parseJson } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { affairIn, AFFAIRS, correspondenceBytes, verifyCorrespondence, type AffairKind, type Correspondence, type CorrespondenceVerification } from '@muster/core/wire/correspondence.ts'
import { BATCH_KINDS } from '@muster/core/wire/inspection-body.ts'
import type { Envelope, Message } from '@muster/core/wire/message.ts'
import { SAID_BODY, type SaidKind } from '@muster/core/wire/said-body.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { saidOf, type At } from './said.ts'
import { messagesById } from './store/messages.ts'
import { receiptsNaming } from './store/receipts.ts'

const FAMILIES: Readonly<Record<AffairKind, readonly string[]>> = {
  call: ['call'], transfer: ['transfer'], notice: ['loss', 'theft', 'recovery'], inspection: ['inspection'], reconciliation: ['reconciliation'], certificate: ['certificate'], 're-export': ['re-export'], production: ['production'], destruction: ['destruction'],
}
/** Blinded batches stay out: of a reconciliation what they say is in the report, of an inspection in what proves it; and who showed other elements is convicted by a file of its own. */
const BATCHES: readonly SaidKind[] = ['reconciliation/ask', 'reconciliation/answer', 'reconciliation/refuse', 'reconciliation/show', ...BATCH_KINDS]
const KINDS = (Object.keys(SAID_BODY) as SaidKind[]).filter((kind) => !BATCHES.includes(kind))
const ID_SHOWN_MIN = 8

/** Every message of the affairs of one kind whose id begins so, each once, by the affair's id. */
async function messagesOf(home: At, affair: AffairKind, id: string): Promise<Map<string, Map<string, Message>>> {
  const found = new Map<string, Map<string, Message>>()
  for (const kind of KINDS.filter((each) => FAMILIES[affair].includes(each.slice(0, each.indexOf('/'))))) {
    for (const direction of ['out', 'in'] as const) {
      for (const { message } of await saidOf(home, kind, direction)) {
        const of = affairIn(affair, message.payload.body)
        if (typeof of !== 'string' || !of.startsWith(id)) continue
        const held = found.get(of) ?? new Map<string, Message>()
        found.set(of, held.set(message.id, message))
      }
    }
  }
  return found
}

async function receiptsOf({ register, joined }: At, ids: readonly string[]): Promise<Message[]> {
  const given = await receiptsNaming(register.db, joined.agreement.id, ids, ['in', 'out'])
  const all = await Promise.all([...new Set(given.map(({ giver }) => giver))].map((giver) => messagesById(register, joined, giver, given.flatMap((each) => each.giver === giver ? each.receipt : []))))
  return all.flat()
}

export interface Written { readonly bytes: Uint8Array, readonly messages: readonly Message[], readonly verification: Exclude<CorrespondenceVerification, { readonly verdict: 'refused' }> }

/** The file of the one affair whose id begins so. Throws a Refusal where there is none, or several. */
export async function correspondenceFile(home: At, id: string): Promise<Written> {
  const { joined: { trust, agreement } } = home
  const found: { readonly affair: Correspondence['affair'], readonly messages: readonly Message[] }[] = []
  if (id.length >= ID_SHOWN_MIN) {
    for (const kind of AFFAIRS) for (const [of, messages] of await messagesOf(home, kind, id)) found.push({ affair: { kind, id: of }, messages: [...messages.values()] })
  }
  const [only] = found
  if (only === undefined || found.length > 1) throw new Refusal('correspondence/unknown', `no one affair under ${agreement.id} begins with ${id}: give ${ID_SHOWN_MIN} or more characters of its id`, 'id')
  const all = [...only.messages, ...await receiptsOf(home, only.messages.map(({ id: each }) => each))].sort((a, b) => a.payload.time < b.payload.time ? -1 : a.payload.time > b.payload.time ? 1 : a.id < b.id ? -1 : 1)
  const parties = [...new Set(all.flatMap(({ payload: { from } }) => from))].sort()
  const bytes = correspondenceBytes({
    v: 'muster/correspondence/1', agreement: parseJson(trust.bytes), affair: only.affair, keyRecords: parties.flatMap((party) => (trust.parties.get(party) as PartyTrust).records.map(({ bytes }) => parseJson(bytes))),
    messages: all.map(({ envelope }) => parseJson(envelope) as Envelope),
  })
  const verification = verifyCorrespondence(p, await fastGroup(), bytes, trust.bytes)
  if (verification.verdict === 'refused') throw new Refusal('correspondence/not-whole', `what was said does not hold together: ${verification.findings.map(({ message }) => message).join('; ')}`)
  return { bytes, verification, messages: all.filter(({ payload: { kind } }) => kind !== 'receipt') }
}
