// Witnesses from outside the agreement that this registry shows its logs to (C2SP tlog-witness): a name, a key and where to ask. What they cosign is stored
// and shown, and counts for no quorum: no agreement names them. One file beside the database, replaced whole.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { fit, list, object, verbatim } from '@muster/core/bytes/shape.ts'
import { ED25519, formatVkey, parseVkey, type NoteKey } from '@muster/core/proof/vkey.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { codeOf, Fault } from '../engine/fault.ts'
import { replaceFile } from '../engine/replace.ts'

const FILE = 'foreign-witnesses.json'
/** Each line stands in every checkpoint from then on, 3.3 kB of ML-DSA-44. */
export const FOREIGN_WITNESSES_MAX = 8
const URL_CHARACTERS_MAX = 500
const VKEY_CHARACTERS_MAX = 4_000
const members = object({ witnesses: list(object({ url: verbatim(URL_CHARACTERS_MAX), vkey: verbatim(VKEY_CHARACTERS_MAX) }), 0, FOREIGN_WITNESSES_MAX) })

/** `url`: the submission prefix, without a slash at its end. */
export interface ForeignWitness { readonly url: string, readonly vkey: string, readonly key: NoteKey }

export type ForeignCode = 'witness/url' | 'witness/type' | 'witness/own-name' | 'witness/there' | 'witness/too-many' | 'witness/unknown'

const pathOf = (dataDir: string): string => join(dataDir, FILE)

/** All of them, in the order in which they were added. */
export async function foreignWitnesses(dataDir: string): Promise<ForeignWitness[]> {
  let content: string
  try {
    content = await readFile(pathOf(dataDir), 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
  try {
    const fitted = fit(members, JSON.parse(content))
    if ('value' in fitted) return fitted.value.witnesses.map(({ url, vkey }) => ({ url, vkey, key: parseVkey(p, vkey) }))
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof Refusal)) throw error
  }
  throw new Fault('kept-damaged', `${pathOf(dataDir)} is no list of witnesses: remove it, and add them again with muster witness add`)
}

async function write(dataDir: string, witnesses: readonly ForeignWitness[]): Promise<void> {
  await replaceFile(pathOf(dataDir), `${JSON.stringify({ witnesses: witnesses.map(({ url, vkey }) => ({ url, vkey })) })}\n`, 0o644)
}

/** Names of parties' logs, witnesses and readers: a stranger under one would be taken for a party. */
const OF_A_PARTY = /^[^/]+\/muster\//

export async function addForeignWitness(dataDir: string, url: string, vkey: string): Promise<ForeignWitness> {
  const key = parseVkey(p, vkey)
  const prefix = url.replace(/\/+$/, '')
  if (!URL.canParse(prefix) || !/^https?:$/.test(new URL(prefix).protocol) || prefix.length > URL_CHARACTERS_MAX) throw new Refusal<ForeignCode>('witness/url', 'a submission prefix begins with http:// or https://', 'url')
  if (key.type === ED25519) throw new Refusal<ForeignCode>('witness/type', 'this is the key of plain signatures (type 01): a witness has one of cosignatures, Ed25519 (04) or ML-DSA-44 (06)', 'vkey')
  if (OF_A_PARTY.test(key.name)) throw new Refusal<ForeignCode>('witness/own-name', `${key.name} is a name of a party: its registry is asked without being added`, 'vkey')
  const held = await foreignWitnesses(dataDir)
  if (held.some((each) => each.key.name === key.name && each.key.id === key.id)) throw new Refusal<ForeignCode>('witness/there', `${key.name} is there already with this key`, 'vkey')
  if (held.length >= FOREIGN_WITNESSES_MAX) throw new Refusal<ForeignCode>('witness/too-many', `there are ${FOREIGN_WITNESSES_MAX} already: take one off first`, 'vkey')
  const added = { url: prefix, vkey: formatVkey(key), key }
  await write(dataDir, [...held, added])
  return added
}

/** Takes off all keys of that name; what it cosigned stays where it stands. */
export async function removeForeignWitness(dataDir: string, name: string): Promise<number> {
  const held = await foreignWitnesses(dataDir)
  const left = held.filter(({ key }) => key.name !== name)
  if (left.length === held.length) throw new Refusal<ForeignCode>('witness/unknown', `no witness ${name} was added`, 'name')
  await write(dataDir, left)
  return held.length - left.length
}
