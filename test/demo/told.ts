// What people see of the demo: steps with their times, a bar on a terminal, the table of traces, where the files are. Every line says EXERCISE.
import { startProgress, clock, type Progress, type Screen } from '../../cli/progress.ts'
import { tableLines } from '../../cli/table.ts'
import type { Lang, Words } from '../../cli/verb.ts'
import { GRADE } from '@muster/core/words/dossier.ts'
import type { TraceOutcome } from '@muster/core/rules/chain.ts'
import type { DeclaredProof } from '@muster/registry/call/matrix.ts'
import { STANDING } from '@muster/core/words/call.ts'
import type { Answered, Matrix } from './call.ts'
import { EXERCISE, stateOf } from './states.ts'
import type { Outcome } from './seizure.ts'

const MILLISECONDS = 1000
const COLUMNS_WITHOUT_TERMINAL = 130

export interface Teller {
  readonly lang: Lang
  readonly line: (words: Words) => void
  /** One step of so many; `act` hears how to say that one more part is done. */
  readonly step: <T>(words: Words, parts: number, act: (done: () => void) => Promise<T>) => Promise<T>
  readonly matrix: (matrix: Matrix) => void
  readonly table: (outcomes: readonly Outcome[]) => void
}

const OUTCOME: Readonly<Record<TraceOutcome, Words>> = {
  'last-holder': { en: 'last lawful holder', ru: 'законный держатель' },
  'not-received': { en: 'released, not received', ru: 'передано, не получено' },
  'still-held': { en: 'still claimed as held', ru: 'числится на хранении' },
  'destroyed': { en: 'recorded as destroyed', ru: 'числится уничтоженным' },
  'ambiguous': { en: 'several candidates', ru: 'несколько кандидатов' },
  'absent': { en: 'declared by none', ru: 'никем не заявлено' },
  'silent': { en: 'released to the silent', ru: 'передано молчащей' },
  'unreadable': { en: 'cannot be read', ru: 'прочесть нельзя' },
  'by-chance': { en: 'may be chance', ru: 'может быть случайно' },
  'unanswered': { en: 'without an answer', ru: 'без ответа' },
}
const CONDITION: Readonly<Record<string, Words>> = {
  'intact': { en: 'intact', ru: 'цела' }, 'partly-legible': { en: 'partly legible', ru: 'читается частично' }, 'painted-over': { en: 'painted over', ru: 'закрашена' },
  'altered': { en: 'altered', ru: 'изменена' }, 'erased': { en: 'erased', ru: 'стёрта' }, 're-marked': { en: 're-marked', ru: 'перебита' }, 'unknown': { en: 'illegible', ru: 'неразборчива' },
}

/** `write`: one line for people. `steps`: how many steps there will be. */
export function openTeller(lang: Lang, steps: number, write: (line: string) => void, screen: Screen, now: () => number): Teller {
  const began = now()
  let at = 0
  const said = (text: string): void => { write(`${EXERCISE} │ ${text}`) }
  return {
    lang,
    line: (words) => { for (const text of words[lang].split('\n')) said(text) },
    step: async (words, parts, act) => {
      at += 1
      const label = `[${at}/${steps}] ${words[lang]}`
      const started = now()
      const bar: Progress = startProgress(`${EXERCISE} │ ${label}`, parts, screen, now)
      try {
        const result = await act(() => { bar.add(1) })
        bar.end()
        said(`${label}  ${((now() - started) / MILLISECONDS).toFixed(1)} ${lang === 'en' ? 's' : 'с'}  (${clock(now() - began)})`)
        return result
      } finally {
        bar.end()
      }
    },
    matrix: ({ rows }) => {
      const columns = lang === 'en' ? ['called to count', 'answer', 'sealed or opened', 'in the records', 'beside its declaration'] : ['запрос о пересчёте', 'ответ', 'осмотрено', 'по учёту', 'рядом с декларацией']
      for (const line of tableLines(columns.map((title) => ({ title })), rows.map((answered) => calledRow(answered, lang)), (screen.columns ?? COLUMNS_WITHOUT_TERMINAL) - EXERCISE.length - 3)) said(line)
    },
    table: (outcomes) => {
      const columns = lang === 'en'
        ? ['No.', 'what was read', 'mark', 'grade', 'outcome', 'last holder', 'yes', 'no', 'silent'] : ['№', 'что прочитано', 'маркировка', 'степень', 'исход', 'последний держатель', 'да', 'нет', 'молчит']
      const rows = outcomes.map((outcome) => rowOf(outcome, lang))
      for (const line of tableLines(columns.map((title) => ({ title })), rows, (screen.columns ?? COLUMNS_WITHOUT_TERMINAL) - EXERCISE.length - 3)) said(line)
    },
  }
}

const BESIDE: Readonly<Record<DeclaredProof, Words>> = {
  'proven': { en: 'as declared', ru: 'как заявлено' }, 'older': { en: 'as in an older one', ru: 'как в прежней' }, 'not-comparable': { en: 'not comparable', ru: 'несравнимо' }, 'not-bound': { en: 'not what was declared', ru: 'не то, что заявлено' }, 'head-not-here': { en: 'not here yet', ru: 'ещё не получена' }, 'none': { en: 'none', ru: 'нет' },
}

const signed = (number: number): string => number > 0 ? `+${number}` : String(number)

function calledRow({ row: { party, standing, totals, reason }, proof, differing }: Answered, lang: Lang): string[] {
  const answer = `${STANDING[standing][lang]}${reason === undefined ? '' : `: ${reason}`}`
  const beside = proof === undefined ? '–' : differing !== 0 ? (lang === 'en' ? `differs by ${signed(differing)}` : `расходится на ${signed(differing)}`) : BESIDE[proof][lang]
  return [`${party} ${stateOf(party).name[lang]}`, answer, totals === undefined ? '–' : String(totals.opened + totals.sealed), totals === undefined ? '–' : String(totals.records), beside]
}

function rowOf({ component, conclusion, condition }: Outcome, lang: Lang): string[] {
  const { lastHolder, counts, grade, outcome, silent } = conclusion
  const holder = lastHolder === null ? '–' : `${lastHolder} ${stateOf(lastHolder).name[lang]}`
  return [
    component.id, component.read, (CONDITION[condition] ?? { en: condition, ru: condition })[lang], grade === null ? '–' : GRADE[grade][lang], OUTCOME[outcome][lang], holder, String(counts.present), String(counts.absent), silent.join(' ') || '–',
  ]
}
