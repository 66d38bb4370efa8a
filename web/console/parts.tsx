// Small parts that several pages of the console show.
import { Alert, Button, Code, Loader, Group, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { AWAY, type Problem } from './api.ts'
import { useConsole } from './state.tsx'
import { SHELL } from './words.ts'

/** What was refused, and what the registry says of it; with a button where trying again may help. */
export function Refused({ problem, again }: { readonly problem: Problem, readonly again?: (() => void) | undefined }) {
  const { say } = useConsole()
  return <Alert color={problem.code === AWAY ? 'yellow' : 'red'} variant="light" role="alert" title={problem.code === AWAY ? say(SHELL.away) : problem.message}>
    {problem.detail === '' || problem.code === AWAY ? null : <Text size="sm" lang="en">{problem.detail}</Text>}
    <Group gap="sm" mt="xs">{problem.code === AWAY ? null : <Code>{problem.code}</Code>}{again === undefined ? null : <Button size="xs" variant="default" onClick={again}>{say(SHELL.again)}</Button>}</Group>
  </Alert>
}

export function Reading() {
  const { say } = useConsole()
  return <Group role="status" my="md"><Loader size="sm" /><Text c="dimmed">{say(SHELL.loading)}…</Text></Group>
}

/** What is wider than a phone scrolls by itself, also by keyboard. */
export function Wide({ label, children }: { readonly label: string, readonly children: ReactNode }) {
  return <div className="wide" tabIndex={0} role="region" aria-label={label}>{children}</div>
}

/** A day and a minute of UTC, as a ledger writes them. */
export function minuteOf(time: string): string {
  return time.slice(0, 16).replace('T', ' ')
}
