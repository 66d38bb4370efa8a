// EXERCISE. Inventories of two thousand items and more, as sheets with the mess of real records: both alphabets, years missing or wanting, lots
// counted without numbers, numbers lost under paint, one number on two kinds of item, rows entered twice. Seeded: a state's sheet is the same in every run.
import { toHex } from '@muster/core/bytes/bytes.ts'
import { ladderOfFind } from '@muster/core/rules/recovered-mark.ts'
import { keysOfItem } from '@muster/core/rules/match-key.ts'
import type { Identity } from '@muster/core/rules/item.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { TYPES } from './custody.ts'
import type { Sheet, SheetEncoding } from './sheet.ts'
import { EXERCISE, type State } from './states.ts'
import { COMPONENTS, type Component, type Kind } from './story.ts'

/** Numbered items of a sheet; lots, crates and the story's own rows come besides. */
const NUMBERED_ROWS = 2000
const LOT_ROWS = 24
const CRATE_ROWS = 16
/** States whose power units bear figures of three digits, as short series do. */
const SHORT_SERIES: readonly string[] = ['QS', 'QW']
const SHORT_ROWS = 300
const SEED = 20021120

export type Random = (below: number) => number

/** Numbers below a bound, the same for the same name (mulberry32 over an FNV-1a hash). */
function seeded(name: string): Random {
  let state = SEED
  for (const character of name) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 16_777_619)
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

interface Row { readonly kind: Kind | 'container' | 'trainer', readonly serial: string, readonly year: string, readonly lot: string, readonly quantity: string, readonly remark: string }

const PREFIXES = { cyrillic: Array.from('БВДКЛМНПРСТ'), latin: Array.from('BDKLMNPRSTV') } as const
const WORDS = {
  cyrillic: {
    'missile': ['Труба с ракетой', 'Изделие'], 'gripstock': ['Механизм пусковой', 'Пусковой механизм'], 'power-unit': ['Источник питания', 'НБП'],
    'container': ['Ящик', 'Контейнер'], 'trainer': ['Учебный макет', 'Тренажёр'],
  },
  latin: {
    'missile': ['Missile in tube', 'Tube with missile'], 'gripstock': ['Gripstock', 'Grip stock'], 'power-unit': ['Battery coolant unit', 'BCU'],
    'container': ['Crate', 'Container'], 'trainer': ['Trainer', 'Trainer'],
  },
} as const
const UNREADABLE = { cyrillic: ['закрашен', 'стёрт', 'б/н', 'не раскрывается'], latin: ['painted over', 'erased', 'none', 'withheld'] } as const
const HEADER = {
  cyrillic: ['№ п/п', 'Вид изделия', 'Индекс', 'Завод-изготовитель', 'Год выпуска', 'Партия', 'Заводской номер', 'Кол-во', 'Хранилище', 'Дата учёта', 'Документ', 'Примечание'],
  latin: ['No.', 'Article', 'Designation', 'Maker', 'Year', 'Lot', 'Serial no.', 'Qty', 'Store', 'Date', 'Document', 'Remarks'],
} as const

const one = <T>(random: Random, of: readonly T[]): T => of[random(of.length)] as T
const digits = (random: Random, count: number): string => String(10 ** (count - 1) + random(9 * 10 ** (count - 1)))

function serialOf(random: Random, kind: Kind, alphabet: State['alphabet']): string {
  const prefix = one(random, PREFIXES[alphabet])
  const dash = one(random, ['-', '-', '', ' '])
  if (kind === 'missile') return `${prefix}${dash}${digits(random, 6)}`
  if (kind === 'power-unit') return `${prefix}${dash}${digits(random, 7)}`
  return random(3) === 0 ? `0${digits(random, 7)}` : digits(random, 7)
}

/** Hex of the keys that the story's finds look for: no made-up item may answer to one of them by accident. */
function soughtKeys(finds: readonly { readonly component: Component, readonly queries: Parameters<typeof ladderOfFind>[0] }[]): Set<string> {
  return new Set(finds.flatMap(({ component, queries }) => {
    const ladder = ladderOfFind(queries)
    return component.expected === 'by-chance' || ladder.verdict !== 'readable' ? [] : ladder.candidates.map(({ key }) => toHex(key))
  }))
}

function plainQueries({ kind, read, year }: Component): Parameters<typeof ladderOfFind>[0] {
  const serial = read.replace(/\(.*\)|№/g, '').trim()
  return [{ serial, classes: [kind], type: TYPES[kind].cyrillic, year, maker: undefined, lot: undefined, script: 'unknown', condition: 'intact' }]
}

const sought = soughtKeys(COMPONENTS.map((component) => ({ component, queries: plainQueries(component) })))

function isSought(kind: Kind, serial: string): boolean {
  const identity: Identity = { class: kind, maker: 'unknown', type: { is: TYPES[kind].latin }, year: 'unknown', lot: 'unknown', serial: { is: serial } }
  return keysOfItem(identity).some(({ bytes }) => sought.has(toHex(bytes)))
}

function numberedRows(random: Random, { alphabet, party }: State): Row[] {
  const rows: Row[] = []
  while (rows.length < NUMBERED_ROWS) {
    const kind = one(random, ['missile', 'missile', 'gripstock', 'power-unit'] as const)
    const serial = SHORT_SERIES.includes(party) && rows.length < SHORT_ROWS ? undefined : serialOf(random, kind, alphabet)
    if (serial === undefined) {
      rows.push({ kind: 'power-unit', serial: digits(random, 3), year: '', lot: '', quantity: '1', remark: '' })
      continue
    }
    if (isSought(kind, serial)) continue
    const luck = random(100)
    const year = luck < 20 ? '' : String(1979 + random(17))
    const row: Row = { kind, serial, year, lot: luck < 60 ? '' : String(1 + random(30)), quantity: random(4) === 0 ? '' : '1', remark: '' }
    if (luck < 3) rows.push({ ...row, serial: one(random, UNREADABLE[alphabet]) })
    else if (luck < 5) rows.push({ ...row, serial: `${serial.slice(0, -1)}?` })
    // One number on two kinds of item, and a row that was entered twice.
    else if (luck === 5) rows.push(row, { ...row, kind: 'trainer' })
    else if (luck === 6) rows.push(row, row)
    else rows.push(row)
  }
  return rows
}

function uncountedRows(random: Random, alphabet: State['alphabet']): Row[] {
  const note = alphabet === 'cyrillic' ? 'учёт по партии, номеров нет; "ящики" вскрыты' : 'kept by lot, no numbers; "crates" opened'
  const lots = Array.from({ length: LOT_ROWS }, (): Row => ({ kind: 'power-unit', serial: '', year: String(1980 + random(15)), lot: `L-${random(900) + 100}`, quantity: String(2 + random(96)), remark: note }))
  const crates = Array.from({ length: CRATE_ROWS }, (_, i): Row => ({ kind: 'container', serial: `${alphabet === 'cyrillic' ? 'Я' : 'C'}-${i + 1}`, year: '', lot: '', quantity: '1', remark: '' }))
  return [...lots, ...crates]
}

/** Rows of the story's components that this state holds by its sheet. */
function storyRows(party: PartyId): Row[] {
  return COMPONENTS.flatMap(({ kind, steps }) => steps.flatMap((step) => step.step === 'stocked' && step.party === party
    ? [{ kind, serial: step.mark, year: step.year ?? '', lot: step.lot ?? '', quantity: '1', remark: '' }] : []))
}

/** The rows in an order that says nothing. */
function shuffled<T>(random: Random, rows: readonly T[]): T[] {
  const all = [...rows]
  for (let i = all.length - 1; i > 0; i--) {
    const j = random(i + 1)
    const [a, b] = [all[i] as T, all[j] as T]
    all[i] = b
    all[j] = a
  }
  return all
}

const ENCODINGS: Readonly<Record<string, SheetEncoding>> = { QY: 'cp866', QV: 'utf-16le' }

/** The inventory sheet of a state; the silent one loads none. */
export function inventoryOf(state: State): Sheet {
  const { party, alphabet, name } = state
  const random = seeded(`inventory ${party}`)
  const rows = shuffled(random, [...numberedRows(random, state), ...uncountedRows(random, alphabet), ...storyRows(party)])
  const cyrillic = alphabet === 'cyrillic'
  const title = [`${EXERCISE}. ${cyrillic ? `${name.ru}: ведомость наличия изделий, все сведения вымышлены` : `${name.en}: stock sheet, all of it invented`}`]
  const lines = rows.map((row, i) => {
    const type = row.kind === 'container' ? '' : row.kind === 'trainer' ? (cyrillic ? '9Ф633' : '9F633') : TYPES[row.kind][alphabet]
    const [day, month, year] = [1 + random(28), 1 + random(12), 2019 + random(3)].map((part) => String(part).padStart(2, '0')) as [string, string, string]
    const date = cyrillic ? `${day}.${month}.${year}` : `${day}/${month}/${year}`
    const store = cyrillic ? `Хранилище ${1 + random(6)}` : `Store ${1 + random(6)}`
    return [String(i + 1), one(random, WORDS[alphabet][row.kind]), type, '', row.year, row.lot, row.serial, row.quantity, store, date, cyrillic ? `Акт № ${1 + random(90)}` : `Record ${1 + random(90)}`, row.remark]
  })
  const total = [cyrillic ? 'Итого' : 'Total', '', '', '', '', '', '', String(rows.length), '', '', '', '']
  return { name: `${party.toLowerCase()}-stock.csv`, encoding: ENCODINGS[party] ?? (cyrillic ? 'windows-1251' : 'utf-8'), delimiter: cyrillic ? ';' : ',', rows: [title, [''], HEADER[alphabet], ...lines, total] }
}

/** The sheet of the seizure, in the finder's own hand. */
export function seizureSheet(day: string): Sheet {
  const word: Readonly<Record<Kind, string>> = { 'missile': 'Труба с ракетой', 'gripstock': 'Механизм пусковой', 'power-unit': 'Источник питания' }
  const header = ['№ п/п', 'Дата изъятия', 'Район', 'Вид изделия', 'Индекс', 'Год выпуска', 'Что читается на изделии', 'Протокол']
  const [year, month, date] = day.split('-')
  const rows = COMPONENTS.map(({ id, kind, read, year: made }, i) =>
    [String(i + 1), `${date ?? ''}.${month ?? ''}.${year ?? ''}`, 'Учебный район Север', word[kind], TYPES[kind].cyrillic, made ?? '', read, `УЧЕНИЕ-${id}`])
  return { name: 'seizure.csv', encoding: 'windows-1251', delimiter: ';', rows: [[`${EXERCISE}. Изъятые части пусковых установок, все сведения вымышлены`], [''], header, ...rows] }
}
