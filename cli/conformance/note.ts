// The question `note` of the conformance door: a C2SP signed note under known keys.
import { Breach } from '@muster/core/bytes/breach.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { characters, list, object } from '@muster/core/bytes/shape.ts'
import { NOTE_BYTES_MAX, openNote } from '@muster/core/proof/note.ts'
import { parseVkey } from '@muster/core/proof/vkey.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { MALFORMED, membersOf, type Request, type ValidAnswer } from './request.ts'

export const VKEYS_MAX = 256
const VKEY_CHARACTERS_MAX = 4096

/** What a note may hold is for the note's own parser to say. */
const question = object({ note: characters(0, NOTE_BYTES_MAX), vkeys: list(characters(0, VKEY_CHARACTERS_MAX), 0, VKEYS_MAX) })

/** Valid where at least one known key's line verifies and none fails; malformed notes and keys are answered with their code. */
export function answerNote(request: Request): ValidAnswer & { readonly text?: string, readonly signers?: readonly string[] } {
  const given = membersOf(request, question, ['note', 'vkeys'])
  if (given === undefined) return MALFORMED
  try {
    const keys = given.vkeys.map((vkey) => parseVkey(nodePrimitives, vkey))
    const { text, signers } = openNote(nodePrimitives, given.note, keys)
    return { valid: true, text, signers }
  } catch (thrown) {
    if (thrown instanceof Breach) return { valid: false }
    if (thrown instanceof Refusal) return { valid: false, error: String(thrown.code) }
    throw thrown
  }
}
