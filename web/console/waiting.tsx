// What waits for a second person, exactly as the first asked it.
import { Button, Card, Code, Group, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'wouter'
import { isItemId } from '@muster/core/rules/item.ts'
import { samePerson } from '@muster/core/rules/two-people.ts'
import { post, Problem, type Pending } from './api.ts'
import { minuteOf, Reading, Refused } from './parts.tsx'
import { useConsole, useLook, useMe } from './state.tsx'
import { WAITING } from './words.ts'

/** The item that the act is about, for whoever wants to see it before they approve. */
function itemOf(body: unknown): string | undefined {
  const { item } = (typeof body === 'object' && body !== null ? body : {}) as { readonly item?: unknown }
  return isItemId(item) ? item : undefined
}

function Waiting({ pending: { id, act, body, by, until }, settled }: { readonly pending: Pending, readonly settled: (word: string) => void }) {
  const { say, lang } = useConsole()
  const { person } = useMe()
  const [problem, setProblem] = useState<Problem>()
  const [busy, setBusy] = useState(false)
  const item = itemOf(body)
  const own = samePerson(by, person)
  const settle = (word: 'approve' | 'refuse'): void => {
    setBusy(true)
    post(`/api/pending/${id}/${word}`, {}, lang).then(() => { settled(say(word === 'approve' ? WAITING.done : WAITING.dropped)) }, (error: unknown) => {
      setProblem(error instanceof Problem ? error : new Problem(0, { detail: String(error) }))
      setBusy(false)
    })
  }
  return <Card withBorder component="article"><Stack gap="xs">
    <Text><strong className="verbatim">{by}</strong> {say(WAITING.asks)} <Code>{act}</Code> <Text span c="dimmed">{say(WAITING.until)} {minuteOf(until)}</Text></Text>
    {item === undefined ? null : <Text><Link href={`/item/${item}`}>{say(WAITING.item)}</Link></Text>}
    <Text size="sm">{say(WAITING.exactly)}</Text>
    <Code block tabIndex={0}>{JSON.stringify(body, null, 2)}</Code>
    {problem === undefined ? null : <Refused problem={problem} />}
    <Group>
      <Button loading={busy} {...(own ? { 'data-disabled': true, 'aria-disabled': true } : {})} onClick={() => { if (!own) settle('approve') }}>{say(WAITING.approve)}</Button>
      <Button variant="default" disabled={busy} onClick={() => { settle('refuse') }}>{say(WAITING.refuse)}</Button>
      {own ? <Text size="sm">{say(WAITING.own)}</Text> : null}
    </Group>
  </Stack></Card>
}

export function WaitingPage() {
  const { say } = useConsole()
  const { value, problem, again } = useLook<{ readonly pending: readonly Pending[] }>('/api/pending')
  const [told, setTold] = useState('')
  return <Stack>
    <Title order={1} size="h2">{say(WAITING.title)}</Title>
    <Text role="status">{told}</Text>
    {problem === undefined ? null : <Refused problem={problem} again={again} />}
    {value === undefined && problem === undefined ? <Reading /> : null}
    {value?.pending.length === 0 ? <Text>{say(WAITING.none)}</Text> : null}
    {value?.pending.map((each) => <Waiting key={each.id} pending={each} settled={(word) => { setTold(word); again() }} />)}
  </Stack>
}
