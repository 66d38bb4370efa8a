// What is made of a mark, for a person to see (`muster explain`): readings, keys and rungs. Chance belongs to a register: where one is at
// hand, it is measured on the candidates given here.
import { classesFor, designated, entriesNamed, isConfirmed, type Catalogue, type CatalogueEntry } from './catalogue.ts'
import { FOLDING_VERSION } from './folding-table.ts'
import { ladderOf, type Ladder, type LadderLimits } from './ladder.ts'
import { markKeys, type ReadingKey } from './mark-keys.ts'
import { readingsOf, type Readings, type Script } from './mark.ts'

export interface ExplainOptions {
  readonly catalogue: Catalogue
  /** What the asker states; where empty, the classes follow from the designation. */
  readonly classes: readonly string[]
  readonly type: string | undefined
  readonly script: Script
  readonly condition: string
  readonly limits: LadderLimits
}

export interface Explanation {
  readonly mark: string
  readonly folding: number
  /** The text as one serial of an unknown component. */
  readonly readings: Readings
  readonly keys: readonly ReadingKey[]
  /** The text as designation and serial, where it can be told apart. */
  readonly designation: string | undefined
  readonly named: readonly { readonly entry: CatalogueEntry, readonly confirmed: boolean }[]
  /** What is looked up. */
  readonly serial: string
  readonly type: string | undefined
  readonly classes: readonly string[]
  readonly ladder: Ladder
}

/** Throws a Refusal with a MarkCode. */
export function explainMark(mark: string, options: ExplainOptions): Explanation {
  const { catalogue, condition, script, limits } = options
  const readings = readingsOf(mark)
  const parts = designated(catalogue, mark)
  const serial = parts?.serial ?? mark
  const type = options.type ?? parts?.designation
  const classes = options.classes.length > 0 ? options.classes : classesFor(catalogue, type)
  return {
    mark, folding: FOLDING_VERSION, readings, keys: markKeys(mark), designation: parts?.designation,
    named: (type === undefined ? [] : entriesNamed(catalogue, type)).map((entry) => ({ entry, confirmed: isConfirmed(catalogue, entry) })),
    serial, type, classes,
    ladder: ladderOf({ serial, type, classes, script, condition, maker: undefined, year: undefined, lot: undefined }, limits),
  }
}
