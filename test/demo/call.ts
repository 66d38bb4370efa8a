// EXERCISE. The call to count: the asking state's note to all twelve, itself among them; ten count, the one that declines gives its reason, and the
// silent one has the call and says nothing.
import { setTimeout as pause } from 'node:timers/promises'
import { timeOf, type Time } from '@muster/core/bytes/time.ts'
import { tallyOf, type CallTally } from '@muster/core/rules/call.ts'
import { answerCall, declineCall, issueCall } from '@muster/registry/call/act.ts'
import { callsIssued, callsReceived, heldToDeclaration, type CallRow, type DeclaredProof } from '@muster/registry/call/matrix.ts'
import { openHome, type Home } from '@muster/registry/main.ts'
import { officers } from './custody.ts'
import { hallIn } from './seizure.ts'
import { ASKER, type State } from './states.ts'

const ARRIVED_MS_MAX = 120_000
const POLL_MS = 200
const CLASSES = ['missile', 'gripstock', 'power-unit'] as const
/** As often as the agreement gives a party time for an answer: on a machine where all is slow, a count is too. */
const DUE_ANSWERS = 2

const at = (home: Home) => ({ register: home.register, joined: hallIn(home).joined })

/** Signs the call; the asker's registry carries it once it is served. `asOf`: the day that is counted for. */
export async function issue(home: Home, asOf: Time): Promise<string> {
  const now = home.now()
  const { answerSeconds } = hallIn(home).joined.agreement.deadlines
  const asked = { reason: 'seizure', classes: CLASSES, types: null, seen: 'sealed', asOf, due: timeOf(now + DUE_ANSWERS * answerSeconds), remind: [], note: null } as const
  return (await issueCall(at(home), asked, undefined, officers(ASKER)[0], now)).call
}

/** What a state's officers do about the call once it is there. The silent one's do nothing. */
export async function reply(dir: string, { party, part }: State, call: string, stopped: AbortSignal): Promise<void> {
  if (part === 'silent') return
  const home = await openHome(dir)
  const [by, and] = officers(party)
  try {
    for (const end = performance.now() + ARRIVED_MS_MAX; !(await callsReceived(at(home))).some(({ body }) => body.call === call);) {
      stopped.throwIfAborted()
      if (performance.now() > end) throw new Error(`the call did not reach ${party} in ${ARRIVED_MS_MAX / 1000} s: see serve.log of ${ASKER}`)
      await pause(POLL_MS)
    }
    if (part === 'declines') await declineCall(at(home), call, { stance: 'declines', reason: 'national-security', note: null }, { by, and }, home.now())
    else await answerCall(at(home), call, null, { by, and }, home.now())
  } finally {
    await home.close()
  }
}

export interface Answered { readonly row: CallRow, readonly proof: DeclaredProof | undefined, /** Items more than its declaration says; the asker has seized some since. */ readonly differing: number }
export interface Matrix { readonly rows: readonly Answered[], readonly tally: CallTally }

/** The matrix when the answers are due: waits for that, and for what was answered and has not arrived yet. */
export async function matrixOf(dir: string, call: string, answering: number, stopped: AbortSignal): Promise<Matrix> {
  const home = await openHome(dir)
  try {
    for (const end = performance.now() + ARRIVED_MS_MAX; ; await pause(POLL_MS)) {
      stopped.throwIfAborted()
      const found = (await callsIssued(at(home), home.now())).find(({ body }) => body.call === call)
      if (found === undefined) throw new Error(`${ASKER} has issued no call ${call}`)
      const { answered, declined } = tallyOf(found.rows)
      const over = found.body.due < timeOf(home.now())
      if (!over || (answered + declined < answering && performance.now() < end)) continue
      const rows = await Promise.all(found.rows.map(async (row): Promise<Answered> => {
        const held = row.answer === undefined || row.code === undefined ? undefined : await heldToDeclaration(at(home), found.body, row.code, row.answer)
        return { row, proof: held?.proof, differing: held?.differences.reduce((sum, { counted, declared }) => sum + counted - declared, 0) ?? 0 }
      }))
      return { rows, tally: found.tally }
    }
  } finally {
    await home.close()
  }
}
