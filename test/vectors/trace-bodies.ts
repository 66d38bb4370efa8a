// Vectors of the bodies of a trace's messages: shapes only. What else must hold of them stands in the vectors of the words that they carry.
import { toBase64, toHex } from '@muster/core/bytes/bytes.ts'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { drawn } from './three-parties.ts'

/** `at`: the member at which the body is refused, null where it is taken. */
export type TraceVector = { what: string, kind: string, body: Json, at: string | null }
type Body = { readonly [name: string]: Json }

const hex = (words: string) => toHex(drawn(words))
const b64 = (words: string) => toBase64(drawn(words))
const ID = hex('request')
const LABEL = hex('label')

const PATH: Body = {
  batch: { index: 0, size: 1, path: [] }, period: { salt: hex('salt'), index: 3, size: 256, path: Array.from({ length: 8 }, (_, i) => hex(`path ${i}`)) }, entry: 3, proof: 0,
}
const QUESTION: Body = {
  head: hex('head'), recoveries: [{ binding: hex('leaf'), path: PATH }], proofs: ['c2sp.org/tlog-proof@v1\n…'], elements: Array.from({ length: 16 }, (_, i) => b64(`element ${i}`)), coin: hex('coin binding'),
}
const EVALUATED: Body = {
  request: ID, head: hex('head'), elements: Array.from({ length: 16 }, (_, i) => b64(`evaluated ${i}`)), proof: toBase64(new Uint8Array([...drawn('c'), ...drawn('s')])), coin: hex('asked coin'), none: null,
}
const NOTHING: Body = { request: ID, head: null, elements: null, proof: null, coin: null, none: 'no-declaration' }
const OPENED: Json = [{ input: toBase64(new TextEncoder().encode('muster/key/1')), blind: hex('blind') }]
const FIND: Body = { event: '{"kind":"seized"}', salt: hex('event salt') }
const FORMAL: Body = { request: ID, coin: hex('coin'), opened: OPENED, recovery: FIND, ground: 'exercise', use: 'exercise', hits: [{ element: 0, label: LABEL }] }
const section = (words: string): Body => ({ salt: hex(`${words} salt`), bytes: toBase64(new TextEncoder().encode(words)) })
const HIT: Body = {
  label: LABEL, digests: [hex('kind digest'), hex('items digest')], sections: { kind: section('key'), items: section('[]') },
  chance: { kind: 'type', pattern: '00199', rung: 'folded', tried: 10_000, hits: 4, percent: '0.1' },
  items: [{ label: hex('item'), digests: Array.from({ length: 8 }, (_, i) => hex(`digest ${i}`)), sections: { kind: section('item'), status: section('held'), released: section('') } }],
}
const ANSWER: Body = { request: ID, hits: [HIT], look: null }

const valid = (name: string, what: string, kind: string, body: Json): [string, TraceVector] => [`trace/valid/${name}`, { what, kind, body, at: null }]
const invalid = (name: string, what: string, kind: string, body: Json, at: string): [string, TraceVector] => [`trace/invalid/${name}`, { what, kind, body, at }]
const without = (body: Body, name: string): Body => Object.fromEntries(Object.entries(body).filter(([key]) => key !== name))

export function traceVectors(): [string, TraceVector][] {
  return [
    valid('request', 'a padded batch about one find', 'evaluation/request', QUESTION),
    valid('request-without-a-head', 'the asker knows of no declaration', 'evaluation/request', { ...QUESTION, head: null }),
    valid('answer', 'evaluated under the key of the head that the party names', 'evaluation/answer', EVALUATED),
    valid('answer-no-declaration', 'nothing is declared', 'evaluation/answer', NOTHING),
    valid('refuse', 'with a reason from the list', 'evaluation/refuse', { request: ID, reason: 'quota' }),
    valid('open', 'the coin picked this batch: all of it, and the finds that it was about', 'evaluation/open', { batches: [{ request: ID, coin: hex('coin'), opened: OPENED, recoveries: [FIND] }] }),
    valid('open-not-picked', 'the coins did not pick them: the coins are shown, the batches are not', 'evaluation/open', { batches: ['one', 'another'].map((which) => ({ request: hex(which), coin: hex(`coin ${which}`), opened: null })) }),
    valid('formal-request', 'after a hit', 'trace/request', FORMAL),
    valid('formal-answer', 'sections as the standing rule allows', 'trace/answer', ANSWER),
    valid('formal-answer-with-a-look', 'the item is still claimed, and will be looked at', 'trace/answer', { ...ANSWER, look: { due: '2026-03-31T00:00:00Z' } }),
    invalid('element-of-31-bytes', 'an element that is short', 'evaluation/request', { ...QUESTION, elements: [toBase64(drawn('x').slice(1))] }, 'elements[0]'),
    invalid('element-with-a-spare-bit', 'base64 that is not canonical', 'evaluation/request', { ...QUESTION, elements: [`${b64('x').slice(0, -2)}B=`] }, 'elements[0]'),
    invalid('batch-above-1024', 'one element more than a batch can have', 'evaluation/request', { ...QUESTION, elements: Array.from({ length: 1025 }, () => b64('x')) }, 'elements'),
    invalid('no-find', 'a question about nothing', 'evaluation/request', { ...QUESTION, recoveries: [] }, 'recoveries'),
    invalid('member-unknown', 'a member that the version does not know', 'evaluation/request', { ...QUESTION, serial: '0123' }, 'serial'),
    invalid('capital-hex', 'hexadecimal in capitals', 'evaluation/request', { ...QUESTION, coin: hex('coin binding').toUpperCase() }, 'coin'),
    invalid('proof-of-63-bytes', 'a proof that is short', 'evaluation/answer', { ...EVALUATED, proof: toBase64(new Uint8Array(63)) }, 'proof'),
    invalid('other-nothing', 'a reason why nothing was evaluated that is on no list', 'evaluation/answer', { ...NOTHING, none: 'later' }, 'none'),
    invalid('other-reason', 'a refusal by a word of its own', 'evaluation/refuse', { request: ID, reason: 'no comment' }, 'reason'),
    invalid('no-ground', 'a formal request that does not say why', 'trace/request', without(FORMAL, 'ground'), 'ground'),
    invalid('no-hit', 'a formal request about nothing', 'trace/request', { ...FORMAL, hits: [] }, 'hits'),
    invalid('no-batch-shown', 'an opening of nothing', 'evaluation/open', { batches: [] }, 'batches'),
    invalid('shown-above-64', '65 batches in one message', 'evaluation/open', { batches: Array.from({ length: 65 }, () => ({ request: ID, coin: hex('coin'), opened: null })) }, 'batches'),
    invalid('coin-missing', 'a batch without its coin', 'evaluation/open', { batches: [{ request: ID, opened: null }] }, 'batches[0].coin'),
    invalid('batch-not-opened', 'a formal request with a closed batch', 'trace/request', { ...FORMAL, opened: null }, 'opened'),
    invalid('items-not-opened', 'a hit whose key leaf stays closed', 'trace/answer', { ...ANSWER, hits: [{ ...HIT, sections: { kind: section('key') } }] }, 'hits[0].sections.items'),
    invalid('chance-of-its-own', 'a percentage that is on no list', 'trace/answer', { ...ANSWER, hits: [{ ...HIT, chance: { ...HIT.chance as Body, percent: '0.05' } }] }, 'hits[0].chance.percent'),
  ]
}
