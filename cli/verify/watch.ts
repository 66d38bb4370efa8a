// `muster verify` of a proof from a watch: that a label came into a party's declarations with one of them, checked alone by whoever holds the file.
import { verifyWatchProof, type WatchVerification } from '@muster/core/wire/watch-proof.ts'
import { SAY } from '@muster/core/words/dossier.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { EXIT } from '../errors.ts'
import { printable } from '../table.ts'
import type { Lang, Words } from '../verb.ts'
import type { Brought } from './files.ts'

const VERDICT: Readonly<Record<WatchVerification['verdict'], Words>> = {
  proven: { en: 'PROVEN: the declaration holds the label, and the one before it did not', ru: 'ДОКАЗАНО: метка есть в декларации, а в предыдущей её не было' },
  consistent: { en: 'CONSISTENT, KEYS NOT TRUSTED: the proofs hold under keys that the file itself brought; give --agreement FILE', ru: 'СОГЛАСОВАНО, КЛЮЧИ НЕ ПРОВЕРЕНЫ: доказательства верны, но ключи взяты из самого файла; укажите --agreement ФАЙЛ' },
  refused: { en: 'REFUSED: this file shows nothing', ru: 'ОТВЕРГНУТО: этот файл ничего не доказывает' },
}
const OF_WHICH_MARK: Words = { en: 'Which mark the label is of, the dossier of the trace that learnt it shows.', ru: 'Какой маркировке принадлежит метка, показывает досье прослеживания.' }

function lines(verification: WatchVerification, lang: Lang): string[] {
  if (verification.verdict === 'refused') return [VERDICT.refused[lang], ...verification.findings.map(({ code, message }) => printable(`  ${code}: ${message}`))]
  const { agreement, exercise, party, label, sequence, asOf, notAsOf, witnessed, read, quorum } = verification.appeared
  const told: Words = {
    en: `${party} · ${agreement} · declaration ${sequence} as of ${asOf}, not in the one as of ${notAsOf}; log cosigned by ${witnessed.length}, declaration read by ${read.length}, quorum ${quorum}`,
    ru: `${party} · ${agreement} · декларация ${sequence} на ${asOf}, в предыдущей на ${notAsOf} не было; журнал заверили ${witnessed.length}, декларацию прочли ${read.length}, кворум ${quorum}`,
  }
  return [...(exercise ? [SAY.exercise[lang]] : []), VERDICT[verification.verdict][lang], told[lang], label, OF_WHICH_MARK[lang]]
}

/** Exit code: 0 proven, 1 consistent or refused. `now`: POSIX seconds. */
export function watchCommand({ bytes, trusted, known }: Brought, { json, lang, out }: { readonly json: boolean, readonly lang: Lang, readonly out: (line: string) => void }, now: number): number {
  const verification = verifyWatchProof(nodePrimitives, bytes, trusted, now, known)
  if (json) out(JSON.stringify(verification))
  else for (const line of lines(verification, lang)) out(line)
  return verification.verdict === 'proven' ? EXIT.ok : EXIT.no
}
