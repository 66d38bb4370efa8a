// A call to count: the matrix of answers to an own one, and what may be said to one of another party.
import { Anchor, Badge, Button, Group, Select, Stack, Table, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { Link, useSearchParams } from 'wouter'
import { NO_COUNT_REASONS } from '@muster/core/rules/call.ts'
import { PROOF, REASON_OF_CALL, STANDING, WHY_NO_COUNT } from '@muster/core/words/call.ts'
import type { Answered, Issued, Matrix, Received } from './api.ts'
import { Doing, useDoing } from './doing.tsx'
import { CALL, DESK } from './desk-words.ts'
import { minuteOf, Reading, Refused, TimeLeft, Wide } from './parts.tsx'
import { useConsole, useLook } from './state.tsx'

type Shape = 'good' | 'bad' | 'no' | 'open'
/** Told by word and shape; colour only helps. */
const SHAPE: Readonly<Record<Answered['standing'], Shape>> = { 'answered': 'good', 'declined': 'no', 'objected': 'no', 'silent': 'bad', 'unreachable': 'open', 'under-way': 'open', 'received': 'open', 'acknowledged': 'open' }
const SIGN: Readonly<Record<Shape, string>> = { good: '✓', bad: '✗', no: '–', open: '…' }

/** The whole matrix in one line: a square for each party. */
function Picture({ rows }: { readonly rows: readonly Answered[] }) {
  const { say } = useConsole()
  return <ul className="squares" aria-label={say(CALL.matrix)}>{rows.map(({ party, standing }) => <li key={party} className={SHAPE[standing]} title={`${party}: ${say(STANDING[standing])}`}><b>{party.length > 4 ? `${party.slice(0, 4)}…` : party}</b><span aria-hidden>{SIGN[SHAPE[standing]]}</span><span className="unseen">{say(STANDING[standing])}</span></li>)}</ul>
}

function Row({ row: { party, code, standing, since, late, reason, totals, proof, differences, balance } }: { readonly row: Answered }) {
  const { say } = useConsole()
  const held = proof === null ? undefined : PROOF[proof]
  const odd = balance?.rows.filter(({ unexplained }) => unexplained !== 0) ?? []
  return <Table.Tr>
    <Table.Th scope="row" className="verbatim">{party}{code === undefined ? ` (${say(CALL.paper)})` : ''}</Table.Th>
    <Table.Td>{standing === 'silent' ? <Badge color="red">{say(STANDING[standing])}</Badge> : say(STANDING[standing])}{late ? `, ${say(CALL.lateWord)}` : ''}{reason === undefined ? '' : `: ${say(WHY_NO_COUNT[reason as keyof typeof WHY_NO_COUNT])}`}</Table.Td>
    <Table.Td>{minuteOf(since)}</Table.Td>
    {(['opened', 'sealed', 'records'] as const).map((seen) => <Table.Td key={seen} ta="right">{totals?.[seen] ?? ''}</Table.Td>)}
    <Table.Td>{held === undefined ? '' : say(held)}{differences.length === 0 ? '' : ` ≠ ${differences.map((each) => each.class).join(', ')}`}{odd.map((each) => <Text key={each.class} size="sm" c="red">{each.class}: {each.unexplained > 0 ? '+' : ''}{each.unexplained} {say(CALL.unexplained)}</Text>)}</Table.Td>
  </Table.Tr>
}

function About({ call }: { readonly call: Pick<Issued, 'call' | 'reason' | 'classes' | 'types' | 'asOf' | 'due' | 'note'> }) {
  const { say } = useConsole()
  return <>
    <Text className="verbatim">{say(REASON_OF_CALL[call.reason as keyof typeof REASON_OF_CALL])} · {[...call.classes ?? [], ...call.types ?? []].join(', ') || say(CALL.all)} · {say(CALL.asOf)} {minuteOf(call.asOf)} · {say(DESK.due)} {minuteOf(call.due)} <TimeLeft until={call.due} /></Text>
    {call.note === null ? null : <Text className="verbatim">{call.note}</Text>}
    <Text c="dimmed" size="xs">{call.call}</Text>
  </>
}

export function CallPage({ id }: { readonly id: string }) {
  const { say } = useConsole()
  const [params] = useSearchParams()
  const { value, problem, again } = useLook<Matrix>(`/api/call/show/${encodeURIComponent(id)}?${params.toString()}`)
  return <Stack gap="sm">
    <Anchor component={Link} href={`/desk?${params.toString()}`}>{say(DESK.back)}</Anchor>
    <Title order={1} size="h2">{say(CALL.title)}</Title>
    {problem === undefined ? null : <Refused problem={problem} again={again} />}
    {value === undefined ? (problem === undefined ? <Reading /> : null) : <>
      <About call={value} />
      <Text><strong>{value.answered}</strong> {say(CALL.answered)} · <strong>{value.declined}</strong> {say(CALL.declined)} · <strong>{value.silent}</strong> {say(CALL.silent)} · <strong>{value.addressed - value.answered - value.declined - value.silent}</strong> {say(CALL.waiting)}</Text>
      <Picture rows={value.matrix} />
      <Wide label={say(CALL.matrix)}><Table>
        <Table.Thead><Table.Tr>{[CALL.party, CALL.answer, CALL.since, CALL.opened, CALL.sealed, CALL.records, CALL.beside].map((words) => <Table.Th key={words.en}>{say(words)}</Table.Th>)}</Table.Tr></Table.Thead>
        <Table.Tbody>{value.matrix.map((row) => <Row key={row.party} row={row} />)}</Table.Tbody>
      </Table></Wide>
    </>}
  </Stack>
}

export function ReceivedPage({ from, id }: { readonly from: string, readonly id: string }) {
  const { say } = useConsole()
  const [params] = useSearchParams()
  const { value, problem, again } = useLook<{ readonly received: readonly Received[] }>(`/api/call/list?${params.toString()}&limit=1000`)
  const [reason, setReason] = useState<(typeof NO_COUNT_REASONS)[number]>('no-holdings-in-scope')
  const doing = useDoing(again)
  const call = value?.received.find((each) => each.from === from && each.call === id)
  const agreement = params.get('agreement')
  const about = { id, of: from, ...(agreement === null ? {} : { agreement }) }
  return <Stack gap="sm">
    <Anchor component={Link} href={`/desk?${params.toString()}`}>{say(DESK.back)}</Anchor>
    <Title order={1} size="h2">{say(CALL.title)} · {from}</Title>
    {problem === undefined ? null : <Refused problem={problem} again={again} />}
    {call === undefined ? (value === undefined && problem === undefined ? <Reading /> : null) : <>
      <About call={call} />
      <Text>{say(DESK.state)}: {call.standing === 'open' ? say(DESK.open) : say(STANDING[call.standing])}</Text>
      <Doing state={doing} />
      <Group align="end">
        {call.standing === 'open' ? <Button variant="default" onClick={() => { doing.act('call/acknowledge', about) }}>{say(CALL.acknowledge)}</Button> : null}
        <Button onClick={() => { doing.act('call/answer', about) }}>{say(CALL.count)}</Button>
        <Select label={say(CALL.declineWhy)} data={NO_COUNT_REASONS.map((each) => ({ value: each, label: say(WHY_NO_COUNT[each]) }))} value={reason} allowDeselect={false} onChange={(next) => { setReason(NO_COUNT_REASONS.find((each) => each === next) ?? reason) }} />
        <Button variant="default" onClick={() => { doing.act('call/decline', { ...about, stance: 'declines', reason }) }}>{say(CALL.decline)}</Button>
      </Group>
    </>}
  </Stack>
}
