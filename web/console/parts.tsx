// Small parts that several pages of the console show.
import { Alert, Button, Code, Loader, Group, Text } from '@mantine/core'
import { useEffect, useState, type ReactNode } from 'react'
import type { Words } from '@muster/core/words/lang.ts'
import { AWAY, type Problem } from './api.ts'
import { DESK } from './desk-words.ts'
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

const MINUTE = 60_000
/** The two largest units of a span, as 3 d 4 h. */
function spanText(ms: number, say: (words: Words) => string): string {
  const minutes = Math.max(0, Math.floor(ms / MINUTE))
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60]
  if (days > 0) return `${days} ${say(DESK.days)} ${hours} ${say(DESK.hours)}`
  return hours > 0 ? `${hours} ${say(DESK.hours)} ${rest} ${say(DESK.minutes)}` : `${rest} ${say(DESK.minutes)}`
}

export function Elapsed({ from, to }: { readonly from: string, readonly to: string }) {
  const { say } = useConsole()
  return <>{spanText(Date.parse(to) - Date.parse(from), say)}</>
}

/** How long there is until a time, or how late it is; the time itself where nothing is due any more. */
export function TimeLeft({ until, over = false }: { readonly until: string, readonly over?: boolean }) {
  const { say } = useConsole()
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const turn = setInterval(() => { setNow(Date.now()) }, MINUTE)
    return () => { clearInterval(turn) }
  }, [])
  const left = Date.parse(until) - now
  return <time dateTime={until} title={minuteOf(until)}>{over ? minuteOf(until) : left >= 0 ? say(DESK.left).replace('#', spanText(left, say)) : say(DESK.late).replace('#', spanText(-left, say))}</time>
}

/** A day and a minute of UTC, as a ledger writes them. */
export function minuteOf(time: string): string {
  return time.slice(0, 16).replace('T', ' ')
}
