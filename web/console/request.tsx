// A formal request of a trace: what was said of it, and for officers of the asked side what an answer would open, to the byte, before they ask for it.
import { Anchor, Badge, Button, Checkbox, Code, Group, Select, Stack, Table, Text, Title, Tooltip } from '@mantine/core'
import { useState } from 'react'
import { Link, useSearchParams } from 'wouter'
import { DISCLOSED_SECTIONS, type DisclosedSection } from '@muster/core/rules/terms.ts'
import { OFFICERS_REASON, REQUEST_STATE, SECTION } from '@muster/core/words/request.ts'
import type { Preview, Request } from './api.ts'
import { Doing, useDoing, useWhyNot, type DoingState } from './doing.tsx'
import { DESK, REQUEST } from './desk-words.ts'
import { minuteOf, Reading, Refused, TimeLeft } from './parts.tsx'
import { useConsole, useLook } from './state.tsx'

const REASONS = Object.keys(OFFICERS_REASON) as (keyof typeof OFFICERS_REASON)[]

/** What would leave, item by item. */
function Leaves({ id, sections, query }: { readonly id: string, readonly sections: readonly DisclosedSection[], readonly query: string }) {
  const { say } = useConsole()
  const { value, problem } = useLook<Preview>(`/api/request/preview/${id}?${query}&${sections.map((name) => `section=${name}`).join('&')}`)
  if (problem !== undefined) return <Refused problem={problem} />
  if (value === undefined) return <Reading />
  return <section aria-label={say(REQUEST.leaves)}>
    <Title order={3} size="h5">{say(REQUEST.leaves)}: {say(REQUEST.items)} {value.items.length}, {say(REQUEST.bytes)} {value.bytes}</Title>
    {value.items.length === 0 ? <Text>{say(REQUEST.none)}</Text> : <Text size="sm">{say(REQUEST.adds)} {value.to}.</Text>}
    {value.items.map(({ label, sections: opened }) => <Table key={label} mt="xs"><Table.Tbody>{Object.entries(opened).map(([name, said]) =>
      <Table.Tr key={name}><Table.Th scope="row">{say(SECTION[name as DisclosedSection])}</Table.Th><Table.Td><Code className="verbatim">{JSON.stringify(said)}</Code></Table.Td></Table.Tr>)}</Table.Tbody></Table>)}
    {value.look === null ? null : <Text>{say(REQUEST.look)} {minuteOf(value.look)}.</Text>}
  </section>
}

function Decide({ request: { id }, query, about, doing }: { readonly request: Request, readonly query: string, readonly about: object, readonly doing: DoingState }) {
  const { say } = useConsole()
  const [sections, setSections] = useState<readonly DisclosedSection[]>([])
  const [reason, setReason] = useState<(typeof REASONS)[number]>('ongoing-investigation')
  const why = useWhyNot('request/approve') ?? (sections.length === 0 ? say(REQUEST.choose) : undefined)
  const approve = <Button loading={doing.busy} {...(why === undefined ? {} : { 'data-disabled': true, 'aria-disabled': true })} onClick={() => { if (why === undefined) doing.act('request/approve', { ...about, sections }) }}>{say(REQUEST.approve)}</Button>
  return <Stack gap="sm" component="section">
    <Title order={2} size="h4">{say(REQUEST.answer)}</Title>
    <Checkbox.Group label={say(REQUEST.sections)} value={[...sections]} onChange={(names) => { setSections(DISCLOSED_SECTIONS.filter((name) => names.includes(name))) }}>
      <Group mt="xs">{DISCLOSED_SECTIONS.map((name) => <Checkbox key={name} value={name} label={say(SECTION[name])} />)}</Group>
    </Checkbox.Group>
    {sections.length === 0 ? null : <Leaves id={id} sections={sections} query={query} />}
    <Group>{why === undefined ? approve : <Tooltip label={why} events={{ hover: true, focus: true, touch: true }}>{approve}</Tooltip>}</Group>
    <Group align="end">
      <Select label={say(REQUEST.reason)} data={REASONS.flatMap((each) => { const words = OFFICERS_REASON[each]; return words === undefined ? [] : [{ value: each, label: say(words) }] })} value={reason} allowDeselect={false} onChange={(next) => { setReason(REASONS.find((each) => each === next) ?? reason) }} />
      <Button variant="default" disabled={doing.busy} onClick={() => { doing.act('request/refuse', { ...about, reason }) }}>{say(REQUEST.refuse)}</Button>
    </Group>
  </Stack>
}

export function RequestPage({ id }: { readonly id: string }) {
  const { say } = useConsole()
  const [params] = useSearchParams()
  const query = params.toString()
  const { value, problem, again } = useLook<Request>(`/api/request/show/${encodeURIComponent(id)}?${query}`)
  const doing = useDoing(again)
  const agreement = params.get('agreement')
  const about = { id, ...(agreement === null ? {} : { agreement }) }
  const open = value?.direction === 'in' && value.answer === null && value.state !== 'withdrawn'
  return <Stack gap="sm">
    <Anchor component={Link} href={`/desk?${query}`}>{say(DESK.back)}</Anchor>
    <Title order={1} size="h2">{say(REQUEST.title)}{value === undefined ? '' : ` · ${value.with}`}</Title>
    {problem === undefined ? null : <Refused problem={problem} again={again} />}
    {value === undefined ? (problem === undefined ? <Reading /> : null) : <>
      <Text><span className="serial">{value.marks.join(' · ')}</span> · {say(REQUEST.ground)}: {value.ground} · {say(REQUEST.use)}: {value.use} · {say(REQUEST.hits)}: {value.hits}</Text>
      <Text>{say(REQUEST_STATE[value.state])}{value.overdue ? <> <Badge color="red">{say(DESK.overdue)}</Badge></> : null} · {say(DESK.due)} {minuteOf(value.due)} <TimeLeft until={value.due} over={value.answer !== null} /></Text>
      <Text c="dimmed" size="xs" className="verbatim">{value.id}</Text>
      <Doing state={doing} />
      {open && value.state === 'waiting' ? <Group><Button variant="default" onClick={() => { doing.act('request/acknowledge', about) }}>{say(REQUEST.take)}</Button></Group> : null}
      {open ? <Decide request={value} query={query} about={about} doing={doing} /> : null}
      {value.words.length === 0 ? null : <section><Title order={2} size="h4">{say(REQUEST.words)}</Title><ol className="chain">{value.words.map((word) => <li key={word.id}><Text><strong>{word.from}</strong> <Code>{word.kind}</Code> <time dateTime={word.time}>{minuteOf(word.time)}</time></Text></li>)}</ol></section>}
    </>}
  </Stack>
}
