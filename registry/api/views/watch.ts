// Finds on watch as they are looked at, by the commands and by the API. Labels are counted, not shown, until one has news.
import type { Watched } from '../../watch/view.ts'

export function watchView({ watch, state, looked, news, ended }: Watched) {
  const { labels, ...rest } = watch
  return {
    ...rest, labels: labels.length, present: labels.filter(({ present }) => present).length, state, looked: looked ?? null, ended: ended ?? null,
    news: news.map(({ label, what, sequence, found }) => ({ label, what, sequence, found })),
  }
}
