// A case: what it ties, what sources claim side by side, explanations that compete with what speaks for and against each, and who did what when.
import { Anchor, Badge, Button, Card, Code, Group, Select, SimpleGrid, Stack, Table, Text, Textarea, Title } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { Link } from 'wouter'
import { claimsByMatter, contradictions, foldCase, thingsIn, type Case, type CaseClaim, type WrittenAct } from '@muster/core/rules/case.ts'
import { CASE_ACT, CLAIM_STANDING } from '@muster/core/words/case.ts'
import { Doing, useDoing, useWhyNot, type DoingState } from './doing.tsx'
import { CASE } from './case-words.ts'
import { minuteOf, Reading, Refused, Wide } from './parts.tsx'
import { useConsole, useLook } from './state.tsx'

const ID_HEX = 4
/** A name of its own for what is added: what others call it is in its words. */
const freshName = (kind: string): string => `${kind}-${[...crypto.getRandomValues(new Uint8Array(ID_HEX))].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`

function Held({ file: { recoveries, incidents, documents, dossiers } }: { readonly file: Case }) {
  const { say } = useConsole()
  const rows = [
    ...recoveries.map(({ id, items }) => ['recovery-added', id, items.join(', ')] as const), ...incidents.map(({ id, kind, when, region, what, source }) => ['incident-added', id, `${when} · ${kind} · ${region}: ${what} (${source})`] as const),
    ...documents.map(({ id, title, date, source }) => ['document-added', id, `${date} · ${title} (${source})`] as const), ...dossiers.map(({ id, outcome }) => ['dossier-added', id, outcome] as const),
  ]
  if (rows.length === 0) return null
  return <section><Title order={2} size="h4">{say(CASE.held)}</Title><Wide label={say(CASE.held)}><Table><Table.Tbody>{rows.map(([kind, id, told]) =>
    <Table.Tr key={id}><Table.Th scope="row">{say(CASE_ACT[kind])}</Table.Th><Table.Td><Code>{id.slice(0, 24)}</Code></Table.Td><Table.Td className="verbatim">{told}</Table.Td></Table.Tr>)}</Table.Tbody></Table></Wide></section>
}

const valueOf = ({ value, unit }: CaseClaim): string => `${value}${unit === null ? '' : ` ${unit}`}`

function Claims({ claims }: { readonly claims: readonly CaseClaim[] }) {
  const { say } = useConsole()
  if (claims.length === 0) return null
  return <section><Title order={2} size="h4">{say(CASE.claims)}</Title><Text size="sm">{say(CASE.claimsHow)}</Text>{[...claimsByMatter(claims)].map(([about, sides]) => <div key={about}>
    <Title order={3} size="h5" mt="sm" className="verbatim">{about}</Title>
    <div className="sides">{sides.map((claim) => <Card key={claim.id} withBorder padding="xs"><Text fw={600} className="verbatim">{valueOf(claim)}</Text><Text size="sm" className="verbatim">{say(CLAIM_STANDING[claim.standing])}{claim.by === null ? '' : `: ${claim.by}`} · {claim.source} · {claim.date}</Text></Card>)}</div>
    {contradictions(sides).map(([one, other]) => <Text key={`${one.id} ${other.id}`} size="sm" c="red" className="verbatim">{say(CASE.cannot)} «{valueOf(one)}», «{valueOf(other)}»</Text>)}
  </div>)}</section>
}

function Explanations({ file: { explanations } }: { readonly file: Case }) {
  const { say } = useConsole()
  if (explanations.length === 0) return null
  return <section><Title order={2} size="h4">{say(CASE.explanations)}</Title><Text size="sm">{say(CASE.explanationsHow)}</Text>
    <div className="sides">{explanations.map(({ id, what, ...facts }) => <Card key={id} withBorder component="article"><Title order={3} size="h5" className="verbatim">{what}</Title>
      <SimpleGrid cols={2}>{(['for', 'against'] as const).map((side) => <div key={side}><Text fw={600} size="sm">{say(CASE[side])}</Text>
        {facts[side].length === 0 ? <Text size="sm" c="dimmed">{say(CASE.nothing)}</Text> : <ul className="plain">{facts[side].map(({ says, rests }, i) => <li key={i}><span className="verbatim">{says}</span> <Text span size="xs" c="dimmed">{say(CASE.rests)} {rests}</Text></li>)}</ul>}</div>)}</SimpleGrid>
    </Card>)}</div></section>
}

/** A fact for or against an explanation, or an explanation that nobody had yet. */
function Add({ id, file, doing }: { readonly id: string, readonly file: Case, readonly doing: DoingState }) {
  const { say } = useConsole()
  const things = [...thingsIn(file)]
  const [explanation, setExplanation] = useState('')
  const [side, setSide] = useState<'for' | 'against'>('for')
  const [rests, setRests] = useState(things[0] ?? '')
  const [text, setText] = useState('')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (explanation === '') doing.act('case/explain', { case: id, data: { id: freshName('explanation'), what: text.trim(), for: [], against: [] } })
    else doing.act('case/fact', { case: id, data: { explanation, side, fact: { says: text.trim(), rests } } })
    setText('')
  }
  return <form onSubmit={submit}><Stack gap="xs"><Title order={2} size="h4">{say(CASE.add)}</Title>
    <Group align="end">
      <Select label={say(CASE.of)} data={[{ value: '', label: say(CASE.explanation) }, ...(things.length === 0 ? [] : file.explanations.map((each) => ({ value: each.id, label: each.what })))]} value={explanation} allowDeselect={false} onChange={(next) => { setExplanation(next ?? '') }} />
      {explanation === '' ? null : <>
        <Select label={say(CASE.side)} data={(['for', 'against'] as const).map((value) => ({ value, label: say(CASE[value]) }))} value={side} allowDeselect={false} onChange={(next) => { setSide(next === 'against' ? 'against' : 'for') }} />
        <Select label={say(CASE.restsOn)} data={things} value={rests} allowDeselect={false} onChange={(next) => { setRests(next ?? '') }} />
      </>}
    </Group>
    <Textarea label={say(CASE.text)} value={text} required autosize minRows={2} onChange={(event) => { setText(event.currentTarget.value) }} />
    <Group><Button type="submit" variant="default" loading={doing.busy}>{say(CASE.add)}</Button></Group>
  </Stack></form>
}

function Close({ id, doing }: { readonly id: string, readonly doing: DoingState }) {
  const { say } = useConsole()
  const [because, setBecause] = useState('')
  return <form onSubmit={(event) => { event.preventDefault(); doing.act('case/close', { case: id, data: { because: because.trim() } }) }}><Group align="end">
    <Textarea label={say(CASE.close)} value={because} required autosize onChange={(event) => { setBecause(event.currentTarget.value) }} /><Button type="submit" variant="default" loading={doing.busy}>{say(CASE.askClose)}</Button>
  </Group></form>
}

function History({ acts }: { readonly acts: readonly WrittenAct[] }) {
  const { say } = useConsole()
  return <section><Title order={2} size="h4">{say(CASE.history)}</Title><ol className="chain">{acts.map(({ seq, kind, by, and, written }) =>
    <li key={seq}><Text><strong>{say(CASE_ACT[kind])}</strong> <time dateTime={written}>{minuteOf(written)}</time> <Text span c="dimmed">{[by, ...(and === null ? [] : [and])].join(', ')}</Text></Text></li>)}</ol></section>
}

export function CasePage({ id }: { readonly id: string }) {
  const { say } = useConsole()
  const { value, problem, again } = useLook<{ readonly case: string, readonly acts: readonly WrittenAct[] }>(`/api/case/show/${encodeURIComponent(id)}`)
  const doing = useDoing(again)
  const why = useWhyNot('case/explain')
  const file = value === undefined ? undefined : foldCase(value.acts)
  return <Stack gap="md">
    <Anchor component={Link} href="/cases">{say(CASE.back)}</Anchor>
    {problem === undefined ? null : <Refused problem={problem} again={again} />}
    {value === undefined || file === undefined ? (problem === undefined ? <Reading /> : null) : <>
      <Group justify="space-between"><Title order={1} size="h2" className="verbatim">{file.title}</Title><Badge color="gray" autoContrast>{say(file.open ? CASE.isOpen : CASE.closed)}</Badge></Group>
      <Text c="dimmed" size="xs" className="verbatim">{value.case}</Text>
      <Explanations file={file} />
      <Claims claims={file.claims} />
      <Held file={file} />
      {file.disputes.length === 0 ? null : <section><Title order={2} size="h4">{say(CASE.disputed)}</Title><ul className="plain">{file.disputes.map(({ id: of, by, says }, i) => <li key={i} className="verbatim"><Code>{of}</Code> {by} {say(CASE.says)}: {says}</li>)}</ul></section>}
      <Doing state={doing} done={CASE.done} />
      {why !== undefined ? <Text size="sm" c="dimmed">{why}</Text> : file.open ? <><Add key={value.acts.length} id={value.case} file={file} doing={doing} /><Close id={value.case} doing={doing} /></> : null}
      <History acts={value.acts} />
    </>}
  </Stack>
}
