// `muster serve`: a party's registry, until stopped.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { shapedJson } from '@muster/core/bytes/shaped-json.ts'
import { openAnswering } from '@muster/registry/answering.ts'
import { others, type Others } from '@muster/registry/api/others.ts'
import { openHome, serveHome, type ServeOptions } from '@muster/registry/main.ts'
import type { Context, Verb } from '../verb.ts'

const PORT_MAX = 65_535

const OTHERS_BYTES_MAX = 1_048_576

async function othersIn(context: Context): Promise<Others> {
  const path = context.args.text('exercise-parties')
  if (path === undefined) return []
  const read = shapedJson('api', others, OTHERS_BYTES_MAX, await readFile(resolve(path)))
  if (read instanceof Refusal) throw read as Refusal
  return read
}

/** Whoever reads the wire of another address than the own one reads the tokens. */
async function apiOf(context: Context): Promise<ServeOptions['api']> {
  const port = context.args.integer('api', { min: 0, max: PORT_MAX })
  const host = context.args.text('api-host') ?? '127.0.0.1'
  if (port !== undefined && !/^(127\.|::1$|localhost$)/.test(host)) context.stderr(context.say({ en: `The API listens on ${host} without TLS: put a TLS proxy before it, or tokens are read on the way.`, ru: `API слушает ${host} без TLS: поставьте перед ним прокси с TLS, иначе токены читаются в пути.` }))
  return port === undefined ? undefined : { port, host, console: context.args.text('console'), others: await othersIn(context) }
}

export const verb: Verb = {
  name: 'serve',
  summary: { en: 'serve the registry: log, witness, reader, messages', ru: 'запустить реестр: журнал, свидетель, читатель, сообщения' },
  usage: ['muster serve [--host ADDRESS] [--port N] [--api N [--api-host ADDRESS] [--console FOLDER]] --dir D'],
  options: {
    'host': { type: 'string', value: 'ADDRESS', help: { en: 'address to listen on (127.0.0.1)', ru: 'адрес (127.0.0.1)' } },
    'port': { type: 'string', value: 'N', help: { en: 'port to listen on (any free one)', ru: 'порт (любой свободный)' } },
    'api': { type: 'string', value: 'N', help: { en: 'port of the API for the own people (muster token); not served unless given', ru: 'порт API для своих сотрудников (muster token); без него API не работает' } },
    'api-host': { type: 'string', value: 'ADDRESS', help: { en: 'address of the API (127.0.0.1); any other needs TLS before it', ru: 'адрес API (127.0.0.1); для любого другого нужен TLS перед ним' } },
    'console': { type: 'string', value: 'FOLDER', help: { en: 'serve the pages of npm run console from there, beside the API', ru: 'показывать страницы из этой папки (npm run console) рядом с API' } },
    'exercise-parties': { type: 'string', value: 'FILE', help: { en: 'exercise only: where the other parties\' consoles are, with their passes (JSON)', ru: 'только на учениях: адреса страниц других сторон с пропусками (JSON)' } },
    'mute': { type: 'boolean', help: { en: 'exercise only: take every request, give its receipt, answer nothing', ru: 'только на учениях: принимать запросы, давать расписку и не отвечать' } },
  },
  run: async (context) => {
    const stopped = context.stopped()
    const home = await openHome(context.dir, { databaseUrl: context.databaseUrl, report: (what) => { context.stderr(what) } })
    try {
      const answering = await openAnswering(home, { mute: context.args.flag('mute') })
      try {
        const serving = await serveHome(home, {
          port: context.args.integer('port', { min: 0, max: PORT_MAX }) ?? 0, host: context.args.text('host') ?? '127.0.0.1', message: answering.message, everyPeriod: answering.everyPeriod, api: await apiOf(context),
        })
        const { party, exercise } = home.register.file
        if (context.json) context.answer({ party, exercise, url: serving.url, ...(serving.api === undefined ? {} : { api: serving.api }) })
        else {
          context.out(`${party}: ${serving.url}`)
          if (serving.api !== undefined) context.out(`${context.args.text('console') === undefined ? '' : `${serving.api}/  `}API: ${serving.api}/api`)
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
