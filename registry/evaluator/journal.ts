// What the evaluator remembers of one agreement: elements spent by whom, and who is suspended for which batch. One line a fact, appended and
// synced before anything follows from it. A line carries the beginning of its own hash: the last line of a process that was killed may be
// torn and is dropped, since nothing followed from it; a damaged line before it is a fault, since forgetting it would give quota back.
import { createHash } from 'node:crypto'
import { closeSync, fdatasyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { hex, integer, list, object, oneOf, optional, fit, type Shape, type Shaped } from '@muster/core/bytes/shape.ts'
import { partyId } from '@muster/core/rules/party.ts'
import { RECOVERIES_MAX } from '@muster/core/wire/trace-body.ts'
import { codeOf, Fault } from '../engine/fault.ts'
import { replaceFile } from '../engine/replace.ts'

const CHECK_CHARACTERS = 16
const id = hex(32)

/** `late`: not opened when due; `wrong`: opened with something else than was blinded, or than the ladder holds. */
export const SUSPENSIONS = ['late', 'wrong'] as const
export type Suspension = (typeof SUSPENSIONS)[number]

/** What is granted for other than a trace. */
export const ACCOUNTS = ['reconciliation', 'inspection'] as const
export type Account = (typeof ACCOUNTS)[number]

const fact = {
  /** `account`: left out for traces; grants of reconciliations and inspections are spent beside them. `finds`: bindings of the finds that were asked about, where the agreement has a quota for each. */
  spent: object({ what: oneOf('spent'), id, asker: partyId, elements: integer(1, 1024), at: integer(0, Number.MAX_SAFE_INTEGER), account: optional(oneOf(...ACCOUNTS)), finds: optional(list(id, 1, RECOVERIES_MAX)) }),
  /** Officers gave the asker of this question its elements beside the quota. */
  granted: object({ what: oneOf('granted'), id, asker: partyId, elements: integer(1, 1024), at: integer(0, Number.MAX_SAFE_INTEGER), finds: optional(list(id, 1, RECOVERIES_MAX)) }),
  suspended: object({ what: oneOf('suspended'), id, asker: partyId, why: oneOf(...SUSPENSIONS) }),
  /** The suspension for this batch has ended, and the batch never suspends again. */
  forgiven: object({ what: oneOf('forgiven'), id, asker: partyId }),
} as const
type FactKind = keyof typeof fact
export type Fact = { [K in FactKind]: Shaped<(typeof fact)[K]> }[FactKind]

const shape: Shape<Fact> = (value, at) => {
  const kind = typeof value === 'object' && value !== null && 'what' in value ? value.what : undefined
  return kind === 'suspended' ? fact.suspended(value, at) : kind === 'forgiven' ? fact.forgiven(value, at) : kind === 'granted' ? fact.granted(value, at) : fact.spent(value, at)
}

function checkOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, CHECK_CHARACTERS)
}

function lineOf(one: Fact): string {
  const text = JSON.stringify(one)
  return `${checkOf(text)} ${text}\n`
}

function factOf(line: string): Fact | undefined {
  const text = line.slice(CHECK_CHARACTERS + 1)
  if (line.slice(0, CHECK_CHARACTERS) !== checkOf(text)) return undefined
  const fitted = fit(shape, JSON.parse(text))
  return 'value' in fitted ? fitted.value : undefined
}

/** The facts of a journal in their order; none where there is no file. */
function readFacts(path: string): Fact[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
  const lines = text.split('\n')
  const torn = lines.pop() !== ''
  return lines.flatMap((line, i) => {
    const one = factOf(line)
    if (one === undefined && i === lines.length - 1 && !torn) return []
    if (one === undefined) throw new Fault('kept-damaged', `${path}, line ${i + 1} is not as it was written: restore the folder from its backup; nothing is evaluated until then`)
    return [one]
  })
}

export interface Journal {
  /** Appends and syncs; when it returns the fact stays. Throws where the disk refuses, and the journal is as before. */
  readonly append: (one: Fact) => void
  readonly close: () => void
}

/** Opens a journal: facts that `keeps` lets go are left out of the file from now on. */
export async function openJournal(path: string, keeps: (facts: readonly Fact[]) => readonly Fact[]): Promise<{ readonly facts: readonly Fact[], readonly journal: Journal }> {
  const facts = keeps(readFacts(path))
  const text = facts.map(lineOf).join('')
  await replaceFile(path, text)
  const file = openSync(path, 'a', 0o600)
  let size = Buffer.byteLength(text)
  return {
    facts,
    journal: {
      append: (one) => {
        const line = Buffer.from(lineOf(one))
        try {
          for (let at = 0; at < line.length;) at += writeSync(file, line, at)
          fdatasyncSync(file)
          size += line.length
        } catch (error) {
          ftruncateSync(file, size)
          throw error
        }
      },
      close: () => { closeSync(file) },
    },
  }
}
