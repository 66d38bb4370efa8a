// Why a row or a file is refused: closed unions of codes, each with its sentence in both languages, saying what is wrong and what to do.

type Words = { readonly en: string, readonly ru: string }
type Sentence = (detail: string) => Words

/** One row is refused, the others go on. */
const ROW_REASONS = {
  'cell-too-long': (detail) => ({
    en: `the cell holds ${detail} characters, more than any mark or remark needs; shorten it`,
    ru: `в ячейке ${detail} знаков, больше, чем нужно любой маркировке или примечанию; сократите её`,
  }),
  'too-many-columns': (detail) => ({
    en: `the row has ${detail} columns; remove those that do not belong to the table`,
    ru: `в строке ${detail} столбцов; удалите те, что не относятся к таблице`,
  }),
  'invalid-utf8': (detail) => ({
    en: `byte ${detail} of the file is not UTF-8; correct the cell, or name the encoding with --encoding`,
    ru: `байт ${detail} файла не является UTF-8; исправьте ячейку или укажите кодировку через --encoding`,
  }),
  'control-character': (detail) => ({
    en: `the cell holds the character ${detail}, which is no text; remove it`,
    ru: `в ячейке знак ${detail}, который не является текстом; удалите его`,
  }),
  'formula-without-value': (detail) => ({
    en: `the cell ${detail} is a formula and the file holds no value for it; open the file in a spreadsheet program, save it and load it again`,
    ru: `в ячейке ${detail} формула, а её значения в файле нет; откройте файл в табличном редакторе, сохраните и загрузите снова`,
  }),
  'error-value': (detail) => ({
    en: `the cell holds the spreadsheet error ${detail}; correct it`,
    ru: `в ячейке ошибка таблицы ${detail}; исправьте её`,
  }),
  'broken-quotes': () => ({
    en: 'the quotation marks of this line do not pair; double those inside a cell and close the last',
    ru: 'кавычки в этой строке не образуют пар; удвойте их внутри ячейки и закройте последнюю',
  }),
  'unreadable-cell': (detail) => ({
    en: `the cell cannot be read: ${detail}; save the file anew in a spreadsheet program`,
    ru: `ячейка не читается: ${detail}; сохраните файл заново в табличном редакторе`,
  }),
  'unreadable-date': (detail) => ({
    en: `the date follows none of the mapping's forms (${detail}); write it in one of them`,
    ru: `дата не соответствует ни одному виду из описания столбцов (${detail}); запишите её в одном из них`,
  }),
  'date-to-come': (detail) => ({
    en: `the date lies after today (${detail}); correct it`,
    ru: `дата позже сегодняшней (${detail}); исправьте её`,
  }),
  'period-closed': (detail) => ({
    en: `the books are closed up to ${detail}: nothing that happened then is added`,
    ru: `книги закрыты по ${detail}: о том времени ничего не добавляется`,
  }),
  'unreadable-year': () => ({
    en: 'a year is four digits from 1800 to 2199, or empty',
    ru: 'год — четыре цифры от 1800 до 2199 или пусто',
  }),
  'unreadable-quantity': () => ({
    en: 'a quantity is a whole number from 0 to 1,000,000,000, or empty',
    ru: 'количество — целое число от 0 до 1 000 000 000 или пусто',
  }),
  'value-not-in-table': (detail) => ({
    en: `the mapping's value table for ${detail} does not know this value; add it to the mapping or correct the cell`,
    ru: `таблица значений для ${detail} в описании столбцов не знает этого значения; добавьте его или исправьте ячейку`,
  }),
  'value-too-long': (detail) => ({
    en: `the register holds at most ${detail} characters here; shorten the cell`,
    ru: `реестр хранит здесь не больше ${detail} знаков; сократите ячейку`,
  }),
  'class-not-a-word': () => ({
    en: 'a class is one word of small Latin letters, digits and dashes; give the mapping a value table for it',
    ru: 'класс — одно слово из строчных латинских букв, цифр и дефисов; добавьте таблицу значений в описание столбцов',
  }),
  'value-missing': (detail) => ({
    en: `${detail} must not be empty; fill the cell in`,
    ru: `${detail}: ячейка не должна быть пустой; заполните её`,
  }),
  'too-many-marks': (detail) => ({
    en: `the cell seems to hold more than ${detail} numbers; give each item its own row`,
    ru: `в ячейке, по-видимому, больше ${detail} номеров; запишите каждый предмет отдельной строкой`,
  }),
  'out-of-scope': (detail) => ({
    en: `the mapping leaves rows of the kind "${detail}" out; load them with --keep ${detail}`,
    ru: `описание столбцов исключает строки вида «${detail}»; загрузите их через --keep ${detail}`,
  }),
} as const satisfies Record<string, Sentence>

/** The whole file is refused. */
const FILE_REASONS = {
  'not-found': (detail) => ({ en: `there is no file ${detail}`, ru: `файла ${detail} нет` }),
  'empty-file': () => ({ en: 'the file is empty', ru: 'файл пуст' }),
  'file-too-large': (detail) => ({ en: `the file is larger than ${detail}; split it`, ru: `файл больше ${detail}; разделите его` }),
  'old-excel': () => ({
    en: 'this is an .xls file of Excel 2003 or earlier; open it, save it as .xlsx or CSV, and load that',
    ru: 'это файл .xls (Excel 2003 и раньше); откройте его, сохраните как .xlsx или CSV и загрузите',
  }),
  'encrypted': () => ({
    en: 'the workbook is protected by a password; remove the password and load it again',
    ru: 'книга защищена паролем; снимите пароль и загрузите снова',
  }),
  'not-a-sheet': (detail) => ({
    en: `this is not a table but ${detail}; save the table as .xlsx or CSV and load that`,
    ru: `это не таблица, а ${detail}; сохраните таблицу как .xlsx или CSV и загрузите`,
  }),
  'archive-damaged': (detail) => ({
    en: `the .xlsx file is damaged or cut off (${detail}); get it again from its source`,
    ru: `файл .xlsx повреждён или обрезан (${detail}); получите его у источника снова`,
  }),
  'archive-lies': (detail) => ({
    en: `the .xlsx file contradicts itself (${detail}), which no spreadsheet program does; do not trust it, ask its source`,
    ru: `файл .xlsx противоречит сам себе (${detail}), чего табличные редакторы не делают; не доверяйте ему, спросите источник`,
  }),
  'archive-bomb': (detail) => ({
    en: `the .xlsx file unpacks to far more than a table needs (${detail}); do not trust it, or save it anew and split it`,
    ru: `файл .xlsx распаковывается в объём, какой таблице не нужен (${detail}); не доверяйте ему либо сохраните заново и разделите`,
  }),
  'xml-refused': (detail) => ({
    en: `the .xlsx file holds XML that no spreadsheet program writes (${detail}); save it anew in a spreadsheet program`,
    ru: `в файле .xlsx есть XML, какого табличные редакторы не пишут (${detail}); сохраните его заново в табличном редакторе`,
  }),
  'no-sheet': (detail) => ({ en: `the workbook has no sheet ${detail}`, ru: `в книге нет листа ${detail}` }),
  'sheet-choice': (detail) => ({
    en: `several sheets hold data: ${detail}; choose one with --sheet`,
    ru: `данные есть на нескольких листах: ${detail}; выберите один через --sheet`,
  }),
  'unknown-encoding': (detail) => ({
    en: `the encoding "${detail}" is not among those that Muster reads`,
    ru: `кодировки «${detail}» нет среди тех, что читает Muster`,
  }),
  'wrong-encoding': (detail) => ({
    en: `the file is not in the encoding chosen (${detail}); name the right one with --encoding`,
    ru: `файл не в выбранной кодировке (${detail}); укажите верную через --encoding`,
  }),
  'row-too-long': (detail) => ({
    en: `row ${detail} does not end; a quotation mark is probably opened there and never closed`,
    ru: `строка ${detail} не заканчивается; вероятно, в ней открыта и не закрыта кавычка`,
  }),
  'too-many-header-columns': (detail) => ({
    en: `the header has ${detail} columns; remove those that do not belong to the table`,
    ru: `в заголовке ${detail} столбцов; удалите те, что не относятся к таблице`,
  }),
  'too-many-rows': (detail) => ({ en: `the sheet has more than ${detail} rows; split it`, ru: `на листе больше ${detail} строк; разделите его` }),
  'no-header': (detail) => ({
    en: `no row among the first has the columns that the mapping names (missing ≠ found: ${detail}); correct the mapping or choose the sheet`,
    ru: `ни в одной из первых строк нет столбцов, названных в описании (нет ≠ есть: ${detail}); исправьте описание или выберите лист`,
  }),
  'ambiguous-column': (detail) => ({
    en: `the header names a column of the mapping twice: ${detail}; name it by its letter`,
    ru: `заголовок дважды называет столбец из описания: ${detail}; укажите его буквой`,
  }),
} as const satisfies Record<string, Sentence>

export type ReasonCode = keyof typeof ROW_REASONS
export type FileReasonCode = keyof typeof FILE_REASONS

/** The sentence for a refused row. */
export function rowMessage(reason: ReasonCode, detail = ''): Words {
  return ROW_REASONS[reason](detail)
}

/** A file that is refused as a whole: nothing of it may be kept, also where rows were read before the fault was met. */
export class SheetRefused extends Error {
  readonly code: FileReasonCode
  /** The sentence in both languages; `message` is the English one. */
  readonly words: Words

  constructor(code: FileReasonCode, detail = '', options?: ErrorOptions) {
    const words = FILE_REASONS[code](detail)
    super(words.en, options)
    this.name = 'SheetRefused'
    this.code = code
    this.words = words
  }
}
