// `muster bench`: `npm run bench` by another name. The measurements lie beside the source and not in it: they run as a program of their own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { EXIT, usage } from '../errors.ts'
import type { Verb } from '../verb.ts'

const MAIN = fileURLToPath(new URL('../../bench/main.ts', import.meta.url))
const FLAGS = ['quick', 'write'] as const

export const verb: Verb = {
  name: 'bench',
  summary: { en: 'measure every row beside its peer and its limit', ru: 'измерить каждую строку рядом с аналогом и пределом' },
  usage: ['muster bench [--quick] [--only NAME …] [--write]'],
  options: {
    quick: { type: 'boolean', help: { en: 'smaller inputs; ends within three minutes', ru: 'малые входные данные; не дольше трёх минут' } },
    only: { type: 'string', multiple: true, value: 'NAME', help: { en: 'this row alone; may be given again', ru: 'только эта строка; можно повторить' } },
    write: { type: 'boolean', help: { en: 'figures of a full run into docs/bench.md', ru: 'итоги полного прогона — в docs/bench.md' } },
  },
  run: async (context) => {
    const { args, json } = context
    if (!existsSync(MAIN)) {
      throw usage(context.say({ en: 'the measurements are not in this installation', ru: 'в этой установке нет измерений' }), context.say({ en: 'run it from the source tree', ru: 'запустите из дерева исходников' }))
    }
    const words = [...FLAGS.filter((flag) => args.flag(flag)).map((flag) => `--${flag}`), ...args.texts('only').flatMap((name) => ['--only', name]), ...(json ? ['--json'] : [])]
    const child = spawn(execPath, [MAIN, ...words], { stdio: 'inherit' })
    context.stopped().addEventListener('abort', () => child.kill('SIGTERM'))
    const [code] = await once(child, 'exit') as [number | null]
    return code ?? EXIT.fault
  },
}
