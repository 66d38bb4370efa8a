// Own checkpoints by who cosigned them: what a party without an address has of the log is what its witness said last, and a question to it
// stands on a checkpoint that bears its line.
import { parseNote } from '@muster/core/proof/note.ts'
import type { OwnLog } from './own-log.ts'

export interface CosignedCheckpoint { readonly size: number, readonly note: string }

/** The line of a key of that name, wherever it stands in a note. */
const lineStart = (name: string): string => `\n— ${name} `

/** The newest own checkpoint that a witness of this name cosigned. */
export async function newestCosignedBy(log: Pick<OwnLog, 'db' | 'agreement'>, name: string): Promise<CosignedCheckpoint | undefined> {
  const [row] = await log.db.read<CosignedCheckpoint>('SELECT size, note FROM checkpoint WHERE agreement_id = $1 AND position($2 in note) > 0 ORDER BY size DESC LIMIT 1', [log.agreement.id, lineStart(name)])
  return row
}

/** The oldest own checkpoint over that entry of the log which a witness of this name cosigned. */
export async function cosignedOver(log: Pick<OwnLog, 'db' | 'agreement'>, name: string, entry: number): Promise<CosignedCheckpoint | undefined> {
  const [row] = await log.db.read<CosignedCheckpoint>('SELECT size, note FROM checkpoint WHERE agreement_id = $1 AND size > $2 AND position($3 in note) > 0 ORDER BY size LIMIT 1', [log.agreement.id, entry, lineStart(name)])
  return row
}

/** Whether a cosigner of this name has its line in a note. */
export function bearsLineOf(note: string, name: string): boolean {
  return parseNote(note).signatures.some((line) => line.name === name)
}
