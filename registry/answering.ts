// The answering side of a registry: the evaluator as a process of its own, and a door for messages under each agreement.
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { admitAgreement } from './agreement/admit.ts'
import { renew, renewInTime } from './agreement/renew.ts'
import { offerUnreached, remindOpen } from './call/act.ts'
import { answerVerify } from './certificate/act.ts'
import { messageRoute, type MessageRoute } from './http/message.ts'
import { admitDelivery } from './delivery/admit.ts'
import { chargeUnopened } from './delivery/charge.ts'
import { takeReturned } from './delivery/statements.ts'
import { answerInspection } from './inspection/answer.ts'
import type { Hall, Home, MessageDoor } from './main.ts'
import { answerMessage } from './peer/answer.ts'
import { startEvaluator } from './peer/evaluator-process.ts'
import { suspendUnopened } from './peer/opening.ts'
import { answerReconciliation } from './reconciliation/answer.ts'
import { admit } from './admit.ts'
import type { QuotaFacts } from './evaluator/quota.ts'
import { textOf } from './engine/fault.ts'

export interface Answering {
  readonly message: MessageDoor
  /** Suspends who did not open a batch in time, and reminds who did not answer a call. */
  readonly everyPeriod: (hall: Hall) => Promise<void>
  /** Of the evaluator's process. */
  readonly evaluatorPid: () => number | undefined
  /** Quotas as the evaluator goes by them, and what is spent. */
  readonly facts: (agreement: AgreementId) => Promise<QuotaFacts>
  readonly close: () => Promise<void>
}

export interface AnsweringOptions {
  /** An exercise's silent party: receipts and nothing else. */
  readonly mute?: boolean
}

/** Starts the evaluator; each agreement's door opens with its first message. */
export async function openAnswering(home: Home, { mute = false }: AnsweringOptions = {}): Promise<Answering> {
  const { register } = home
  const group = await fastGroup()
  const evaluator = startEvaluator(register.dataDir, home.report)
  const routes = new Map<AgreementId, MessageRoute>()
  const routeOf = ({ joined }: Hall): MessageRoute => {
    const held = routes.get(joined.agreement.id)
    if (held !== undefined) return held
    const route = messageRoute({
      register, joined, now: home.now, mute,
      admit: async (message) => {
        await renewInTime({ register, joined }, home.now())
        return await admitAgreement({ register, joined }, message) ?? await admit({ register, joined }, message, home.now()) ?? await admitDelivery({ register, joined }, message, home.now())
      },
      answer: async (message, at) => {
        // What this message changes holds for the next one.
        if (message.payload.kind.startsWith('agreement/')) await renew({ register, joined }, at)
        await answerVerify({ register, joined }, message, at)
        if (message.payload.kind === 'delivery/stated') await takeReturned({ register, joined }, message, at)
        return [...await answerMessage({ register, joined, evaluator, group }, message, at), ...await answerReconciliation({ register, joined, evaluator, group }, message, at), ...await answerInspection({ register, joined, evaluator, group }, message, at)]
      },
      fault: (error) => { home.report(textOf(error)) },
    })
    routes.set(joined.agreement.id, route)
    return route
  }
  return {
    message: (_home, hall, body) => routeOf(hall)(body),
    everyPeriod: async ({ joined }) => {
      const told = (error: unknown): [] => {
        home.report(textOf(error))
        return []
      }
      for (const asker of await suspendUnopened({ register, joined, evaluator }, home.now()).catch(told)) home.report(`${asker} left a batch unopened beyond its time: its quota is suspended`)
      for (const asker of await chargeUnopened({ register, joined }, home.now()).catch(told)) home.report(`${asker} had an evaluation and opened nothing though it was told: it is on file (muster breach list)`)
      for (const party of await remindOpen({ register, joined }, home.now()).catch(told)) home.report(`${party} is reminded of a call that it has and has not answered`)
      for (const party of await offerUnreached({ register, joined }, home.now()).catch(told)) home.report(`${party} gave no receipt for a call: the other parties are asked to offer it`)
    },
    evaluatorPid: () => evaluator.pid(),
    facts: (agreement) => evaluator.facts(agreement),
    close: () => evaluator.close(),
  }
}
