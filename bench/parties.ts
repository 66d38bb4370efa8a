// A call that one party issues and all answer, of 12, 50, 100 and 200 parties in one process: each message signed, stored durably, receipted and delivered over
// HTTP. Time and bytes for each party stay the same, however many they are.
import { timeOf } from '@muster/core/bytes/time.ts'
import { signBeside } from '@muster/fast/primitives.ts'
import { answerCall, issueCall } from '@muster/registry/call/act.ts'
import { callsIssued, callsReceived } from '@muster/registry/call/matrix.ts'
import { systemClock } from '@muster/registry/main.ts'
import { deliverOnce } from '@muster/registry/outbox.ts'
import { seedsAt } from '@muster/registry/store/keys.ts'
import { oneServer, type Many, type Member } from './parties-set.ts'
import { judge, shortly, type BenchOptions, type BenchResult, type BenchRow } from './row.ts'

const SIZES = [12, 50, 100, 200]
const SIZES_QUICK = [4, 12]
const LANES = 8
const DAY_SECONDS = 86_400
const MILLISECONDS = 1000
/** Of each party at the largest size to each party at the second smallest: what grows linearly stays at 1. */
const LIMIT_TIME = { metric: 'time a party, largest to smaller', op: '<=', value: 1.5 } as const
const LIMIT_BYTES = { metric: 'bytes a party, largest to smaller', op: '<=', value: 1.05 } as const

interface Called { readonly parties: number, readonly seconds: number, readonly bytes: number, readonly signaturesMs: number }

async function inLanes<T>(all: readonly T[], act: (each: T) => Promise<unknown>): Promise<void> {
  const left = all.values()
  await Promise.all(Array.from({ length: LANES }, async () => { for (const each of left) await act(each) }))
}

const at = ({ home, hall }: Member) => ({ register: home.register, joined: hall.joined })
const deliver = ({ home, hall, own }: Member) => deliverOnce(home, hall, own)

async function answered(member: Member, call: string): Promise<void> {
  const { home } = member
  if (!(await callsReceived(at(member))).some(({ body }) => body.call === call)) throw new Error(`${member.party} has no call ${call}`)
  await answerCall(at(member), call, null, { by: 'A. Petrova', and: 'B. Karimov' }, home.now())
  await deliver(member)
}

/** One call, issued, delivered, answered by all, and every receipt there. */
async function called({ members }: Many): Promise<Called> {
  const [caller] = members as readonly [Member]
  const now = systemClock()
  const began = performance.now()
  const { call } = await issueCall(at(caller), { reason: 'exercise', classes: ['missile'], types: null, seen: 'sealed', asOf: timeOf(now), due: timeOf(now + DAY_SECONDS), remind: [], note: null }, undefined, 'A. Petrova', now)
  await deliver(caller)
  await inLanes(members, (member) => answered(member, call))
  const [matrix] = await callsIssued(at(caller), caller.home.now())
  const seconds = (performance.now() - began) / MILLISECONDS
  if (matrix?.tally.answered !== members.length) throw new Error(`${matrix?.tally.answered ?? 0} of ${members.length} answered`)
  const [row] = await caller.home.register.db.read<{ bytes: number }>('SELECT sum(length(envelope)) AS bytes FROM message')
  return { parties: members.length, seconds, bytes: row?.bytes ?? 0, signaturesMs: await signatures(caller, 4 * members.length) }
}

/** So many messages' signatures alone, as many at once. */
async function signatures({ hall: { joined } }: Member, count: number): Promise<number> {
  const seeds = seedsAt(joined.keys, timeOf(systemClock())).message
  const began = performance.now()
  await inLanes(Array.from({ length: count }, (_, i) => new Uint8Array(512).fill(i)), (bytes) => signBeside(seeds, bytes))
  return performance.now() - began
}

async function run({ quick }: BenchOptions): Promise<BenchResult> {
  const server = await oneServer()
  try {
    const table: Called[] = []
    for (const count of quick ? SIZES_QUICK : SIZES) {
      const many = await server.make(count, () => undefined)
      try {
        table.push(await called(many))
      } finally {
        await many.close()
      }
    }
    const [smaller, largest] = [table.at(quick ? 0 : 1), table.at(-1)] as readonly [Called, Called]
    const each = ({ seconds, parties }: Called): number => seconds * MILLISECONDS / parties
    const bytesEach = ({ bytes, parties }: Called): number => bytes / parties
    return {
      name: 'parties', unit: 'ms a party', median: each(largest), samples: table.map(each),
      peers: [{ name: 'the signatures of as many messages alone', median: largest.signaturesMs / largest.parties }],
      limits: [judge(LIMIT_TIME, each(largest) / each(smaller)), judge(LIMIT_BYTES, bytesEach(largest) / bytesEach(smaller))],
      notes: [
        ...table.map((row) => `${row.parties} parties: ${shortly(row.seconds)} s, ${shortly(row.bytes / 1000)} kB as the caller keeps them; ${shortly(each(row))} ms and ${shortly(bytesEach(row) / 1000)} kB a party`),
        `one process, one PostgreSQL server, a database each; call, receipt, answer and receipt signed, stored durably and delivered over HTTP, ${LANES} parties answering at a time; no log is followed`,
      ],
    }
  } finally {
    await server.close()
  }
}

export default { name: 'parties', claim: 'A call answered by all, of 12, 50, 100 and 200 parties on one machine: time and bytes a party stay what they are.', limit: [LIMIT_TIME, LIMIT_BYTES], seconds: { full: 240, quick: 30 }, run } satisfies BenchRow
