// What another party could know of a register by asking, at the very most. An element that is evaluated lets the asker look one key up in a declaration; had every one
// been a guess that hit another item, it would know of as many items as it asked elements, and no more (docs/console.md). Pure.
const DAY_SECONDS = 86_400

/** `items`: in the register. `elements`: evaluated for the asker so far. */
export function knownAtMost(items: number, elements: number): number {
  return Math.min(items, elements)
}

/** Whole days until an asker that spends all of its quota could know of every item; 0 where it could by now, null where its quota is nothing. */
export function daysToKnowAll(items: number, elements: number, quota: { readonly elements: number, readonly windowSeconds: number }): number | null {
  const left = items - knownAtMost(items, elements)
  if (left === 0) return 0
  return quota.elements === 0 ? null : Math.ceil(left / quota.elements * quota.windowSeconds / DAY_SECONDS)
}
