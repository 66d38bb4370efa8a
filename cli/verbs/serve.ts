// `muster serve`: a party's registry, until stopped.
import { openAnswering } from '@muster/registry/answering.ts'
import { openHome, serveHome } from '@muster/registry/main.ts'
import type { Context, Verb } from '../verb.ts'

const PORT_MAX = 65_535

/** Whoever reads the wire of another address than the own one reads the tokens. */
function apiOf(context: Context): { readonly port: number, readonly host: string } | undefined {
  const port = context.args.integer('api', { min: 0, max: PORT_MAX })
  const host = context.args.text('api-host') ?? '127.0.0.1'
  if (port !== undefined && !/^(127\.|::1$|localhost$)/.test(host)) context.stderr(context.say({ en: `The API listens on ${host} without TLS: put a TLS proxy before it, or tokens are read on the way.`, ru: `API слушает ${host} без TLS: поставьте перед ним прокси с TLS, иначе токены читаются в пути.` }))
  return port === undefined ? undefined : { port, host }
}

export const verb: Verb = {
  name: 'serve',
  summary: { en: 'serve the registry: log, witness, reader, messages', ru: 'запустить реестр: журнал, свидетель, читатель, сообщения' },
  usage: ['muster serve [--host ADDRESS] [--port N] [--api N [--api-host ADDRESS]] --dir D'],
  options: {
    'host': { type: 'string', value: 'ADDRESS', help: { en: 'address to listen on (127.0.0.1)', ru: 'адрес (127.0.0.1)' } },
    'port': { type: 'string', value: 'N', help: { en: 'port to listen on (any free one)', ru: 'порт (любой свободный)' } },
    'api': { type: 'string', value: 'N', help: { en: 'port of the API for the own people (muster token); not served unless given', ru: 'порт API для своих сотрудников (muster token); без него API не работает' } },
    'api-host': { type: 'string', value: 'ADDRESS', help: { en: 'address of the API (127.0.0.1); any other needs TLS before it', ru: 'адрес API (127.0.0.1); для любого другого нужен TLS перед ним' } },
    'mute': { type: 'boolean', help: { en: 'exercise only: take every request, give its receipt, answer nothing', ru: 'только на учениях: принимать запросы, давать расписку и не отвечать' } },
  },
  run: async (context) => {
    const stopped = context.stopped()
    const home = await openHome(context.dir, { databaseUrl: context.databaseUrl, report: (what) => { context.stderr(what) } })
    try {
      const answering = await openAnswering(home, { mute: context.args.flag('mute') })
      try {
        const serving = await serveHome(home, {
          port: context.args.integer('port', { min: 0, max: PORT_MAX }) ?? 0, host: context.args.text('host') ?? '127.0.0.1', message: answering.message, everyPeriod: answering.everyPeriod, api: apiOf(context),
        })
        const { party, exercise } = home.register.file
        if (context.json) context.answer({ party, exercise, url: serving.url, ...(serving.api === undefined ? {} : { api: serving.api }) })
        else {
          context.out(`${party}: ${serving.url}`)
          if (serving.api !== undefined) context.out(`API: ${serving.api}/api`)
        }
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
