// Bodies of what is said by notices of their own, by the kind of message, and which kind each of them answers. The question of a
// trace and its answer have a door of their own (trace-body.ts).
import type { Refusal } from '../bytes/refusal.ts'
import type { Shape, Shaped } from '../bytes/shape.ts'
import { shaped, type ShapeCode } from '../bytes/shaped-json.ts'
import { AGREEMENT_BODY } from './agreement-body.ts'
import { CALL_BODY } from './call-body.ts'
import { CERTIFICATE_BODY } from './certificate-body.ts'
import { DELIVERY_BODY } from './delivery-body.ts'
import { DESTRUCTION_BODY } from './destruction-body.ts'
import { DIRECTORY_BODY } from './directory-body.ts'
import { EXCHANGE_BODY } from './exchange-body.ts'
import { INSPECTION_BODY } from './inspection-body.ts'
import type { MessageKind } from './message-kind.ts'
import { NOTICE_BODY } from './notice-body.ts'
import { PRODUCTION_BODY } from './production-body.ts'
import { RE_EXPORT_BODY } from './re-export-body.ts'
import { RECONCILIATION_BODY } from './reconciliation-body.ts'
import { REQUEST_BODY } from './request-body.ts'
import { TRANSFER_BODY } from './transfer-body.ts'

export const SAID_BODY = { ...AGREEMENT_BODY, ...CALL_BODY, ...TRANSFER_BODY, ...NOTICE_BODY, ...DELIVERY_BODY, ...DIRECTORY_BODY, ...EXCHANGE_BODY, ...INSPECTION_BODY, ...RECONCILIATION_BODY, ...CERTIFICATE_BODY, ...RE_EXPORT_BODY, ...REQUEST_BODY, ...PRODUCTION_BODY, ...DESTRUCTION_BODY } as const
export type SaidKind = keyof typeof SAID_BODY
export type SaidBody<K extends SaidKind> = Shaped<(typeof SAID_BODY)[K]>

/** What stands before the stroke of a kind. */
export type SaidFamily = SaidKind extends infer K ? K extends `${infer Family}/${string}` ? Family : never : never
export const SAID_FAMILIES: readonly SaidFamily[] = [...new Set(Object.keys(SAID_BODY).map((kind) => kind.slice(0, kind.indexOf('/')) as SaidFamily))]

/** Kinds that answer another kind, and the member by which question and answer are of one affair. */
export const ANSWERS_TO: Readonly<Partial<Record<SaidKind, { readonly asks: SaidKind, readonly affair: 'call' | 'transfer' | 'reconciliation' | 'certificate' | 're-export' | 'destruction', /** Where the member is not named as the affair. */ readonly member?: string }>>> = {
  'call/acknowledge': { asks: 'call/issue', affair: 'call' }, 'call/answer': { asks: 'call/issue', affair: 'call' }, 'call/decline': { asks: 'call/issue', affair: 'call' },
  'reconciliation/accept': { asks: 'reconciliation/propose', affair: 'reconciliation' }, 'reconciliation/decline': { asks: 'reconciliation/propose', affair: 'reconciliation' },
  'transfer/receive': { asks: 'transfer/notify', affair: 'transfer' }, 'transfer/dispute': { asks: 'transfer/notify', affair: 'transfer' },
  'certificate/verified': { asks: 'certificate/verify', affair: 'certificate' },
  're-export/consent': { asks: 're-export/ask', affair: 're-export', member: 'ask' }, 're-export/refuse': { asks: 're-export/ask', affair: 're-export', member: 'ask' },
  'destruction/witnessed': { asks: 'destruction/certify', affair: 'destruction' }, 'destruction/not-witnessed': { asks: 'destruction/certify', affair: 'destruction' },
}

export function isSaidKind(kind: MessageKind): kind is SaidKind {
  return Object.hasOwn(SAID_BODY, kind)
}

/** The typed body; the code of a refusal begins with the kind's own family, as in `call/shape`. */
export function saidBody<K extends SaidKind>(kind: K, body: unknown): SaidBody<K> | Refusal<ShapeCode<SaidFamily>> {
  const family = kind.slice(0, kind.indexOf('/')) as SaidFamily
  return shaped(family, SAID_BODY[kind] as Shape<SaidBody<K>>, body)
}
