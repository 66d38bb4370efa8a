// The question `mark` of the conformance door: the keys of a text as one serial of an unknown component.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { markKeys, type ReadingKey } from '@muster/core/rules/mark-keys.ts'
import type { Request } from './request.ts'

export function answerMark({ mark }: Request): { readonly keys: readonly ReadingKey[] } | { readonly error: string } {
  if (typeof mark !== 'string') return { error: 'malformed' }
  try {
    return { keys: markKeys(mark) }
  } catch (thrown) {
    if (thrown instanceof Refusal) return { error: String(thrown.code) }
    throw thrown
  }
}
