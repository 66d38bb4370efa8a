// `muster item`: one item: what it is, its marks, its chain of custody, and its holding as of one time and as known at another.
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { mkdir } from 'node:fs/promises'
import { fromHex, toHex } from '@muster/core/bytes/bytes.ts'
import { isTime, type Time } from '@muster/core/bytes/time.ts'
import type { CustodyEvent, CustodyRequest } from '@muster/core/rules/custody-event.ts'
import { holdingAsOf, type Holding } from '@muster/core/rules/holding.ts'
import type { ItemId, Part } from '@muster/core/rules/item.ts'
import type { Named, Site } from '@muster/core/rules/place.ts'
import { documentsText, peopleText } from '@muster/core/words/event.ts'
import { photoOf } from '@muster/registry/store/photos.ts'
import { itemState, recordEvent } from '@muster/registry/store/record-event.ts'
import { openRegister, type Register } from '@muster/registry/store/register.ts'
import { usage } from '../errors.ts'
import { kindText } from '../event-words.ts'
import { now } from '../now.ts'
import { people, PEOPLE } from '../people.ts'
import { photosAt } from '../photo-files.ts'
import type { Context, Verb } from '../verb.ts'

const EXIT_NO = 1

const partText = (part: Part): string => typeof part === 'string' ? part : part.is
const namedText = (named: Named): string => typeof named === 'string' ? named : named.is
const siteText = (site: Site): string => typeof site === 'string' ? site : `${site.code} (${site.region})`

function timeAt(context: Context, option: 'as-of' | 'known-at', otherwise: Time): Time {
  const asked = context.args.text(option)
  if (asked === undefined) return otherwise
  if (!isTime(asked)) throw usage(`--${option} ${asked}: YYYY-MM-DDTHH:MM:SSZ`)
  return asked
}

function describe(context: Context, holding: Holding | undefined): void {
  if (holding === undefined) {
    context.out(context.say({ en: 'The register did not have the item then.', ru: 'Тогда единицы в реестре не было.' }))
    return
  }
  const { identity, place } = holding
  const rows: [string, string][] = [
    [context.say({ en: 'status', ru: 'состояние' }), `${holding.status} (${holding.since})`],
    [context.say({ en: 'class', ru: 'класс' }), identity.class], [context.say({ en: 'type', ru: 'тип' }), partText(identity.type)], [context.say({ en: 'maker', ru: 'завод' }), partText(identity.maker)],
    [context.say({ en: 'year', ru: 'год' }), partText(identity.year)], [context.say({ en: 'lot', ru: 'партия' }), partText(identity.lot)], [context.say({ en: 'serial', ru: 'номер' }), partText(identity.serial)],
    ...(holding.quantity === undefined ? [] : [[context.say({ en: 'quantity', ru: 'количество' }), String(holding.quantity)] as [string, string]]),
    [context.say({ en: 'owner', ru: 'владелец' }), namedText(place.owner)], [context.say({ en: 'custodian', ru: 'у кого' }), namedText(place.custodian)],
    [context.say({ en: 'site', ru: 'место' }), siteText(place.site)], [context.say({ en: 'unit', ru: 'подразделение' }), namedText(place.unit)],
  ]
  context.table([{ title: '' }, { title: '' }], rows)
}

function show(context: Context, holding: Holding | undefined, events: readonly CustodyEvent[]): void {
  describe(context, holding)
  context.out('')
  context.out(context.say({ en: 'Marks, as they were read:', ru: 'Маркировка, как её прочли:' }))
  context.table(['#', context.say({ en: 'text', ru: 'текст' }), context.say({ en: 'reading', ru: 'прочтение' }), context.say({ en: 'condition', ru: 'состояние' }), context.say({ en: 'place', ru: 'где' }), context.say({ en: 'photo', ru: 'фото' })].map((title) => ({ title })),
    (holding?.marks ?? []).map((mark, i) => [i, mark.text, mark.reading ?? '', mark.condition, mark.place ?? '', mark.photo ?? '']))
  context.out('')
  context.out(context.say({ en: 'Chain of custody:', ru: 'Цепочка учёта:' }))
  context.table(['#', context.say({ en: 'happened', ru: 'произошло' }), context.say({ en: 'written', ru: 'записано' }), context.say({ en: 'event', ru: 'событие' }), context.say({ en: 'by', ru: 'кто' }), context.say({ en: 'reason', ru: 'основание' }), context.say({ en: 'documents', ru: 'документы' })].map((title) => ({ title })),
    events.map((event) => [event.seq, event.happened, event.written, kindText(context, event.kind), peopleText(event), event.reason, documentsText(event)]))
}

/** A photo is taken of an item that somebody has before them: the item is counted as seen, and the mark recorded once more, with its photo. */
async function addPhoto(context: Context, register: Register, id: string, paths: readonly string[]): Promise<void> {
  const { holding, events } = await itemState(register, id)
  const at = context.args.integer('mark', { min: 0, max: holding.marks.length - 1 }) ?? 0
  const mark = holding.marks[at] ?? { text: '', place: null, method: 'unknown' as const, condition: 'unknown' as const, photo: null }
  const photos = await photosAt(context, paths)
  const { by, and } = people(context)
  const written = now()
  const request: CustodyRequest = {
    kind: 'counted', happened: written, by, and, reason: context.args.text('reason') ?? 'photographed', documents: [],
    data: { seen: 'opened', marks: photos.map(({ hash }) => ({ ...mark, photo: hash })) },
  }
  const { event } = await recordEvent(register, { item: id as ItemId, request, seen: events.length - 1, photos: photos.map(({ photo }) => photo), at: written })
  if (context.json) context.answer({ item: id, seq: event.seq, photos: photos.map(({ photo, hash }) => ({ original: hash, copy: toHex(photo.copySha256), mediaType: photo.mediaType })) })
  else for (const { photo, hash } of photos) context.out(`${hash} → ${toHex(photo.copySha256)} (${photo.mediaType})`)
}

/** Writes the copies, without metadata, under the hashes of their originals. */
async function savePhotos(context: Context, register: Register, holding: Holding, folder: string): Promise<number> {
  await mkdir(folder, { recursive: true })
  let missing = 0
  for (const hash of new Set(holding.marks.flatMap(({ photo }) => photo ?? []))) {
    const photo = await photoOf(register.db, register.secrets, fromHex(hash) as Uint8Array)
    if (photo === undefined) {
      missing += 1
      context.stderr(context.say({ en: `${hash}: the register holds no copy of this photo`, ru: `${hash}: копии этого снимка в реестре нет` }))
      continue
    }
    const path = join(folder, `${hash}.${photo.mediaType === 'image/png' ? 'png' : 'jpg'}`)
    await writeFile(path, photo.copy)
    if (context.json) context.answer({ photo: hash, path })
    else context.out(path)
  }
  if (context.json) context.answer({ missing })
  return missing === 0 ? 0 : EXIT_NO
}

async function tell(context: Context, register: Register, id: string): Promise<number> {
  const { events, holding: current } = await itemState(register, id)
  const folder = context.args.text('save-photos')
  if (folder !== undefined) return savePhotos(context, register, current, resolve(folder))
  const at = now()
  const knownAt = timeAt(context, 'known-at', at)
  const asked = context.args.text('as-of') !== undefined || context.args.text('known-at') !== undefined
  const holding = asked ? holdingAsOf(events, timeAt(context, 'as-of', at), knownAt) : current
  const told = events.filter(({ written }) => !asked || written <= knownAt)
  if (context.json) {
    for (const event of told) context.answer({ event })
    context.answer({ item: id, holding: holding ?? null, events: told.length })
  } else show(context, holding, told)
  return holding === undefined ? EXIT_NO : 0
}

export const verb: Verb = {
  name: 'item',
  summary: { en: 'one item: identity, marks, chain of custody, holding', ru: 'одна единица: что это, маркировка, цепочка учёта, где находится' },
  usage: ['muster item ID [--as-of TIME] [--known-at TIME] --dir D', 'muster item ID --photo FILE [--mark N] --by NAME --dir D', 'muster item ID --save-photos FOLDER --dir D'],
  positionals: { min: 1, max: 1 },
  options: {
    'as-of': { type: 'string', value: 'TIME', help: { en: 'the holding as of this time', ru: 'на это время' } },
    'known-at': { type: 'string', value: 'TIME', help: { en: 'as the register knew it at this time', ru: 'как было известно реестру в это время' } },
    photo: { type: 'string', multiple: true, value: 'FILE', help: { en: 'photo of a mark (JPEG or PNG); its metadata is not kept', ru: 'фото маркировки (JPEG или PNG); метаданные не сохраняются' } },
    mark: { type: 'string', value: 'N', help: { en: 'the mark on the photo, from 0', ru: 'маркировка на снимке, с 0' } },
    reason: { type: 'string', value: 'TEXT', help: { en: 'why the photo was taken', ru: 'зачем сделан снимок' } },
    'save-photos': { type: 'string', value: 'FOLDER', help: { en: 'write the copies of its photos there', ru: 'записать туда копии снимков' } },
    ...PEOPLE,
  },
  run: async (context) => {
    const register = await openRegister(context.dir, { databaseUrl: context.databaseUrl })
    try {
      const id = context.args.positionals[0] as string
      const photos = context.args.texts('photo')
      if (photos.length === 0) return await tell(context, register, id)
      await addPhoto(context, register, id, photos)
      return 0
    } finally {
      await register.close()
    }
  },
}
