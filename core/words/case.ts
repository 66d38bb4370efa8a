// Cases and the claims in them, in words for people.
import type { CaseActKind } from '../rules/case.ts'
import type { Standing } from '../rules/claim.ts'
import type { Words } from './lang.ts'

/** The words of the reports for how far a matter got, each its own. */
export const CLAIM_STANDING: Readonly<Record<Standing, Words>> = {
  'reported': { en: 'reported', ru: 'сообщено' },
  'said': { en: 'said', ru: 'сказано' },
  'asked': { en: 'asked', ru: 'запрошено' },
  'denied': { en: 'denied', ru: 'отрицается' },
  'discussed': { en: 'discussed', ru: 'обсуждено' },
  'raised': { en: 'raised', ru: 'поднят вопрос' },
  'approved': { en: 'approved', ru: 'одобрено' },
  'agreed': { en: 'agreed', ru: 'согласовано' },
  'decided': { en: 'decided', ru: 'решено' },
  'signed': { en: 'signed', ru: 'подписано' },
  'not-signed': { en: 'not signed', ru: 'не подписано' },
  'accepted': { en: 'accepted', ru: 'принято' },
  'pledged': { en: 'pledged', ru: 'обещано' },
  'planned': { en: 'planned', ru: 'запланировано' },
  'complained': { en: 'complained', ru: 'подана жалоба' },
}

export const CASE_ACT: Readonly<Record<CaseActKind, Words>> = {
  'opened': { en: 'opened', ru: 'открыто' }, 'recovery-added': { en: 'recovery', ru: 'изъятие' }, 'incident-added': { en: 'incident', ru: 'происшествие' }, 'document-added': { en: 'document', ru: 'документ' },
  'dossier-added': { en: 'dossier', ru: 'досье' }, 'claim-added': { en: 'claim', ru: 'сведение' }, 'explained': { en: 'explanation', ru: 'объяснение' }, 'fact-added': { en: 'fact', ru: 'факт' },
  'watch-told': { en: 'news of a watch', ru: 'новость контроля' }, 'disputed': { en: 'disputed', ru: 'оспорено' }, 'closed': { en: 'closed', ru: 'закрыто' },
}
