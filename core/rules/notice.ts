// Notices of loss, theft and recovery (DOMAIN: national report, then exporter and participants; deadlines are data of the agreement). What a
// notice tells of items is their class, type and number; serials only where people decide so. Pure; time is an argument.
import { addSeconds, type Time } from '../bytes/time.ts'
import { known, type Identity } from './item.ts'
import type { Status } from './status.ts'

export const NOTICE_KINDS = ['loss', 'theft', 'recovery'] as const
export type NoticeKind = (typeof NOTICE_KINDS)[number]
/** How it came about, as a code that each side reads in its own language. */
export const CIRCUMSTANCES = ['in-store', 'in-transit', 'in-use', 'attack', 'seized', 'found', 'surrendered', 'unknown'] as const
export type Circumstances = (typeof CIRCUMSTANCES)[number]

export interface CountedItems { readonly class: string, readonly type: string | null, readonly items: number }

/** Items as others are told of them: how many of each class and type, in the order of both. */
export function countByType(identities: readonly Identity[]): CountedItems[] {
  const counts = new Map<string, CountedItems>()
  for (const { class: kind, type } of identities) {
    const name = `${kind}\n${known(type) ?? ''}`
    counts.set(name, { class: kind, type: known(type) ?? null, items: (counts.get(name)?.items ?? 0) + 1 })
  }
  return [...counts].sort(([a], [b]) => a < b ? -1 : 1).map(([, row]) => row)
}

/** The status of an item that a notice of that kind is about; a recovery is of an item in hand that was seized or found. */
export const OF_STATUS: Readonly<Record<NoticeKind, readonly Status[]>> = { loss: ['lost'], theft: ['stolen'], recovery: ['held', 'issued'] }

/** By when the parties are to be told of what began at `since`; undefined where the agreement sets no time. */
export function noticeDue(since: Time, deadlines: { readonly noticeSeconds?: number }): Time | undefined {
  return deadlines.noticeSeconds === undefined ? undefined : addSeconds(since, deadlines.noticeSeconds)
}
