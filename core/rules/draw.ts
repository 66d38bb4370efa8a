// The draw of an inspection as a toss of coins (DESIGN section 5, spec/draw.md): which leaves of a declaration are opened is chosen by nobody.
// The head is in the log first, the inspecting parties bind their shares, the inspected party answers with its own, then they open.
import { concat, toHex, u64, utf8 } from '../bytes/bytes.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import type { PartyId } from './party.ts'

export const SHARE_BYTES = 32
/** So many leaves at most are drawn at once. */
export const DRAWS_MAX = 100_000
/** An index is drawn from so many bytes at a time; a declaration has fewer leaves than they can count. */
const INDEX_BYTES = 6

export type DrawCode =
  | 'draw/without-the-inspected-share'
  | 'draw/nobody-inspects'
  | 'draw/share-not-opened'
  | 'draw/share-not-bound'
  | 'draw/party-twice'
  | 'draw/share-length'
  | 'draw/count'

export interface Draw {
  /** SHA-256 of the head of the declaration that is inspected, 32 bytes. */
  readonly head: Uint8Array
  readonly inspected: PartyId
  /** What the inspecting parties put into their logs before anybody's share was known. */
  readonly bindings: readonly { readonly party: PartyId, readonly binding: Uint8Array }[]
  /** The shares of all, the inspected party's among them. */
  readonly shares: readonly { readonly party: PartyId, readonly share: Uint8Array }[]
}

/** What an inspecting party logs for its 32 random bytes: it can neither change them later nor take another's. */
export function bindShare(p: Primitives, head: Uint8Array, party: PartyId, share: Uint8Array): Uint8Array {
  return p.sha256(concat(utf8('muster/draw-share/v1\n'), head, utf8(`${party}\n`), share))
}

/** The seed that follows from all shares, or why nothing follows. A party that did not open in time has failed, by name. */
export function drawSeed(p: Primitives, { head, inspected, bindings, shares }: Draw): Uint8Array | Refusal<DrawCode> {
  if (!bindings.some(({ party }) => party !== inspected)) return new Refusal('draw/nobody-inspects', 'no inspecting party has bound a share', 'bindings')
  for (const named of [bindings, shares]) {
    const twice = named.find(({ party }, i) => named.some((other, j) => j < i && other.party === party))
    if (twice !== undefined) return new Refusal('draw/party-twice', `${twice.party} stands there twice: each party has one share`, twice.party)
  }
  const short = shares.find(({ share }) => share.length !== SHARE_BYTES)
  if (short !== undefined) return new Refusal('draw/share-length', `the share of ${short.party} has ${short.share.length} bytes, not ${SHARE_BYTES}`, short.party)
  const shareOf = (party: PartyId) => shares.find((each) => each.party === party)?.share
  if (shareOf(inspected) === undefined) return new Refusal('draw/without-the-inspected-share', `the share of ${inspected}, which is inspected, is missing: without it the inspecting parties could have chosen`, inspected)
  for (const { party, binding } of bindings) {
    const share = shareOf(party)
    if (share === undefined) return new Refusal('draw/share-not-opened', `${party} bound a share and did not open it: it has failed, and the draw is held anew without it`, party)
    if (toHex(bindShare(p, head, party, share)) !== toHex(binding)) return new Refusal('draw/share-not-bound', `the share of ${party} is not the one that it bound`, party)
  }
  const stray = shares.find(({ party }) => party !== inspected && !bindings.some((each) => each.party === party))
  if (stray !== undefined) return new Refusal('draw/share-not-bound', `${stray.party} gave a share that it never bound`, stray.party)
  const sorted = shares.toSorted((one, other) => one.party < other.party ? -1 : 1)
  return p.sha256(concat(utf8('muster/draw/v1\n'), head, ...sorted.map(({ share }) => share)))
}

/** Different leaf indices below `size`, each as likely as any other, in the order drawn, until all are drawn. */
export function* draws(p: Primitives, seed: Uint8Array, size: number): Generator<number, void, undefined> {
  const space = 2 ** (8 * INDEX_BYTES)
  // Numbers above the last whole multiple of the size would make the first indices likelier: they are drawn again.
  const fair = space - space % size
  const drawn = new Set<number>()
  for (let block = 0; drawn.size < size; block++) {
    const hash = p.sha256(concat(utf8('muster/draw-index/v1\n'), seed, u64(block)))
    const number = hash.slice(0, INDEX_BYTES).reduce((whole, byte) => whole * 256 + byte, 0)
    if (number >= fair || drawn.has(number % size)) continue
    drawn.add(number % size)
    yield number % size
  }
}

/** The first `count` of them. */
export function drawIndices(p: Primitives, seed: Uint8Array, size: number, count: number): number[] | Refusal<DrawCode> {
  if (count > DRAWS_MAX || count > size) return new Refusal('draw/count', `${count} leaves of ${size} cannot be drawn; the most at once is ${Math.min(size, DRAWS_MAX)}`, 'count')
  const all = draws(p, seed, size)
  return Array.from({ length: count }, () => all.next().value as number)
}
