// Key records and addresses as options: --record FILE …, --peer CODE=URL ….
import { readFile } from 'node:fs/promises'
import { isPartyId, type PartyId } from '@muster/core/rules/party.ts'
import { readKeyRecord, type ReadKeyRecord } from '@muster/core/wire/key-record.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { usage } from './errors.ts'
import type { Context } from './verb.ts'

export async function recordsIn(context: Context): Promise<Map<PartyId, ReadKeyRecord>> {
  const records = new Map<PartyId, ReadKeyRecord>()
  for (const path of context.args.texts('record')) {
    const read = readKeyRecord(p, new Uint8Array(await readFile(path)))
    if (read instanceof Error) throw usage(`--record ${path}: ${read.message}`)
    records.set(read.record.party, read)
  }
  return records
}

/** Addresses as CODE=URL. */
export function urlsIn(context: Context): Map<PartyId, string> {
  return new Map(context.args.texts('peer').map((text): [PartyId, string] => {
    const at = text.indexOf('=')
    const party = text.slice(0, at)
    const url = text.slice(at + 1).replace(/\/$/, '')
    if (!isPartyId(party) || !URL.canParse(url)) throw usage(`--peer ${text}: CODE=http://host:port`)
    return [party, url]
  }))
}
