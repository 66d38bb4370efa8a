// Every document that is JSON, by its name, with the shape by which it is read. Registries publish the schema of each (spec/http.md).
import { SCHEMA_DIALECT, schemaOf, type JsonSchema } from '../bytes/schema.ts'
import type { Shape } from '../bytes/shape.ts'
import { agreementShape } from '../rules/agreement.ts'
import { caseAct } from '../rules/case.ts'
import { catalogueShape } from '../rules/catalogue.ts'
import { claimShape } from '../rules/claim.ts'
import { eventShape, requestShape } from '../rules/custody-event.ts'
import { licenceAct } from '../rules/licence.ts'
import { paperSaid } from '../rules/paper.ts'
import { publishedLoad } from '../rules/published.ts'
import { recoveryShape } from '../rules/recovery.ts'
import { SECTION } from '../rules/section.ts'
import { aviationShape } from './aviation-notice.ts'
import { caseFileShape } from './case-file.ts'
import { correspondenceShape } from './correspondence.ts'
import { courierShape } from './courier.ts'
import { dossierShape } from './dossier.ts'
import { evidenceShape } from './evidence.ts'
import { headShape } from './head.ts'
import { keyRecordShape } from './key-record.ts'
import { envelope, payloadShape } from './message.ts'
import { proofShape } from './period.ts'
import { SAID_BODY } from './said-body.ts'
import { secretariatCalls, secretariatDuties } from './secretariat.ts'
import { TRACE_BODY } from './trace-body.ts'
import { watchProofShape } from './watch-proof.ts'

const sections = Object.fromEntries(Object.entries(SECTION).map(([name, shape]): [string, Shape<unknown>] => [`section/${name}`, shape]))

/** The body of each kind of message that this version says or hears, by its kind. */
export const BODIES: Readonly<Record<string, Shape<unknown>>> = { ...SAID_BODY, ...TRACE_BODY }

export const FORMATS: Readonly<Record<string, Shape<unknown>>> = {
  'agreement': agreementShape, 'key-record': keyRecordShape, 'head': headShape, 'event': eventShape, 'event-request': requestShape, 'recovery': recoveryShape,
  'case-act': caseAct, 'licence-act': licenceAct, 'published': publishedLoad, 'catalogue': catalogueShape, 'claim': claimShape, 'paper': paperSaid, ...sections,
  'envelope': envelope, 'message': payloadShape, 'proof': proofShape, 'courier': courierShape, 'correspondence': correspondenceShape, 'dossier': dossierShape,
  'evidence': evidenceShape, 'case': caseFileShape, 'watch': watchProofShape, 'aviation': aviationShape,
  'secretariat-calls': secretariatCalls, 'secretariat-duties': secretariatDuties, ...BODIES,
}

/** The schema of a format as a document of its own; undefined where there is no format of that name. */
export function formatSchema(name: string): JsonSchema | undefined {
  return Object.hasOwn(FORMATS, name) ? { $schema: SCHEMA_DIALECT, title: name, ...schemaOf(FORMATS[name] as Shape<unknown>) } : undefined
}
