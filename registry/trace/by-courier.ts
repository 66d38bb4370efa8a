// A party without an address in a trace: its question waits for the courier, and so do the answer and the formal request. Nothing is kept of a
// trace between two files but its messages: the blinds come from the register's key, so that whoever traces the same find later, with what
// has arrived by then, asks the same question again and finds it asked.
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { ReadHead } from '@muster/core/wire/head.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { FINAL_ANSWERS } from '@muster/core/wire/message-kind.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { tlogProof } from '../log/binding-proof.ts'
import { cosignedOver, type CosignedCheckpoint } from '../log/cosigned-by.ts'
import { Unreachable } from '../peer/client.ts'
import { messagesAbout, writeMessages, type Saying } from '../store/messages.ts'
import { derive } from '../store/secrets.ts'
import { groundFor, questionTo, seededChance, type Ground, type Question } from './ask.ts'
import { bare, formalAnswer, formalSaying, isUnknownHead, onlyAnswer, sightOf, underEarlierKeys, withAnswer, type Asked, type Sight, type Tracing } from './asked.ts'
import type { BoundFind } from './find.ts'

/** Declarations of a party, from the newest back, under which its answer may still be on its way. */
const HEADS_ASKED = 4

/** Takes the trace of a find one step further with a party without an address, as far as the courier brought it: under its newest head, then under the last of each earlier OPRF key. Throws for a forged answer. */
export async function askByCourier(tracing: Tracing, party: PartyTrust, keys: readonly Uint8Array[], find: BoundFind): Promise<Asked[]> {
  let sight: Sight
  try {
    sight = await sightOf(tracing, party, false)
  } catch (error) {
    if (error instanceof Unreachable) return [bare(party)]
    throw error
  }
  const said = await messagesAbout(tracing.home.register, tracing.hall.joined, tracing.home.register.file.party, [toHex(find.leaf)], 'out')
  const current = await askNewest(tracing, party, sight, keys, find, said)
  const earlier = await underEarlierKeys(tracing, current, async (each) => {
    const asked = { ...bare(party), sight: each }
    return formallyByCourier(tracing, await askedUnder(tracing, asked, keys, find, said) ?? await ask(tracing, asked, keys, find), find, current)
  })
  return [await formallyByCourier(tracing, current, find), ...earlier]
}

/** Under the newest head that it was asked under, or is now. */
async function askNewest(tracing: Tracing, party: PartyTrust, sight: Sight, keys: readonly Uint8Array[], find: BoundFind, said: readonly Message[]): Promise<Asked> {
  const heads = sight.followed.heads.map(({ head }) => head).toReversed().slice(0, HEADS_ASKED)
  let newest: Asked | undefined
  for (const head of heads.length === 0 ? [undefined] : heads) {
    const asked = await askedUnder(tracing, { ...bare(party), sight: await sightUnder(tracing, party, sight, head) }, keys, find, said)
    if (asked?.answer !== undefined && !isUnknownHead(asked.answer)) return asked
    newest ??= asked
  }
  return newest ?? ask(tracing, { ...bare(party), sight }, keys, find)
}

async function sightUnder({ hall }: Tracing, { party }: PartyTrust, sight: Sight, head: ReadHead | undefined): Promise<Sight> {
  return head === undefined || head.hash === sight.head?.hash ? sight : { ...sight, head, declaration: await hall.mirror.declaration(party, head) }
}

/** The question under the head of that sight. Its inputs go into the seed: no blind ever serves two of them. */
function questionUnder({ home, hall, group }: Tracing, { party, sight }: Asked, keys: readonly Uint8Array[], find: BoundFind, ground: Ground): Question {
  const seed = derive(home.register.secrets.question, hall.joined.agreement.id, '\n', party.party, '\n', sight?.head?.hash ?? '', find.leaf, p.sha256(...keys))
  return questionTo(group, party.party, sight?.head, keys, ground, undefined, seededChance(seed))
}

/** The question as it was put before under the same head, with what came back; undefined where it was not. */
async function askedUnder(tracing: Tracing, asked: Asked, keys: readonly Uint8Array[], find: BoundFind, said: readonly Message[]): Promise<Asked | undefined> {
  const { home: { register }, hall: { joined } } = tracing
  const { party } = asked.party
  const question = questionUnder(tracing, asked, keys, find, { recoveries: [], proofs: [] })
  const { elements } = question.saying.body
  const request = said.find(({ payload: { to, body } }) => to === party && JSON.stringify(body.elements) === JSON.stringify(elements))
  if (request === undefined) return undefined
  const back = await messagesAbout(register, joined, party, [request.id], 'in')
  const receipt = back.find(({ payload }) => payload.kind === 'receipt')
  return withAnswer(tracing, { ...asked, question, request, receipt }, onlyAnswer(back, FINAL_ANSWERS.evaluation), keys.length)
}

/** Puts the question on its way, once the party's own witness has cosigned the find; until then its log waits for the courier. */
async function ask(tracing: Tracing, asked: Asked, keys: readonly Uint8Array[], find: BoundFind): Promise<Asked> {
  const { hall: { joined, log }, home: { register } } = tracing
  let cosigned: CosignedCheckpoint | undefined
  for (const { key, compromisedSince } of asked.party.cosigners.witness.toReversed()) if (compromisedSince === undefined) cosigned ??= await cosignedOver(log, key, find.path.entry)
  if (cosigned === undefined) return asked
  const whole: Ground = { recoveries: [{ binding: toHex(find.leaf), path: { ...find.path, proof: 0 } }], proofs: [tlogProof(log, find.path.entry, cosigned.note)] }
  const question = questionUnder(tracing, asked, keys, find, groundFor(whole, joined.trust.parties.get(register.file.party) as PartyTrust, asked.party))
  return { ...asked, question, request: await letGo(tracing, { ...question.saying, about: toHex(find.leaf) }) }
}

async function letGo({ home, hall }: Tracing, saying: Saying): Promise<Message> {
  const [message] = await writeMessages(home.register, hall.joined, [{ ...saying, sent: true }], home.now()) as [Message]
  return message
}

async function formallyByCourier(tracing: Tracing, asked: Asked, find: BoundFind, current?: Asked): Promise<Asked> {
  const { home: { register }, hall: { joined } } = tracing
  const saying = formalSaying(tracing, asked, find, current)
  if (saying === undefined || asked.request === undefined) return asked
  const said = await messagesAbout(register, joined, register.file.party, [asked.request.id], 'out')
  const before = said.find(({ payload }) => payload.kind === 'trace/request')
  const request = before ?? await letGo(tracing, saying)
  const back = before === undefined ? [] : await messagesAbout(register, joined, asked.party.party, [request.id], 'in')
  return { ...asked, formal: { request, receipt: back.find(({ payload }) => payload.kind === 'receipt'), answer: formalAnswer(back) } }
}
