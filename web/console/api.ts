// Asking the registry that serves this page. What it refuses is thrown as a problem, in the reader's language.
import type { Standing } from '@muster/core/rules/call.ts'
import type { CustodyEvent } from '@muster/core/rules/custody-event.ts'
import type { DutyState } from '@muster/core/rules/duty.ts'
import type { Holding } from '@muster/core/rules/holding.ts'
import type { RequestState } from '@muster/core/rules/request.ts'
import type { Rights } from '@muster/core/rules/rights.ts'
import type { Lang } from '@muster/core/words/lang.ts'

export interface Me extends Rights { readonly person: string, readonly party: string, readonly exercise: boolean, readonly others: readonly { readonly party: string, readonly name: string, readonly person: string, readonly url: string }[] }
export interface Row { readonly item: string, readonly class: string, readonly type: string, readonly maker: string, readonly year: string, readonly lot: string, readonly serial: string, readonly status: string, readonly custodian: string, readonly site: string, readonly unit: string, readonly rung?: string, readonly kind?: string, readonly sharing?: number }
export interface Items { readonly items: readonly Row[], readonly next: string | null, readonly tried: number | null, readonly unreadable: string | null, readonly cut: boolean }
export interface Item { readonly item: string, readonly holding: Holding, readonly events: readonly CustodyEvent[], readonly bound: readonly { readonly seq: number, readonly agreement: string, readonly entry: number }[] }
export interface Pending { readonly id: string, readonly act: string, readonly body: unknown, readonly by: string, readonly asked: string, readonly until: string, readonly state: string, readonly second: string | null, readonly answer: unknown }
export interface Known extends Pick<Me, 'person'> { readonly id: string, readonly rights: Rights, readonly made: string, readonly madeBy: { readonly by: string, readonly and: string | null }, readonly enrolled: boolean, readonly left: string | null }

export interface Duty { readonly what: string, readonly by: string, readonly to: string | null, readonly about: string, readonly due: string, readonly state: DutyState, readonly office: string | null }
export interface Request { readonly id: string, readonly direction: 'in' | 'out', readonly with: string, readonly time: string, readonly ground: string, readonly use: string, readonly marks: readonly string[], readonly hits: number, readonly state: RequestState, readonly due: string, readonly overdue: boolean, readonly answer: string | null, readonly words: readonly { readonly kind: string, readonly id: string, readonly from: string, readonly time: string }[] }
export interface Preview { readonly to: string, readonly keys: number, readonly items: readonly { readonly label: string, readonly sections: Readonly<Record<string, unknown>> }[], readonly look: string | null, readonly bytes: number }
interface CallScope { readonly call: string, readonly reason: string, readonly due: string, readonly asOf: string, readonly classes: readonly string[] | null, readonly types: readonly string[] | null, readonly note: string | null }
export interface Issued extends CallScope { readonly addressed: number, readonly answered: number, readonly declined: number, readonly silent: number }
export interface Received extends CallScope { readonly from: string, readonly standing: 'open' | 'acknowledged' | 'answered' | 'declined' | 'objected', readonly reminders: number }
export interface Answered { readonly party: string, readonly code?: string, readonly standing: Standing, readonly since: string, readonly late: boolean, readonly reason?: string, readonly totals?: Readonly<Record<'opened' | 'sealed' | 'records', number>>, readonly proof: string | null, readonly differences: readonly { readonly class: string }[], readonly balance: { readonly rows: readonly { readonly class: string, readonly unexplained: number }[] } | null }
export interface Matrix extends Issued { readonly matrix: readonly Answered[] }
export interface Trusted { readonly at: string, readonly quorum: number, readonly items: number, readonly logs: readonly LogSeen[], readonly asked: readonly AskedOfUs[] }
interface LogSeen { readonly party: string, readonly size: number | null, readonly seen: string | null, readonly cosigners: readonly string[], readonly declared: string | null, readonly heads: number, readonly stale: boolean, readonly breaches: readonly string[] }
interface AskedOfUs { readonly party: string, readonly elements: number, readonly inWindow: number, readonly quota: number, readonly knownAtMost: number, readonly allInDays: number | null }

/** What the registry said no to; `code` is stable, `title` is told in the reader's language, `detail` names the member. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly detail: string
  constructor(status: number, { title, code, detail }: { readonly title?: string, readonly code?: string, readonly detail?: string }) {
    super(title ?? code ?? String(status))
    this.status = status
    this.code = code ?? 'http/unavailable'
    this.detail = detail ?? ''
  }
}

/** The registry does not answer at all. */
export const AWAY = 'console/away'

async function asked<T>(path: string, lang: Lang, init: RequestInit): Promise<{ readonly status: number, readonly value: T }> {
  const response = await fetch(path, { ...init, headers: { 'accept-language': lang, ...init.headers }, credentials: 'same-origin', redirect: 'error' }).catch((error: unknown) => {
    throw new Problem(0, { code: AWAY, detail: error instanceof Error ? error.message : '' })
  })
  const value: unknown = await response.json().catch(() => ({}))
  if (!response.ok) throw new Problem(response.status, value as object)
  return { status: response.status, value: value as T }
}

export async function look<T>(path: string, lang: Lang, signal?: AbortSignal): Promise<T> {
  return (await asked<T>(path, lang, signal === undefined ? {} : { signal })).value
}

/** `key`: what is posted again under it is done once. */
export async function post<T>(path: string, body: object, lang: Lang, key?: string): Promise<{ readonly status: number, readonly value: T }> {
  return asked<T>(path, lang, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) } })
}
