// What an error of the database means: may it be tried again, and what is it to the person who asked.
import { codeOf, Fault, textOf } from '../engine/fault.ts'

/** SQLSTATE of a connection that broke; the driver's and the system's own words for it are folded into this one. */
const BROKEN = '08006'
/** Also true for a deadlock and for a serialization that failed: the transaction left nothing behind. */
const AGAIN = new Set([BROKEN, '57P01', '57P03', '40P01', '40001'])
/** No connection was had, so nothing was begun. 53300: all are taken; 57P03: the server is starting or stopping. */
const NOT_CONNECTED = new Set([BROKEN, '57P01', '57P03', '53300'])
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN'])
const DISK_FULL = '53100'
const CANCELLED = '57014'

export function sqlState(error: unknown): string | undefined {
  const code = codeOf(error)
  if (code !== undefined && NETWORK.has(code)) return BROKEN
  if (code !== undefined) return code
  return /Connection terminated|connection error|timeout exceeded when trying to connect|Connection ended/i.test(textOf(error)) ? BROKEN : undefined
}

export function mayRunAgain(error: unknown): boolean {
  return AGAIN.has(sqlState(error) ?? '')
}

export function mayConnectAgain(error: unknown): boolean {
  return NOT_CONNECTED.has(sqlState(error) ?? '')
}

/** The server may have committed although no answer came. */
export function isOutcomeUnknown(error: unknown): boolean {
  return sqlState(error) === BROKEN || sqlState(error) === '57P01'
}

/** An error of the machine as a fault that says what to do; any other (a violated constraint, a wrong statement) as it is. `where` names the database for a person. */
export function asFault(error: unknown, where: string): unknown {
  if (error instanceof Fault) return error
  const state = sqlState(error)
  if (state === DISK_FULL) return new Fault('disk-full', `The disk that holds the database (${where}) is full: free space there and run the same command again. What was acknowledged is kept; this command wrote nothing.`, error)
  if (state === CANCELLED) return new Fault('statement-too-long', `The database (${where}) did not finish a statement in the time allowed: other work may be holding it up. Try again when that is done.`, error)
  if (state !== undefined && NOT_CONNECTED.has(state)) return new Fault('database-unreachable', `The database (${where}) cannot be reached: ${textOf(error)}. See muster doctor.`, error)
  return error
}
