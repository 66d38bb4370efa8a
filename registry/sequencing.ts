// What a registry does each period under an agreement: it closes the period, signs its log and has it cosigned; it follows the others,
// copies their declarations, and lets their readers read its own.
import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Breach } from '@muster/core/bytes/breach.ts'
import { parseNote, type NoteSignature } from '@muster/core/proof/note.ts'
import { parseCheckpoint } from '@muster/core/proof/tree-head.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { CLOCK_SKEW_SECONDS_MAX } from '@muster/core/wire/message.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { readDeclaration } from '@muster/fast/declaration/read.ts'
import { witness } from './cosigners.ts'
import { Fault, textOf } from './engine/fault.ts'
import { keepBreach, type Hall, type Home } from './home.ts'
import { declarationBefore, newestReadable, publishRead, storeRead, type StoredDeclarationRow } from './log/declare.ts'
import { declarationFolder, logFolder } from './log/own-log.ts'
import { closePeriod } from './log/period.ts'
import { cosignDeclaration } from './log/reader.ts'
import { signLog, storeCosigned } from './log/sign.ts'
import { signDeclaredAnew } from './log/sign-anew.ts'
import { Unreachable } from './peer/client.ts'
import { bearsLineOf, foreignLine, readerLine, withCosignatures, witnessed } from './peer/cosigning.ts'
import type { Followed } from './peer/followed-log.ts'
import { compareWith } from './peer/gossip.ts'
import { logCopy } from './peer/mirror.ts'
import { foreignWitnesses } from './store/foreign-witnesses.ts'
import { lookForWatched } from './watch/look.ts'

/** Once a quorum has read a declaration, how much longer whoever declared it waits for the others. */
const READERS_LATE_MS = 5_000
/** How long whoever declared waits for a quorum: a declaration of a million leaves is read in a few seconds. */
const READERS_MS_MAX = 30_000

/** Closes a period of one agreement's log, signs it and collects cosignatures; resolves to the checkpoint's note. */
export async function sequence(home: Home, hall: Hall): Promise<string> {
  await closePeriod(hall.log, home.now())
  return signAndCosign(home, hall)
}

/** Signs what is sequenced and collects cosignatures: the second half of a period, and the way to resume. */
export async function signAndCosign(home: Home, hall: Hall): Promise<string> {
  await signDeclaredAnew(hall.log, home.now())
  const { size, note } = await signLog(hall.log, home.now())
  if (size === 0) return note
  const store = (cosigned: string): Promise<string> => storeCosigned(hall.log, size, cosigned)
  const cosigned = await witnessed(hall.joined, home.register.file.party, note, logFolder(hall.log), {
    witnesses: hall.witnesses, own: (body) => witness(home, body), report: home.report, signal: home.leaving.signal,
    late: (more) => { store(more).catch((error: unknown) => { if (!home.leaving.signal.aborted) home.report(textOf(error)) }) },
  })
  return cosigned === note ? note : store(cosigned)
}

/** Whether every party's witness has cosigned the note of a log; of an empty log there is nothing to cosign. */
export function cosignedByAll({ joined }: Hall, note: string): boolean {
  return parseCheckpoint(parseNote(note).text).size === 0 || [...joined.trust.parties.values()].every(({ witness }) => bearsLineOf(note, witness))
}

export interface Readers { readonly read: number, readonly of: number }

interface Collecting { readonly onRead?: (read: number) => void, readonly late_ms?: number, readonly ms_max?: number }

/**
 * Lets the readers of all parties read the newest own declaration, those that have not yet. It ends when all have, `late_ms` after a quorum has, and
 * after `ms_max` at the latest; a registry that is served goes on asking. `onRead` hears how many have. Throws what the own reader finds.
 */
export async function collectReaders(home: Home, hall: Hall, { onRead, late_ms = READERS_LATE_MS, ms_max = READERS_MS_MAX }: Collecting = {}): Promise<Readers> {
  const { joined: { trust, agreement } } = hall
  const over = new AbortController()
  const enough = Promise.withResolvers<void>()
  const signal = AbortSignal.any([home.leaving.signal, over.signal])
  const of = trust.parties.size
  let read = 0
  const asked = [...trust.parties.keys()].map(async (party) => {
    if (!await collectReader(home, hall, party, signal)) return
    read += 1
    onRead?.(read)
    if (read >= agreement.quorum) enough.resolve()
  })
  try {
    await Promise.race([Promise.all(asked), enough.promise.then(() => pause(late_ms, undefined, { ref: false })), pause(ms_max, undefined, { ref: false })])
  } finally {
    over.abort()
    await Promise.allSettled(asked)
  }
  return { read, of }
}

/** Lets one party's reader read the newest own declaration, if it has not; what it answers is stored and published at once. */
export async function collectReader(home: Home, hall: Hall, party: PartyId, signal: AbortSignal = home.leaving.signal): Promise<boolean> {
  const newest = await newestReadable(hall.log)
  if (newest === undefined) return true
  const reader = hall.joined.trust.parties.get(party)?.reader
  if (reader !== undefined && bearsLineOf(newest.note, reader)) {
    if (party === home.register.file.party) await publishRead(hall.log, newest)
    return true
  }
  const line = party === home.register.file.party ? await ownReader(home, hall, newest) : await readerLine(hall.joined, party, newest.note, signal)
  if (line === undefined) return false
  await storeRead(hall.log, newest, withCosignatures(newest.note, [line]))
  return true
}

/** The own reader reads the published files as any other does. */
async function ownReader({ register, now }: Home, { joined, log }: Hall, newest: StoredDeclarationRow): Promise<NoteSignature> {
  const { head } = newest.head
  const before = await declarationBefore(log, newest)
  const problems = await readDeclaration({
    folder: declarationFolder(log, newest.head.hash), tree: { size: head.size, root: Buffer.from(head.root, 'base64') }, step: joined.agreement.step,
    ...(before === undefined ? {} : { previous: { folder: declarationFolder(log, before.head.hash), size: before.head.head.size } }),
  })
  if (problems.length > 0) throw new Fault('file-changed', `the published files of declaration ${newest.sequence} are not what was declared (${problems.slice(0, 3).map(({ code, file }) => [code, file].join(' ')).join(', ')}): restore ${declarationFolder(log, newest.head.hash)} from a backup`)
  return cosignDeclaration(log, parseNote(newest.note), joined.trust.parties.get(register.file.party) as PartyTrust, newest.head, now())
}

/**
 * Shows the newest own checkpoint to each witness from outside the agreement that has not cosigned it, and stores what it cosigns. False where one gave
 * nothing: it is asked again.
 */
export async function collectForeign(home: Home, hall: Hall): Promise<boolean> {
  const folder = logFolder(hall.log)
  const note = await readFile(join(folder, 'checkpoint'), 'utf8').catch(() => undefined)
  const witnesses = await foreignWitnesses(home.register.dataDir)
  if (note === undefined || witnesses.length === 0) return true
  const { text, signatures } = parseNote(note)
  const { size } = parseCheckpoint(text)
  const missing = witnesses.filter(({ key }) => size > 0 && !signatures.some(({ name, id }) => name === key.name && id === key.id))
  const latest = home.now() + CLOCK_SKEW_SECONDS_MAX
  const lines = (await Promise.all(missing.map((each) => foreignLine(each, note, folder, hall.foreign, latest, home.leaving.signal)))).filter((line) => line !== undefined)
  if (lines.length > 0) await storeCosigned(hall.log, size, withCosignatures(note, lines))
  return lines.length === missing.length
}

/** Follows the logs of all others, makes full copies of their newest declarations, and looks in them for what is on watch. */
export async function catchUp(home: Home, hall: Hall): Promise<void> {
  await Promise.all(othersIn(home, hall).map((party) => catchUpWith(home, hall, party)))
}

export function othersIn(home: Home, { joined }: Hall): PartyId[] {
  return [...joined.urls.keys()].filter((party) => party !== home.register.file.party && joined.trust.parties.has(party))
}

/** Follows one party; false where it could not be reached. What it did wrong is on file, what went wrong is told; nothing is thrown but faults of this machine. */
export async function catchUpWith(home: Home, hall: Hall, party: PartyId): Promise<boolean> {
  try {
    const followed = await hall.mirror.follow(party)
    const { heads, stale, checkpoint } = followed
    if (stale !== undefined) home.report(`${party}: an older copy of its log is served, with ${stale} entries; ${checkpoint.size} were seen and are kept. Its operator has to serve the newest`)
    const newest = heads.at(-1)
    if (newest !== undefined) await hall.mirror.declaration(party, newest.head)
    await lookForWatched(home, hall, party)
    await compareViews(home, hall, followed)
    return true
  } catch (error) {
    await keepBreach(home, hall, party, error)
    if (error instanceof Unreachable) return false
    home.report(`${party}: ${textOf(error)}${error instanceof Breach ? ' (on file: muster breach list)' : ''}`)
    return true
  }
}

/** Asks one other party, drawn anew each time, what it cosigned of a log: over the periods every pair compares. Who does not answer says nothing of the log. */
async function compareViews(home: Home, hall: Hall, followed: Followed): Promise<void> {
  const others = othersIn(home, hall).filter((party) => party !== followed.party.party)
  const url = others.length === 0 ? undefined : hall.joined.urls.get(others[randomInt(others.length)] as PartyId)
  if (url === undefined) return
  try {
    await compareWith(url, hall.joined.trust, followed, logCopy(home.register.dataDir, hall.joined.agreement.id, followed.party.party), home.leaving.signal)
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error
  }
}
