// What is said of who answers and by which words (spec/directory.md): a party's offices, that a message lies with another of them, and its terms beside
// another party's. Each statement is the whole, and the next one of the same sender replaces it; none of them moves a deadline.
import { hex, nullable, object, oneOf, ruled, misfit, text } from '../bytes/shape.ts'
import { directoryShape, officeCode, REROUTES } from '../rules/office.ts'
import { termsShape } from '../rules/terms-map.ts'

/** `request`: the id of the message that goes on; `from`: null where it lay with no office. */
const rerouted = ruled(object({ request: hex(32), from: nullable(officeCode), to: officeCode, reason: oneOf(...REROUTES), note: nullable(text(1_000)) }), '`to` another office than `from`', ({ from, to }) => {
  if (from === to) misfit('to', 'another office than `from`')
})

export const DIRECTORY_BODY = { 'directory/office': directoryShape, 'directory/rerouted': rerouted, 'directory/terms': termsShape } as const
