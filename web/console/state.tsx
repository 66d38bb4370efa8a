// What every page of the console knows: who is signed in, the language, and how to ask the registry.
import { createContext, useCallback, useContext, useEffect, useState, type ReactNode } from 'react'
import type { Lang, Words } from '@muster/core/words/lang.ts'
import { look, post, Problem, type Me } from './api.ts'

const LANG = 'muster-lang'

export interface Console { readonly lang: Lang, readonly setLang: (lang: Lang) => void, readonly me: Me | null | undefined, readonly refresh: () => void, readonly say: (words: Words) => string }

const Known = createContext<Console | undefined>(undefined)

export function useConsole(): Console {
  const known = useContext(Known)
  if (known === undefined) throw new Error('outside the console')
  return known
}

/** Who is signed in, for pages that nobody else is shown. */
export function useMe(): Me {
  const { me } = useConsole()
  if (me === null || me === undefined) throw new Error('nobody is signed in')
  return me
}

function languageFirst(): Lang {
  const kept = localStorage.getItem(LANG)
  if (kept === 'en' || kept === 'ru') return kept
  return navigator.language.toLowerCase().startsWith('ru') ? 'ru' : 'en'
}

/** `me` is undefined while it is asked, and null where nobody is signed in. */
export function ConsoleProvider({ children }: { readonly children: ReactNode }) {
  const [lang, setLanguage] = useState(languageFirst)
  const [me, setMe] = useState<Me | null | undefined>(undefined)
  const refresh = useCallback(() => {
    look<Me>('/api/me', lang).then(setMe, (error: unknown) => { setMe((before) => error instanceof Problem && error.status !== 401 ? before : null) })
  }, [lang])
  useEffect(() => {
    const enter = (): void => {
      const pass = /^#pass=(.+)$/.exec(location.hash)?.[1]
      if (pass === undefined) return refresh()
      history.replaceState(null, '', location.pathname + location.search)
      post('/api/pass', { code: pass }, lang).then(refresh, refresh)
    }
    enter()
    window.addEventListener('hashchange', enter)
    return () => { window.removeEventListener('hashchange', enter) }
  }, [refresh, lang])
  useEffect(() => {
    document.documentElement.lang = lang
    localStorage.setItem(LANG, lang)
  }, [lang])
  const say = useCallback((words: Words) => words[lang], [lang])
  return <Known value={{ lang, setLang: setLanguage, me, refresh, say }}>{children}</Known>
}

/** What is at a path: undefined while it is read, a problem where it is refused. Read anew when the path changes, and by `again`. */
export function useLook<T>(path: string): { readonly value: T | undefined, readonly problem: Problem | undefined, readonly again: () => void } {
  const { lang, refresh } = useConsole()
  const [state, setState] = useState<{ readonly path: string, readonly value?: T, readonly problem?: Problem }>({ path })
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    const leaving = new AbortController()
    look<T>(path, lang, leaving.signal).then((value) => { setState({ path, value }) }, (error: unknown) => {
      if (leaving.signal.aborted) return
      const problem = error instanceof Problem ? error : new Problem(0, { detail: String(error) })
      if (problem.status === 401) refresh()
      setState({ path, problem })
    })
    return () => { leaving.abort() }
  }, [path, lang, turn, refresh])
  const again = useCallback(() => { setTurn((n) => n + 1) }, [])
  return { value: state.path === path ? state.value : undefined, problem: state.path === path ? state.problem : undefined, again }
}
