// What can be seen of trust under one agreement: each party's log as this registry has it, who cosigned it, what is on file against whom, and what each asker could
// know of this register by its questions.
import type { Time } from '@muster/core/bytes/time.ts'
import { secondsOf, timeOf } from '@muster/core/bytes/time.ts'
import { parseNote } from '@muster/core/proof/note.ts'
import { timestampOf } from '@muster/core/proof/cosignature.ts'
import { daysToKnowAll, knownAtMost } from '@muster/core/rules/known.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { countLines } from '@muster/core/wire/cosigned.ts'
import type { Envelope, Payload } from '@muster/core/wire/message.ts'
import type { Trust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import type { Hall } from '../home.ts'
import { logFolder } from '../log/own-log.ts'
import { EVALUATIONS } from '../peer/answered-question.ts'
import { cosignedNote } from '../peer/cosigned-note.ts'
import { logCopy, resumeLog, type Followed } from '../peer/mirror.ts'
import type { Register } from '../store/register.ts'

const BATCHES_AT_ONCE = 256

/** One party's log. `size`, `seen`, null: nothing of it is here. `seen`: when a witness last cosigned what is here. */
export interface LogSeen {
  readonly party: PartyId
  readonly size: number | null
  readonly seen: Time | null
  readonly cosigners: readonly PartyId[]
  /** As of when it declared last, and how many heads its log holds. */
  readonly declared: Time | null
  readonly heads: number
  /** It served an older copy of its log last. */
  readonly stale: boolean
  /** Codes of what is on file against it, still to be settled. */
  readonly breaches: readonly string[]
}

/** What one asker was told in answer to blinded questions, in elements; and so how many items it could know of at the very most. */
export interface AskedOfUs {
  readonly party: PartyId
  readonly elements: number
  /** Within the window of the quota, and how many that allows: of traces. */
  readonly inWindow: number
  readonly quota: number
  readonly knownAtMost: number
  readonly allInDays: number | null
}

export interface TrustSeen { readonly logs: readonly LogSeen[], readonly asked: readonly AskedOfUs[], readonly items: number }

/** Every party's log and every asker, the own party's log first; as of `now` (POSIX seconds). */
export async function trustSeen(register: Register, hall: Hall, now: number): Promise<TrustSeen> {
  const { joined: { agreement, trust } } = hall
  const own = register.file.party
  const breaches = await openBreaches(register, agreement.id)
  const parties = [...trust.parties.keys()].toSorted((a, b) => Number(b === own) - Number(a === own) || (a < b ? -1 : 1))
  const logs: LogSeen[] = []
  for (const party of parties) logs.push(await logSeen(register, hall, party, breaches.filter((each) => each.party === party).map(({ code }) => code)))
  const [held] = await register.db.read<{ items: string }>('SELECT count(*) AS items FROM item')
  const items = Number(held?.items ?? 0)
  const asked: AskedOfUs[] = []
  for (const party of parties.filter((each) => each !== own)) asked.push(await askedBy(register, hall, party, items, now))
  return { logs, asked, items }
}

function openBreaches({ db }: Register, agreement: string): Promise<{ party: string, code: string }[]> {
  return db.read('SELECT b.party, b.code FROM breach b LEFT JOIN settlement s ON s.breach_id = b.breach_id WHERE b.agreement_id = $1 AND s.settled IS NULL ORDER BY b.found, b.breach_id', [agreement])
}

async function logSeen(register: Register, hall: Hall, party: PartyId, breaches: readonly string[]): Promise<LogSeen> {
  const { joined: { agreement, trust }, mirror } = hall
  const known = trust.parties.get(party)
  const own = party === register.file.party
  const folder = own ? logFolder({ dataDir: register.dataDir, agreement }) : logCopy(register.dataDir, agreement.id, party)
  const followed = mirror.known(party) ?? (known === undefined ? undefined : await resumeLog(folder, known, agreement))
  if (followed === undefined) return { party, size: null, seen: null, cosigners: [], declared: null, heads: 0, stale: false, breaches }
  const { note, size } = own ? { ...cosignedNote(trust, followed.note, followed.party, 'witness'), size: followed.checkpoint.size } : mirror.best(followed)
  const cosigned = cosignersOf(trust, note)
  const seen = Math.max(0, ...cosigned.values())
  return { party, size, seen: seen === 0 ? null : timeOf(seen), cosigners: [...cosigned.keys()], ...declaredIn(followed), stale: followed.stale !== undefined, breaches }
}

const declaredIn = ({ heads }: Followed): Pick<LogSeen, 'declared' | 'heads'> => ({ declared: heads.at(-1)?.head.head.asOf ?? null, heads: heads.length })

/** Of a note of which every line holds. */
function cosignersOf(trust: Trust, note: string): ReadonlyMap<PartyId, number> {
  const lines = parseNote(note).signatures.flatMap(({ name, id, signature }) => {
    const key = trust.cosigners.witness.find(({ key: each }) => each.name === name && each.id === id)?.key
    return key === undefined ? [] : [{ key, timestamp: timestampOf(signature) ?? 0 }]
  })
  return countLines(p, trust, 'witness', lines)
}

/** Batches that were evaluated, oldest first; kept, so that only later ones are read the next time. */
interface Evaluated { after: number, elements: number, batches: { readonly at: number, readonly elements: number }[] }
const evaluated = new WeakMap<Register, Map<string, Evaluated>>()

async function askedBy(register: Register, { joined: { agreement } }: Hall, party: PartyId, items: number, now: number): Promise<AskedOfUs> {
  const all = evaluated.get(register) ?? new Map<string, Evaluated>()
  evaluated.set(register, all)
  const name = `${agreement.id} ${party}`
  const sum = all.get(name) ?? { after: -1, elements: 0, batches: [] }
  all.set(name, sum)
  for (;;) {
    const rows = await register.db.read<{ sequence: string, envelope: Buffer }>(
      "SELECT sequence, envelope FROM message WHERE sender = $1 AND agreement_id = $2 AND receiver = $3 AND direction = 'out' AND kind = ANY($4) AND sequence > $5 ORDER BY sequence LIMIT $6",
      [register.file.party, agreement.id, party, [...EVALUATIONS], sum.after, BATCHES_AT_ONCE])
    for (const { sequence, envelope } of rows) if (Number(sequence) > sum.after) take(sum, Number(sequence), envelope)
    if (rows.length < BATCHES_AT_ONCE) break
  }
  const { quota } = agreement
  const elements = quota.askers?.find((each) => each.party === party)?.elements ?? quota.askerElements
  const inWindow = sum.batches.reduce((count, each) => count + (each.at > now - quota.windowSeconds ? each.elements : 0), 0)
  return { party, elements: sum.elements, inWindow, quota: elements, knownAtMost: knownAtMost(items, sum.elements), allInDays: daysToKnowAll(items, sum.elements, { elements, windowSeconds: quota.windowSeconds }) }
}

/** An own message as it was written: what it says is read, and its signatures are not tried again for a count. */
function take(sum: Evaluated, sequence: number, stored: Buffer): void {
  const { payload } = JSON.parse(stored.toString('utf8')) as Envelope
  const { time, body } = JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as Payload
  const elements = Array.isArray(body.elements) ? body.elements.length : 0
  sum.after = sequence
  sum.elements += elements
  sum.batches.push({ at: secondsOf(time), elements })
}
