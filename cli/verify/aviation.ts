// `muster verify` of what aviation authorities were given: whose word it is.
import { createHash } from 'node:crypto'
import { verifyAviationNotice, type AviationVerification } from '@muster/core/wire/aviation-notice.ts'
import { aviationText } from '@muster/core/wire/aviation-text.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { EXIT } from '../errors.ts'
import { printable } from '../table.ts'
import type { Lang, Words } from '../verb.ts'
import type { Brought } from './files.ts'

const VERDICT: Readonly<Record<AviationVerification['verdict'], Words>> = {
  proven: { en: 'PROVEN: the party signed it, under the keys of your agreement', ru: 'ДОКАЗАНО: подписано стороной, ключи — из вашего соглашения' },
  consistent: { en: 'CONSISTENT, KEYS NOT TRUSTED: the signatures hold under the keys that the file brought; give --agreement FILE', ru: 'СОГЛАСОВАНО, КЛЮЧИ НЕ ПРОВЕРЕНЫ: подписи верны, но ключи взяты из самого файла; укажите --agreement ФАЙЛ' },
  refused: { en: 'REFUSED: this file shows nothing', ru: 'ОТВЕРГНУТО: этот файл ничего не доказывает' },
}

/** Exit code: 0 proven, 1 consistent or refused. */
export function aviationCommand({ bytes, trusted, known }: Brought, { json, lang, out }: { readonly json: boolean, readonly lang: Lang, readonly out: (line: string) => void }): number {
  const verification = verifyAviationNotice(nodePrimitives, bytes, trusted, known)
  if (json) out(JSON.stringify(verification))
  else {
    out(VERDICT[verification.verdict][lang])
    if (verification.verdict === 'refused') for (const { code, message } of verification.findings) out(printable(`  ${code}: ${message}`))
    else for (const line of aviationText(verification.notice, createHash('sha256').update(bytes).digest('hex')).trimEnd().split('\n')) out(printable(line))
  }
  return verification.verdict === 'proven' ? EXIT.ok : EXIT.no
}
