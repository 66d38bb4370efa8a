// `muster trace --all`: every find of the register against one party's declaration.
import { open, type FileHandle } from 'node:fs/promises'
import { resolve } from 'node:path'
import { textOf } from '@muster/registry/engine/fault.ts'
import type { Tracing } from '@muster/registry/trace/asked.ts'
import { traceAll, type BulkSummary, type WeaponLine } from '@muster/registry/trace/bulk.ts'
import { itemCount } from '@muster/registry/trace/finds.ts'
import { showCoins } from '@muster/registry/trace/coins.ts'
import { traceFind } from '@muster/registry/trace/trace.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { usage } from './errors.ts'
import type { Context } from './verb.ts'

const READABLE_MAX = 1_000_000_000
/** Lines that are written at once. */
const LINES_AT_ONCE = 500

interface Lines { readonly add: (line: WeaponLine) => Promise<void>, readonly close: () => Promise<void> }

/** A line of JSON a weapon, into a new file. */
async function linesInto(path: string): Promise<Lines> {
  const file: FileHandle = await open(path, 'w', 0o600)
  let held: string[] = []
  const flush = async () => {
    const text = held.join('')
    held = []
    await file.write(text)
  }
  return {
    add: async (line) => {
      held.push(`${JSON.stringify(line)}\n`)
      if (held.length >= LINES_AT_ONCE) await flush()
    },
    close: async () => {
      await flush()
      await file.close()
    },
  }
}

/** A formal request and a dossier for each hit. The own registry is asked first, as in every trace. */
async function formalRequests(context: Context, tracing: Tracing, party: PartyId, items: readonly string[], wait_ms: number): Promise<{ dossiers: number, failed: number, outcomes: Record<string, number> }> {
  const bar = context.progress(context.say({ en: 'dossiers', ru: 'досье' }), items.length)
  const told = { dossiers: 0, failed: 0, outcomes: {} as Record<string, number> }
  for (const item of items) {
    try {
      const { conclusion, tossed } = await traceFind(tracing, item, { wait_ms, of: [tracing.home.register.file.party, party], untilSilent: false })
      await showCoins(tracing, tossed)
      told.dossiers += 1
      told.outcomes[conclusion.outcome] = (told.outcomes[conclusion.outcome] ?? 0) + 1
    } catch (error) {
      told.failed += 1
      context.stderr(`${item}: ${textOf(error)}`)
    }
    bar.add(1)
  }
  bar.end()
  return told
}

function show(context: Context, { of, asOf, weapons, readable, unreadable, present, hits, absent, keys, batches, elements, opened, seconds, rowsPerSecond }: BulkSummary): void {
  const right = { align: 'right' as const }
  context.out(context.say({ en: `${weapons} finds, ${readable} readable, against the declaration of ${of} as of ${asOf ?? '–'}`, ru: `Находок ${weapons}, читаемых ${readable}; декларация ${of} на ${asOf ?? '–'}` }))
  context.table(
    [{ title: context.say({ en: 'outcome', ru: 'исход' }) }, { title: context.say({ en: 'grade', ru: 'степень' }) }, { title: context.say({ en: 'key', ru: 'ключ' }) }, { title: context.say({ en: 'finds', ru: 'находок' }), ...right }],
    [
      ...Object.entries(present).flatMap(([grade, kinds]) => Object.entries(kinds).map(([kind, count]) => [context.say({ en: 'present', ru: 'заявлено' }), grade, kind, count])),
      [context.say({ en: 'absent', ru: 'не заявлено' }), '', '', absent],
      ...Object.entries(unreadable).map(([reason, count]) => [context.say({ en: 'unreadable', ru: 'не читается' }), reason, '', count]),
    ])
  context.out(context.say({
    en: `${hits} hits; ${keys} keys in ${batches} batches of ${elements} elements, ${opened} opened for their hits; ${seconds} s, ${rowsPerSecond} finds a second`,
    ru: `Совпадений ${hits}; ключей ${keys}, пакетов ${batches}, элементов ${elements}, раскрыто из-за совпадений ${opened}; ${seconds} с, находок в секунду ${rowsPerSecond}`,
  }))
}

/** Traces all finds of the register; with `--formal` every hit gets its dossier. */
export async function traceEveryFind(context: Context, tracing: Tracing, party: PartyTrust, wait_ms: number): Promise<number> {
  if (party.party === tracing.home.register.file.party) throw usage(context.say({ en: `--of ${party.party}: name another party`, ru: `--of ${party.party}: укажите другую сторону` }))
  const path = context.args.text('lines')
  const lines = path === undefined ? undefined : await linesInto(resolve(path))
  const bar = context.progress(context.say({ en: 'finds', ru: 'находки' }), await itemCount(tracing.hall.log))
  const hits: string[] = []
  let summary: BulkSummary
  try {
    summary = await traceAll(tracing, party, {
      wait_ms, readableMax: context.args.integer('limit', { min: 1, max: READABLE_MAX }),
      onWeapon: async (line) => {
        bar.add(1)
        if (line.outcome === 'present') hits.push(line.item)
        await lines?.add(line)
      },
    })
  } finally {
    bar.end()
    await lines?.close()
  }
  const formal = context.args.flag('formal') ? await formalRequests(context, tracing, party.party, hits, wait_ms) : undefined
  if (context.json) context.answer({ ...summary, ...(formal === undefined ? {} : { formal }) })
  else show(context, summary)
  return 0
}
