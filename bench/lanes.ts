// Many of one kind under way at once.

/** Messages on their way at a time. */
export const LANES = 256

/** `lanes` at a time, in their order. */
export async function inLanes<T>(all: readonly T[], lanes: number, act: (each: T) => Promise<unknown>): Promise<void> {
  let next = 0
  await Promise.all(Array.from({ length: lanes }, async () => {
    for (let i = next++; i < all.length; i = next++) await act(all[i] as T)
  }))
}
