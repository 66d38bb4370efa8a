// Vectors of canonical JSON: bytes as hex, so that what is no UTF-8 can stand there too.
import { toHex, utf8 } from '@muster/core/bytes/bytes.ts'

/** `json`: the bytes read, in hex. `canonical`: their RFC 8785 form, null where they are refused; then `code` and the offset `at` say where. */
export type CanonicalVector = { what: string, json: string, canonical: string | null, code: string | null, at: number | null }

const written = (name: string, what: string, json: string, canonical: string): [string, CanonicalVector] =>
  [`canonical/valid/${name}`, { what, json: toHex(utf8(json)), canonical, code: null, at: null }]
const refused = (name: string, what: string, json: string | Uint8Array, code: string, at: number): [string, CanonicalVector] =>
  [`canonical/invalid/${name}`, { what, json: toHex(typeof json === 'string' ? utf8(json) : json), canonical: null, code, at }]

const bytesOf = (before: string, inside: readonly number[], after: string) => new Uint8Array([...utf8(before), ...inside, ...utf8(after)])

export function canonicalVectors(): [string, CanonicalVector][] {
  return [
    written('members-sorted', 'members sort by UTF-16 code units: U+1F600, written D83D DE00, stands before U+FB33', '{"\ufb33":1,"😀":2,"1":3,"\\r":4}', '{"\\r":4,"1":3,"😀":2,"\ufb33":1}'),
    written('numbers', 'numbers as ECMAScript prints them', '[1.0,1e2,0.000001,1E-7,9007199254740991]', '[1,100,0.000001,1e-7,9007199254740991]'),
    written('shortest-escapes', 'an escape where it must be, the short one where there is one, a character where it may stand', '"\\u0041\\u000a\\u001f\\u007f\\/\\"\\u041f"', '"A\\n\\u001f\u007f/\\"П"'),
    written('no-space', 'white space between tokens is gone, within a string it stays', ' { "a" : [ ] , "b" : { } , "c" : " " }\n', '{"a":[],"b":{},"c":" "}'),
    refused('duplicate-key', 'one name twice in an object', '{"a":1,"a":2}', 'json/duplicate-key', 7),
    refused('duplicate-key-by-escape', 'the same name, once by its escape', '{"a":1,"\\u0061":2}', 'json/duplicate-key', 7),
    refused('lone-surrogate', 'half a character', '["\\ud83d"]', 'json/lone-surrogate', 2),
    refused('number-beyond-2-53', 'a whole number that its neighbour cannot be told from', '[9007199254740993]', 'json/number-range', 1),
    refused('number-overflows', 'a number that no double holds', '[1e400]', 'json/number-range', 1),
    refused('leading-zero', 'a number with a zero before it', '[01]', 'json/syntax', 1),
    refused('not-utf-8', 'a byte that begins nothing', bytesOf('["', [0xff], '"]'), 'json/not-utf-8', 2),
    refused('encoded-surrogate', 'half a character as three bytes', bytesOf('["', [0xed, 0xa0, 0xbd], '"]'), 'json/not-utf-8', 2),
    refused('overlong', 'a slash as two bytes', bytesOf('["', [0xc0, 0xaf], '"]'), 'json/not-utf-8', 2),
    refused('byte-order-mark', 'a byte order mark before the value', '\ufeff{}', 'json/syntax', 0),
    refused('something-follows', 'a second value', '{} {}', 'json/trailing', 3),
    refused('too-deep', 'sixty-five levels', `${'['.repeat(65)}${']'.repeat(65)}`, 'json/too-deep', 64),
    refused('control-in-string', 'a newline as it stands within a string', '"a\nb"', 'json/syntax', 2),
  ]
}
