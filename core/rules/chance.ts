// How telling a hit is (DESIGN section 3.1): how often a made-up mark of the same pattern would have hit the same register. The register
// that answers measures it on its own keys and signs it; whoever reads the answer multiplies it by the candidates tried.
import { concat, u64, utf8 } from '../bytes/bytes.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { fieldsOfKey, keysLike } from './match-key.ts'
import type { Rung } from './mark.ts'

/** Made-up marks of one measurement. */
export const MADE_UP_MARKS = 10_000
/** Per cent, rounded up to these: a finer figure would say more of the register than of the hit. */
export const CHANCES = ['0.1', '1', '3', '10', '30', '100'] as const
export type Chance = (typeof CHANCES)[number]
/** Per cent above which a hit cannot be told from chance. */
export const TOLD_FROM_CHANCE_MAX = 5

const DOMAIN = utf8('muster/chance/v1\n')
const SEED_BYTES = 32
const DIGITS = 10
/** The largest multiple of ten that a byte reaches: higher bytes are drawn again. */
const BYTES_FAIR = 250

/** Letters and leading zeros as they are, `1` for a first digit other than zero, `9` for any other digit: `KA1999`, `0019`. */
export function patternOf(reading: string): string {
  const zeros = /^0*/.exec(reading)?.[0].length ?? 0
  return reading.slice(0, zeros) + reading.slice(zeros).replace(/[0-9]/g, (_, at: number) => (at === 0 ? '1' : '9'))
}

/** Digits without bias from SHA-256("muster/chance/v1\n" ‖ seed ‖ block as eight bytes), one byte each. */
function drawsFrom(seed: Uint8Array, sha256: Primitives['sha256']): (below: number) => number {
  if (seed.length !== SEED_BYTES) throw new RangeError('a seed has 32 bytes')
  let block = 0
  let bytes: Uint8Array = new Uint8Array(0)
  let at = 0
  const next = (): number => {
    if (at === bytes.length) {
      bytes = sha256(concat(DOMAIN, seed, u64(block++)))
      at = 0
    }
    return bytes[at++] as number
  }
  return (below) => {
    const fair = below === DIGITS ? BYTES_FAIR : 256 - (256 % below)
    for (;;) {
      const byte = next()
      if (byte < fair) return byte % below
    }
  }
}

/** Marks with one digit other than the one that stands there. Undefined where there is none. */
function oneDigitOff(reading: string, draw: (below: number) => number): (() => string) | undefined {
  const places = Array.from(reading.matchAll(/[0-9]/g), ({ index }) => index)
  if (places.length === 0) return undefined
  return () => {
    const at = places[draw(places.length)] as number
    const digit = (Number(reading.charAt(at)) + 1 + draw(DIGITS - 1)) % DIGITS
    return reading.slice(0, at) + String(digit) + reading.slice(at + 1)
  }
}

/** Marks with all digits new, after the pattern; never the reading itself. Undefined where the pattern has no digit to change. */
function likeReading(reading: string, draw: (below: number) => number): (() => string) | undefined {
  const pattern = patternOf(reading)
  const zeros = /^0*/.exec(pattern)?.[0] ?? ''
  const free = Array.from(pattern.slice(zeros.length))
  if (!free.some((kind) => kind === '1' || kind === '9')) return undefined
  return () => {
    for (;;) {
      let made = zeros
      for (const kind of free) made += kind === '1' ? 1 + draw(DIGITS - 1) : kind === '9' ? draw(DIGITS) : kind
      if (made !== reading) return made
    }
  }
}

/**
 * Keys of `count` made-up marks for a match key that hit: of the same pattern or, on the wildcard rung, one digit off. The same seed of
 * 32 bytes gives the same marks. Undefined for bytes that are not a match key or a serial without a digit: its chance is 100 %.
 */
export function madeUpKeys(key: Uint8Array, rung: Rung, seed: Uint8Array, sha256: Primitives['sha256'], count = MADE_UP_MARKS): Uint8Array[] | undefined {
  const parsed = fieldsOfKey(key)
  const reading = parsed?.fields.at(-1)
  if (parsed === undefined || reading === undefined) return undefined
  const draw = drawsFrom(seed, sha256)
  const make = rung === 'wildcard' ? oneDigitOff(reading, draw) : likeReading(reading, draw)
  const keyOf = keysLike(parsed)
  return make === undefined ? undefined : Array.from({ length: count }, () => keyOf(make()))
}

/** The chance of one candidate: `hits` of `tried` made-up marks, rounded up. */
export function chanceOf(hits: number, tried: number): Chance {
  return CHANCES.find((percent) => hits * 100 <= Number(percent) * tried) ?? '100'
}

/** Per cent, at most 100: the chance of one candidate times how many were tried (`candidatesTried`). */
export function chanceOfTrace(percent: Chance, candidates: number): number {
  return Math.min(100, Math.round(Number(percent) * 10 * candidates) / 10)
}

/** False above 5 %: the words are then "cannot be told from chance", and no chain starts at the hit. */
export function toldFromChance(percent: Chance, candidates: number): boolean {
  return chanceOfTrace(percent, candidates) <= TOLD_FROM_CHANCE_MAX
}
