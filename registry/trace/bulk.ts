// Every find of the register traced against one party's declaration (DESIGN section 5): candidates of many finds share a padded batch, a key
// that several finds share is asked once, a few batches are under way at a time. Each answer is looked up in the own full copy. A batch with
// a hit is opened whole, with the finds that it names; the coin picks among the others. Quota is spent as in any other trace.
import { toHex } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { gradeOf, type Candidate, type Ladder, type UnreadableReason } from '@muster/core/rules/ladder.ts'
import type { Rung } from '@muster/core/rules/mark.ts'
import type { KeyKind } from '@muster/core/rules/match-key.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { Message } from '@muster/core/wire/message.ts'
import { traceBody } from '@muster/core/wire/trace-body.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { askEarlier, askParty, isHit, type Asked, type Tracing } from './asked.ts'
import { showCoins } from './coins.ts'
import { cosignedProof } from './find.ts'
import { findsOf, type Find, type ReadableFind } from './finds.ts'
import { emptyPack, groundOf, pack, type Pack } from './packing.ts'

/** Batches under way: one is answered while the next is blinded. */
const BATCHES_AT_ONCE = 3
/** Keys whose answers are remembered for later finds of the run; then the memory is emptied, and such a key is asked again. */
const KEYS_REMEMBERED_MAX = 1_000_000

/** What was found of one weapon. `grade` and `kind`: of its best hit. */
export interface WeaponLine {
  readonly item: string
  readonly mark: string | null
  readonly outcome: 'present' | 'absent' | 'unreadable'
  readonly reason: UnreadableReason | null
  readonly grade: Rung | null
  readonly kind: KeyKind | null
  readonly candidates: number
  readonly hits: number
}

export interface BulkSummary {
  readonly of: PartyId
  /** Of the declaration that was looked up in, as its party dates it. */
  readonly asOf: string | null
  readonly weapons: number
  readonly readable: number
  readonly unreadable: Readonly<Record<string, number>>
  /** By grade, then by kind of key. */
  readonly present: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly hits: number
  readonly absent: number
  /** Candidates of all readable weapons, and the distinct keys that were asked for them. */
  readonly candidates: number
  readonly keys: number
  readonly batches: number
  /** Blinded elements with padding: what the quota counts. */
  readonly elements: number
  readonly opened: number
  readonly seconds: number
  readonly rowsPerSecond: number
}

export interface BulkOptions {
  /** How long to wait for an open period and its cosignatures. */
  readonly wait_ms: number
  /** Stop after so many readable weapons. */
  readonly readableMax?: number | undefined
  /** Hears each weapon once, in the order of item ids. */
  readonly onWeapon?: ((line: WeaponLine) => void | Promise<void>) | undefined
}

/** A key that was asked: whether it is declared, once its batch is answered. */
interface Key { declared: boolean | undefined }
interface Weapon { readonly find: ReadableFind | Find, readonly keys: readonly { readonly candidate: Candidate, readonly key: Key }[] }

type Counts = Record<string, number>
interface Tally { asOf: string | null, weapons: number, readable: number, unreadable: Counts, present: Record<string, Counts>, hits: number, absent: number, candidates: number, keys: number, batches: number, elements: number, opened: number }

/** One run: what is under way, what was asked, what is still to be told. */
interface Run {
  readonly tracing: Tracing
  readonly party: PartyTrust
  readonly options: BulkOptions
  readonly tally: Tally
  readonly known: Map<string, Key>
  readonly waiting: Weapon[]
  readonly flights: Set<Promise<void>>
  failure: Error | undefined
}

/** Traces all finds against one party's newest declaration. Throws a Refusal `trace/refused` or `trace/unanswered` where it stops answering, a Breach for a forged answer. */
export async function traceAll(tracing: Tracing, party: PartyTrust, options: BulkOptions): Promise<BulkSummary> {
  const began = performance.now()
  const tally: Tally = { asOf: null, weapons: 0, readable: 0, unreadable: {}, present: {}, hits: 0, absent: 0, candidates: 0, keys: 0, batches: 0, elements: 0, opened: 0 }
  const run: Run = { tracing, party, options, tally, known: new Map(), waiting: [], flights: new Set(), failure: undefined }
  await walk(run)
  const seconds = (performance.now() - began) / 1000
  return { of: party.party, ...tally, seconds: Math.round(seconds * 1000) / 1000, rowsPerSecond: Math.round(tally.weapons / seconds * 10) / 10 }
}

async function walk(run: Run): Promise<void> {
  const { tracing: { hall }, options, tally } = run
  const proofs = new Map<number, string>()
  let filling = emptyPack()
  for await (const find of findsOf(hall.log, options.wait_ms)) {
    if (tally.readable >= (options.readableMax ?? Infinity)) break
    tally.weapons += 1
    if (!isReadable(find)) {
      run.waiting.push({ find, keys: [] })
      continue
    }
    const { entry } = find.path
    const proof = proofs.get(entry) ?? await cosignedProof(hall.log, entry, options.wait_ms)
    proofs.set(entry, proof)
    filling = await add(run, filling, find, proof)
  }
  if (filling.keys.length > 0) await launch(run, filling)
  await Promise.all(run.flights)
  await settle(run)
}

/** Puts what was not asked yet of a find into the batch that is filled; one that is full goes out first. */
async function add(run: Run, filling: Pack, find: ReadableFind, proof: string): Promise<Pack> {
  const { known, tally } = run
  const { candidates } = find.ladder
  const names = candidates.map(({ key }) => toHex(key))
  let fresh = freshOf(known, names)
  let into = filling
  if (fresh.length > 0 && !pack(into, find, fresh.map((i) => (candidates[i] as Candidate).key), proof)) {
    if (into.keys.length > 0) await launch(run, into)
    if (known.size > KEYS_REMEMBERED_MAX) known.clear()
    fresh = freshOf(known, names)
    into = emptyPack()
    if (!pack(into, find, fresh.map((i) => (candidates[i] as Candidate).key), proof)) {
      run.waiting.push({ find: { ...find, condition: '', ladder: TOO_LONG }, keys: [] })
      return into
    }
  }
  for (const i of fresh) known.set(names[i] as string, { declared: undefined })
  tally.readable += 1
  tally.candidates += names.length
  tally.keys += fresh.length
  run.waiting.push({ find, keys: candidates.map((candidate, i) => ({ candidate, key: known.get(names[i] as string) as Key })) })
  return into
}

/** One message cannot hold what a find has to ask and to open; only fields of hundreds of characters come to that. */
const TOO_LONG: Ladder = { verdict: 'unreadable', reason: 'too-long', message: 'the candidates of this find are longer than one message' }

function freshOf(known: ReadonlyMap<string, Key>, names: readonly string[]): number[] {
  return names.flatMap((name, i) => (known.has(name) ? [] : [i]))
}

/** Sends a batch on its way as soon as there is room. What went wrong with an earlier one is thrown here. */
async function launch(run: Run, batch: Pack): Promise<void> {
  while (run.flights.size >= BATCHES_AT_ONCE) await Promise.race(run.flights)
  await settle(run)
  const keys = batch.keys.map((key) => run.known.get(toHex(key)) as Key)
  const flight: Promise<void> = fly(run, batch, keys).catch((error: unknown) => { run.failure ??= error instanceof Error ? error : new Error(String(error)) }).finally(() => run.flights.delete(flight))
  run.flights.add(flight)
}

async function fly({ tracing, party, tally }: Run, batch: Pack, keys: readonly Key[]): Promise<void> {
  const ground = groundOf(batch)
  const current = await askParty(tracing, party, batch.keys, ground)
  demandAnswered(current)
  const all = [current, ...await askEarlier(tracing, current, batch.keys, ground)]
  all.forEach(demandAnswered)
  tally.batches += all.length
  tally.elements += all.reduce((sum, { question }) => sum + (question?.elements.length ?? 0), 0)
  tally.asOf = current.sight?.head?.head.asOf ?? null
  keys.forEach((key, element) => { key.declared = all.some(({ lookups }) => lookups.some((lookup) => lookup.element === element && isHit(lookup))) })
  tally.opened += all.filter(({ lookups }) => lookups.some(isHit)).length
  const [refused] = await showCoins(tracing, all.map((asked) => ({ asked, finds: batch.finds, always: asked.lookups.some(isHit) })))
  if (refused !== undefined) throw refusalOf(party.party, refused, 'evaluation/refuse')
}

function refusalOf(party: PartyId, { payload }: Message, kind: 'evaluation/refuse'): Refusal {
  return new Refusal('trace/refused', `${party} refuses: ${traceBody(kind, payload.body).reason}`)
}

function demandAnswered({ party: { party }, answer, lookups }: Asked): void {
  if (answer === undefined) throw new Refusal('trace/unanswered', `${party} gives no answer: ask again when its registry is served`)
  if (answer.payload.kind === 'evaluation/refuse') throw refusalOf(party, answer, 'evaluation/refuse')
  if (lookups.length === 0) throw new Refusal('trace/no-declaration', `${party} has no current declaration, or its copy is not here: muster mirror fetches it`)
}

function isReadable(find: ReadableFind | Find): find is ReadableFind {
  return find.ladder.verdict === 'readable'
}

/** Tells the weapons whose keys are all answered, in order. */
async function settle(run: Run): Promise<void> {
  if (run.failure !== undefined) throw run.failure
  const open = run.waiting.findIndex(({ keys }) => keys.some(({ key }) => key.declared === undefined))
  for (const weapon of run.waiting.splice(0, open < 0 ? run.waiting.length : open)) {
    const line = count(run.tally, weapon)
    await run.options.onWeapon?.(line)
  }
}

function count(tally: Tally, { find: { item, mark, ladder }, keys }: Weapon): WeaponLine {
  if (ladder.verdict === 'unreadable') {
    tally.unreadable[ladder.reason] = (tally.unreadable[ladder.reason] ?? 0) + 1
    return { item, mark, outcome: 'unreadable', reason: ladder.reason, grade: null, kind: null, candidates: 0, hits: 0 }
  }
  const hits = keys.filter(({ key }) => key.declared === true).map(({ candidate }) => candidate)
  const best = gradeOf(hits)
  const line = { item, mark, reason: null, candidates: keys.length, hits: hits.length }
  if (best === undefined) {
    tally.absent += 1
    return { ...line, outcome: 'absent', grade: null, kind: null }
  }
  const ofGrade = (tally.present[best.rung] ??= {})
  ofGrade[best.kind] = (ofGrade[best.kind] ?? 0) + 1
  tally.hits += 1
  return { ...line, outcome: 'present', grade: best.rung, kind: best.kind }
}
