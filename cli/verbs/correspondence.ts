// `muster correspondence`: everything that was said of one affair, as a file that anybody can verify alone.
import { resolve } from 'node:path'
import { openHome } from '@muster/registry/main.ts'
import { correspondenceFile } from '@muster/registry/correspondence.ts'
import { officesOf } from '@muster/registry/directory/view.ts'
import { hallOf } from '../hall.ts'
import { placedText } from '../office-words.ts'
import type { Verb } from '../verb.ts'
import { writeNew } from '../write-new.ts'

export const verb: Verb = {
  name: 'correspondence',
  summary: { en: 'what was said of one call, transfer, notice, inspection, reconciliation, certificate, re-export, return or destruction, as a file for a third', ru: 'переписка по запросу, передаче, уведомлению, инспекции, сверке, сертификату, реэкспорту, отчёту или уничтожению: файл для третьей стороны' },
  usage: ['muster correspondence ID --out FILE [--agreement ID] --dir D'],
  options: {
    agreement: { type: 'string', value: 'ID', help: { en: 'the agreement, where several were joined', ru: 'соглашение, если их несколько' } },
    out: { type: 'string', value: 'FILE', help: { en: 'the file to write; one that is there is not written over', ru: 'файл; существующий не перезаписывается' } },
  },
  positionals: { min: 1, max: 1 },
  run: async (context) => {
    const path = resolve(context.args.required('out'))
    const home = await openHome(context.dir, { databaseUrl: context.databaseUrl, report: (what) => { context.stderr(what) } })
    try {
      const at = { register: home.register, joined: hallOf(context, home).joined }
      const { bytes, messages, verification: { affair, letters } } = await correspondenceFile(at, context.args.positionals[0] as string)
      await writeNew(context, path, bytes)
      // Offices are for the reader here: the file holds what was signed, and no more.
      const offices = await officesOf(at, messages)
      if (context.json) context.answer({ file: path, affair, messages: letters.length, offices: Object.fromEntries(offices) })
      else {
        context.out(context.say({ en: `${path}: ${affair.kind} ${affair.id}, messages: ${letters.length}. Anybody checks it with muster verify ${path} --agreement FILE`, ru: `${path}: ${affair.kind} ${affair.id}, сообщений: ${letters.length}. Проверить может каждый: muster verify ${path} --agreement ФАЙЛ` }))
        const titles = [{ en: 'time', ru: 'время' }, { en: 'from', ru: 'от кого' }, { en: 'what', ru: 'что' }, { en: 'office', ru: 'отдел' }]
        context.table(titles.map((title) => ({ title: context.say(title) })), messages.map(({ id, payload: { time, from, to, kind } }) => [time, from, kind, `${to}: ${placedText(context, offices.get(id))}`]))
      }
      return 0
    } finally {
      await home.close()
    }
  },
}
