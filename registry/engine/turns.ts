// One after the other, by name: within this process, and without holding anything while waiting.

/** Runs acts of one name in the order in which they came, whether those before them succeeded or not; acts of other names run beside them. */
export function openTurns(): <T>(name: string, act: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>()
  return async (name, act) => {
    const before = last.get(name) ?? Promise.resolve()
    const mine = before.then(act)
    const settled = mine.catch(() => undefined)
    last.set(name, settled)
    try {
      return await mine
    } finally {
      if (last.get(name) === settled) last.delete(name)
    }
  }
}
