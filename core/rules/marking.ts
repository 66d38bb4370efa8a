// The marking of a message or document: how it is to be handled. It travels with what it marks, into the dossier too.
import { list, object, text } from '../bytes/shape.ts'

export const MARKING_CHARACTERS_MAX = 100
export const CAVEATS_MAX = 16

export const marking = object({ level: text(MARKING_CHARACTERS_MAX), caveats: list(text(MARKING_CHARACTERS_MAX), 0, CAVEATS_MAX) })
