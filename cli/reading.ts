// The register read from its first event to its last, with a bar.
import type { ReadingProgress } from '@muster/registry/store/each-item.ts'
import type { Progress } from './progress.ts'
import type { Context } from './verb.ts'

/** A bar while `act` reads. */
export async function reading<T>(context: Context, act: (progress: ReadingProgress) => Promise<T>): Promise<T> {
  let bar: Progress | undefined
  try {
    return await act({ onTotal: (events) => { bar = context.progress(context.say({ en: 'reading the events', ru: 'чтение событий' }), events) }, onEvents: (events) => { bar?.add(events) } })
  } finally {
    bar?.end()
  }
}
