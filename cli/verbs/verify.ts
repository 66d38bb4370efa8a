// `muster verify`: a dossier, the evidence of a breach, or a correspondence, checked alone by whoever holds it. It needs no registry, no database and no network.
import { verifyCommand } from '../verify/main.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'verify',
  summary: { en: 'checks a dossier, the evidence of a breach or a correspondence without trusting its maker', ru: 'проверка досье, доказательства нарушения или переписки без доверия к составителю' },
  usage: ['muster verify dossier.json --agreement FILE', 'muster verify dossier.json --agreement FILE --records FILE', 'muster verify dossier.json', 'muster verify evidence.json --agreement FILE', 'muster verify correspondence.json --agreement FILE'],
  options: {
    agreement: { type: 'string', value: 'FILE', help: { en: 'the agreement as you hold it: the keys come from there', ru: 'соглашение, которое есть у вас: ключи берутся из него' } },
    records: { type: 'string', value: 'FILE', help: { en: 'key records as you hold them (muster keys write): one that the file leaves out counts all the same', ru: 'записи ключей, которые есть у вас (muster keys write): учитывается и та, что в файле опущена' } },
  },
  positionals: { min: 1, max: 1 },
  run: (context) => verifyCommand({
    dossier: context.args.positionals[0] as string, agreement: context.args.text('agreement'), records: context.args.text('records'), json: context.json, lang: context.lang,
    out: (line) => { context.out(line) },
  }),
}
