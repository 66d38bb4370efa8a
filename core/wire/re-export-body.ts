// What two states say about a re-export (spec/re-export.md): the holder asks the state that the items came from, which consents, item by item, or refuses.
import { hex, list, nullable, object, oneOf, text, time } from '../bytes/shape.ts'
import { END_USES } from '../rules/certificate.ts'
import { identity } from '../rules/item.ts'
import { partyId } from '../rules/party.ts'
import { RE_EXPORT_REFUSALS } from '../rules/re-export.ts'
import { TRANSFER_ITEMS_MAX } from './transfer-body.ts'

const ask = hex(16)
const request = hex(32)
const items = list(identity, 1, TRANSFER_ITEMS_MAX)
const note = nullable(text(1_000))

/** The body of each kind of message about a re-export. */
export const RE_EXPORT_BODY = {
  're-export/ask': object({ ask, to: partyId, endUser: text(200), endUse: oneOf(...END_USES), items, note }),
  're-export/consent': object({ ask, request, until: time, items, note }),
  're-export/refuse': object({ ask, request, reason: oneOf(...RE_EXPORT_REFUSALS), note }),
} as const
