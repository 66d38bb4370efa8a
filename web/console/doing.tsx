// An act that a page asks of the registry: under way, done, waiting for a second person, or refused. Sent again after the registry was away, it is done once.
import { Text } from '@mantine/core'
import { useRef, useState } from 'react'
import { MAY_DO, whyNot } from '@muster/core/rules/rights.ts'
import type { Words } from '@muster/core/words/lang.ts'
import { post, Problem } from './api.ts'
import { CALL, DESK } from './desk-words.ts'
import { Refused } from './parts.tsx'
import { useConsole, useMe } from './state.tsx'
import { NO, ROLE } from './words.ts'

export interface DoingState { readonly act: (name: string, body: object) => void, readonly busy: boolean, readonly problem: Problem | undefined, readonly told: 'done' | 'asked' | undefined }

/** `done`: called when the registry has done it or has put it before a second person. */
export function useDoing(done: () => void): DoingState {
  const { lang } = useConsole()
  const [state, setState] = useState<Omit<DoingState, 'act'>>({ busy: false, problem: undefined, told: undefined })
  const key = useRef<{ readonly of: string, readonly key: string }>(undefined)
  const act = (name: string, body: object): void => {
    const of = `${name} ${JSON.stringify(body)}`
    if (key.current?.of !== of) key.current = { of, key: crypto.randomUUID() }
    setState({ busy: true, problem: undefined, told: undefined })
    post(`/api/acts/${name}`, body, lang, key.current.key).then(({ status }) => {
      key.current = undefined
      setState({ busy: false, problem: undefined, told: status === 202 ? 'asked' : 'done' })
      done()
    }, (error: unknown) => { setState({ busy: false, problem: error instanceof Problem ? error : new Problem(0, { detail: String(error) }), told: undefined }) })
  }
  return { ...state, act }
}

/** `done`: what to say of an act that one person does; a message that was signed where it is left out. */
export function Doing({ state: { problem, told }, done = CALL.told }: { readonly state: DoingState, readonly done?: Words }) {
  const { say } = useConsole()
  return <>
    <Text role="status">{told === undefined ? '' : say(told === 'asked' ? DESK.asked : done)}</Text>
    {problem === undefined ? null : <Refused problem={problem} />}
  </>
}

/** Why this person may not do it; undefined where they may. */
export function useWhyNot(row: string): string | undefined {
  const { say } = useConsole()
  const no = whyNot(useMe(), row)
  return no === undefined ? undefined : `${say(NO[no])} ${no === 'rights/role' ? (MAY_DO[row] ?? []).map((role) => say(ROLE[role])).join(', ') : ''}`.trim()
}
