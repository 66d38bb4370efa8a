// Vectors of what is said about a formal request besides its answer: the bodies of its messages.
import { toHex } from '@muster/core/bytes/bytes.ts'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { drawn } from './three-parties.ts'
import type { TransferVector } from './transfer-bodies.ts'

type Body = { readonly [name: string]: Json }

const OF: Body = { request: toHex(drawn('formal request')), note: null }
const PHOTO = toHex(drawn('photo'))
const LOOK: Body = { ...OF, label: toHex(drawn('item leaf')), found: 'seen', reason: null, when: '2026-03-02T09:00:00Z', photo: PHOTO }
const CLARIFIED: Body = { ...OF, clarify: toHex(drawn('question back')), says: [{ asks: 'photo-of-mark', text: null, photo: PHOTO }, { asks: 'where-found', text: 'a cache in the North district', photo: null }] }
const OUTCOME: Body = { ...OF, outcome: 'last-holder', lastHolder: 'BB', dossier: toHex(drawn('dossier')) }

const valid = (name: string, what: string, kind: string, body: Json): [string, TransferVector] => [`request/valid/${name}`, { what, kind, body, at: null }]
const invalid = (name: string, what: string, kind: string, body: Json, at: string): [string, TransferVector] => [`request/invalid/${name}`, { what, kind, body, at }]

export function requestVectors(): [string, TransferVector][] {
  return [
    valid('taken-up', 'officers have it and say when they expect to answer', 'trace/acknowledge', { ...OF, expected: '2026-03-09T00:00:00Z' }),
    valid('asks-back', 'what is needed before it can be answered', 'trace/clarify', { ...OF, asks: ['photo-of-mark', 'where-found'] }),
    valid('clarified', 'both are answered, the first by a photo', 'trace/clarified', CLARIFIED),
    valid('interim', 'the archive is asked', 'trace/interim', { ...OF, state: 'archive-asked', expected: null }),
    valid('seen', 'the item is there, with a photo', 'trace/look', LOOK),
    valid('not-seen', 'the item is not there', 'trace/look', { ...LOOK, found: 'not-seen', photo: null }),
    valid('not-accessible', 'nobody could look, and why', 'trace/look', { ...LOOK, found: 'not-accessible', reason: 'under-repair', photo: null }),
    valid('request-withdrawn', 'the asker needs no answer any more', 'trace/withdraw', { ...OF, what: 'request', reason: 'found-otherwise' }),
    valid('answer-withdrawn', 'the answer was given in error', 'trace/withdraw', { ...OF, what: 'answer', reason: 'given-in-error' }),
    valid('outcome', 'what came of the trace', 'trace/outcome', OUTCOME),
    invalid('asks-nothing', 'a question back without a question', 'trace/clarify', { ...OF, asks: [] }, 'asks'),
    invalid('asks-twice', 'one question back, twice', 'trace/clarify', { ...OF, asks: ['ground', 'ground'] }, 'asks[1]'),
    invalid('asks-in-words-of-its-own', 'a question that is on no list', 'trace/clarify', { ...OF, asks: ['everything'] }, 'asks[0]'),
    invalid('says-twice', 'one question answered twice', 'trace/clarified', { ...CLARIFIED, says: [{ asks: 'ground', text: 'a', photo: null }, { asks: 'ground', text: 'b', photo: null }] }, 'says[1]'),
    invalid('seen-without-photo', 'an item that was seen, and no photo of it', 'trace/look', { ...LOOK, photo: null }, 'photo'),
    invalid('photo-of-nothing', 'a photo of what was not seen', 'trace/look', { ...LOOK, found: 'not-seen' }, 'photo'),
    invalid('no-access-without-reason', 'not accessible, and nobody says why', 'trace/look', { ...LOOK, found: 'not-accessible', photo: null }, 'reason'),
    invalid('withdraws-something-else', 'neither the request nor its answer', 'trace/withdraw', { ...OF, what: 'look', reason: 'unspecified' }, 'what'),
    invalid('outcome-of-its-own', 'an outcome that no trace has', 'trace/outcome', { ...OUTCOME, outcome: 'guilty' }, 'outcome'),
  ]
}
