// Pages that are about one agreement: which of those that were joined stands in the address.
import { Select, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useSearchParams } from 'wouter'
import { Reading, Refused } from './parts.tsx'
import { useConsole, useLook } from './state.tsx'
import { SHELL } from './words.ts'

interface Joined { readonly agreements: readonly { readonly id: string }[] }

/** `children` gets the chosen agreement and the query that names it. */
export function OfAgreement({ children }: { readonly children: (agreement: string, query: string) => ReactNode }) {
  const { say } = useConsole()
  const [params, setParams] = useSearchParams()
  const { value, problem, again } = useLook<Joined>('/api/agreement/list?limit=1000')
  if (problem !== undefined) return <Refused problem={problem} again={again} />
  if (value === undefined) return <Reading />
  const { agreements } = value
  const chosen = agreements.find(({ id }) => id === params.get('agreement')) ?? agreements[0]
  if (chosen === undefined) return <Text>{say(SHELL.noAgreement)}</Text>
  return <>
    {agreements.length < 2 ? null : <Select label={say(SHELL.agreement)} data={agreements.map(({ id }) => id)} value={chosen.id} allowDeselect={false} onChange={(id) => { setParams({ agreement: id ?? chosen.id }) }} />}
    {children(chosen.id, `agreement=${encodeURIComponent(chosen.id)}`)}
  </>
}
