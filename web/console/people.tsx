// Who may use the registry, for what, and in which part of it.
import { Stack, Table, Text, Title } from '@mantine/core'
import type { Known } from './api.ts'
import { minuteOf, Reading, Refused, Wide } from './parts.tsx'
import { useConsole, useLook } from './state.tsx'
import { PEOPLE, ROLE, SHELL } from './words.ts'

export function PeoplePage() {
  const { say } = useConsole()
  const { value, problem, again } = useLook<{ readonly persons: readonly Known[] }>('/api/person/list')
  return <Stack>
    <Title order={1} size="h2">{say(PEOPLE.title)}</Title>
    <Text c="dimmed">{say(PEOPLE.how)}</Text>
    {problem === undefined ? null : <Refused problem={problem} again={again} />}
    {value === undefined ? (problem === undefined ? <Reading /> : null) : <Wide label={say(PEOPLE.title)}><Table>
      <Table.Thead><Table.Tr>{(['person', 'roles', 'part', 'since', 'by', 'left'] as const).map((name) => <Table.Th key={name}>{say(PEOPLE[name])}</Table.Th>)}</Table.Tr></Table.Thead>
      <Table.Tbody>{value.persons.map(({ id, person, rights: { roles, scope }, made, madeBy: { by, and }, left }) => <Table.Tr key={id}>
        <Table.Td className="verbatim">{person}</Table.Td><Table.Td>{roles.map((role) => say(ROLE[role])).join(', ')}</Table.Td><Table.Td className="verbatim">{[...scope.sites, ...scope.units].join(', ') || say(SHELL.wholeRegister)}</Table.Td>
        <Table.Td>{minuteOf(made)}</Table.Td><Table.Td className="verbatim">{by}, {and}</Table.Td><Table.Td>{left === null ? '' : minuteOf(left)}</Table.Td>
      </Table.Tr>)}</Table.Tbody>
    </Table></Wide>}
  </Stack>
}
