// The desk of the point of contact: what others ask and by when, the calls that were sent and received, what is owed by us and to us.
import { Badge, Stack, Table, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { whyNot } from '@muster/core/rules/rights.ts'
import { STANDING } from '@muster/core/words/call.ts'
import { DUTY } from '@muster/core/words/duty.ts'
import { REQUEST_STATE } from '@muster/core/words/request.ts'
import type { Words } from '@muster/core/words/lang.ts'
import { OfAgreement } from './agreement.tsx'
import type { Duty, Issued, Received, Request } from './api.ts'
import { DESK, OWED } from './desk-words.ts'
import { minuteOf, Reading, Refused, TimeLeft, Wide } from './parts.tsx'
import { useConsole, useLook, useMe } from './state.tsx'
import { SHELL } from './words.ts'

const ID_SHOWN = 12
/** As long as a list may be asked for. */
const LONG = 'limit=1000'

/** A table of what was read, or why there is none. */
function Listed<T>({ title, path, rows, head, line, none }: { readonly title: Words, readonly path: string, readonly rows: (value: T) => readonly unknown[], readonly head: readonly Words[], readonly line: (value: T) => ReactNode, readonly none: Words }) {
  const { say } = useConsole()
  const { value, problem, again } = useLook<T>(path)
  return <section><Title order={2} size="h4">{say(title)}</Title>
    {problem === undefined ? null : <Refused problem={problem} again={again} />}
    {value === undefined ? (problem === undefined ? <Reading /> : null) : rows(value).length === 0 ? <Text c="dimmed">{say(none)}</Text> : <Wide label={say(title)}><Table>
      <Table.Thead><Table.Tr>{head.map((words) => <Table.Th key={words.en}>{say(words)}</Table.Th>)}</Table.Tr></Table.Thead><Table.Tbody>{line(value)}</Table.Tbody></Table></Wide>}
  </section>
}

function Requests({ query }: { readonly query: string }) {
  const { say } = useConsole()
  return <Listed<{ readonly requests: readonly Request[] }> title={DESK.requests} path={`/api/request/list?${query}&${LONG}`} rows={({ requests }) => requests} none={DESK.noRequests} head={[DESK.request, DESK.from, DESK.marks, DESK.state, DESK.due]}
    line={({ requests }) => requests.map(({ id, direction, with: party, marks, state, due, overdue }) => <Table.Tr key={`${id} ${party}`}>
      <Table.Td><Link className="serial" href={`/request/${id}?${query}`}>{id.slice(0, ID_SHOWN)}</Link></Table.Td><Table.Td>{direction === 'in' ? `← ${party}` : `→ ${party}`}</Table.Td>
      <Table.Td className="serial">{marks.join(' · ')}</Table.Td><Table.Td>{say(REQUEST_STATE[state])}{overdue ? <> <Badge color="red">{say(DESK.overdue)}</Badge></> : null}</Table.Td><Table.Td><TimeLeft until={due} /></Table.Td>
    </Table.Tr>)} />
}

const scopeOf = ({ classes, types }: Pick<Received, 'classes' | 'types'>, all: string): string => [...classes ?? [], ...types ?? []].join(', ') || all

function Calls({ query }: { readonly query: string }) {
  const { say } = useConsole()
  const { party } = useMe()
  const head = [DESK.call, DESK.from, DESK.about, DESK.state, DESK.due]
  type Calls = { readonly issued: readonly Issued[], readonly received: readonly Received[] }
  const others = ({ received }: Calls) => received.filter(({ from }) => from !== party)
  return <>
    <Listed<Calls> title={DESK.received} path={`/api/call/list?${query}&${LONG}`} rows={others} none={DESK.noCalls} head={head} line={(value) => others(value).map((call) => <Table.Tr key={`${call.from} ${call.call}`}>
      <Table.Td><Link className="serial" href={`/call/${call.from}/${call.call}?${query}`}>{call.call.slice(0, ID_SHOWN)}</Link></Table.Td><Table.Td>{call.from}</Table.Td><Table.Td>{scopeOf(call, say(DESK.all))}</Table.Td>
      <Table.Td>{call.standing === 'open' ? <Badge color="yellow" autoContrast>{say(DESK.open)}</Badge> : say(STANDING[call.standing])}</Table.Td><Table.Td><TimeLeft until={call.due} over={call.standing !== 'open' && call.standing !== 'acknowledged'} /></Table.Td>
    </Table.Tr>)} />
    <Listed<Calls> title={DESK.issued} path={`/api/call/list?${query}&${LONG}`} rows={({ issued }) => issued} none={DESK.noCalls} head={[DESK.call, DESK.about, DESK.counted, DESK.due]} line={({ issued }) => issued.map((call) => <Table.Tr key={call.call}>
      <Table.Td><Link className="serial" href={`/call/${call.call}?${query}`}>{call.call.slice(0, ID_SHOWN)}</Link></Table.Td><Table.Td>{scopeOf(call, say(DESK.all))}</Table.Td><Table.Td>{call.answered} / {call.addressed}</Table.Td><Table.Td><TimeLeft until={call.due} over={call.answered + call.declined === call.addressed} /></Table.Td>
    </Table.Tr>)} />
  </>
}

function Duties({ query }: { readonly query: string }) {
  const { say } = useConsole()
  const { party } = useMe()
  const open = (ours: boolean) => ({ duties }: { readonly duties: readonly Duty[] }) => duties.filter(({ by, state }) => (by === party) === ours && (state === 'due' || state === 'late'))
  const head = [DESK.what, DESK.by, DESK.to, DESK.about, DESK.state, DESK.due, DESK.office]
  return <>{[true, false].map((ours) => <Listed<{ readonly duties: readonly Duty[] }> key={String(ours)} title={ours ? DESK.owed : DESK.owedToUs} path={`/api/agreement/duties?${query}&open=yes&${LONG}`} rows={open(ours)} none={DESK.nothingOwed} head={head}
    line={(value) => open(ours)(value).map(({ what, by, to, about, due, state, office }) => <Table.Tr key={`${what} ${by} ${to ?? ''} ${about}`}>
      <Table.Td>{OWED[what] === undefined ? what : say(OWED[what])}</Table.Td><Table.Td>{by}</Table.Td><Table.Td>{to ?? say(DESK.all)}</Table.Td><Table.Td className="verbatim">{about.length > 30 ? `${about.slice(0, 10)} …` : about.slice(0, ID_SHOWN)}</Table.Td>
      <Table.Td>{state === 'late' ? <Badge color="red">{say(DUTY[state])}</Badge> : say(DUTY[state])}</Table.Td><Table.Td title={minuteOf(due)}><TimeLeft until={due} /></Table.Td><Table.Td>{office ?? ''}</Table.Td>
    </Table.Tr>)} />)}</>
}

export function DeskPage() {
  const { say } = useConsole()
  const me = useMe()
  const may = (row: string): boolean => whyNot(me, row) === undefined
  return <Stack>
    <Title order={1} size="h2">{say(SHELL.desk)}</Title>
    <OfAgreement>{(_, query) => <>
      {may('request') ? <Requests query={query} /> : null}
      {may('call') ? <Calls query={query} /> : null}
      <Duties query={query} />
    </>}</OfAgreement>
  </Stack>
}
