// Acts of a directory, as `muster directory` does them: whole statements, and a message sent on.
import { hex, list, nullable, object, oneOf, pattern } from '@muster/core/bytes/shape.ts'
import { PARTIES_MAX } from '@muster/core/rules/agreement.ts'
import { directoryShape, officeCode, REROUTES } from '@muster/core/rules/office.ts'
import { partyId } from '@muster/core/rules/party.ts'
import { termsShape } from '@muster/core/rules/terms-map.ts'
import { reroute, stateDirectory, stateTerms } from '../../directory/act.ts'
import { act, body, note, signed, told, type Act } from '../act.ts'

const messageBegun = pattern(/^[0-9a-f]{8,64}$/, 'an id, or 8 or more characters of its beginning')

export const DIRECTORY_ACTS: readonly Act[] = [
  act('directory', 'state', { what: 'state the own directory of offices to every other party', takes: body({ directory: directoryShape }), answers: object({ messages: list(hex(32), 0, PARTIES_MAX), to: list(partyId, 0, PARTIES_MAX) }) },
    async ({ at }, { directory }, people, now) => {
      const messages = await stateDirectory(at(), directory, people, now)
      return { messages: messages.map(({ id }) => id), to: messages.map(({ payload: { to } }) => to) }
    }),
  act('directory', 'route', {
    what: 'send a received message on to another own office', takes: body({ id: messageBegun, to: officeCode, reason: oneOf(...REROUTES), note }),
    answers: object({ message: hex(32), to: partyId, request: hex(32), from: nullable(officeCode), office: officeCode, reason: oneOf(...REROUTES) }),
  }, async ({ at }, { id, to, reason, note }, people, now) => {
    const message = await reroute(at(), id, { to, reason, note: note ?? null }, people, now)
    const { request, from } = message.payload.body as { readonly request: string, readonly from: string | null }
    return { message: message.id, to: message.payload.to, request, from, office: to, reason }
  }),
  act('directory', 'terms-state', { what: 'state to another party what its terms are to the own ones', takes: body({ to: partyId, terms: termsShape }), answers: signed },
    async ({ at }, { to, terms }, people, now) => told(await stateTerms(at(), to, terms, people, now))),
]
