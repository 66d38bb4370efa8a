// Acts done once under a caller's key: the act of the batch names the key by its hash, so that a record that was removed is missed.
import { createHash } from 'node:crypto'

const TAG_HEX = 32

/** What follows the act's own words. */
export function onceTag(key: string): string {
  return `once ${createHash('sha256').update(key).digest('hex').slice(0, TAG_HEX)}`
}
