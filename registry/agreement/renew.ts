// What stands of an agreement, read anew while the registry runs: when something was said of it, and when a date comes. In this order: the evaluator is
// told what the parties signed, then the text goes into the own log, then what runs goes by it; after a crash between, the same road leads on.
import { timeOf } from '@muster/core/bytes/time.ts'
import { agreementBytes, type AgreementId } from '@muster/core/rules/agreement.ts'
import { changesBetween } from '@muster/core/rules/standing.ts'
import { textHash } from '@muster/core/wire/agreement-said.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { tellEvaluator } from '../evaluator/said.ts'
import { settleEvaluator } from '../evaluator/settled.ts'
import { adoptTexts, readJoined, type Joined } from '../store/agreements.ts'
import { countSaid, type ReadStanding } from '../store/agreement-texts.ts'
import type { Register } from '../store/register.ts'

/** When a standing was read, and of how much that was said. */
const readAt = new WeakMap<Joined, { readonly at: number, readonly said: number }>()

/** An agreement as it stands at `at` (POSIX seconds); what came into force since goes into the log. Undefined where it was neither joined nor taken up. */
export async function openJoined(register: Register, id: AgreementId, at: number): Promise<Joined | undefined> {
  const said = await countSaid(register.db, id)
  const held = await readJoined(register, id, at)
  if (held === undefined) return undefined
  await tell(register, held.read)
  const joined = held.read.due.length === 0 ? held.joined : await letIn(register, held.joined, held.read, at)
  readAt.set(joined, { at, said })
  return joined
}

async function letIn(register: Register, joined: Joined, { due }: ReadStanding, at: number): Promise<Joined> {
  await adoptTexts(register, due, joined.trust)
  return (await readJoined(register, joined.agreement.id, at))?.joined ?? joined
}

/** The evaluator goes by the first text that held here, and by what all have signed since; of a draft it knows nothing. */
async function tell({ dataDir }: Register, { adopted, due, texts, messages }: ReadStanding): Promise<void> {
  const first = adopted[0] ?? due[0]
  if (first === undefined) return
  const records = new Map(texts.flatMap(({ parties }) => [...parties.values()]).map(({ party, record }) => [party, record.bytes]))
  await settleEvaluator(dataDir, agreementBytes(first), records)
  if (messages.length === 0) return
  const others = texts.map(({ agreement }) => agreement).filter((agreement) => textHash(p, agreement) !== textHash(p, first))
  await tellEvaluator(dataDir, first.id, { texts: others, records: [...records.values()], envelopes: messages.filter(({ payload: { kind } }) => kind === 'agreement/sign' || kind === 'agreement/withdraw').map(({ envelope }) => envelope) })
}

type Home = { readonly register: Register, readonly joined: Joined }

/** Whoever holds `joined` goes by what stands now. */
export async function renew({ register, joined }: Home, at: number): Promise<void> {
  const now = await openJoined(register, joined.agreement.id, at)
  if (now === undefined) return
  Object.assign(joined, now)
  readAt.set(joined, readAt.get(now) ?? { at, said: 0 })
}

/** The same where a date has come by which something changes. */
export async function renewInTime(home: Home, at: number): Promise<void> {
  if (changesBetween(home.joined.standing, timeOf(readAt.get(home.joined)?.at ?? 0), timeOf(at))) await renew(home, at)
}

/** The same where more was said, here or in another process of this registry, or a date has come. */
export async function lookAgain(home: Home, at: number): Promise<void> {
  const known = readAt.get(home.joined)
  const said = await countSaid(home.register.db, home.joined.agreement.id)
  if (known === undefined || known.said !== said) await renew(home, at)
  else await renewInTime(home, at)
}
