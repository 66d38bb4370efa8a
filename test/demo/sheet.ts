// Sheets as offices of the exercise keep them: their own delimiter, their own encoding.
export type SheetEncoding = 'utf-8' | 'windows-1251' | 'cp866' | 'utf-16le'

export interface Sheet {
  readonly name: string
  readonly encoding: SheetEncoding
  readonly delimiter: ',' | ';'
  /** Lines above the header, then the header, then rows. */
  readonly rows: readonly (readonly string[])[]
}

const BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte)

/** Bytes of a one-byte encoding; throws where it lacks a character. */
function singleBytes(text: string, encoding: 'windows-1251' | 'cp866'): Buffer {
  const places = new Map(Array.from(new TextDecoder(encoding === 'cp866' ? 'ibm866' : encoding).decode(BYTES), (character, byte) => [character, byte]))
  return Buffer.from(Array.from(text, (character) => {
    const byte = places.get(character)
    if (byte === undefined) throw new RangeError(`${encoding} has no ${character}`)
    return byte
  }))
}

function cell(text: string, delimiter: string): string {
  return text.includes(delimiter) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** The file's bytes. */
export function sheetBytes({ rows, delimiter, encoding }: Sheet): Buffer {
  const text = rows.map((row) => `${row.map((each) => cell(each, delimiter)).join(delimiter)}\r\n`).join('')
  switch (encoding) {
    case 'utf-8': return Buffer.from(`\ufeff${text}`)
    case 'utf-16le': return Buffer.from(`\ufeff${text}`, 'utf16le')
    case 'windows-1251':
    case 'cp866': return singleBytes(text, encoding)
  }
}
