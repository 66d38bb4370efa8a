// `muster explain`: everything that is made of a mark; with a register, how telling a hit would be there. It needs no registry.
import { explainMark, type Explanation } from '@muster/core/rules/explain.ts'
import { LADDER_LIMITS, type Candidate } from '@muster/core/rules/ladder.ts'
import { readCatalogue } from '@muster/registry/store/catalogue.ts'
import { measureChance, type Measured } from '@muster/registry/store/chance.ts'
import { openRegister } from '@muster/registry/store/register.ts'
import { toHex } from '@muster/core/bytes/bytes.ts'
import { conditionOf, scriptOf, WORDS_OF_MARK } from '../mark-options.ts'
import type { Context, Verb } from '../verb.ts'

const EXIT_NO = 1

/** Chance is measured for the first candidate of each rung and kind: the others of its pattern hit as often. */
async function measured(context: Context, candidates: readonly Candidate[]): Promise<ReadonlyMap<Candidate, Measured>> {
  const chances = new Map<Candidate, Measured>()
  if (context.args.text('dir') === undefined) return chances
  const register = await openRegister(context.dir, { databaseUrl: context.databaseUrl })
  const firsts = candidates.filter((one, i) => candidates.findIndex((other) => other.rung === one.rung && other.kind === one.kind && other.class === one.class) === i)
  const bar = context.progress(context.say({ en: 'chance', ru: 'случайность' }), firsts.length)
  try {
    for (const candidate of firsts) {
      chances.set(candidate, await measureChance(register.db, candidate))
      bar.add(1)
    }
  } finally {
    bar.end()
    await register.close()
  }
  return chances
}

function show(context: Context, { readings, keys, designation, named, serial, type, classes, ladder, folding }: Explanation, chances: ReadonlyMap<Candidate, Measured>): void {
  const say = (en: string, ru: string) => context.say({ en, ru })
  context.out(say(`Designation: ${designation ?? '–'} · serial: ${serial} · type: ${type ?? '–'} · classes: ${classes.join(', ') || '–'} · folding tables: version ${folding}`,
    `Обозначение: ${designation ?? '–'} · номер: ${serial} · тип: ${type ?? '–'} · классы: ${classes.join(', ') || '–'} · таблицы замен: версия ${folding}`))
  for (const { entry, confirmed } of named) {
    const names = entry.names.map(({ text }) => text).join(' · ')
    context.out(say(`In the catalogue: ${names}${confirmed ? '' : ' (unconfirmed)'}`, `В каталоге: ${names}${confirmed ? '' : ' (не подтверждено)'}`))
  }
  context.out(say(`As written: ${readings.written} · folded: ${readings.folded.join(', ')} · Latin: ${readings.latin.join(', ') || '–'}`, `Как записано: ${readings.written} · сведено: ${readings.folded.join(', ')} · латиницей: ${readings.latin.join(', ') || '–'}`))
  context.out('')
  context.out(say('The text as one serial number of an unknown component:', 'Текст как номер неизвестного изделия:'))
  context.table([{ title: say('rung', 'ступень') }, { title: say('key', 'ключ') }], keys.map(({ rung, key }) => [rung, key]))
  context.out('')
  if (ladder.verdict === 'unreadable') {
    context.out(say(`No candidate can be looked up: ${ladder.message}`, `Искать нечего: ${ladder.message}`))
    return
  }
  context.out(say('What is looked up, the surest first:', 'Что ищется, от самого надёжного:'))
  context.table(
    [{ title: say('rung', 'ступень') }, { title: say('kind', 'вид') }, { title: say('class', 'класс') }, { title: say('reading', 'прочтение') }, { title: say('mandatory', 'обязателен') }, { title: say('chance, %', 'случайно, %'), align: 'right' }],
    ladder.candidates.map((candidate) => {
      const chance = chances.get(candidate)
      return [candidate.rung, candidate.kind, candidate.class ?? '', candidate.reading, candidate.mandatory ? '+' : '', chance === undefined ? '' : chance.percent]
    }))
  if (chances.size > 0) {
    context.out(say('Chance: how many of 10,000 made-up marks of the same pattern hit this register, rounded up; measured for the first of each rung, kind and class.',
      'Случайность: сколько из 10 000 выдуманных маркировок того же вида попали бы в этот реестр, с округлением вверх; измерена для первой каждой ступени, вида и класса.'))
  }
}

export const verb: Verb = {
  name: 'explain',
  summary: { en: 'every reading, key and rung of a mark, and its chance', ru: 'все прочтения, ключи и ступени маркировки, и вероятность случайного совпадения' },
  usage: ['muster explain "9П516 № 0123"', 'muster explain MARK --class gripstock --dir D'],
  positionals: { min: 1, max: 1 },
  options: { class: { type: 'string', multiple: true, value: 'CLASS', help: { en: 'component class that the mark can belong to', ru: 'класс, к которому может относиться маркировка' } }, ...WORDS_OF_MARK },
  run: async (context) => {
    const mark = context.args.positionals[0] as string
    const catalogue = await readCatalogue(context.args.text('dir') === undefined ? undefined : context.dir)
    const explained = explainMark(mark, {
      catalogue, classes: context.args.texts('class'), type: context.args.text('type'), script: scriptOf(context), condition: conditionOf(context), limits: LADDER_LIMITS,
    })
    const { ladder } = explained
    const candidates = ladder.verdict === 'readable' ? ladder.candidates : []
    const chances = await measured(context, candidates)
    if (!context.json) show(context, explained, chances)
    else {
      for (const { rung, key } of explained.keys) context.answer({ rung, key })
      for (const candidate of candidates) context.answer({ ...candidate, class: candidate.class ?? null, key: toHex(candidate.key), chance: chances.get(candidate) ?? null })
      const { readings, designation, serial, type, classes, folding } = explained
      context.answer({
        mark, folding, readings, designation: designation ?? null, serial, type: type ?? null, classes, candidates: candidates.length,
        unreadable: ladder.verdict === 'unreadable' ? { reason: ladder.reason, message: ladder.message } : null,
      })
    }
    return ladder.verdict === 'readable' ? 0 : EXIT_NO
  },
}
