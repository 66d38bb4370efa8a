// Every forgery of one dossier, family by family. Each kind is made for every party, element and statement that it fits.
import type { Paper } from '../paper.ts'
import type { PaperDossier } from '../paper-trace.ts'
import { ofBatches } from './batch.ts'
import { ofDeclarations } from './declaration.ts'
import type { Made } from './forgery.ts'
import { ofFrames } from './frame.ts'
import { ofMessages } from './message.ts'
import { ofOwnAnswers } from './own-answer.ts'
import { ofStatements } from './statement.ts'

export function* forgeries(paper: Paper, made: PaperDossier): Made {
  const ground = { paper, made }
  yield* ofBatches(ground)
  yield* ofDeclarations(ground)
  yield* ofMessages(ground)
  yield* ofOwnAnswers(ground)
  yield* ofFrames(ground)
  yield* ofStatements(ground)
}
