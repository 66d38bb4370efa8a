// What `muster agreement` says about texts, positions and duties.
import type { AgreementState } from '@muster/core/rules/standing.ts'
import type { PositionKind } from '@muster/core/wire/agreement-body.ts'
import type { Words } from './verb.ts'

export const STATE: Readonly<Record<AgreementState, Words>> = {
  'draft': { en: 'draft', ru: 'проект' }, 'proposed': { en: 'proposed', ru: 'предложено' }, 'signed': { en: 'signed by some', ru: 'подписано не всеми' },
  'in-force': { en: 'in force', ru: 'действует' }, 'ended': { en: 'ended', ru: 'прекращено' },
}

export const POSITION: Readonly<Record<PositionKind, Words>> = {
  position: { en: 'position', ru: 'позиция' }, objection: { en: 'objection', ru: 'возражение' }, reservation: { en: 'reservation', ru: 'оговорка' }, question: { en: 'question', ru: 'вопрос' },
}
