// `muster verify` of a case: its acts follow from one another, and the log of its keeper binds them.
import { verifyCaseFile, type CaseVerification } from '@muster/core/wire/case-file.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { caseTold } from '../case/sheets.ts'
import { EXIT } from '../errors.ts'
import { printable, tableLines } from '../table.ts'
import type { Lang, Words } from '../verb.ts'
import type { Brought } from './files.ts'

const COLUMNS = 120
const VERDICT: Readonly<Record<CaseVerification['verdict'], Words>> = {
  proven: { en: 'PROVEN: the log of its keeper binds every act, under the keys of your agreement', ru: 'ДОКАЗАНО: все записи связаны журналом стороны, ключи — из вашего соглашения' },
  consistent: { en: 'CONSISTENT: the acts follow from one another; give --agreement FILE, or wait until the log binds all of them', ru: 'СОГЛАСОВАНО: записи следуют одна из другой; укажите --agreement ФАЙЛ или дождитесь, пока журнал свяжет все' },
  refused: { en: 'REFUSED: this file shows nothing', ru: 'ОТВЕРГНУТО: этот файл ничего не доказывает' },
}

function lines(verification: CaseVerification, lang: Lang): string[] {
  if (verification.verdict === 'refused') return [VERDICT.refused[lang], ...verification.findings.map(({ code, message }) => printable(`  ${code}: ${message}`))]
  const { verdict, id, party, exercise, acts, bound, witnessed, quorum } = verification
  const { title, origin, parts } = caseTold(acts, exercise, lang)
  const told: Words = { en: `${party} · case ${id}; acts ${acts.length}, bound ${bound}; cosigned by ${witnessed.length}, quorum ${quorum}`, ru: `${party} · дело ${id}; записей ${acts.length}, связано ${bound}; заверили ${witnessed.length}, кворум ${quorum}` }
  return [
    VERDICT[verdict][lang], told[lang], printable(title), printable(origin),
    ...parts.flatMap((part) => ['', part.title.toUpperCase(), ...part.sheets.flatMap((sheet) => [...(sheet.title === '' ? [] : ['', printable(sheet.title)]), ...tableLines(sheet.columns.map((column) => ({ title: column })), sheet.rows, COLUMNS), ...sheet.notes.map(printable)])]),
  ]
}

/** Exit code: 0 proven, 1 consistent or refused. `now`: POSIX seconds. */
export function caseCommand({ bytes, trusted, known }: Brought, { json, lang, out }: { readonly json: boolean, readonly lang: Lang, readonly out: (line: string) => void }, now: number): number {
  const verification = verifyCaseFile(nodePrimitives, bytes, trusted, now, known)
  if (json) out(JSON.stringify(verification))
  else for (const line of lines(verification, lang)) out(line)
  return verification.verdict === 'proven' ? EXIT.ok : EXIT.no
}
