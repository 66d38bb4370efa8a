// Looking up what is on watch in a party's newest declaration, once its full copy is here. Nothing is asked of anybody and no quota is spent: the labels
// were learnt by the trace. A crash before the news is written leaves it to the next look, which finds the same.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Breach } from '@muster/core/bytes/breach.ts'
import { fromHex } from '@muster/core/bytes/bytes.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { newsOf, type News } from '@muster/core/rules/watch.ts'
import type { ReadHead } from '@muster/core/wire/head.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import type { Found } from '@muster/fast/declaration/copy.ts'
import { CHECKPOINT_FILE } from '@muster/fast/declaration/files.ts'
import type { Hall, Home } from '../home.ts'
import { declarationCopy, logCopy, resumeLog, type Followed } from '../peer/mirror.ts'
import { recordBreach } from '../store/breaches.ts'
import { tellCases } from '../store/case-acts.ts'
import { transaction } from '../store/database.ts'
import { newsOfWatches, watchesUnder, writeNews, type Watch } from '../store/watches.ts'
import { copyOf } from '../trace/ask.ts'
import { goneEvidence, proofOfAppearance } from './proof.ts'
import { statesOf } from './state.ts'

/** What each watch was last looked up in, by the hash of the head, as long as this process runs: a look in the same declaration says nothing more. */
const looked = new WeakMap<Hall, Map<string, string>>()

/** A declaration of the party that is here as a full copy. */
interface Held { readonly head: ReadHead, readonly folder: string }

/** The log of a party as it was followed last; undefined where nothing of it is here. */
export async function followedOf(home: Home, hall: Hall, party: PartyId): Promise<Followed | undefined> {
  const { agreement, trust } = hall.joined
  return hall.mirror.known(party) ?? resumeLog(logCopy(home.register.dataDir, agreement.id, party), trust.parties.get(party) as PartyTrust, agreement)
}

/** Every full copy of the party's declarations under one OPRF key, the oldest first: the key under which labels were learnt. */
export async function copiesUnder({ register }: Home, { joined }: Hall, followed: Followed, oprf: string): Promise<Held[]> {
  const held = await Promise.all(followed.heads.filter(({ head }) => head.head.oprf === oprf).map(async ({ head }) => {
    const folder = declarationCopy(register.dataDir, joined.agreement.id, followed.party.party, head.hash)
    return await stat(join(folder, CHECKPOINT_FILE)).then(() => true, () => false) ? { head, folder } : undefined
  }))
  return held.filter((each) => each !== undefined)
}

function proves({ head, folder }: Held, label: string): Found {
  return copyOf(folder, head).prove(fromHex(label) as Uint8Array)
}

/** Looks up everything on watch of one party, and tells what is new. What is damaged on this disk is told and accuses nobody. */
export async function lookForWatched(home: Home, hall: Hall, party: PartyId): Promise<void> {
  const { register, report } = home
  const watches = await watchesUnder(register, hall.joined.agreement.id, { party })
  if (watches.length === 0) return
  const followed = await followedOf(home, hall, party)
  if (followed === undefined) return
  const states = await statesOf(home, hall, watches, followed)
  const open = watches.filter(({ id }) => states.get(id) === 'watching' || states.get(id) === 'stale')
  const told = await newsOfWatches(register.db, register.secrets, open.map(({ id }) => id))
  const seen = looked.get(hall) ?? new Map<string, string>()
  looked.set(hall, seen)
  for (const watch of open) {
    if (states.get(watch.id) === 'stale' && !seen.has(`${watch.id} stale`)) {
      seen.set(`${watch.id} stale`, '')
      report(`${party}: it has replaced its OPRF key, and the find ${watch.item} is watched in its older declarations only: trace it again`)
    }
    try {
      await look(home, hall, followed, watch, new Set(told.filter((news) => news.watch === watch.id).map(({ label }) => label)), seen)
    } catch (error) {
      if (!(error instanceof Breach) || !String(error.code).startsWith('copy/')) throw error
      report(`${party}: ${error.message}`)
    }
  }
}

async function look(home: Home, hall: Hall, followed: Followed, watch: Watch, told: ReadonlySet<string>, seen: Map<string, string>): Promise<void> {
  const copies = await copiesUnder(home, hall, followed, watch.oprf)
  const newest = copies.at(-1)
  if (newest === undefined || newest.head.head.sequence <= watch.sequence || seen.get(watch.id) === newest.head.hash) return
  for (const news of newsOf(watch.labels, told, (label) => 'present' in proves(newest, label))) await tell(home, hall, followed, watch, copies, news)
  seen.set(watch.id, newest.head.hash)
}

/** The first declaration in which it is so, with the one before; undefined where a copy between is not here. */
function firstWith(copies: readonly Held[], watch: Watch, { label, what }: News): { readonly at: Held, readonly before: Held } | undefined {
  const i = copies.findIndex((copy) => copy.head.head.sequence > watch.sequence && ('present' in proves(copy, label.label)) === (what === 'appeared'))
  const [before, at] = [copies[i - 1], copies[i]]
  return before !== undefined && at !== undefined && at.head.head.previous === before.head.hash ? { at, before } : undefined
}

async function tell(home: Home, hall: Hall, followed: Followed, watch: Watch, copies: readonly Held[], news: News): Promise<void> {
  const { register, report } = home
  const { agreement, trust } = hall.joined
  const first = firstWith(copies, watch, news)
  if (first === undefined) {
    report(`${watch.party}: a find on watch ${news.what} in its declarations, and a copy of an earlier one is not here: muster mirror fetches it`)
    return
  }
  const { at, before } = first
  const lookups = { at: { ...at, found: proves(at, news.label.label) }, before: { ...before, found: proves(before, news.label.label) } }
  const { sequence } = at.head.head
  if (news.what === 'vanished') {
    const evidence = await goneEvidence(lookups)
    await recordBreach(register, agreement.id, watch.party, new Breach('mirror/declaration', `a label of declaration ${before.head.head.sequence} of ${watch.party} is gone from declaration ${sequence}`, evidence), home.now())
  }
  const proof = news.what === 'appeared' ? await proofOfAppearance({ trust, followed, best: hall.mirror.best(followed), logFolder: logCopy(register.dataDir, agreement.id, watch.party) }, news.label.label, lookups) : ''
  const found = timeOf(home.now())
  const written = await transaction(register.db, async (tx) => {
    if (!await writeNews(tx, register.secrets, agreement.id, { watch: watch.id, label: news.label.label, what: news.what, sequence, proof, found })) return false
    await tellCases(tx, register.secrets, { watch: watch.id, item: watch.item, party: watch.party, agreement: agreement.id, what: news.what, label: news.label.label, sequence }, found)
    return true
  }, { idempotencyKey: `watch ${watch.id} ${news.label.label}` })
  if (written) report(`${watch.party}: a find on watch ${news.what} with its declaration ${sequence} of ${at.head.head.asOf}: muster watch show ${watch.id.slice(0, 8)}`)
}
