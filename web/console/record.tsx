// Recording one custody event of an item: a form for each kind that people record by hand every day. Whatever else there is, `muster event` records.
import { Button, Group, Modal, Select, Stack, Text, TextInput, Title } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { needsTwo } from '@muster/core/rules/act.ts'
import type { EventKind } from '@muster/core/rules/custody-event.ts'
import { KIND } from '@muster/core/words/event.ts'
import { post, Problem } from './api.ts'
import { Refused } from './parts.tsx'
import { useConsole } from './state.tsx'
import { ITEM, SEEN } from './words.ts'

export const RECORDABLE = ['counted', 'moved', 'missing', 'found', 'lost', 'stolen', 'destroyed'] as const satisfies readonly EventKind[]
export type Recordable = (typeof RECORDABLE)[number]

interface Given { readonly reason: string, readonly number: string, readonly dated: string, readonly happened: string, readonly seen: string, readonly site: string, readonly region: string, readonly circumstances: string }
const EMPTY: Given = { reason: '', number: '', dated: '', happened: '', seen: 'opened', site: '', region: '', circumstances: '' }

/** What the kind of event says besides (spec/event.md). */
function dataOf(kind: Recordable, { seen, site, region, circumstances }: Given): object {
  switch (kind) {
    case 'counted': return { seen }
    case 'moved': return { site: { code: site.trim(), region: region.trim() } }
    case 'lost': case 'stolen': return { circumstances: circumstances.trim() }
    default: return {}
  }
}

/** An empty time is now, by the registry's clock; one that is given is of UTC, to the minute. */
function bodyOf(item: string, kind: Recordable, seen: number, given: Given): object {
  const documents = given.number.trim() === '' ? [] : [{ series: null, number: given.number.trim(), date: given.dated === '' ? 'unknown' : given.dated }]
  return { item, kind, reason: given.reason.trim(), seen, documents, data: dataOf(kind, given), ...(given.happened === '' ? {} : { happened: `${given.happened}:00Z` }) }
}

export function Recorder({ item, kind, seen, done, cancel }: { readonly item: string, readonly kind: Recordable, readonly seen: number, readonly done: (how: 'asked' | 'done') => void, readonly cancel: () => void }) {
  const { say, lang } = useConsole()
  const [given, setGiven] = useState(EMPTY)
  const [problem, setProblem] = useState<Problem>()
  const [busy, setBusy] = useState(false)
  // Sent again after the registry was away, it is done once.
  const [key, setKey] = useState(() => crypto.randomUUID())
  const put = (name: keyof Given) => (event: { readonly currentTarget: { readonly value: string } }): void => {
    const { value } = event.currentTarget
    setGiven((before) => ({ ...before, [name]: value }))
    setKey(crypto.randomUUID())
  }
  const field = (name: keyof Given, label: string, required = false, type = 'text') => <TextInput key={name} label={label} type={type} value={given[name]} required={required} onChange={put(name)} />
  const title = `${say(ITEM.recordTitle)}: ${say(KIND[kind])}`
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setBusy(true)
    post('/api/acts/event/event', bodyOf(item, kind, seen, given), lang, key).then(({ status }) => { done(status === 202 ? 'asked' : 'done') }, (error: unknown) => {
      setProblem(error instanceof Problem ? error : new Problem(0, { detail: String(error) }))
      setBusy(false)
    })
  }
  return <Modal.Root opened onClose={cancel}><Modal.Overlay /><Modal.Content aria-label={title}><Modal.Body><form onSubmit={submit}><Stack gap="xs">
    <Title order={2} size="h4">{title}</Title>
    {needsTwo({ kind, data: {} }) ? <Text size="sm">{say(ITEM.twoDue)}</Text> : null}
    {kind === 'counted' ? <Select label={say(ITEM.seen)} data={Object.entries(SEEN).map(([value, words]) => ({ value, label: say(words) }))} value={given.seen} allowDeselect={false} onChange={(next) => { put('seen')({ currentTarget: { value: next ?? 'opened' } }) }} /> : null}
    {kind === 'moved' ? [field('site', say(ITEM.siteCode), true), field('region', say(ITEM.region), true)] : null}
    {kind === 'lost' || kind === 'stolen' ? field('circumstances', say(ITEM.circumstances), true) : null}
    {field('reason', say(ITEM.reason), true)}
    {field('number', say(ITEM.document))}
    {field('dated', `${say(ITEM.dated)}`, false, 'date')}
    {field('happened', say(ITEM.happened), false, 'datetime-local')}
    {problem === undefined ? null : <Refused problem={problem} />}
    <Group justify="flex-end"><Button variant="default" onClick={cancel}>{say(ITEM.cancel)}</Button><Button type="submit" loading={busy}>{say(ITEM.write)}</Button></Group>
  </Stack></form></Modal.Body></Modal.Content></Modal.Root>
}

