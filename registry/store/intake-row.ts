// Lines of `intake_row`: which row of which import an item came from. The mac is `rowMac`'s (a test compares), over a text made in one piece.
import type { IntakeRow } from '../intake/row.ts'
import { openHmac } from './hmac.ts'

function sized(text: string): string {
  return `${text.length}:${text}`
}

/** `macSecret`: the secret of row macs. A function that makes the line of COPY of one row. All parts are ASCII, so that characters are bytes. */
export function openIntakeMac(macSecret: Uint8Array, importId: string): (row: Pick<IntakeRow, 'row' | 'fingerprint'>, item: string) => string {
  const hmac = openHmac(macSecret, 'hex')
  const head = `${sized('intake_row')}${sized('fingerprint')}`
  const middle = `${sized('import_id')}${sized(`t${importId}`)}${sized('item_id')}`
  return ({ row, fingerprint }, item) => {
    const print = Buffer.from(fingerprint.buffer, fingerprint.byteOffset, fingerprint.length).toString('hex')
    const mac = hmac(`${head}${sized(`x${print}`)}${middle}${sized(`t${item}`)}${sized('row_number')}${sized(`t${row}`)}`)
    return `\\\\x${print}\t${item}\t${importId}\t${row}\t\\\\x${mac}\n`
  }
}
