// `muster audit`: everything recomputed from the events; every row that was changed behind Muster's back, by name.
import { Fault } from '@muster/registry/engine/fault.ts'
import { auditRegister, FINDINGS_LISTED_MAX, type Audit } from '@muster/registry/log/audit.ts'
import { openRegister, type Register } from '@muster/registry/store/register.ts'
import type { Progress } from '../progress.ts'
import type { Context, Verb } from '../verb.ts'

const EXIT_NO = 1

/** A record of a migration that was changed keeps the register from opening, and that is what the audit has found. */
async function openOrFind(context: Context): Promise<Register | Audit> {
  try {
    return await openRegister(context.dir, { databaseUrl: context.databaseUrl })
  } catch (error) {
    if (!(error instanceof Fault) || !error.code.startsWith('migration-')) throw error
    return { findings: [{ table: 'schema_migration', key: { name: /\d{4}-[a-z0-9-]+/.exec(error.message)?.[0] ?? '' }, column: null, code: 'schema', message: error.message }], count: 1, agreements: [] }
  }
}

async function audited(context: Context): Promise<Audit> {
  const opened = await openOrFind(context)
  if ('findings' in opened) return opened
  let bar: Progress | undefined
  try {
    return await auditRegister(opened, {
      onTotal: (rows) => { bar = context.progress(context.say({ en: 'audit', ru: 'проверка' }), rows) },
      onRows: (rows) => { bar?.add(rows) },
    })
  } finally {
    bar?.end()
    await opened.close()
  }
}

export const verb: Verb = {
  name: 'audit',
  summary: { en: 'recompute everything; name every row changed behind Muster\'s back', ru: 'пересчитать всё и назвать каждую строку, изменённую в обход Muster' },
  usage: ['muster audit --dir D'],
  options: {},
  run: async (context) => {
    const { findings, count, agreements } = await audited(context)
    if (context.json) {
      for (const finding of findings) context.answer(finding)
      context.answer({ findings: count, agreements })
    } else {
      context.table([context.say({ en: 'table', ru: 'таблица' }), context.say({ en: 'row', ru: 'строка' }), context.say({ en: 'column', ru: 'столбец' }), context.say({ en: 'what', ru: 'что' })].map((title) => ({ title })),
        findings.map(({ table, key, column, message }) => [table, Object.entries(key).map(([name, value]) => `${name}=${value}`).join(' '), column ?? '', message]))
      if (count > FINDINGS_LISTED_MAX) context.out(context.say({ en: `${count - FINDINGS_LISTED_MAX} more are not listed.`, ru: `Ещё ${count - FINDINGS_LISTED_MAX} не показано.` }))
      context.out(count === 0 ? context.say({ en: 'Every row is as Muster wrote it.', ru: 'Каждая строка такова, какой её записал Muster.' })
        : context.say({ en: `${count} findings: keep this list and the database as they are, and restore a backup from before the change.`, ru: `Найдено: ${count}. Сохраните этот список и базу как есть и восстановите копию, сделанную до изменения.` }))
    }
    return count === 0 ? 0 : EXIT_NO
  },
}
