// The printed form of what aviation authorities are told, in both languages, made of the signed words alone.
import type { AviationWords } from './aviation-notice.ts'

const KIND = { loss: ['LOSS', 'УТРАТА'], theft: ['THEFT', 'ХИЩЕНИЕ'], recovery: ['RECOVERY', 'ИЗЪЯТИЕ'] } as const

export function aviationText({ party, name, exercise, marking, kind, discovered, made, notice, items }: AviationWords, sha256: string): string {
  const [en, ru] = KIND[kind]
  const rows = items.map(({ class: what, type, items: count }) => `  ${count} × ${what}${type === null ? '' : ` ${type}`}`)
  return [
    ...(exercise ? ['EXERCISE · УЧЕНИЕ'] : []), [marking.level, ...marking.caveats].join(' · '), '',
    `${name} (${party})`, '',
    `NOTICE OF ${en} to aviation authorities`, `Discovered on ${discovered}:`, ...rows, '',
    `УВЕДОМЛЕНИЕ авиационным властям: ${ru}`, `Обнаружено ${discovered}:`, ...rows, '',
    `Reference · ссылка: ${notice}`, `Made · составлено: ${made}`, `SHA-256 of the signed file · подписанного файла: ${sha256}`, '',
  ].join('\n')
}
