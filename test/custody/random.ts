// Numbers that look random and repeat from their seed, for tests that replay a failure.

/** Whole numbers from 0 to below `bound`. */
export type Draw = (bound: number) => number

/** mulberry32: 32 bits of state. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0
    let word = Math.imul(state ^ (state >>> 15), state | 1)
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61)
    return ((word ^ (word >>> 14)) >>> 0) % bound
  }
}

export function pick<T>(draw: Draw, from: readonly T[]): T {
  return from[draw(from.length)] as T
}

export function shuffled<T>(draw: Draw, all: readonly T[]): T[] {
  const rest = [...all]
  return all.map(() => rest.splice(draw(rest.length), 1)[0] as T)
}
