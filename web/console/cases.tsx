// Cases: what was opened, and opening another, which takes two.
import { Anchor, Button, Group, Stack, Text, TextInput, Title } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'wouter'
import { CASES } from './case-words.ts'
import { Doing, useDoing, useWhyNot } from './doing.tsx'
import { minuteOf, Reading, Refused } from './parts.tsx'
import { useConsole, useLook } from './state.tsx'

interface Listed { readonly id: string, readonly title: string, readonly by: string, readonly and: string, readonly written: string }

export function CasesPage() {
  const { say } = useConsole()
  const { value, problem, again } = useLook<{ readonly cases: readonly Listed[] }>('/api/case/list?limit=1000')
  const [title, setTitle] = useState('')
  const doing = useDoing(again)
  const why = useWhyNot('case/open')
  return <Stack>
    <Title order={1} size="h2">{say(CASES.title)}</Title>
    <Text><Anchor href="/console/verify.html" target="_blank" rel="noopener">{say(CASES.verify)}</Anchor>: {say(CASES.verifyHow)}.</Text>
    {problem === undefined ? null : <Refused problem={problem} again={again} />}
    {value === undefined ? (problem === undefined ? <Reading /> : null) : value.cases.length === 0 ? <Text>{say(CASES.none)}</Text>
      : <ul className="plain">{value.cases.map(({ id, title: name, by, and, written }) => <li key={id}><Link className="verbatim" href={`/case/${id}`}>{name}</Link> <Text span size="sm" c="dimmed">{say(CASES.opened)} {minuteOf(written)}, {by}, {and}</Text></li>)}</ul>}
    <Doing state={doing} />
    {why !== undefined ? <Text size="sm" c="dimmed">{why}</Text> : <form onSubmit={(event) => { event.preventDefault(); doing.act('case/open', { title: title.trim() }) }}><Group align="end">
      <TextInput label={say(CASES.name)} value={title} required maxLength={1_000} onChange={(event) => { setTitle(event.currentTarget.value) }} />
      <Button type="submit" variant="default" loading={doing.busy}>{say(CASES.open)}</Button>
    </Group></form>}
  </Stack>
}
