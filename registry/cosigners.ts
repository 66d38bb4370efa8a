// The two cosigners of a registry, as others ask them: the witness of logs, and the reader of declarations.
import { setTimeout as sleep } from 'node:timers/promises'
import { Breach } from '@muster/core/bytes/breach.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { parseDeclarationOrigin } from '@muster/core/proof/declaration-origin.ts'
import { formatSignatureLine } from '@muster/core/proof/note.ts'
import { parseLogOrigin } from '@muster/core/rules/agreement.ts'
import type { ReadHead } from '@muster/core/wire/head.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { openTurns } from './engine/turns.ts'
import { keepBreach, type Hall, type Home } from './home.ts'
import { cosignDeclaration, unsignedDeclaration } from './log/reader.ts'
import { addCheckpoint, parseSubmission, type Submission, type WitnessAnswer } from './log/witness.ts'
import { Unreachable } from './peer/client.ts'
import { convictedOf } from './store/breaches.ts'

const READ_MS_MAX = 110_000
const NO_SUBMISSION: WitnessAnswer = { status: 400, body: 'the body is not a submission of tlog-witness\n' }
const UNKNOWN: WitnessAnswer = { status: 404, body: 'unknown origin\n' }

function originOf({ note }: Submission): string {
  return note.text.slice(0, note.text.indexOf('\n'))
}

/** The agreement and the party whose log has that origin, where both are known. */
function logOf(home: Home, origin: string): { readonly hall: Hall, readonly trust: PartyTrust } | undefined {
  const named = parseLogOrigin(origin)
  const hall = named === undefined ? undefined : home.halls.get(named.agreement)
  const trust = named === undefined ? undefined : hall?.joined.trust.parties.get(named.party)
  return hall === undefined || trust === undefined ? undefined : { hall, trust }
}

/** Calls for one origin come one after the other: reading what was cosigned last and writing what is cosigned now are one act. */
const inTurn = openTurns()

/** The own witness's answer to a submission. */
export async function witness(home: Home, body: Uint8Array | string): Promise<WitnessAnswer> {
  const submission = parseSubmission(body)
  if (submission === undefined) return NO_SUBMISSION
  const origin = originOf(submission)
  const log = logOf(home, origin)
  if (log === undefined) return UNKNOWN
  const { hall, trust } = log
  return inTurn(`${home.register.dataDir} ${origin}`, () => addCheckpoint(hall.log, submission, () => trust, home.now(), (_, evidence) =>
    keepBreach(home, hall, trust.party, new Breach('witness/fork', `${trust.party} signed two checkpoints of one size`, evidence))))
}

/** The head of that hash in the party's log as it stands now, or as it was read last where the party cannot be reached. */
async function headIn({ mirror }: Hall, { party }: PartyTrust, hash: string): Promise<ReadHead | undefined> {
  const followed = await mirror.follow(party).catch((error: unknown) => {
    const known = mirror.known(party)
    if (error instanceof Unreachable && known !== undefined) return known
    throw error
  })
  return followed.heads.find(({ head }) => head.hash === hash)?.head
}

/** Reads another's declaration in full and cosigns it; 'reading' where that takes longer than a request should. */
export async function read(home: Home, body: Uint8Array | string): Promise<WitnessAnswer | 'reading'> {
  const submission = parseSubmission(body)
  if (submission === undefined) return NO_SUBMISSION
  const origin = parseDeclarationOrigin(originOf(submission))
  const log = origin === undefined ? undefined : logOf(home, origin.logOrigin)
  if (origin === undefined || log === undefined) return UNKNOWN
  const { hall, trust } = log
  const unsigned = unsignedDeclaration(submission, trust, origin.headHash)
  if (unsigned !== undefined) return unsigned
  return Promise.race([readAndCosign(home, hall, trust, submission, origin.headHash), sleep(READ_MS_MAX, 'reading' as const, { ref: false })])
}

async function readAndCosign(home: Home, hall: Hall, trust: PartyTrust, { note }: Submission, headHash: string): Promise<WitnessAnswer> {
  const { party } = trust
  try {
    const head = await headIn(hall, trust, headHash)
    const convicted = await convictedOf(home.register, hall.joined.agreement.id, party)
    if (convicted !== undefined) return { status: 422, body: `the log of ${party} is convicted (${convicted}): nothing of it is cosigned until people have settled it\n` }
    if (head === undefined) return { status: 422, body: 'the log does not hold this head\n' }
    await hall.mirror.declaration(party, head)
    return { status: 200, body: formatSignatureLine(await cosignDeclaration(hall.log, note, trust, head, home.now())) }
  } catch (error) {
    await keepBreach(home, hall, party, error)
    if (error instanceof Breach || error instanceof Refusal) return { status: 422, body: `${error.message}\n` }
    if (error instanceof Unreachable) return { status: 422, body: 'log or declaration could not be fetched\n' }
    throw error
  }
}
