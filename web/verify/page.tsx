// The verifier's page: three files in, one verdict out. The language stands in the address, so that a link keeps it.
import { useEffect, useRef, useState, type ChangeEvent } from 'react'
import type { Lang } from '@muster/core/words/lang.ts'
import { useDropped } from '../ui/dropped.ts'
import { useLanguage } from '../ui/language.ts'
import { Verbatim } from '../ui/verbatim.tsx'
import { ask } from './ask.ts'
import { BYTES_MAX, roleOf, ROLES, type Chosen, type Role } from './files.ts'
import { Result, type Finished } from './result.tsx'
import { PAGE } from './words.ts'

type State = { readonly at: 'choosing', readonly wrong?: string } | { readonly at: 'working', readonly share: number, readonly since: number } | { readonly at: 'finished', readonly finished: Finished }

/** An estimate is given once a tenth is done, and where ten seconds or more are left. */
const ESTIMATE_SHARE_MIN = 0.1
const ESTIMATE_SECONDS_MIN = 10
const SECOND_MS = 1_000

/** Why a file is not taken; undefined for one that is. */
function wrongWith(chosen: Chosen, lang: Lang): string | undefined {
  if (chosen.dossier === undefined) return PAGE.missing[lang]
  const long = ROLES.map((role) => [role, chosen[role]] as const).find(([role, file]) => file !== undefined && file.size > BYTES_MAX[role])
  return long === undefined ? undefined : `${long[1]?.name ?? ''} ${PAGE.tooLong[lang]}`
}

async function bytesOf(file: File | undefined): Promise<Uint8Array | null> {
  return file === undefined ? null : new Uint8Array(await file.arrayBuffer())
}

/** The field itself is out of sight, since browsers name it in their own language; its label is the button. */
function Chooser({ role, file, lang, choose }: { readonly role: Role, readonly file: File | undefined, readonly lang: Lang, readonly choose: (role: Role, file: File | undefined) => void }) {
  const hint = role === 'agreement' ? PAGE.agreementHint[lang] : undefined
  return <div className="chooser">
    <span id={`${role}-name`}>{PAGE[role][lang]}</span>
    <input id={role} type="file" accept=".json,application/json" aria-labelledby={`${role}-name ${role}-button ${role}-file`} aria-describedby={hint === undefined ? undefined : `${role}-hint`}
      onChange={(event: ChangeEvent<HTMLInputElement>) => { choose(role, event.target.files?.[0]) }} />
    <label id={`${role}-button`} htmlFor={role}>{PAGE.choose[lang]}</label>
    <span id={`${role}-file`} className={file === undefined ? 'hint' : 'chosen'}>{file === undefined ? PAGE.none[lang] : <Verbatim text={file.name} />}</span>
    {hint === undefined ? null : <p className="hint" id={`${role}-hint`}>{hint}</p>}
  </div>
}

function Working({ share, since, lang }: { readonly share: number, readonly since: number, readonly lang: Lang }) {
  const spent = (performance.now() - since) / SECOND_MS
  const left = share < ESTIMATE_SHARE_MIN ? 0 : spent / share - spent
  return <p className="working"><label>{PAGE.working[lang]} <progress max={1} value={share} /></label> {left < ESTIMATE_SECONDS_MIN ? '' : PAGE.left[lang](Math.ceil(left))}</p>
}

export function Page() {
  const lang = useLanguage(PAGE.title)
  const [chosen, setChosen] = useState<Chosen>({})
  const [state, setState] = useState<State>({ at: 'choosing' })
  const result = useRef<HTMLDivElement>(null)
  // Whoever chooses another file waits no longer for what comes of the one before.
  const latest = useRef(0)
  const choose = (role: Role, file: File | undefined): void => {
    latest.current += 1
    setChosen(({ [role]: _, ...others }) => file === undefined ? others : { ...others, [role]: file })
    setState({ at: 'choosing' })
  }
  useDropped((file) => { void roleOf(file).then((role) => { choose(role, file) }) })
  // What came of it is read out, and the keyboard goes on from there.
  useEffect(() => { if (state.at === 'finished') result.current?.querySelector<HTMLElement>('[tabindex="-1"]')?.focus() }, [state.at])
  const verify = async (): Promise<void> => {
    const wrong = wrongWith(chosen, lang)
    if (wrong !== undefined) return setState({ at: 'choosing', wrong })
    const [since, name] = [performance.now(), chosen.dossier?.name ?? '']
    const mine = latest.current += 1
    const show = (next: State): void => { if (latest.current === mine) setState(next) }
    show({ at: 'working', share: 0, since })
    try {
      const [dossier, agreement, records] = await Promise.all(ROLES.map((role) => bytesOf(chosen[role]))) as [Uint8Array, Uint8Array | null, Uint8Array | null]
      const outcome = await ask({ dossier, agreement, records, now: Math.floor(Date.now() / SECOND_MS) }, (share) => { show({ at: 'working', share, since }) })
      show({ at: 'finished', finished: { outcome, seconds: (performance.now() - since) / SECOND_MS, name } })
    } catch {
      show({ at: 'choosing', wrong: `${name} ${PAGE.unread[lang]}` })
    }
  }
  const other = lang === 'en' ? 'ru' : 'en'
  return <>
    <header><h1>{PAGE.heading[lang]}</h1><a href={`#${other}`} lang={other} hrefLang={other}>{PAGE.other[lang]}</a></header>
    <main>
      <p>{PAGE.intro[lang]}</p>
      <form onSubmit={(event) => { event.preventDefault(); void verify() }}>
        <p>{PAGE.drop[lang]}</p>
        {ROLES.map((role) => <Chooser key={role} role={role} file={chosen[role]} lang={lang} choose={choose} />)}
        <button type="submit" disabled={state.at === 'working'}>{PAGE.verify[lang]}</button>
      </form>
      <div role="status">{state.at === 'working' ? <Working share={state.share} since={state.since} lang={lang} /> : null}</div>
      <div role="alert">{state.at === 'choosing' && state.wrong !== undefined ? <p className="warning"><Verbatim text={state.wrong} /></p> : null}</div>
      <div ref={result}>{state.at === 'finished' ? <Result finished={state.finished} lang={lang} /> : null}</div>
    </main>
    <footer><p>{PAGE.own[lang]}</p></footer>
  </>
}
