// Group commit: while one act of a key is under way, what else is asked of it gathers, and is done together next. Many who ask at once share one
// transaction and one flush of the disk; one who asks alone waits for nobody.

export interface Gathered<Item, Done, Key extends string = string> {
  /** Resolves to what the act gave for this item. */
  readonly join: (key: Key, item: Item) => Promise<Done>
}

interface Waiting<Item, Done> { readonly item: Item, readonly resolve: (done: Done) => void, readonly reject: (error: unknown) => void }

/**
 * `act` gives one result an item, in their order, or throws and has done nothing for any; then each is done alone, and hears its own error.
 * `atOnceMax`: items of one act at most.
 */
export function gather<Item, Done, Key extends string = string>(act: (key: Key, items: readonly Item[]) => Promise<readonly Done[]>, atOnceMax: number): Gathered<Item, Done, Key> {
  const lanes = new Map<string, Waiting<Item, Done>[]>()
  const together = async (key: Key, group: readonly Waiting<Item, Done>[]): Promise<void> => {
    try {
      const done = await act(key, group.map(({ item }) => item))
      group.forEach(({ resolve }, i) => { resolve(done[i] as Done) })
    } catch (error) {
      if (group.length === 1) group[0]?.reject(error)
      else for (const each of group) await together(key, [each])
    }
  }
  const run = async (key: Key, lane: Waiting<Item, Done>[]): Promise<void> => {
    while (lane.length > 0) await together(key, lane.splice(0, atOnceMax))
    lanes.delete(key)
  }
  return {
    join: (key, item) => new Promise<Done>((resolve, reject) => {
      const lane = lanes.get(key)
      if (lane !== undefined) {
        lane.push({ item, resolve, reject })
        return
      }
      const fresh = [{ item, resolve, reject }]
      lanes.set(key, fresh)
      void run(key, fresh)
    }),
  }
}
