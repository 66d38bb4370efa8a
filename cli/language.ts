// Which language a run speaks: what it was told, else what the environment says, else English.
import type { Lang } from './verb.ts'

/** `--lang`, MUSTER_LANG, LC_ALL, LC_MESSAGES, LANG, in this order; the first that is set decides. Undefined for a language we do not speak. */
export function languageOf(told: string | undefined, environment: Readonly<Record<string, string | undefined>>): Lang | undefined {
  if (told !== undefined) return told === 'ru' || told === 'en' ? told : undefined
  const set = [environment.MUSTER_LANG, environment.LC_ALL, environment.LC_MESSAGES, environment.LANG].find((value) => value !== undefined && value !== '')
  return set !== undefined && /^ru([_.@-]|$)/i.test(set) ? 'ru' : 'en'
}
