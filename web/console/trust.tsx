// Trust, visible: whose log is here and who cosigned it, how old that is, what is on file, and what others could know of this register at the very most.
import { Badge, Progress, Stack, Table, Text, Title } from '@mantine/core'
import { OfAgreement } from './agreement.tsx'
import type { Trusted } from './api.ts'
import { TRUST } from './desk-words.ts'
import { Elapsed, minuteOf, Reading, Refused, Wide } from './parts.tsx'
import { useConsole, useLook, useMe } from './state.tsx'
import { SHELL } from './words.ts'

/** A square for each party whose witness could cosign. */
function Cosigners({ parties, cosigners, quorum }: { readonly parties: readonly string[], readonly cosigners: readonly string[], readonly quorum: number }) {
  const { say } = useConsole()
  return <>
    <Text size="sm">{cosigners.length} {say(TRUST.of)} {parties.length}{cosigners.length < quorum ? <> <Badge color="red">{say(TRUST.short)}</Badge></> : null}</Text>
    <ul className="squares small" aria-label={say(TRUST.cosigned)}>{parties.map((party) => cosigners.includes(party)
      ? <li key={party} className="good"><b>{party}</b></li>
      : <li key={party} className="open" aria-hidden><b>{party}</b></li>)}</ul>
  </>
}

function Logs({ seen: { logs, quorum, at } }: { readonly seen: Trusted }) {
  const { say } = useConsole()
  const { party: own } = useMe()
  const parties = logs.map(({ party }) => party).toSorted()
  return <section><Title order={2} size="h4">{say(TRUST.logs)}</Title><Text size="sm">{say(TRUST.logsHow)} {say(TRUST.quorum)}: {quorum}.</Text>
    <Wide label={say(TRUST.logs)}><Table>
      <Table.Thead><Table.Tr>{[TRUST.log, TRUST.size, TRUST.cosigned, TRUST.age, TRUST.declared, TRUST.file].map((words) => <Table.Th key={words.en}>{say(words)}</Table.Th>)}</Table.Tr></Table.Thead>
      <Table.Tbody>{logs.map(({ party, size, seen, cosigners, declared, stale, breaches }) => <Table.Tr key={party}>
        <Table.Th scope="row">{party}{party === own ? ` (${say(TRUST.own)})` : ''}</Table.Th>
        {size === null ? <Table.Td colSpan={4}>{say(TRUST.nothing)}</Table.Td> : <>
          <Table.Td ta="right">{size}</Table.Td><Table.Td><Cosigners parties={parties} cosigners={cosigners} quorum={quorum} /></Table.Td>
          <Table.Td title={seen ?? ''}>{seen === null ? '–' : <><Elapsed from={seen} to={at} /> {say(TRUST.ago)}</>}</Table.Td><Table.Td>{declared === null ? '–' : minuteOf(declared)}</Table.Td>
        </>}
        <Table.Td>{stale ? <Badge color="yellow" autoContrast>{say(TRUST.stale)}</Badge> : null}{breaches.length === 0 ? (stale ? null : say(TRUST.clean)) : breaches.map((code, i) => <Badge key={`${code} ${i}`} color="red">{code}</Badge>)}</Table.Td>
      </Table.Tr>)}</Table.Tbody>
    </Table></Wide></section>
}

function Known({ seen: { asked, items } }: { readonly seen: Trusted }) {
  const { say, lang } = useConsole()
  const percent = new Intl.NumberFormat(lang, { style: 'percent', maximumFractionDigits: 1 })
  return <section><Title order={2} size="h4">{say(TRUST.known)}</Title><Text size="sm">{say(TRUST.knownHow)}</Text>
    <Wide label={say(TRUST.known)}><Table>
      <Table.Thead><Table.Tr>{[TRUST.party, TRUST.elements, TRUST.window, TRUST.atMost, TRUST.share, TRUST.after].map((words) => <Table.Th key={words.en}>{say(words)}</Table.Th>)}</Table.Tr></Table.Thead>
      <Table.Tbody>{asked.map(({ party, elements, inWindow, quota, knownAtMost, allInDays }) => {
        const share = items === 0 ? 0 : knownAtMost / items
        return <Table.Tr key={party}><Table.Th scope="row">{party}</Table.Th><Table.Td ta="right">{elements}</Table.Td><Table.Td ta="right">{inWindow} / {quota}</Table.Td><Table.Td ta="right">{knownAtMost} / {items}</Table.Td>
          <Table.Td miw={110}><Progress value={100 * share} aria-label={`${party} ${say(TRUST.share)}`} />{percent.format(share)}</Table.Td>
          <Table.Td>{allInDays === null ? say(TRUST.never) : allInDays === 0 ? say(TRUST.already) : `${allInDays} ${say(TRUST.days)}`}</Table.Td></Table.Tr>
      })}</Table.Tbody>
    </Table></Wide></section>
}

function Seen({ query }: { readonly query: string }) {
  const { value, problem, again } = useLook<Trusted>(`/api/trust/trust?${query}&limit=200`)
  if (problem !== undefined) return <Refused problem={problem} again={again} />
  return value === undefined ? <Reading /> : <><Logs seen={value} /><Known seen={value} /></>
}

export function TrustPage() {
  const { say } = useConsole()
  return <Stack><Title order={1} size="h2">{say(SHELL.trust)}</Title><OfAgreement>{(_, query) => <Seen query={query} />}</OfAgreement></Stack>
}
