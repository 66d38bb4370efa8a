// `muster verify` of a correspondence: who said what of one affair, and when the other side had it, checked alone by whoever holds the file.
import type { Group } from '@muster/core/oprf/group.ts'
import { verifyCorrespondence, type CorrespondenceVerification, type Letter } from '@muster/core/wire/correspondence.ts'
import type { Inspection } from '@muster/core/wire/inspection.ts'
import { SAY } from '@muster/core/words/dossier.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { EXIT } from '../errors.ts'
import { printable, tableLines } from '../table.ts'
import type { Lang, Words } from '../verb.ts'
import type { Brought } from './files.ts'

const COLUMNS = 120
const VERDICT: Readonly<Record<CorrespondenceVerification['verdict'], Words>> = {
  proven: { en: 'PROVEN: each side signed what stands below, under the keys of your agreement', ru: 'ДОКАЗАНО: сказанное ниже подписано сторонами, ключи — из вашего соглашения' },
  consistent: {
    en: 'CONSISTENT, KEYS NOT TRUSTED: the signatures hold, under keys that the file itself brought; give --agreement FILE',
    ru: 'СОГЛАСОВАНО, КЛЮЧИ НЕ ПРОВЕРЕНЫ: подписи верны, но ключи взяты из самого файла; укажите --agreement ФАЙЛ',
  },
  refused: { en: 'REFUSED: this file shows nothing', ru: 'ОТВЕРГНУТО: этот файл ничего не доказывает' },
}
const NOT_DENIED: Words = { en: 'What is not in the file it does not deny: its maker may have left messages out.', ru: 'Чего в файле нет, того он не отрицает: составитель мог опустить сообщения.' }

/** What a letter says, as far as one line goes. */
function gist({ kind, body }: Letter): string {
  const text = (name: string): string => typeof body[name] === 'string' ? body[name] : ''
  switch (kind) {
    case 'call/issue': return `${text('reason')}, due ${text('due')}`
    case 'call/answer': {
      const sum = (seen: string): number => (body.counts as readonly Record<string, number>[]).reduce((total, row) => total + (row[seen] ?? 0), 0)
      return `opened ${sum('opened')}, sealed ${sum('sealed')}, records ${sum('records')}`
    }
    case 'call/decline': return `${text('stance')}: ${text('reason')}`
    case 'transfer/notify': return `${(body.items as readonly unknown[]).length} items, receipt due ${text('due')}`
    case 'transfer/receive': return `${(body.items as readonly unknown[]).length} items, ${text('happened')}`
    case 'transfer/dispute': return `${(body.items as readonly unknown[]).length} items`
    case 'loss/notice': case 'theft/notice': case 'recovery/notice': return `${text('circumstances')}, ${text('discovered')}`
    case 'inspection/announce': return `${text('inspected')}, ${text('day')}`
    case 'inspection/show': return `${(body.leaves as readonly unknown[]).length} leaves`
    case 'inspection/report': return (body.shown as { readonly outcome: string }).outcome
    case 'inspection/reply': return text('stance')
    default: return ''
  }
}

/** What the draw and the leaves say, recomputed from the messages. */
function inspectionLines(inspection: Inspection | undefined, lang: Lang): string[] {
  if (inspection === undefined) return []
  const { stage, items, sample, drawn, failed, wrong, reports } = inspection
  const state = lang === 'en' ? `Draw recomputed: ${stage}; sample ${sample ?? '?'} of ${items ?? '?'}, leaves opened ${drawn.length}.` : `Жеребьёвка пересчитана: ${stage}; выборка ${sample ?? '?'} из ${items ?? '?'}, раскрыто записей ${drawn.length}.`
  return [
    state, ...(failed.length === 0 ? [] : [printable(`  ${lang === 'en' ? 'failed' : 'сорвано стороной'}: ${failed.join(', ')}${wrong === undefined ? '' : `: ${wrong.message} [${wrong.code}]`}`)]),
    ...reports.map(({ from, body: { shown } }) => `  ${from}: ${lang === 'en' ? 'seen' : 'осмотрено'} ${shown.seen}/${shown.sample}, ${shown.outcome}`),
  ]
}

function lines(verification: CorrespondenceVerification, lang: Lang): string[] {
  if (verification.verdict === 'refused') return [VERDICT.refused[lang], ...verification.findings.map(({ code, message }) => printable(`  ${code}: ${message}`))]
  const { verdict, affair, exercise, agreement, letters } = verification
  const titles = lang === 'en' ? ['signed', 'from', 'to', 'what', 'says', 'receipt of the other side'] : ['подписано', 'от', 'кому', 'что', 'содержание', 'расписка другой стороны']
  return [
    `${affair.kind} ${affair.id} · ${agreement}`, ...(exercise ? [SAY.exercise[lang]] : []), VERDICT[verdict][lang],
    ...tableLines(titles.map((title) => ({ title })), letters.map((letter) => [letter.time, letter.from, letter.to, letter.kind, gist(letter), letter.receipted ?? undefined]), COLUMNS), ...inspectionLines(verification.inspection, lang), NOT_DENIED[lang],
  ]
}

function inspectionJson(inspection: Inspection | undefined): unknown {
  if (inspection === undefined) return null
  const { stage, items, sample, drawn, complete, failed, wrong, reports } = inspection
  return { stage, items: items ?? null, sample: sample ?? null, leaves: drawn.length, complete, failed, wrong: wrong === undefined ? null : { code: wrong.code, message: wrong.message }, reports: reports.map(({ from, body: { shown } }) => ({ from, shown })) }
}

/** Exit code: 0 proven, 1 consistent or refused. */
export function correspondenceCommand(group: Group, { bytes, trusted, known }: Brought, { json, lang, out }: { readonly json: boolean, readonly lang: Lang, readonly out: (line: string) => void }): number {
  const verification = verifyCorrespondence(nodePrimitives, group, bytes, trusted, known)
  if (json) out(JSON.stringify(verification.verdict === 'refused' ? verification : { ...verification, inspection: inspectionJson(verification.inspection) }))
  else for (const line of lines(verification, lang)) out(line)
  return verification.verdict === 'proven' ? EXIT.ok : EXIT.no
}
