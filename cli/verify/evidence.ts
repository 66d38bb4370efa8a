// `muster verify` of an evidence file: what a party signed and may not have signed, checked alone by whoever holds the file.
import type { Charge } from '@muster/core/wire/charge.ts'
import { verifyEvidence, type EvidenceVerification } from '@muster/core/wire/evidence.ts'
import { SAY } from '@muster/core/words/dossier.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { publicGroup } from '@muster/fast/public-group.ts'
import { EXIT } from '../errors.ts'
import { printable } from '../table.ts'
import type { Lang, Words } from '../verb.ts'
import type { Brought } from './files.ts'

export const CHARGE: Readonly<Record<Charge, Words>> = {
  'fork': { en: 'signed two histories of one log', ru: 'подписаны две истории одного журнала' },
  'witnessed-fork': { en: 'its witness cosigned two histories of one log', ru: 'её свидетель заверил две истории одного журнала' },
  'second-entry': { en: 'entered two documents of one kind and number in its log', ru: 'в журнал внесены два документа одного вида и номера' },
  'two-checkpoints': { en: 'signed two checkpoints of one declaration', ru: 'подписаны две контрольные точки одной декларации' },
  'other-than-its-head': { en: 'signed a declaration that is not the one in its log', ru: 'подписана не та декларация, что внесена в журнал' },
  'unsorted': { en: 'signed a declaration that is not in order', ru: 'подписана неупорядоченная декларация' },
  'unlawful-entry': { en: 'signed a declaration with an entry that none may have', ru: 'подписана декларация с недопустимой записью' },
  'label-gone': { en: 'signed a declaration from which a label has vanished', ru: 'подписана декларация, из которой исчезла метка' },
  'two-messages': { en: 'signed two messages of one number to one receiver', ru: 'подписаны два сообщения одного номера одному получателю' },
  'two-answers': { en: 'signed two answers to one question', ru: 'подписаны два ответа на один запрос' },
  'false-evaluation': { en: 'signed an evaluation that does not hold under its own key', ru: 'подписано вычисление, неверное под собственным ключом' },
  'broken-chain': { en: 'signed a message that does not name the one before it', ru: 'подписано сообщение, не называющее предыдущее' },
  'silent': { en: 'had a question and gave no answer when it was due', ru: 'имела запрос и не ответила в срок' },
  'unopened': { en: 'had an evaluation and did not open the batch when it was due', ru: 'получила вычисление и не раскрыла пакет в срок' },
  'other-table': { en: 'opened another table to a reconciliation than it had bound', ru: 'раскрыла для сверки не ту таблицу, которую связала' },
  'false-opening': { en: 'opened a batch otherwise than it had blinded it, or not at all', ru: 'раскрыла пакет не так, как ослепила, или не раскрыла вовсе' },
}

const VERDICT: Readonly<Record<EvidenceVerification['verdict'], Words>> = {
  proven: { en: "PROVEN: the party's own signatures show it, under the keys of your agreement", ru: 'ДОКАЗАНО: это показывают собственные подписи стороны, ключи — из вашего соглашения' },
  consistent: {
    en: 'CONSISTENT, KEYS NOT TRUSTED: the signatures show it, under keys that the file itself brought; give --agreement FILE',
    ru: 'СОГЛАСОВАНО, КЛЮЧИ НЕ ПРОВЕРЕНЫ: подписи это показывают, но ключи взяты из самого файла; укажите --agreement ФАЙЛ',
  },
  refused: { en: 'REFUSED: this is no evidence of anything', ru: 'ОТВЕРГНУТО: это ничего не доказывает' },
}

/** Nobody can prove that nothing was said: these charges rest on a signed word, which whoever was accused disproves. */
const BY_WORD: readonly Charge[] = ['silent', 'unopened']
const WORD: Words = {
  en: 'That it had the question or the answer is proven; that nothing came back is the signed word of whoever waited, and showing what was sent in time disproves it',
  ru: 'Доказано, что запрос или ответ у стороны был; что ничего не поступило — подписанное слово ожидавшего: его опровергает предъявление отправленного в срок',
}

const FOUND: Words = { en: 'Found, by the word of whoever made this file', ru: 'Обнаружено, по словам составителя файла' }

function jsonOf(verification: EvidenceVerification): unknown {
  const { verdict, findings } = verification
  if (verification.verdict === 'refused') return { verdict, findings }
  const { evidence: { party, charge, found }, exercise, agreement } = verification
  return { verdict, findings, exercise, agreement, party, charge, found }
}

function lines(verification: EvidenceVerification, lang: Lang): string[] {
  if (verification.verdict === 'refused') return [VERDICT.refused[lang], ...verification.findings.map(({ code, message }) => printable(`  ${code}: ${message}`))]
  const { verdict, evidence: { party, charge, found }, exercise, agreement } = verification
  return [
    printable(`${party} · ${agreement} · ${CHARGE[charge][lang]}`), ...(exercise ? [SAY.exercise[lang]] : []), VERDICT[verdict][lang], ...(BY_WORD.includes(charge) ? [WORD[lang]] : []), `${FOUND[lang]}: ${found}`,
  ]
}

/** Exit code: 0 proven, 1 consistent or refused. */
export async function evidenceCommand({ bytes, trusted, known }: Brought, { json, lang, out }: { readonly json: boolean, readonly lang: Lang, readonly out: (line: string) => void }): Promise<number> {
  const verification = verifyEvidence(nodePrimitives, await publicGroup(), bytes, trusted, known)
  if (json) out(JSON.stringify(jsonOf(verification)))
  else for (const line of lines(verification, lang)) out(line)
  return verification.verdict === 'proven' ? EXIT.ok : EXIT.no
}
