// Vectors of what is said about a re-export: the bodies of its messages.
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { drawn } from './three-parties.ts'
import type { TransferVector } from './transfer-bodies.ts'

type Body = { readonly [name: string]: Json }

const IDENTITY: Body = { class: 'missile', maker: { is: 'Завод 1' }, type: { is: '9М39' }, year: 'unknown', lot: { is: '4' }, serial: { is: '0101' } }
const ASK: Body = { ask: toHex(drawn('re-export').slice(0, 16)), to: 'CC', endUser: 'Exercise brigade 9', endUse: 'training', items: [IDENTITY], note: null }
const ANSWER: Body = { ask: ASK.ask as string, request: toHex(drawn('re-export question')), note: null }
const CONSENT: Body = { ...ANSWER, until: '2026-09-01T00:00:00Z', items: [IDENTITY] }

const valid = (name: string, what: string, kind: string, body: Json): [string, TransferVector] => [`re-export/valid/${name}`, { what, kind, body, at: null }]
const invalid = (name: string, what: string, kind: string, body: Json, at: string): [string, TransferVector] => [`re-export/invalid/${name}`, { what, kind, body, at }]
const without = (body: Body, name: string): Body => Object.fromEntries(Object.entries(body).filter(([key]) => key !== name))

export function reExportVectors(): [string, TransferVector][] {
  return [
    valid('question', 'one missile is to go to a third party', 're-export/ask', ASK),
    valid('consent', 'until a day, for the item that was asked about', 're-export/consent', CONSENT),
    valid('refusal', 'the end user is not accepted', 're-export/refuse', { ...ANSWER, reason: 'end-user-not-accepted' }),
    invalid('nothing-asked', 'a question about no item', 're-export/ask', { ...ASK, items: [] }, 'items'),
    invalid('no-third-party', 'a question that does not say where the item goes', 're-export/ask', without(ASK, 'to'), 'to'),
    invalid('consent-to-everything', 'a consent that names no item', 're-export/consent', { ...CONSENT, items: [] }, 'items'),
    invalid('consent-for-ever', 'a consent without an end', 're-export/consent', without(CONSENT, 'until'), 'until'),
    invalid('refusal-by-a-word-of-its-own', 'a reason that is on no list', 're-export/refuse', { ...ANSWER, reason: 'no' }, 'reason'),
  ]
}
