// The agreement that a verb is about, and the parties that it names.
import { isAgreementId } from '@muster/core/rules/agreement.ts'
import { isPartyId, type PartyId } from '@muster/core/rules/party.ts'
import type { Hall, Home } from '@muster/registry/main.ts'
import { usage } from './errors.ts'
import type { Context } from './verb.ts'

/** The agreement of `--agreement`, or the only one that is joined. */
export function hallOf(context: Context, home: Home): Hall {
  const id = context.args.text('agreement')
  const hall = id === undefined ? (home.halls.size === 1 ? [...home.halls.values()][0] : undefined) : isAgreementId(id) ? home.halls.get(id) : undefined
  if (hall === undefined) throw usage(context.say({ en: 'name one joined agreement with --agreement', ru: 'укажите одно из соглашений: --agreement' }), [...home.halls.keys()].join(', ') || undefined)
  return hall
}

/** The parties of `--of`; undefined where none is named. */
export function partiesOf(context: Context, hall: Hall): readonly PartyId[] | undefined {
  const named = context.args.texts('of')
  if (named.length === 0) return undefined
  return named.map((text) => {
    if (!isPartyId(text) || !hall.joined.trust.parties.has(text)) throw usage(context.say({ en: `--of ${text}: no party of ${hall.joined.agreement.id}`, ru: `--of ${text}: не участник ${hall.joined.agreement.id}` }))
    return text
  })
}

/** The one party of `--of`; undefined where none is named. */
export function partyOf(context: Context, hall: Hall): PartyId | undefined {
  const [party, ...more] = partiesOf(context, hall) ?? []
  if (more.length > 0) throw usage(context.say({ en: 'name one party with --of', ru: 'укажите одного участника: --of' }))
  return party
}
