// Own checkpoints by who cosigned them: what a party without an address has of the log is what its witness said last, and a question to it
// stands on a checkpoint that bears its line.
import { toBase64 } from '@muster/core/bytes/bytes.ts'
import { idBytes, type NoteKey } from '@muster/core/proof/vkey.ts'
import { isSound, type OwnLog } from './own-log.ts'

/** Of the four bytes of a key ID. */
const WHOLE_CHARACTERS = 5

export interface CosignedCheckpoint { readonly size: number, readonly note: string }

/** The line of a key of that name, wherever it stands in a note. */
const lineStart = (name: string): string => `\n— ${name} `

/** Own checkpoints looked through before the newest is taken. */
const CHECKPOINTS_MAX = 32
const OVER = {
  ASC: 'SELECT size, note FROM checkpoint WHERE agreement_id = $1 AND size > $2 AND position($3 in note) > 0 ORDER BY size LIMIT $4',
  DESC: 'SELECT size, note FROM checkpoint WHERE agreement_id = $1 AND size > $2 AND position($3 in note) > 0 ORDER BY size DESC LIMIT $4',
} as const

/** The line of one key: name, and as much of the key ID as ends with a whole character of base64. */
const lineOfKey = ({ name, id }: NoteKey): string => `${lineStart(name)}${toBase64(idBytes(id)).slice(0, WHOLE_CHARACTERS)}`

/** The newest own checkpoint that a witness of this name cosigned. */
export async function newestCosignedBy(log: Pick<OwnLog, 'db' | 'agreement'>, name: string): Promise<CosignedCheckpoint | undefined> {
  const [row] = await log.db.read<CosignedCheckpoint>('SELECT size, note FROM checkpoint WHERE agreement_id = $1 AND position($2 in note) > 0 ORDER BY size DESC LIMIT 1', [log.agreement.id, lineStart(name)])
  return row
}

/** The oldest own checkpoint over that entry of the log which a witness cosigned with this key. */
export async function cosignedOver(log: Pick<OwnLog, 'db' | 'agreement' | 'isSound'>, key: NoteKey, entry: number): Promise<CosignedCheckpoint | undefined> {
  const over = (order: 'ASC' | 'DESC', limit: number) => log.db.read<CosignedCheckpoint>(OVER[order], [log.agreement.id, entry, lineOfKey(key), limit])
  const sound = ({ note }: CosignedCheckpoint): boolean => isSound(log, note)
  return (await over('ASC', CHECKPOINTS_MAX)).find(sound) ?? (await over('DESC', 1)).find(sound)
}
