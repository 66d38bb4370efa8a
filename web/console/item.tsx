// One item: what it is, where it is, its marks, its chain of custody as one picture, and what may be recorded of it now.
import { Anchor, Badge, Button, Group, SimpleGrid, Stack, Table, Text, Title, Tooltip } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'wouter'
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import type { Holding } from '@muster/core/rules/holding.ts'
import { whyNot, MAY_DO } from '@muster/core/rules/rights.ts'
import type { Unknown } from '@muster/core/rules/item.ts'
import type { Counterparty } from '@muster/core/rules/place.ts'
import { IN_HAND, permits, type Status } from '@muster/core/rules/status.ts'
import { documentsText, KIND, peopleText } from '@muster/core/words/event.ts'
import type { Lang } from '@muster/core/words/lang.ts'
import { CONDITION, STATUS, UNKNOWN } from '@muster/core/words/item.ts'
import type { Item } from './api.ts'
import { minuteOf, Reading, Refused } from './parts.tsx'
import { RECORDABLE, Recorder, type Recordable } from './record.tsx'
import { useConsole, useLook, useMe } from './state.tsx'
import { COLUMN, ITEM, NO, ROLE } from './words.ts'

/** From here on nobody has it in hand, or nobody yet; and where nobody knows where it is. */
const AWAY = ['dispatched', 'released', 'issued']
const GONE = ['lost', 'stolen', 'missing']
const COLOR = (status: Status): string => IN_HAND.includes(status) ? 'teal.9' : GONE.includes(status) ? 'red.9' : 'gray.7'

const partText = (part: Unknown | { readonly is: string }, lang: Lang): string => typeof part === 'string' ? UNKNOWN[part][lang] : part.is

/** The other side of a transfer, where the event names one. */
function otherSide({ data }: CustodyEvent): string {
  const { to, from } = data as { readonly to?: Counterparty, readonly from?: Counterparty }
  const who = to ?? from
  return typeof who !== 'object' ? '' : `· ${'party' in who ? who.party : who.name}`
}

function Facts({ title, rows }: { readonly title: string, readonly rows: readonly (readonly [string, string])[] }) {
  return <section><Title order={2} size="h4">{title}</Title>
    <Table layout="fixed"><Table.Tbody>{rows.map(([name, value]) => <Table.Tr key={name}><Table.Th c="dimmed" fw={400}>{name}</Table.Th><Table.Td className="verbatim">{value}</Table.Td></Table.Tr>)}</Table.Tbody></Table>
  </section>
}

function Marks({ holding }: { readonly holding: Holding }) {
  const { say } = useConsole()
  return <section><Title order={2} size="h4">{say(ITEM.marks)}</Title>
    {holding.marks.length === 0 ? <Text c="dimmed">{say(ITEM.noMarks)}</Text> : <Table><Table.Tbody>{holding.marks.map((mark, i) =>
      <Table.Tr key={i}><Table.Td className="serial">{mark.text}</Table.Td><Table.Td>{say(CONDITION[mark.condition])}</Table.Td><Table.Td className="verbatim">{mark.place ?? ''}</Table.Td></Table.Tr>)}</Table.Tbody></Table>}
  </section>
}

function Step({ event, bound }: { readonly event: CustodyEvent, readonly bound: Item['bound'] }) {
  const { say } = useConsole()
  const documents = documentsText(event)
  return <li className={GONE.includes(event.kind) ? 'gone' : AWAY.includes(event.kind) ? 'away' : undefined}>
    <Group gap="xs"><Text fw={600} className="verbatim">{say(KIND[event.kind])} {otherSide(event)}</Text><time dateTime={event.happened}>{minuteOf(event.happened)}</time></Group>
    <Text size="sm" className="verbatim">{event.reason}{documents === '' ? '' : ` · ${documents}`}</Text>
    <Text size="sm" c="dimmed">{peopleText(event)} · {say(ITEM.written)} {minuteOf(event.written)} · {bound.length === 0 ? say(ITEM.waits) : `${say(ITEM.bound)} ${bound.map(({ agreement, entry }) => `${agreement}, ${say(ITEM.entry)} ${entry}`).join('; ')}`}</Text>
  </li>
}

/** A button that is disabled says why: by the person's rights, or by the state of the item. */
function Acts({ status, begin }: { readonly status: Holding['status'], readonly begin: (kind: Recordable) => void }) {
  const { say } = useConsole()
  const me = useMe()
  const no = whyNot(me, 'event/event')
  const why = no === undefined ? undefined : `${say(NO[no])} ${no === 'rights/role' ? (MAY_DO['event/event'] ?? []).map((role) => say(ROLE[role])).join(', ') : ''}`.trim()
  return <Group gap="xs" role="group" aria-label={say(ITEM.record)}><Text size="sm" aria-hidden>{say(ITEM.record)}:</Text>{RECORDABLE.map((kind) => {
    const reason = why ?? (permits(status, kind) ? undefined : `${say(KIND[kind])}: ${say(ITEM.notNow)} ${say(STATUS[status])}`)
    const button = <Button key={kind} size="xs" variant="default" {...(reason === undefined ? {} : { 'data-disabled': true, 'aria-disabled': true })} onClick={() => { if (reason === undefined) begin(kind) }}>{say(KIND[kind])}</Button>
    return reason === undefined ? button : <Tooltip key={kind} label={reason} events={{ hover: true, focus: true, touch: true }}>{button}</Tooltip>
  })}</Group>
}

function Shown({ shown: { item, holding, events, bound }, again }: { readonly shown: Item, readonly again: () => void }) {
  const { say, lang } = useConsole()
  const [kind, setKind] = useState<Recordable>()
  const [told, setTold] = useState('')
  const { identity, place } = holding
  const site = typeof place.site === 'string' ? { code: UNKNOWN[place.site][lang], region: '' } : place.site
  return <>
    <Group justify="space-between"><Title order={1} size="h2"><span className="serial">{partText(identity.serial, lang)}</span> {partText(identity.type, lang)} <Text span c="dimmed">{identity.class}</Text></Title>
      <Badge size="lg" color={COLOR(holding.status)}>{say(STATUS[holding.status])}</Badge></Group>
    <Text c="dimmed" size="xs" className="verbatim">{item}</Text>
    <Acts status={holding.status} begin={(next) => { setTold(''); setKind(next) }} />
    <Text role="status">{told}</Text>
    {kind === undefined ? null : <Recorder item={item} kind={kind} seen={events.length - 1} done={(how) => { setKind(undefined); setTold(how === 'asked' ? say(ITEM.asked) : ''); again() }} cancel={() => { setKind(undefined) }} />}
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
      <Stack>
        <Facts title={say(ITEM.identity)} rows={(['class', 'type', 'serial', 'maker', 'year', 'lot'] as const).map((name) => [say(COLUMN[name]), name === 'class' ? identity.class : partText(identity[name], lang)])} />
        <Facts title={say(ITEM.place)} rows={[[say(COLUMN.site), site.code], [say(ITEM.region), site.region], [say(COLUMN.unit), partText(place.unit, lang)], [say(COLUMN.custodian), partText(place.custodian, lang)], [say(ITEM.owner), partText(place.owner, lang)], [say(ITEM.since), minuteOf(holding.since)]]} />
        <Marks holding={holding} />
      </Stack>
      <section><Title order={2} size="h4">{say(ITEM.chain)}</Title><ol className="chain">{events.map((event) => <Step key={event.seq} event={event} bound={bound.filter(({ seq }) => seq === event.seq)} />)}</ol></section>
    </SimpleGrid>
  </>
}

export function ItemPage({ id }: { readonly id: string }) {
  const { say } = useConsole()
  const { value, problem, again } = useLook<Item>(`/api/item/item/${encodeURIComponent(id)}`)
  return <Stack gap="sm">
    <Anchor component={Link} href="/">{say(ITEM.back)}</Anchor>
    {problem === undefined ? null : <Refused problem={problem} again={again} />}
    {value === undefined ? (problem === undefined ? <Reading /> : null) : <Shown shown={value} again={again} />}
  </Stack>
}
