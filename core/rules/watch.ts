// A find on watch (DESIGN section 5, spec/watch.md): the labels that a trace learnt of a party stay good for as long as its OPRF key, so each new
// declaration is looked up in alone, without a question. What a declaration brings is told once. Pure.
import { hex, integer, list, object, boolean, type Shaped } from '../bytes/shape.ts'
import { CANDIDATES_MAX } from './ladder.ts'

/** A label under which the find was asked for: its element in the question, and whether it was declared then. */
const watchedLabel = object({ element: integer(0, CANDIDATES_MAX - 1), label: hex(32), present: boolean })
export const watchedLabels = list(watchedLabel, 1, CANDIDATES_MAX)
export type WatchedLabel = Shaped<typeof watchedLabel>

/** `appeared`: declared now and not before. `vanished`: declared before and not now, which no lawful declaration does. */
export type NewsKind = 'appeared' | 'vanished'
export interface News { readonly label: WatchedLabel, readonly what: NewsKind }

/** What a declaration brings of the labels on watch; `told` are those of which news was told already. Labels stay for ever, so one look in the newest declaration says it all. */
export function newsOf(labels: readonly WatchedLabel[], told: ReadonlySet<string>, declared: (label: string) => boolean): News[] {
  return labels.flatMap((each): News[] => {
    if (told.has(each.label)) return []
    const now = declared(each.label)
    return now === each.present ? [] : [{ label: each, what: now ? 'appeared' : 'vanished' }]
  })
}

/** Why nothing more is looked up: two people ended it, the record of the find was taken back, or the party's labels are of another key now. */
export type WatchState = 'watching' | 'ended' | 'corrected' | 'stale'

export function watchState({ ended, corrected, oprf, newestOprf }: { readonly ended: boolean, readonly corrected: boolean, readonly oprf: string, readonly newestOprf: string | undefined }): WatchState {
  if (ended) return 'ended'
  if (corrected) return 'corrected'
  return newestOprf === undefined || newestOprf === oprf ? 'watching' : 'stale'
}
