// `muster inbox`: what a courier brought, taken in as if it had come over the network.
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { importCourier, type Brought } from '@muster/registry/courier.ts'
import { withCourierDoor } from '@muster/registry/courier-door.ts'
import type { Home } from '@muster/registry/main.ts'
import { COURIER_FILE_BYTES_MAX } from '@muster/registry/peer/courier-file.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { usage } from '../errors.ts'
import { inHome, type Acts } from '../in-home.ts'
import type { Context, Verb } from '../verb.ts'

async function bring(context: Context, home: Home): Promise<number> {
  const paths = context.args.positionals.slice(1).map((path) => resolve(path))
  if (paths.length === 0) throw usage(context.say({ en: 'name the files that the courier brought', ru: 'укажите файлы, доставленные курьером' }))
  const all = await withCourierDoor(home, async (door) => {
    const brought: (Brought & { readonly file: string })[] = []
    for (const file of paths) {
      const { size } = await stat(file)
      if (size > COURIER_FILE_BYTES_MAX) throw new Refusal('courier/too-long', `${file}: a courier file has at most ${COURIER_FILE_BYTES_MAX} bytes, this one has ${size}`)
      brought.push({ file, ...await importCourier(home, new Uint8Array(await readFile(file)), door) })
    }
    return brought
  })
  if (context.json) context.answer({ files: all })
  else {
    for (const { file, from, messages, fresh, again, refused, replies, published, cosigned } of all) {
      context.out(context.say({
        en: `${file}: messages from ${from}: ${messages}; new ${fresh}, held already ${again}, refused ${refused.length}; published files ${published}, cosignatures ${cosigned}; receipts and answers for the way back: ${replies} (muster outbox export --of ${from}).`,
        ru: `${file}: сообщений от ${from}: ${messages}; новых ${fresh}, уже полученных ${again}, отклонено ${refused.length}; опубликованных файлов ${published}, заверений ${cosigned}; для обратного пути расписок и ответов: ${replies} (muster outbox export --of ${from}).`,
      }))
      for (const { place, code, message } of refused) context.out(`  ${place}  ${code}  ${message}`)
    }
  }
  return all.some(({ refused }) => refused.length > 0) ? 1 : 0
}

const ACTS: Acts = { import: bring }

export const verb: Verb = {
  name: 'inbox',
  summary: { en: 'load what a courier brought', ru: 'загрузить доставленное курьером' },
  usage: ['muster inbox import FILE … --dir D'],
  options: {},
  positionals: { min: 1, max: 65 },
  run: (context) => inHome(context, ACTS),
}
