// What makes a row of a file that row, so that loading the file again adds nothing, while a row that repeats another of the same file
// stays a row of its own: its cells, and which of the equal rows of the file it is.
import { hash } from 'node:crypto'

const DOMAIN = 'muster/intake-row/1\n'
const FIRST_SLOTS = 1 << 12

/** Gives the fingerprint of each row of one file, in file order, accepted and refused rows alike: SHA-256 (32 bytes) over the domain
 *  line and the cells as a JSON array without trailing empty cells; for the nth repetition of equal cells, over the domain line, that
 *  hash and n. Memory: 24 bytes a row or less. */
export function openFingerprints(): (cells: readonly string[]) => Uint8Array {
  const seen = openCounts()
  return (cells) => {
    let length = cells.length
    while (length > 0 && cells[length - 1] === '') length -= 1
    const first = hash('sha256', DOMAIN + JSON.stringify(cells.slice(0, length)), 'buffer')
    const earlier = seen(first.readUInt32LE(0), first.readUInt32LE(4))
    return earlier === 0 ? first : hash('sha256', `${DOMAIN}${first.toString('hex')} ${earlier}`, 'buffer')
  }
}

/** How often these 64 bits came before. Two rows that share them by chance or by design only get another number of repetition each. */
function openCounts(): (low: number, high: number) => number {
  let mask = FIRST_SLOTS - 1
  let slots = new Uint32Array(FIRST_SLOTS * 3)
  let used = 0
  const place = (table: Uint32Array, low: number, high: number): number => {
    let slot = (low & mask) * 3
    while (table[slot + 2] !== 0 && (table[slot] !== low || table[slot + 1] !== high)) slot = slot + 3 === table.length ? 0 : slot + 3
    return slot
  }
  const grow = (): void => {
    const old = slots
    mask = mask * 2 + 1
    slots = new Uint32Array(old.length * 2)
    for (let at = 0; at < old.length; at += 3) {
      if (old[at + 2] === 0) continue
      slots.set(old.subarray(at, at + 3), place(slots, old[at] as number, old[at + 1] as number))
    }
  }
  return (low, high) => {
    if (used * 2 > mask) grow()
    const slot = place(slots, low, high)
    const earlier = slots[slot + 2] as number
    if (earlier === 0) used += 1
    slots[slot] = low
    slots[slot + 1] = high
    slots[slot + 2] = earlier + 1
    return earlier
  }
}
