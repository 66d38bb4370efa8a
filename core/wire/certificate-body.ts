// What is said of an end-user certificate (spec/certificate.md): issued by the importing state to the exporting one, verified with its issuer by
// whoever was shown it, and withdrawn. The signature is that of the message; the hash is what a copy on other roads is held to.
import { utf8, toHex } from '../bytes/bytes.ts'
import { canonicalBytes } from '../bytes/canonical.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { date, hex, list, misfit, nullable, object, oneOf, ruled, text, time, type Shaped } from '../bytes/shape.ts'
import { CERTIFIED_ROWS_MAX, certifiedRow, checkRows, END_USES, UNDERTAKINGS, VERDICTS, WITHDRAWALS } from '../rules/certificate.ts'
import { DOCUMENT_CHARACTERS_MAX } from '../rules/document.ts'
import { partyId } from '../rules/party.ts'

const CERTIFICATE_DOMAIN = utf8('muster/certificate/v1\n')

const certificateId = hex(16)
const number = text(DOCUMENT_CHARACTERS_MAX)
const note = nullable(text(1_000))

const members = object({
  certificate: certificateId, importer: partyId, exporter: partyId, number, date, until: time, endUser: text(200), endUse: oneOf(...END_USES),
  items: list(certifiedRow, 1, CERTIFIED_ROWS_MAX), undertakings: list(oneOf(...UNDERTAKINGS), 0, UNDERTAKINGS.length), note,
})

const issued = ruled(members, 'each class and type, serial and undertaking once; as many serials as items; an exporter other than the importer', (whole) => {
  checkRows(whole.items)
  if (new Set(whole.undertakings).size !== whole.undertakings.length) misfit('undertakings', 'each undertaking once')
  if (whole.importer === whole.exporter) misfit('exporter', 'another party than the importer')
})
export type CertificateText = Shaped<typeof issued>

/** The body of each kind of message about an end-user certificate. */
export const CERTIFICATE_BODY = {
  'certificate/issue': issued,
  'certificate/withdraw': object({ certificate: certificateId, issue: hex(32), reason: oneOf(...WITHDRAWALS), note }),
  'certificate/verify': object({ certificate: certificateId, number, hash: hex(32) }),
  'certificate/verified': object({ certificate: certificateId, request: hex(32), verdict: oneOf(...VERDICTS) }),
} as const

/** What a certificate is verified by: whoever holds a copy computes it from what the copy says. */
export function certificateHash(p: Pick<Primitives, 'sha256'>, text: CertificateText): string {
  return toHex(p.sha256(CERTIFICATE_DOMAIN, canonicalBytes(text)))
}
