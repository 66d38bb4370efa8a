// EXERCISE only: where the other parties' registries are looked at, so that whoever plays an exercise on one machine can change sides.
import { list, object, pattern, text, type Shaped } from '@muster/core/bytes/shape.ts'
import { partyId } from '@muster/core/rules/party.ts'

const PARTIES_MAX = 200

/** One console: whose it is, who one is there, and the address with their pass. */
export const others = list(object({ party: partyId, name: text(200), person: text(200), url: pattern(/^http:\/\/127\.0\.0\.1:\d{1,5}\/#pass=[A-Za-z0-9._-]{1,120}$/, 'an address of this machine with a pass') }), 0, PARTIES_MAX)
export type Others = Shaped<typeof others>
