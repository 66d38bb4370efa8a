// `muster event`: one custody event, recorded under the law.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { EVENT_KINDS, SEQ_MAX, requestOf, type CustodyRequest } from '@muster/core/rules/custody-event.ts'
import { isItemId } from '@muster/core/rules/item.ts'
import { ONCE_KEY_CHARACTERS_MAX } from '@muster/registry/store/record-event.ts'
import { openRegister } from '@muster/registry/store/register.ts'
import { recordByHand } from '@muster/registry/transfer/by-hand.ts'
import { documentOf } from '../document.ts'
import { usage } from '../errors.ts'
import { now } from '../now.ts'
import { people, PEOPLE } from '../people.ts'
import { photosAt, withPhotos } from '../photo-files.ts'
import type { Context, Verb } from '../verb.ts'

const DATA_BYTES_MAX = 65_536

/** JSON as typed, or of a file behind an `@`. */
async function dataOf(context: Context): Promise<Json> {
  const given = context.args.text('data') ?? '{}'
  const text = given.startsWith('@') ? await readFile(resolve(given.slice(1)), 'utf8') : given
  if (text.length > DATA_BYTES_MAX) throw usage(`--data: ${text.length} > ${DATA_BYTES_MAX}`)
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    throw usage(`--data: ${error instanceof Error ? error.message : ''}`, context.say({ en: 'give one JSON object, or @FILE', ru: 'укажите объект JSON или @ФАЙЛ' }))
  }
}

async function requestFrom(context: Context, photos: readonly { readonly hash: string }[]): Promise<CustodyRequest> {
  const { by, and } = people(context)
  const data = withPhotos(await dataOf(context), photos.map(({ hash }) => hash))
  const request = requestOf({
    kind: context.args.required('kind'), happened: context.args.text('happened') ?? now(), by, and, reason: context.args.required('reason').trim(),
    documents: context.args.texts('document').map(documentOf), data,
  })
  if (request instanceof Error) throw request
  return request
}

export const verb: Verb = {
  name: 'event',
  summary: { en: 'record what happened to an item', ru: 'записать событие с единицей' },
  usage: ['muster event ITEM --kind KIND --reason TEXT [--data JSON|@FILE] [--document [SERIES/]NUMBER[/DATE]] --by NAME [--and NAME] --dir D', 'muster event new --kind seized --reason TEXT --data @FILE --by NAME --dir D'],
  positionals: { min: 1, max: 1 },
  options: {
    kind: { type: 'string', value: 'KIND', help: { en: EVENT_KINDS.join(', '), ru: `одно из: ${EVENT_KINDS.join(', ')}` } },
    happened: { type: 'string', value: 'TIME', help: { en: 'when it happened, YYYY-MM-DDTHH:MM:SSZ (default: now)', ru: 'когда произошло, ГГГГ-ММ-ДДTЧЧ:ММ:ССZ (по умолчанию сейчас)' } },
    reason: { type: 'string', value: 'TEXT', help: { en: 'why', ru: 'основание словами' } },
    data: { type: 'string', value: 'JSON|@FILE', help: { en: 'what the kind of event says (spec/event.md)', ru: 'сведения события (spec/event.md)' } },
    document: { type: 'string', multiple: true, value: 'DOC', help: { en: 'document it rests on: SERIES/NUMBER/DATE', ru: 'документ: СЕРИЯ/НОМЕР/ДАТА' } },
    photo: { type: 'string', multiple: true, value: 'FILE', help: { en: 'photo of the first mark, the second … (JPEG or PNG)', ru: 'фото первой маркировки, второй … (JPEG или PNG)' } },
    seen: { type: 'string', value: 'N', help: { en: 'the last event that you saw: refused if there is a newer one', ru: 'последнее виденное событие: отказ, если есть новее' } },
    once: { type: 'string', value: 'KEY', help: { en: 'a key of your own: the same recording is done once', ru: 'ваш ключ: одна и та же запись делается один раз' } },
    ...PEOPLE,
  },
  run: async (context) => {
    const [asked = ''] = context.args.positionals
    if (asked !== 'new' && !isItemId(asked)) throw usage(context.say({ en: `${asked}: an item's id, or new`, ru: `${asked}: код единицы или new` }), 'muster items MARK')
    const once = context.args.text('once')
    if (once !== undefined && (once === '' || once.length > ONCE_KEY_CHARACTERS_MAX)) throw usage(`--once: 1…${ONCE_KEY_CHARACTERS_MAX}`)
    const photos = await photosAt(context, context.args.texts('photo'))
    const request = await requestFrom(context, photos)
    const register = await openRegister(context.dir, { databaseUrl: context.databaseUrl })
    try {
      const { event, again } = await recordByHand(register, {
        item: asked === 'new' ? 'new' : asked, request, once, seen: context.args.integer('seen', { min: -1, max: SEQ_MAX }), photos: photos.map(({ photo }) => photo), at: now(),
      })
      if (context.json) context.answer({ item: event.item, seq: event.seq, kind: event.kind, written: event.written, again })
      else context.out(`${event.item}  ${event.seq}  ${event.kind}${again ? context.say({ en: '  (recorded before)', ru: '  (записано ранее)' }) : ''}`)
      return 0
    } finally {
      await register.close()
    }
  },
}
