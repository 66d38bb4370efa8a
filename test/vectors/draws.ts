// Vectors of the draw of an inspection: bindings and shares, and what follows from them.
import { toHex } from '@muster/core/bytes/bytes.ts'
import { noble as p } from '@muster/core/bytes/noble.ts'
import { bindShare, drawIndices, drawSeed, type Draw } from '@muster/core/rules/draw.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { AA, BB, CC, drawn } from './three-parties.ts'

type Named<Word extends string> = { party: string } & Record<Word, string>
/** `seed` and `indices`, the first ones of a declaration of `size` leaves; null where the draw is refused, for what `code` says of `at`. */
export type DrawVector = {
  what: string, head: string, inspected: string, bindings: Named<'binding'>[], shares: Named<'share'>[], size: number, seed: string | null, indices: number[] | null, code: string | null, at: string | null
}

const COUNT = 8
const HEAD = drawn('head that is inspected')
const share = (party: PartyId) => ({ party, share: drawn(`${party} share`) })
const binding = (party: PartyId, head = HEAD, of = share(party).share) => ({ party, binding: bindShare(p, head, party, of) })
const DRAW: Draw = { head: HEAD, inspected: AA, bindings: [binding(BB), binding(CC)], shares: [share(CC), share(AA), share(BB)] }

function told({ head, inspected, bindings, shares }: Draw): Pick<DrawVector, 'head' | 'inspected' | 'bindings' | 'shares'> {
  return {
    head: toHex(head), inspected, bindings: bindings.map((each) => ({ party: each.party, binding: toHex(each.binding) })), shares: shares.map((each) => ({ party: each.party, share: toHex(each.share) })),
  }
}

function valid(name: string, what: string, draw: Draw, size: number): [string, DrawVector] {
  const seed = drawSeed(p, draw)
  if (seed instanceof Error) throw seed
  const indices = drawIndices(p, seed, size, COUNT)
  if (indices instanceof Error) throw indices
  return [`draw/valid/${name}`, { what, ...told(draw), size, seed: toHex(seed), indices, code: null, at: null }]
}

function invalid(name: string, what: string, changes: Partial<Draw>, code: string, at: string): [string, DrawVector] {
  return [`draw/invalid/${name}`, { what, ...told({ ...DRAW, ...changes }), size: 256, seed: null, indices: null, code, at }]
}

export function drawVectors(): [string, DrawVector][] {
  return [
    valid('two-inspectors', 'two inspecting parties and the inspected one, shares in any order', DRAW, 1024),
    valid('one-inspector', 'one inspecting party, a declaration of the smallest size', { ...DRAW, bindings: [binding(BB)], shares: [share(AA), share(BB)] }, 256),
    valid('all-of-them', 'as many draws as leaves: each index once', DRAW, COUNT),
    invalid('without-the-inspected-share', 'the inspected party gave nothing', { shares: [share(BB), share(CC)] }, 'draw/without-the-inspected-share', AA),
    invalid('share-not-opened', 'one inspecting party does not open', { shares: [share(AA), share(BB)] }, 'draw/share-not-opened', CC),
    invalid('share-not-the-bound-one', 'an inspecting party opens another share', { shares: [share(AA), share(BB), { party: CC, share: drawn('another') }] }, 'draw/share-not-bound', CC),
    invalid('binding-of-another-party', 'an inspecting party took the binding of another and opens its share', {
      bindings: [binding(BB), { party: CC, binding: binding(BB).binding }], shares: [share(AA), share(BB), { party: CC, share: share(BB).share }],
    }, 'draw/share-not-bound', CC),
    invalid('binding-under-another-head', 'a share that was bound under the head of another declaration', { bindings: [binding(BB), binding(CC, drawn('another head'))] }, 'draw/share-not-bound', CC),
    invalid('share-never-bound', 'a party that bound nothing gives a share when it knows the others', { bindings: [binding(BB)] }, 'draw/share-not-bound', CC),
    invalid('two-shares-of-one', 'the inspected party gives two', { shares: [...DRAW.shares, { party: AA, share: drawn('a second') }] }, 'draw/party-twice', AA),
    invalid('nobody-inspects', 'the inspected party alone', { bindings: [], shares: [share(AA)] }, 'draw/nobody-inspects', 'bindings'),
    invalid('share-of-31-bytes', 'a share that is short', { shares: [share(BB), share(CC), { party: AA, share: share(AA).share.slice(1) }] }, 'draw/share-length', AA),
  ]
}
