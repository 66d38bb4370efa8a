// `muster serve`: a party's registry, until stopped.
import { openAnswering } from '@muster/registry/answering.ts'
import { openHome, serveHome } from '@muster/registry/main.ts'
import type { Verb } from '../verb.ts'

const PORT_MAX = 65_535

export const verb: Verb = {
  name: 'serve',
  summary: { en: 'serve the registry: log, witness, reader, messages', ru: 'запустить реестр: журнал, свидетель, читатель, сообщения' },
  usage: ['muster serve [--host ADDRESS] [--port N] --dir D'],
  options: {
    host: { type: 'string', value: 'ADDRESS', help: { en: 'address to listen on (127.0.0.1)', ru: 'адрес (127.0.0.1)' } },
    port: { type: 'string', value: 'N', help: { en: 'port to listen on (any free one)', ru: 'порт (любой свободный)' } },
    mute: { type: 'boolean', help: { en: 'exercise only: take every request, give its receipt, answer nothing', ru: 'только на учениях: принимать запросы, давать расписку и не отвечать' } },
  },
  run: async (context) => {
    const stopped = context.stopped()
    const home = await openHome(context.dir, { databaseUrl: context.databaseUrl, report: (what) => { context.stderr(what) } })
    try {
      const answering = await openAnswering(home, { mute: context.args.flag('mute') })
      try {
        const serving = await serveHome(home, {
          port: context.args.integer('port', { min: 0, max: PORT_MAX }) ?? 0, host: context.args.text('host') ?? '127.0.0.1', message: answering.message, everyPeriod: answering.everyPeriod,
        })
        const { party, exercise } = home.register.file
        if (context.json) context.answer({ party, exercise, url: serving.url })
        else context.out(`${party}: ${serving.url}`)
        await new Promise<void>((resolve) => {
          if (stopped.aborted) resolve()
          else stopped.addEventListener('abort', () => { resolve() }, { once: true })
        })
        await serving.close()
      } finally {
        await answering.close()
      }
    } finally {
      await home.close()
    }
    return 0
  },
}
