// An invented inventory as a sheet, and a register that it was loaded into.

import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { timeOf } from '@muster/core/bytes/time.ts'
import { parseMapping } from '@muster/registry/intake/mapping-file.ts'
import { importSheet, type ImportReport } from '@muster/registry/store/intake-store.ts'
import { scratchParty, type ScratchRegister } from '@muster/registry/store/scratch-register.ts'

const MAKERS = ['ЗиД', 'Ижмаш', 'КМЗ', 'ЗЭМ'] as const
const TYPES = [['gripstock', '9П516'], ['gripstock', '9П58М'], ['missile', '9М39'], ['missile', '9М313'], ['power-unit', '9Б238']] as const
const FLUSH_CHARACTERS = 1 << 16

const MAPPING = JSON.stringify({
  format: 'muster-mapping/1', title: 'bench', item: { class: 'Наименование', type: 'Тип', maker: 'Завод', year: 'Год', lot: 'Партия' },
  marks: [{ column: 'Зав. №' }], circumstances: { site: 'Склад', region: 'Район', when: { column: 'Дата', dates: ['DD.MM.YYYY'] }, document: 'Акт' },
})

/** Serial of row `i`: no two rows share type and serial. */
export function serialOf(i: number): string {
  return `${String((i * 7919) % 10_000_019).padStart(6, '0')}${i % 3 === 0 ? 'А' : ''}`
}

export function typeOf(i: number): string {
  return (TYPES[i % TYPES.length] as (typeof TYPES)[number])[1]
}

/** Writes a CSV file of so many rows: everything known of each, as an army's own books have it. */
export async function writeInventory(path: string, rows: number): Promise<void> {
  const file = createWriteStream(path)
  let text = 'Наименование;Тип;Завод;Год;Партия;Зав. №;Склад;Район;Дата;Акт\n'
  for (let i = 0; i < rows; i++) {
    const [kind, type] = TYPES[i % TYPES.length] as (typeof TYPES)[number]
    const date = `${String(1 + (i % 28)).padStart(2, '0')}.0${1 + (i % 9)}.2020`
    text += `${kind};${type};${MAKERS[(i * 7) % MAKERS.length] ?? ''};${1975 + (i % 20)};${1 + (i % 60)};${serialOf(i)};Склад ${i % 40};Район ${i % 8};${date};${i % 977}/20\n`
    if (text.length < FLUSH_CHARACTERS) continue
    if (!file.write(text)) await once(file, 'drain')
    text = ''
  }
  file.end(text)
  await once(file, 'finish')
}

export interface LoadedRegister { readonly register: ScratchRegister, readonly report: ImportReport }

/** A fresh register with the sheet loaded; the caller removes it. */
export async function loadedRegister(sheet: string): Promise<LoadedRegister> {
  const register = await scratchParty('AA', 'Bench')
  try {
    return { register, report: await load(register, sheet) }
  } catch (error) {
    await register.remove()
    throw error
  }
}

function load(register: ScratchRegister, path: string): Promise<ImportReport> {
  return importSheet(register, {
    path, as: 'items', mapping: parseMapping(MAPPING), mappingSha256: Buffer.alloc(32), goodRows: false, dryRun: false, keep: [], by: 'bench', and: null, written: timeOf(1_750_000_000), lang: 'en',
  })
}

export function sheetPath(folder: string): string {
  return join(folder, 'inventory.csv')
}
