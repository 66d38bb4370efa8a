// Signing in, and taking up an invitation.
import { Alert, Button, Code, Group, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core'
import { useState, type FormEvent, type ReactNode } from 'react'
import { encode } from 'uqr'
import { post, Problem } from './api.ts'
import { Refused } from './parts.tsx'
import { useConsole } from './state.tsx'
import { SIGN } from './words.ts'

interface Opened { readonly code: string, readonly person: string, readonly secret: string, readonly uri: string }
type At = { readonly at: 'sign' } | { readonly at: 'done' } | { readonly at: 'code' } | { readonly at: 'choose', readonly opened: Opened }

/** One dark square a module, in one path: no picture is fetched and no markup is parsed. */
function Code2D({ text, label }: { readonly text: string, readonly label: string }) {
  const { data, size } = encode(text)
  const squares = data.flatMap((row, y) => row.flatMap((dark, x) => dark ? [`M${x} ${y}h1v1h-1z`] : []))
  return <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}><path d={squares.join('')} /></svg>
}

const Digits = ({ label, value, onChange }: { readonly label: string, readonly value: string, readonly onChange: (value: string) => void }) =>
  <TextInput label={label} value={value} inputMode="numeric" autoComplete="one-time-code" maxLength={6} required onChange={(event) => { onChange(event.currentTarget.value) }} />

/** A form of which one sending is under way at most; what was refused stands above its button. */
function Form({ button, send, children }: { readonly button: string, readonly send: () => Promise<void>, readonly children: ReactNode }) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setBusy(true)
    setProblem(undefined)
    send().catch((error: unknown) => { setProblem(error instanceof Problem ? error : new Problem(0, { detail: String(error) })) }).finally(() => { setBusy(false) })
  }
  return <form onSubmit={submit}><Stack>{children}{problem === undefined ? null : <Refused problem={problem} />}<Button type="submit" loading={busy}>{button}</Button></Stack></form>
}

function SignIn() {
  const { say, lang, refresh } = useConsole()
  const [person, setPerson] = useState('')
  const [password, setPassword] = useState('')
  const [digits, setDigits] = useState('')
  const send = async (): Promise<void> => {
    await post('/api/sign-in', { person: person.trim(), password, digits }, lang)
    refresh()
  }
  return <Form button={say(SIGN.enter)} send={send}>
    <TextInput label={say(SIGN.person)} value={person} autoComplete="username" required onChange={(event) => { setPerson(event.currentTarget.value) }} />
    <PasswordInput label={say(SIGN.password)} value={password} autoComplete="current-password" required onChange={(event) => { setPassword(event.currentTarget.value) }} />
    <Digits label={say(SIGN.digits)} value={digits} onChange={setDigits} />
  </Form>
}

function OpenInvitation({ opened }: { readonly opened: (opened: Opened) => void }) {
  const { say, lang } = useConsole()
  const [code, setCode] = useState('')
  const send = async (): Promise<void> => {
    const { value } = await post<Omit<Opened, 'code'>>('/api/invitation', { code: code.trim() }, lang)
    opened({ ...value, code: code.trim() })
  }
  return <Form button={say(SIGN.open)} send={send}><TextInput label={say(SIGN.code)} value={code} autoComplete="off" required onChange={(event) => { setCode(event.currentTarget.value) }} /></Form>
}

function Choose({ opened: { code, person, secret, uri }, done }: { readonly opened: Opened, readonly done: () => void }) {
  const { say, lang } = useConsole()
  const [password, setPassword] = useState('')
  const [digits, setDigits] = useState('')
  return <Form button={say(SIGN.finish)} send={async () => { await post('/api/enrol', { code, password, digits }, lang); done() }}>
    <Text>{say(SIGN.welcome)} <strong>{person}</strong>. {say(SIGN.app)}</Text>
    <Group align="center"><Code2D text={uri} label={uri} /><Text size="sm">{say(SIGN.byHand)}:<br /><Code className="verbatim">{secret}</Code></Text></Group>
    <PasswordInput label={say(SIGN.choose)} value={password} autoComplete="new-password" required onChange={(event) => { setPassword(event.currentTarget.value) }} />
    <Digits label={say(SIGN.digits)} value={digits} onChange={setDigits} />
  </Form>
}

export function SignPage({ preferences }: { readonly preferences: ReactNode }) {
  const { say } = useConsole()
  const [state, setState] = useState<At>({ at: 'sign' })
  const signing = state.at === 'sign' || state.at === 'done'
  return <main className="narrow"><Stack>
    <Group justify="space-between"><span className="party">Muster</span><Group gap="xs">{preferences}</Group></Group>
    <Title order={1} size="h2">{say(signing ? SIGN.title : SIGN.invitation)}</Title>
    {state.at === 'done' ? <Alert color="green" role="status">{say(SIGN.done)}</Alert> : null}
    {signing ? <SignIn /> : state.at === 'code' ? <OpenInvitation opened={(opened) => { setState({ at: 'choose', opened }) }} /> : <Choose opened={state.opened} done={() => { setState({ at: 'done' }) }} />}
    <Button variant="subtle" onClick={() => { setState(signing ? { at: 'code' } : { at: 'sign' }) }}>{say(signing ? SIGN.have : SIGN.back)}</Button>
  </Stack></main>
}
