// The reader's language: of the address, so that a link keeps it, or else the browser's.
import { useEffect, useState } from 'react'
import type { Lang, Words } from '@muster/core/words/lang.ts'

function languageAsked(): Lang {
  if (location.hash === '#ru' || location.hash === '#en') return location.hash === '#ru' ? 'ru' : 'en'
  return navigator.language.toLowerCase().startsWith('ru') ? 'ru' : 'en'
}

/** Follows the address; the document says which language it is in, and has its title in it. */
export function useLanguage(title: Words): Lang {
  const [lang, setLang] = useState(languageAsked)
  useEffect(() => {
    const turn = () => { setLang(languageAsked()) }
    window.addEventListener('hashchange', turn)
    return () => { window.removeEventListener('hashchange', turn) }
  }, [])
  useEffect(() => {
    document.documentElement.lang = lang
    document.title = title[lang]
  }, [lang, title])
  return lang
}
