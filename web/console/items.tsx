// The register: searched by a mark or narrowed by filters, all of it in the address, page after page in the order of ids.
import { ActionIcon, Button, Checkbox, Group, Menu, Pill, Popover, Select, Stack, Table, Text, TextInput, Title, UnstyledButton } from '@mantine/core'
import { useEffect, useState, type FormEvent } from 'react'
import { Link, useSearchParams } from 'wouter'
import { STATUSES, type Status } from '@muster/core/rules/status.ts'
import { UNKNOWNS, type Unknown } from '@muster/core/rules/item.ts'
import { STATUS, UNKNOWN } from '@muster/core/words/item.ts'
import type { Lang } from '@muster/core/words/lang.ts'
import { look, Problem, type Items, type Row } from './api.ts'
import { csvOf, download } from './csv.ts'
import { Reading, Refused, Wide } from './parts.tsx'
import { useConsole, useLook } from './state.tsx'
import { COLUMN, ITEMS } from './words.ts'

type Column = keyof typeof COLUMN
const COLUMNS = Object.keys(COLUMN) as Column[]
const FILTERS = ['class', 'type', 'status', 'site', 'unit', 'custodian'] as const
type Filter = (typeof FILTERS)[number]
const HIDDEN_FIRST: readonly Column[] = ['lot', 'custodian']
const OF_A_MARK: readonly Column[] = ['grade', 'sharing']
const PAGE_ROWS = 50

const isUnknown = (value: string): value is Unknown => (UNKNOWNS as readonly string[]).includes(value)
const isStatus = (value: string): value is Status => (STATUSES as readonly string[]).includes(value)

function cell(row: Row, column: Column, lang: Lang): string {
  if (column === 'grade') return row.rung === undefined ? '' : `${row.rung}/${row.kind ?? ''}`
  if (column === 'sharing') return row.sharing === undefined ? '' : String(row.sharing)
  if (column === 'status' && isStatus(row.status)) return STATUS[row.status][lang]
  const value = row[column]
  return isUnknown(value) ? UNKNOWN[value][lang] : value
}

/** The address without what only the page itself reads. */
function queryOf(params: URLSearchParams): string {
  const query = new URLSearchParams({ limit: String(PAGE_ROWS) })
  for (const name of ['mark', ...FILTERS]) for (const value of params.getAll(name).slice(0, 1)) query.set(name, value)
  return query.toString()
}

function AddFilter({ add }: { readonly add: (name: Filter, value: string) => void }) {
  const { say, lang } = useConsole()
  const [opened, setOpened] = useState(false)
  const [name, setName] = useState<Filter>('site')
  const [value, setValue] = useState('')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (value.trim() === '') return
    add(name, value.trim())
    setValue('')
    setOpened(false)
  }
  return <Popover opened={opened} onChange={setOpened} trapFocus position="bottom-start">
    <Popover.Target><Button variant="default" onClick={() => { setOpened(!opened) }}>{say(ITEMS.filter)}</Button></Popover.Target>
    <Popover.Dropdown><form onSubmit={submit}><Stack gap="xs">
      <Select label={say(ITEMS.by)} data={FILTERS.map((each) => ({ value: each, label: say(COLUMN[each]) }))} value={name} allowDeselect={false} comboboxProps={{ withinPortal: false }} onChange={(next) => { setName(FILTERS.find((each) => each === next) ?? name); setValue('') }} />
      {name === 'status'
        ? <Select label={say(ITEMS.value)} data={STATUSES.map((each) => ({ value: each, label: STATUS[each][lang] }))} value={value === '' ? null : value} comboboxProps={{ withinPortal: false }} onChange={(next) => { setValue(next ?? '') }} />
        : <TextInput label={say(ITEMS.value)} value={value} onChange={(event) => { setValue(event.currentTarget.value) }} />}
      <Button type="submit">{say(ITEMS.add)}</Button>
    </Stack></form></Popover.Dropdown>
  </Popover>
}

function Columns({ shown, toggle }: { readonly shown: readonly Column[], readonly toggle: (column: Column) => void }) {
  const { say } = useConsole()
  return <Menu closeOnItemClick={false}>
    <Menu.Target><Button variant="default">{say(ITEMS.columns)}</Button></Menu.Target>
    <Menu.Dropdown>{COLUMNS.filter((column) => column !== 'serial' && !OF_A_MARK.includes(column)).map((column) =>
      <Menu.Item key={column} role="menuitemcheckbox" aria-checked={shown.includes(column)} leftSection={<Checkbox.Indicator size="xs" checked={shown.includes(column)} />} onClick={() => { toggle(column) }}>{say(COLUMN[column])}</Menu.Item>)}
    </Menu.Dropdown>
  </Menu>
}

function Rows({ rows, columns, narrow }: { readonly rows: readonly Row[], readonly columns: readonly Column[], readonly narrow: (name: Filter, value: string) => void }) {
  const { say, lang } = useConsole()
  const value = (row: Row, column: Column) => {
    const text = cell(row, column, lang)
    if (column === 'serial') return <Link className="serial" href={`/item/${row.item}`}>{text}</Link>
    const filter = FILTERS.find((each) => each === column)
    return column !== 'grade' && column !== 'sharing' && isUnknown(row[column]) ? <Text span fz="sm" c="dimmed">{text}</Text> : filter === undefined ? text : <UnstyledButton fz="sm" title={`${say(ITEMS.filter)}: ${say(COLUMN[column])} = ${text}`} onClick={() => { narrow(filter, row[filter]) }}>{text}</UnstyledButton>
  }
  return <Wide label={say(ITEMS.title)}><Table highlightOnHover stickyHeader>
    <Table.Thead><Table.Tr>{columns.map((column) => <Table.Th key={column}>{say(COLUMN[column])}</Table.Th>)}</Table.Tr></Table.Thead>
    <Table.Tbody>{rows.map((row) => <Table.Tr key={row.item}>{columns.map((column) => <Table.Td key={column}>{value(row, column)}</Table.Td>)}</Table.Tr>)}</Table.Tbody>
  </Table></Wide>
}

/** What follows the first page, until the query changes. */
function useMore(query: string, first: Items | undefined) {
  const { lang } = useConsole()
  const [more, setMore] = useState<{ readonly query: string, readonly items: readonly Row[], readonly next: string | null }>({ query, items: [], next: null })
  const [problem, setProblem] = useState<Problem>()
  const [busy, setBusy] = useState(false)
  useEffect(() => { setMore({ query, items: [], next: first?.next ?? null }) }, [query, first])
  const next = more.query === query ? more.next : null
  const load = (): void => {
    if (next === null || busy) return
    setBusy(true)
    look<Items>(`/api/items/items?${query}&after=${next}`, lang).then((page) => {
      setMore((before) => before.query === query ? { query, items: [...before.items, ...page.items], next: page.next } : before)
      setProblem(undefined)
    }, (error: unknown) => { setProblem(error instanceof Problem ? error : undefined) }).finally(() => { setBusy(false) })
  }
  return { items: more.query === query ? more.items : [], next, load, busy, problem }
}

export function ItemsPage() {
  const { say, lang, me } = useConsole()
  const [params, setParams] = useSearchParams()
  const query = queryOf(params)
  const { value, problem, again } = useLook<Items>(`/api/items/items?${query}`)
  const more = useMore(query, value)
  const mark = params.get('mark') ?? ''
  const [typed, setTyped] = useState(mark)
  useEffect(() => { setTyped(mark) }, [mark])
  const put = (name: string, to: string | null): void => {
    setParams((before) => {
      const after = new URLSearchParams(before)
      if (to === null || to === '') after.delete(name)
      else after.set(name, to)
      return after
    })
  }
  const hidden = params.get('hide')?.split(',') ?? HIDDEN_FIRST
  const columns = COLUMNS.filter((column) => OF_A_MARK.includes(column) ? mark !== '' : !hidden.includes(column))
  const toggle = (column: Column): void => { put('hide', COLUMNS.filter((each) => hidden.includes(each) !== (each === column)).join(',') || 'none') }
  const rows = [...(value?.items ?? []), ...more.items]
  const save = (): void => { download(csvOf(columns.map((column) => say(COLUMN[column])), rows.map((row) => columns.map((column) => cell(row, column, lang)))), `${me?.exercise === true ? 'EXERCISE-' : ''}register.csv`) }
  return <Stack gap="sm">
    <Title order={1} size="h2">{say(ITEMS.title)}</Title>
    <Group align="end" gap="xs">
      <form role="search" onSubmit={(event) => { event.preventDefault(); put('mark', typed.trim()) }}><Group align="end" gap="xs">
        <TextInput label={say(ITEMS.mark)} description={say(ITEMS.markHint)} value={typed} maxLength={200} w={{ base: '100%', xs: 380 }} onChange={(event) => { setTyped(event.currentTarget.value) }} />
        <Button type="submit">{say(ITEMS.search)}</Button>
      </Group></form>
      <AddFilter add={put} /><Columns shown={columns} toggle={toggle} />
      <Button variant="default" disabled={rows.length === 0} onClick={save}>{say(ITEMS.save)}</Button>
    </Group>
    <Group gap="xs">
      {[...(mark === '' ? [] : [['mark', say(ITEMS.mark), mark] as const]), ...FILTERS.flatMap((name) => params.get(name) === null ? [] : [[name, say(COLUMN[name]), params.get(name) ?? ''] as const])].map(([name, label, text]) =>
        <Pill key={name} size="md">{label}: <b className="verbatim">{name === 'status' && isStatus(text) ? STATUS[text][lang] : text}</b> <ActionIcon size="xs" variant="subtle" color="gray" aria-label={`${say(ITEMS.remove)}: ${label}`} onClick={() => { put(name, null) }}>×</ActionIcon></Pill>)}
    </Group>
    {problem === undefined ? null : <Refused problem={problem} again={again} />}
    {value === undefined && problem === undefined ? <Reading /> : null}
    {value === undefined ? null : <>
      {value.unreadable === null ? null : <Text role="status">{say(ITEMS.unreadable)} <span lang="en">{value.unreadable}</span></Text>}
      {mark === '' || rows.length === 0 ? null : <Text c="dimmed" size="sm">{say(ITEMS.serialAlone)} {value.cut ? say(ITEMS.cut) : ''}</Text>}
      {rows.length === 0 ? <Text role="status">{say(ITEMS.none)}</Text> : <Rows rows={rows} columns={columns} narrow={put} />}
      {more.problem === undefined ? null : <Refused problem={more.problem} />}
      {more.next === null ? null : <Group><Button variant="default" loading={more.busy} onClick={more.load}>{say(ITEMS.more)}</Button></Group>}
    </>}
  </Stack>
}
