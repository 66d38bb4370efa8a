// `muster record`: the public record as tables, or as one page.
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'record',
  summary: { en: 'the public record: who reported what, and when', ru: 'публичные сведения: кто, что и когда сообщил' },
  usage: ['muster record [--page FILE]'],
  options: { page: { type: 'string', value: 'FILE', help: { en: 'write one static HTML page', ru: 'записать одну страницу HTML' } } },
  run: async (context) => {
    context.table([{ title: 'n' }], [[1]])
    return 0
  },
}
