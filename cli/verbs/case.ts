// `muster case`: case files. Two people open one.
import { listCases, openCase } from '@muster/registry/store/cases.ts'
import { openRegister } from '@muster/registry/store/register.ts'
import { usage } from '../errors.ts'
import { now } from '../now.ts'
import { people, PEOPLE } from '../people.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'case',
  summary: { en: 'case files: open one, list them', ru: 'дела: открыть, показать список' },
  usage: ['muster case open --title TITLE --by NAME --and NAME --dir D', 'muster case list --dir D'],
  positionals: { min: 1, max: 1 },
  options: { title: { type: 'string', value: 'TITLE', help: { en: 'what the case is about', ru: 'о чём дело' } }, ...PEOPLE },
  run: async (context) => {
    const [act] = context.args.positionals
    if (act !== 'open' && act !== 'list') throw usage(`case ${act ?? ''}: open, list`)
    const title = act === 'open' ? context.args.required('title') : ''
    const register = await openRegister(context.dir, { databaseUrl: context.databaseUrl })
    try {
      if (act === 'open') {
        const { by, and } = people(context)
        const opened = await openCase(register, title, by, and, now())
        if (context.json) context.answer(opened)
        else context.out(opened.id)
        return 0
      }
      const cases = await listCases(register)
      if (context.json) {
        for (const each of cases) context.answer(each)
        context.answer({ cases: cases.length })
      } else {
        context.table([{ title: context.say({ en: 'case', ru: 'дело' }) }, { title: context.say({ en: 'title', ru: 'название' }) }, { title: context.say({ en: 'opened by', ru: 'открыли' }) }, { title: context.say({ en: 'at', ru: 'когда' }) }],
          cases.map(({ id, title: about, by, and, written }) => [id, about, `${by}, ${and}`, written]))
      }
      return 0
    } finally {
      await register.close()
    }
  },
}
