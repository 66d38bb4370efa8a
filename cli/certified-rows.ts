// Rows and the date of a paper that lets items go: a certificate, a licence.
import { isDate, type CivilDate, type Time } from '@muster/core/bytes/time.ts'
import type { CertifiedRow } from '@muster/core/rules/certificate.ts'
import { usage } from './errors.ts'
import type { Context } from './verb.ts'

/** `CLASS[:TYPE]=N`, or `CLASS[:TYPE]=#SERIAL,SERIAL…`, which counts them. */
export function certifiedRowOf(text: string): CertifiedRow {
  const [, kind = '', type, amount = ''] = /^([^:=]+)(?::([^=]+))?=(.+)$/.exec(text) ?? []
  const serials = amount.startsWith('#') ? amount.slice(1).split(',').map((each) => each.trim()) : undefined
  const quantity = serials?.length ?? Number(amount)
  if (kind === '' || !Number.isSafeInteger(quantity)) throw usage(`--item ${text}: CLASS[:TYPE]=N, CLASS[:TYPE]=#SERIAL,SERIAL…`)
  return { class: kind.trim(), type: type?.trim() ?? null, quantity, ...(serials === undefined ? {} : { serials }) }
}

/** `--date`, or the day of `now`. */
export function dateOr(context: Context, now: Time): CivilDate {
  const date = context.args.text('date') ?? now.slice(0, 10)
  if (!isDate(date)) throw usage(`--date ${date}: YYYY-MM-DD`)
  return date
}
