// The frame of every page: whose registry it is, that it is an exercise where it is one, the pages that there are, and who is signed in.
import { Badge, Button, Menu, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useEffect, type ReactNode } from 'react'
import { Link, Redirect, Route, Switch, useLocation } from 'wouter'
import { whyNot } from '@muster/core/rules/rights.ts'
import type { Words } from '@muster/core/words/lang.ts'
import { post } from './api.ts'
import { CallPage, ReceivedPage } from './call.tsx'
import { CasePage } from './case.tsx'
import { CasesPage } from './cases.tsx'
import { CASES } from './case-words.ts'
import { DeskPage } from './desk.tsx'
import { CALL, REQUEST } from './desk-words.ts'
import { ItemPage } from './item.tsx'
import { ItemsPage } from './items.tsx'
import { Reading } from './parts.tsx'
import { PeoplePage } from './people.tsx'
import { RequestPage } from './request.tsx'
import { SignPage } from './sign.tsx'
import { useConsole, useMe } from './state.tsx'
import { TrustPage } from './trust.tsx'
import { WaitingPage } from './waiting.tsx'
import { ROLE, SHELL } from './words.ts'

const PAGES: readonly { readonly path: string, readonly words: Words, readonly row: string | null }[] = [
  { path: '/', words: SHELL.register, row: 'items' }, { path: '/desk', words: SHELL.desk, row: 'agreement' }, { path: '/cases', words: CASES.title, row: 'case' },
  { path: '/trust', words: SHELL.trust, row: 'trust' }, { path: '/waiting', words: SHELL.waiting, row: null }, { path: '/people', words: SHELL.people, row: 'person' },
]

/** Whether a page is one of those under a heading. */
function belongs(to: string, path: string): boolean {
  if (to === '/') return path === '/' || path.startsWith('/item/')
  if (to === '/cases' && path.startsWith('/case/')) return true
  return path === to || (to === '/desk' && /^\/(call|request)\//.test(path))
}

function Preferences() {
  const { lang, setLang, say } = useConsole()
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme('light')
  return <>
    <Button size="xs" variant="default" lang={lang === 'en' ? 'ru' : 'en'} onClick={() => { setLang(lang === 'en' ? 'ru' : 'en') }}>{say(SHELL.other)}</Button>
    <Button size="xs" variant="default" onClick={() => { setColorScheme(scheme === 'dark' ? 'light' : 'dark') }}>{say(scheme === 'dark' ? SHELL.light : SHELL.dark)}</Button>
  </>
}

/** In an exercise on one machine the party is a switch: each other one is looked at through its own registry. */
function Party() {
  const { say } = useConsole()
  const { party, others } = useMe()
  if (others.length === 0) return <span className="party">Muster · {party}</span>
  return <Menu position="bottom-start">
    <Menu.Target><Button variant="default" className="party">Muster · {party}</Button></Menu.Target>
    <Menu.Dropdown mah={420} className="scrolls"><Menu.Label>{say(SHELL.sides)}</Menu.Label>{others.map((other) => <Menu.Item key={other.url} component="a" href={other.url}>{other.party} · {other.name} · {other.person}</Menu.Item>)}</Menu.Dropdown>
  </Menu>
}

function Top() {
  const { lang, say, refresh } = useConsole()
  const { person, roles, scope } = useMe()
  const [path] = useLocation()
  const leave = (): void => { void post('/api/sign-out', {}, lang).then(refresh, refresh) }
  return <div className="top">
    <a className="skip" href="#content">{say(SHELL.skip)}</a>
    <Party />
    <nav aria-label={say(SHELL.pages)}>
      {PAGES.filter(({ row }) => row === null || whyNot({ roles, scope }, row) === undefined).map(({ path: to, words }) =>
        <Link key={to} href={to} aria-current={belongs(to, path) ? 'page' : undefined}>{say(words)}</Link>)}
    </nav>
    <Preferences />
    <Menu position="bottom-end">
      <Menu.Target><Button size="xs" variant="default">{person}</Button></Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{roles.map((role) => say(ROLE[role])).join(', ')}<br />{[...scope.sites, ...scope.units].join(', ') || say(SHELL.wholeRegister)}</Menu.Label>
        <Menu.Item onClick={leave}>{say(SHELL.signOut)}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  </div>
}

function Exercise() {
  const { say } = useConsole()
  return <div className="exercise">{say(SHELL.exercise)} <span>· {say(SHELL.exerciseMore)}</span></div>
}

function Titled({ words, children }: { readonly words: Words, readonly children: ReactNode }) {
  const { say, me } = useConsole()
  useEffect(() => { document.title = `${me?.exercise === true ? `${say(SHELL.exercise)} · ` : ''}${say(words)} · Muster ${me?.party ?? ''}` }, [words, say, me])
  return <main id="content" tabIndex={-1}>{children}</main>
}

export function App() {
  const { me, say } = useConsole()
  if (me === undefined) return <main className="narrow"><Reading /></main>
  if (me === null) return <SignPage preferences={<Preferences />} />
  return <>
    <header>{me.exercise ? <Exercise /> : null}<Top /></header>
    <Switch>
      <Route path="/">{whyNot(me, 'items') === undefined ? <Titled words={SHELL.register}><ItemsPage /></Titled> : <Redirect to="/desk" replace />}</Route>
      <Route path="/item/:id">{({ id }) => <Titled words={SHELL.register}><ItemPage key={id} id={id} /></Titled>}</Route>
      <Route path="/desk"><Titled words={SHELL.desk}><DeskPage /></Titled></Route>
      <Route path="/call/:id">{({ id }) => <Titled words={CALL.title}><CallPage key={id} id={id} /></Titled>}</Route>
      <Route path="/call/:from/:id">{({ from, id }) => <Titled words={CALL.title}><ReceivedPage key={id} from={from} id={id} /></Titled>}</Route>
      <Route path="/request/:id">{({ id }) => <Titled words={REQUEST.title}><RequestPage key={id} id={id} /></Titled>}</Route>
      <Route path="/cases"><Titled words={CASES.title}><CasesPage /></Titled></Route>
      <Route path="/case/:id">{({ id }) => <Titled words={CASES.title}><CasePage key={id} id={id} /></Titled>}</Route>
      <Route path="/trust"><Titled words={SHELL.trust}><TrustPage /></Titled></Route>
      <Route path="/waiting"><Titled words={SHELL.waiting}><WaitingPage /></Titled></Route>
      <Route path="/people"><Titled words={SHELL.people}><PeoplePage /></Titled></Route>
      <Route><Titled words={SHELL.title}><Badge color="gray">404</Badge> {say(SHELL.notHere)}</Titled></Route>
    </Switch>
  </>
}
