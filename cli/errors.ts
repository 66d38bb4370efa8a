// The kinds of failure and the exit code of each. A Refusal and a Breach are core's; any other error takes part by carrying `kind`
// (and `code`, and `next`: what to do), so that no package has to import this file.
import { Breach } from '@muster/core/bytes/breach.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import type { Lang, Words } from './verb.ts'

export const EXIT = { ok: 0, no: 1, usage: 2, fault: 3 } as const

/** refusal: the rules say no · breach: a proof or signature fails · usage: the command line is wrong · fault: disk, network, database · bug: ours. */
export type Kind = 'refusal' | 'breach' | 'usage' | 'fault' | 'bug'

const EXIT_OF: Readonly<Record<Kind, number>> = { refusal: EXIT.no, breach: EXIT.no, usage: EXIT.usage, fault: EXIT.fault, bug: EXIT.fault }

export type Failure = { readonly kind: Kind, readonly code: string, readonly message: string, readonly next?: string, readonly exit: number, readonly trace?: string }

type Told = Error & { readonly kind: Kind, readonly code: string, readonly next?: string }

function told(kind: Kind, code: string, message: string, next?: string): Told {
  return Object.assign(new Error(message), { kind, code, ...(next === undefined ? {} : { next }) })
}

/** The command line is wrong: exit 2. */
export const usage = (message: string, next?: string): Error => told('usage', 'usage', message, next)
/** Disk, network, database or platform: exit 3. */
export const fault = (code: string, message: string, next?: string): Error => told('fault', code, message, next)
/** A state that the program rules out: exit 3, with a stack. */
export const bug = (message: string): Error => told('bug', 'bug', message)

/** What to do about the faults that an operating system reports, by its code. */
const NEXT_OF: Readonly<Record<string, Words>> = {
  ENOENT: { en: 'check the path', ru: 'проверьте путь' },
  EACCES: { en: 'check who may read and write it', ru: 'проверьте права на чтение и запись' },
  EPERM: { en: 'check who may read and write it', ru: 'проверьте права на чтение и запись' },
  EISDIR: { en: 'name a file, not a folder', ru: 'укажите файл, а не папку' },
  ENOTDIR: { en: 'name a folder, not a file', ru: 'укажите папку, а не файл' },
  ENOSPC: { en: 'free some space and run the same command again', ru: 'освободите место и повторите ту же команду' },
  EDQUOT: { en: 'free some space and run the same command again', ru: 'освободите место и повторите ту же команду' },
  EMFILE: { en: 'raise the limit of open files (ulimit -n)', ru: 'увеличьте предел открытых файлов (ulimit -n)' },
  EADDRINUSE: { en: 'another program listens there: choose another port', ru: 'порт занят другой программой: выберите другой' },
  ECONNREFUSED: { en: 'nothing listens there: start it, or check the address', ru: 'там никто не слушает: запустите сервер или проверьте адрес' },
  ENOTFOUND: { en: 'the name of the host is unknown: check the address', ru: 'имя узла неизвестно: проверьте адрес' },
  ETIMEDOUT: { en: 'no answer in time: check the network and try again', ru: 'ответа нет: проверьте сеть и повторите' },
}

const isKind = (value: unknown): value is Kind => typeof value === 'string' && Object.hasOwn(EXIT_OF, value)

/** Any thrown value as one failure. Unknown ones are bugs and keep their stack. */
export function failureOf(thrown: unknown, lang: Lang): Failure {
  if (!(thrown instanceof Error)) return { kind: 'bug', code: 'bug', message: String(thrown), exit: EXIT.fault }
  const { code, next, ...rest } = thrown as { kind?: unknown, code?: unknown, next?: unknown }
  const kind = thrown instanceof Refusal ? 'refusal' : thrown instanceof Breach ? 'breach' : rest.kind
  const word = typeof code === 'string' ? code : 'bug'
  if (isKind(kind)) {
    return {
      kind, code: word, message: thrown.message, exit: EXIT_OF[kind],
      ...(typeof next === 'string' ? { next } : {}), ...(kind === 'bug' && thrown.stack !== undefined ? { trace: thrown.stack } : {}),
    }
  }
  if (word.startsWith('ERR_PARSE_ARGS_')) return { kind: 'usage', code: 'usage', message: thrown.message, exit: EXIT.usage }
  const advice = NEXT_OF[word]
  if (advice !== undefined) return { kind: 'fault', code: word, message: thrown.message, next: advice[lang], exit: EXIT.fault }
  return { kind: 'bug', code: word, message: thrown.message, exit: EXIT.fault, ...(thrown.stack === undefined ? {} : { trace: thrown.stack }) }
}

const KIND_WORD: Readonly<Record<Kind, Words>> = {
  refusal: { en: 'refused', ru: 'отказ' },
  breach: { en: 'breach', ru: 'нарушение' },
  usage: { en: 'usage', ru: 'ошибка вызова' },
  fault: { en: 'fault', ru: 'сбой' },
  bug: { en: 'bug in Muster', ru: 'ошибка в Muster' },
}

/** A failure as the lines that a person reads. */
export function failureText(failure: Failure, lang: Lang): string {
  const head = `muster: ${KIND_WORD[failure.kind][lang]}: ${failure.message}`
  const next = failure.next === undefined ? '' : `\n  → ${failure.next}`
  return failure.trace === undefined ? head + next : `${head}${next}\n${failure.trace}`
}
