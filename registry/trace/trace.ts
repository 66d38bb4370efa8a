// A trace (DESIGN section 5): the asker's own registry first, then every other party at once, the formal request where something was hit,
// and what was answered put together into a dossier whose conclusion follows from its evidence alone.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { toHex } from '@muster/core/bytes/bytes.ts'
import { parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { Breach } from '@muster/core/bytes/breach.ts'
import { addSeconds, timeOf, type Time } from '@muster/core/bytes/time.ts'
import type { Conclusion } from '@muster/core/rules/chain.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { notInForce } from '@muster/core/rules/standing.ts'
import { assess, conclusionJson, type Assessment, type Evidence } from '@muster/core/wire/assess.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { traceBody } from '@muster/core/wire/trace-body.ts'
import { signDossier, type PartyEvidence } from '@muster/core/wire/dossier.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { askOthers } from '../delivery/ask.ts'
import { chargeSilence } from '../delivery/charge.ts'
import { areEnough, inVain } from '../delivery/statements.ts'
import { Fault, textOf } from '../engine/fault.ts'
import { replaceFile } from '../engine/replace.ts'
import { recordBreach } from '../store/breaches.ts'
import { transaction } from '../store/database.ts'
import { bound } from '../store/row-mac.ts'
import { seedsAt } from '../store/keys.ts'
import { letRowWait } from '../store/sole-rows.ts'
import { itemSecret } from '../store/secrets.ts'
import { writeWatch, type Watch } from '../store/watches.ts'
import { watchesToBegin } from '../watch/keep.ts'
import type { Ground } from './ask.ts'
import { askEarlier, askParty, bare, formally, guarded, isByCourier, isHit, lateAnswer, type Asked, type Tracing } from './asked.ts'
import { askByCourier } from './by-courier.ts'
import type { Tossed } from './coins.ts'
import { evidenceOf, withoutEvidence } from './evidence.ts'
import { cosignedProof, untilBound, type BoundFind } from './find.ts'
import { rememberingGroup } from './remembering-group.ts'

const MILLISECONDS = 1000
const LATE_POLL_MS = 500

export interface TraceOptions {
  /** How long to wait for the find's period to close and for its cosignatures. */
  readonly wait_ms: number
  /** Parties to ask besides the asker's own registry; all by default. The others count as unreachable. */
  readonly of?: readonly PartyId[]
  /** Whether to wait for late answers until the agreed time has run out, so that silence can be told. */
  readonly untilSilent: boolean
  /** Called when every party was asked once and nothing is left but to wait for late answers. */
  readonly asked?: () => void
}

export interface Traced {
  readonly item: string
  readonly conclusion: Conclusion
  /** The finished dossier. */
  readonly dossier: Uint8Array
  readonly path: string
  /** Milliseconds from the first question to the conclusion. */
  readonly ms: number
  /** The batches without a hit: their coins are still to be shown (`showCoins`), those of several traces together. */
  readonly tossed: readonly Tossed[]
  /** Parties without an address whose answer the courier has not brought yet: the same find traced again takes it up. */
  readonly waiting: readonly PartyId[]
}

/** Traces one find. Throws a Fault where the item is no find, its period stays open or the own registry does not answer. */
export async function traceFind(given: Tracing, item: string, options: TraceOptions): Promise<Traced> {
  const tracing = { ...given, group: rememberingGroup(given.group) }
  const { hall, home } = tracing
  const idle = notInForce(hall.joined.standing, [home.register.file.party], timeOf(home.now()))
  if (idle !== undefined) throw idle
  const find = await untilBound(hall.log, item, options.wait_ms)
  const reachable = [...hall.joined.trust.parties.keys()].filter((party) => !isByCourier(tracing, party)).length
  const proof = await cosignedProof(hall.log, find.path.entry, options.wait_ms, reachable)
  const started = performance.now()
  const asked = await askAll(tracing, find, proof, options)
  const evidence = await gather(tracing, find, proof, asked)
  const ms = Math.round(performance.now() - started)
  const { assessment, body } = evidence
  await chargeSilent(tracing, asked.flat(), assessment)
  const dossier = signDossier(p, { ...body, conclusion: conclusionJson(assessment) }, seedsAt(hall.joined.keys, body.made).message)
  const path = await keepTraced(tracing, find, assessment, dossier, asked)
  const all = asked.flat()
  const tossed = all.filter(({ formal }) => formal === undefined).map((each) => ({ asked: each, finds: [find], always: each.lookups.some(isHit) }))
  const waiting = all.filter((each) => isByCourier(tracing, each.party.party) && options.of?.includes(each.party.party) !== false && !isEnded(each)).map(({ party }) => party.party)
  return { item, conclusion: assessment.conclusion, dossier, path, ms, tossed, waiting: [...new Set(waiting)] }
}

/** Whether nothing more is to come from a party that was asked. */
function isEnded({ answer, formal }: Asked): boolean {
  return answer !== undefined && (formal === undefined || formal.answer !== undefined)
}

function groundOf(find: BoundFind, proof: string): Ground {
  return { recoveries: [{ binding: toHex(find.leaf), path: { ...find.path, proof: 0 } }], proofs: [proof] }
}

/** What was asked of one party: under its newest head, then under the last of each OPRF key that it had replaced by then. */
type AskedOf = readonly [Asked, ...Asked[]]

async function askAll(tracing: Tracing, find: BoundFind, proof: string, { of, untilSilent, asked: told }: TraceOptions): Promise<AskedOf[]> {
  const { home, hall } = tracing
  const parties = [...hall.joined.trust.parties.values()]
  if (find.ladder.verdict === 'unreadable') return parties.map((party) => [bare(party)])
  const keys = find.ladder.candidates.map(({ key }) => key)
  const ground = groundOf(find, proof)
  const earlierOf = async (current: Asked): Promise<Asked[]> => Promise.all((await askEarlier(tracing, current, keys, ground)).map((each) => formally(tracing, each, find, current)))
  const one = async (party: Asked['party']): Promise<Asked[]> => {
    if (of !== undefined && party.party !== self && !of.includes(party.party)) return [bare(party)]
    if (isByCourier(tracing, party.party)) return guarded(tracing, party, () => askByCourier(tracing, party, keys, find), [bare(party)])
    const current = await guarded(tracing, party, () => askParty(tracing, party, keys, ground), bare(party))
    const [told, earlier] = await Promise.all([formally(tracing, current, find), earlierOf(current)])
    return [told, ...earlier]
  }
  const self = home.register.file.party
  const own = (await Promise.all(parties.filter(({ party }) => party === self).map(one))).flat()
  own.forEach(mustHaveAnswered)
  const others = (await Promise.all(parties.filter(({ party }) => party !== self).map(one))).flat()
  let all = [...own, ...others]
  told?.()
  if (untilSilent) {
    const before = new Set(all.filter(({ lookups }) => lookups.length > 0).map(({ party }) => party))
    all = await awaitLate(tracing, all, keys.length, find)
    const more = (await Promise.all(all.filter(({ party }) => !before.has(party)).map(earlierOf))).flat()
    if (more.length > 0) all = await awaitLate(tracing, [...all, ...more], keys.length, find)
  }
  return parties.map(({ party }) => all.filter((each) => each.party.party === party) as [Asked, ...Asked[]])
}

/** A dossier without the asker's own answer proves nothing (`dossier/own-answer`), so nobody else is asked before it is there. */
function mustHaveAnswered({ answer }: Asked): void {
  if (answer === undefined) throw new Fault('own-registry', 'the own registry did not answer its own question, and nobody else was asked: run muster doctor, see that the log is signed and the evaluator runs, and trace again')
  if (answer.payload.kind !== 'evaluation/refuse') return
  const { reason } = traceBody('evaluation/refuse', answer.payload.body)
  throw new Fault('own-registry', `the own registry refuses the question (${reason}), and nobody else was asked: ${reason === 'quota' ? 'its own quota under the agreement is spent until the window has passed' : 'see what it reported'}`)
}

/** How long a statement may be on its way once the time to answer has run out. */
const STATEMENTS_SECONDS_MAX = 30

/**
 * Waits for those that did not answer, until their time has run out: since their receipt, or, where none came, until the others have stated whether they
 * offered the question in vain. What one of them brings back is an answer like any other.
 */
async function awaitLate(tracing: Tracing, asked: readonly Asked[], count: number, find: BoundFind): Promise<Asked[]> {
  const { home, hall: { joined } } = tracing
  const { answerSeconds } = joined.agreement.deadlines
  const at = { register: home.register, joined }
  const dueOf = ({ receipt, request }: Asked): Time => addSeconds(((receipt ?? request) as Message).payload.time, answerSeconds)
  const offered = new Set((await Promise.all(asked.map(async (each) =>
    each.answer === undefined && each.receipt === undefined && each.request !== undefined && !isByCourier(tracing, each.party.party) && await askOthers(at, each.request, dueOf(each), home.now()) ? [each.party.party] : []))).flat())
  const until = timeOf(home.now() + answerSeconds + Math.min(STATEMENTS_SECONDS_MAX, answerSeconds))
  const isOpen = (each: Asked, now: Time): boolean => {
    if (each.answer !== undefined || each.request === undefined) return false
    return each.receipt !== undefined ? dueOf(each) > now : offered.has(each.party.party) && !areEnough(at, each.statements) && now < until
  }
  let all = [...asked]
  for (;;) {
    const now = timeOf(home.now())
    if (!all.some((each) => isOpen(each, now))) return all
    await sleep(Math.min(LATE_POLL_MS, answerSeconds * MILLISECONDS))
    all = await Promise.all(all.map(async (each) => {
      if (!isOpen(each, now)) return each
      const late = await guarded(tracing, each.party, () => lateAnswer(tracing, each, count), { ...each, receipt: undefined })
      const current = all.find(({ party }) => party === each.party)
      if (late !== each) return formally(tracing, late, find, current === each ? undefined : current)
      return each.receipt !== undefined ? each : { ...each, statements: await inVain(at, each.request as Message, dueOf(each), home.now()) }
    }))
  }
}

/** Puts each silence that the dossier shows on file, with the word of this party that nothing came. */
async function chargeSilent({ home, hall: { joined } }: Tracing, asked: readonly Asked[], { outcomes }: Assessment): Promise<void> {
  for (const { party: { party }, request, receipt, answer, statements } of asked) {
    if (outcomes.get(party) === 'silent' && request !== undefined && answer === undefined) await chargeSilence({ register: home.register, joined }, request, receipt, statements, home.now())
  }
}

interface Gathered { readonly assessment: Assessment, readonly body: Omit<Parameters<typeof signDossier>[1], 'conclusion'> }

/** Evidence of all parties, assessed. A party whose evidence does not hold is left out and told to the operator. */
async function gather(tracing: Tracing, find: BoundFind, proof: string, asked: readonly AskedOf[]): Promise<Gathered> {
  const { home, hall, group } = tracing
  const { agreement, trust } = hall.joined
  const asker = home.register.file.party
  const parties = await Promise.all(asked.map((each) => evidenceOf(each, trust)))
  const frame = {
    asker, exercise: agreement.exercise, made: timeOf(home.now()), marking: agreement.marking,
    recovery: { event: find.eventText, salt: toHex(find.salt), path: { ...find.path, proof: 0 }, proof },
    self: { item: find.item, secret: toHex(itemSecret(hall.log.secrets, agreement.id, find.item)) },
  }
  for (let tries = 0; tries < 2; tries++) {
    const failed = new Map<PartyId | null, unknown>()
    const evidence: Evidence = { ...frame, parties }
    const assessment = assess(p, group, trust, evidence, (thrown, party) => failed.set(party, thrown))
    if (assessment !== undefined) {
      const told = parties.map((each): PartyEvidence => ({ ...each, outcome: assessment.outcomes.get(each.party) ?? 'unreachable' }))
      return { assessment, body: { ...frame, agreement: parseJson(trust.bytes) as { readonly [name: string]: Json }, format: 'muster/dossier/1', parties: told } }
    }
    if (failed.has(null)) throw failed.get(null)
    for (const [party, thrown] of failed) {
      home.report(`${String(party)}: ${textOf(thrown)}`)
      if (thrown instanceof Breach && party !== null) await recordBreach(home.register, agreement.id, party, thrown as Breach, home.now())
      const at = asked.findIndex(([current]) => current.party.party === party)
      parties[at] = await withoutEvidence((asked[at] as AskedOf)[0], trust)
    }
  }
  throw new Fault('no-find', 'the evidence of this trace does not hold together: see the breaches on file')
}

async function keepTraced(tracing: Tracing, find: BoundFind, { conclusion, outcomes }: Assessment, dossier: Uint8Array, asked: readonly AskedOf[]): Promise<string> {
  const { home, hall } = tracing
  return keepDossier(tracing, find.item, conclusion, dossier, (traceId, at) => watchesToBegin({ register: home.register, joined: hall.joined }, find, traceId, asked.map(([current]) => current), outcomes, at))
}

/** The dossier, its row, and what stays on watch, in one transaction once the file is there. */
export async function keepDossier({ home, hall }: Pick<Tracing, 'home' | 'hall'>, item: string, { outcome }: Conclusion, dossier: Uint8Array, begin: (traceId: string, at: Time) => Promise<readonly Watch[]>): Promise<string> {
  const folder = join(home.register.dataDir, 'dossiers')
  await mkdir(folder, { recursive: true })
  const traceId = randomUUID()
  const path = join(folder, `${item}-${traceId.slice(0, 8)}.json`)
  await replaceFile(path, dossier, 0o644)
  const at = timeOf(home.now())
  const watches = await begin(traceId, at)
  const row = bound(home.register.secrets, 'trace', {
    trace_id: traceId, item_id: item, agreement_id: hall.joined.agreement.id, state: 'concluded', outcome, dossier_path: path, started: at, ended: at,
  })
  await transaction(home.register.db, async (tx) => {
    await tx.write(
      'INSERT INTO trace (trace_id, item_id, agreement_id, state, outcome, dossier_path, started, ended, row_mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
      [row.trace_id, row.item_id, row.agreement_id, row.state, row.outcome, row.dossier_path, row.started, row.ended, row.row_mac])
    await letRowWait(tx, home.register.secrets, 'trace', traceId, row)
    for (const watch of watches) await writeWatch(tx, home.register.secrets, watch)
  })
  return path
}
