// Formal requests as they are looked at, by the commands and by the API.
import { fromBase64, utf8 } from '@muster/core/bytes/bytes.ts'
import { parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { parseEvent } from '@muster/core/rules/custody-event.ts'
import type { Placed } from '@muster/core/rules/office.ts'
import { recordedFind } from '@muster/core/rules/recovered-mark.ts'
import { officesOf } from '../../directory/view.ts'
import type { FormalRequest, RequestWord } from '../../request/view.ts'
import type { previewRequest } from '../../peer/waiting-request.ts'
import type { At } from '../../said.ts'

/** Readings of the find's marks, verbatim. */
export function marksOf({ body }: FormalRequest): readonly string[] {
  const event = parseEvent(utf8(body.recovery.event))
  return event instanceof Error ? [] : recordedFind(event)?.queries.map(({ serial }) => serial) ?? []
}

function wordJson({ kind, said: { message: { id, payload }, body } }: RequestWord) {
  const { request: _, ...rest } = body
  return { kind, id, from: payload.from, time: payload.time, ...rest }
}

/** `office`: where it lies; undefined for what is under way. */
export function requestView(each: FormalRequest, office: Placed | undefined) {
  const { direction, with: party, message: { id, payload: { from, to, time } }, body: { ground, use, hits }, answer, lookDue, words, due, standing } = each
  return { id, direction, with: party, from, to, time, ground, use, marks: marksOf(each), hits: hits.length, state: standing.state, due: standing.due ?? due, overdue: standing.overdue, lookDue, answer: answer?.id ?? null, words: words.map(wordJson), office: office ?? null }
}

/** Each with the office where it lies. */
export async function requestViews(at: At, requests: readonly FormalRequest[]) {
  const offices = await officesOf(at, requests.map(({ message }) => message))
  return requests.map((each) => requestView(each, offices.get(each.message.id)))
}

/** What an answer would open, section by section as it is bound; `bytes`: of the body that would leave. */
export function previewView({ to, hits, look }: Awaited<ReturnType<typeof previewRequest>>) {
  const opened = (sections: Readonly<Record<string, { readonly bytes: string }>>) => Object.fromEntries(Object.entries(sections).flatMap(([name, { bytes }]) => name === 'kind' ? [] : [[name, valueOf(bytes)]]))
  const items = new Map(hits.flatMap((hit) => hit.items.map(({ label, sections }) => [label, opened(sections)] as const)))
  return { to, keys: hits.length, items: [...items].map(([label, sections]) => ({ label, sections })), look: look?.due ?? null, bytes: JSON.stringify({ hits, look }).length }
}

function valueOf(bytes: string): Json {
  const text = fromBase64(bytes) ?? new Uint8Array()
  return parseJson(text)
}
