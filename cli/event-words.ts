// What happened to an item, in the words of the reader.
import type { EventKind } from '@muster/core/rules/custody-event.ts'
import { KIND } from '@muster/core/words/event.ts'
import type { Context } from './verb.ts'

export function kindText(context: Context, kind: EventKind): string {
  return context.say(KIND[kind])
}
