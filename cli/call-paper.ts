// The acts of `muster call` for states without a registry: the note that is printed or mailed, and the paper answer that is entered by hand.
import { resolve } from 'node:path'
import { isDate } from '@muster/core/bytes/time.ts'
import { NO_COUNT_REASONS } from '@muster/core/rules/call.ts'
import type { PaperSaid } from '@muster/core/rules/paper.ts'
import type { Home } from '@muster/registry/main.ts'
import { addressOnPaper, enterPaper } from '@muster/registry/call/paper.ts'
import { usage } from './errors.ts'
import { hallOf } from './hall.ts'
import { oneOfWords } from './options.ts'
import { people } from './people.ts'
import { photosAt } from './photo-files.ts'
import type { Context, Option } from './verb.ts'
import { writeNew } from './write-new.ts'

export const PAPER_OPTIONS: Readonly<Record<'state' | 'out' | 'on' | 'count' | 'delivered' | 'scan', Option>> = {
  state: { type: 'string', value: 'NAME', help: { en: 'a state without a registry', ru: 'государство без реестра' } },
  out: { type: 'string', value: 'FILE', help: { en: 'the note to write', ru: 'файл ноты' } },
  on: { type: 'string', value: 'DATE', help: { en: 'the date on the paper', ru: 'дата на бумаге' } },
  count: { type: 'string', multiple: true, value: 'CLASS=N,N,N', help: { en: 'of a class: opened, sealed, in the records only', ru: 'по классу: вскрыто, по пломбам, только по учёту' } },
  delivered: { type: 'boolean', help: { en: 'the note was handed over; there is no answer yet', ru: 'нота вручена, ответа ещё нет' } },
  scan: { type: 'string', value: 'FILE', help: { en: 'a scan of the paper (JPEG or PNG)', ru: 'скан бумаги (JPEG или PNG)' } },
}

const at = (context: Context, home: Home) => ({ register: home.register, joined: hallOf(context, home).joined })

export async function writeNote(context: Context, home: Home, id: string): Promise<number> {
  const state = context.args.required('state')
  const path = resolve(context.args.required('out'))
  await writeNew(context, path, Buffer.from(await addressOnPaper(at(context, home), id, state, people(context), home.now())))
  if (context.json) context.answer({ file: path, state })
  else context.out(context.say({ en: `${path}: print or mail it. What ${state} answers is entered with muster call paper.`, ru: `${path}: напечатайте или отправьте. Ответ (${state}) вносится командой muster call paper.` }))
  return 0
}

function saidIn(context: Context): Exclude<PaperSaid, { readonly kind: 'addressed' }> {
  const on = context.args.required('on')
  if (!isDate(on)) throw usage(`--on ${on}: YYYY-MM-DD`)
  if (context.args.flag('delivered')) return { kind: 'delivered', on }
  if (context.args.text('reason') !== undefined) return { kind: context.args.flag('object') ? 'objected' : 'declined', on, reason: oneOfWords(context, 'reason', NO_COUNT_REASONS) }
  return {
    kind: 'answered', on,
    counts: context.args.texts('count').map((text) => {
      const [, kind = '', opened = '', sealed = '', records = ''] = /^([a-z][a-z0-9-]*)=(\d{1,9}),(\d{1,9}),(\d{1,9})$/.exec(text) ?? []
      if (kind === '') throw usage(`--count ${text}: ${context.say({ en: 'CLASS=opened,sealed,records', ru: 'КЛАСС=вскрыто,по пломбам,по учёту' })}`)
      return { class: kind, opened: Number(opened), sealed: Number(sealed), records: Number(records) }
    }),
  }
}

export async function enterAnswer(context: Context, home: Home, id: string): Promise<number> {
  const state = context.args.required('state')
  const scan = context.args.text('scan')
  const [photo] = await photosAt(context, scan === undefined ? [] : [scan])
  const said = saidIn(context)
  await enterPaper(at(context, home), id, state, said, photo?.photo, people(context), home.now())
  if (context.json) context.answer({ state, ...said, scan: photo?.hash ?? null })
  else context.out(context.say({ en: `Entered for ${state}: ${said.kind}, ${said.on}.`, ru: `Внесено для ${state}: ${said.kind}, ${said.on}.` }))
  return 0
}
