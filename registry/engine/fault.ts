// What goes wrong in a machine and not in the rules: disk, processes, network, database.

export type FaultCode =
  | 'engine-missing'
  | 'engine-refused'
  | 'engine-failed'
  | 'not-initialised'
  | 'already-initialised'
  | 'directory-taken'
  | 'directory-in-use'
  | 'already-served'
  | 'already-sequenced'
  | 'already-declaring'
  | 'port-taken'
  | 'clock-behind'
  | 'turn-not-had'
  | 'database-unreachable'
  | 'statement-too-long'
  | 'outcome-unknown'
  | 'disk-full'
  | 'migration-changed'
  | 'migration-newer'
  | 'migration-failed'
  | 'kept-damaged'
  | 'row-changed'
  | 'database-behind'
  | 'log-rewritten'
  | 'file-changed'
  | 'agreement-refused'
  | 'evaluator-unavailable'
  | 'own-registry'
  | 'no-find'
  | 'not-bound'
  | 'not-cosigned'

/** A fault carries a code of a closed union and a sentence that says what is wrong and what to do next. The command line exits 3. */
export class Fault extends Error {
  readonly kind = 'fault'
  readonly code: FaultCode

  constructor(code: FaultCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'Fault'
    this.code = code
  }
}

/** The `code` of a system or database error (`ENOENT`, `40001`), undefined where there is none. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
