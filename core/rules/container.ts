// Containers: what was packed into which, at any depth. A container that is itself in the register, an item of the class `container` whose serial number is the code that
// others were packed into, may be packed into another.
import type { Holding } from './holding.ts'
import { known } from './item.ts'
import { IN_HAND } from './status.ts'

const CONTAINER = 'container'
export type ContainerAlarm = 'in-itself' | 'in-two-places' | 'two-of-one-code'

export interface Packed { readonly code: string, /** 1 for what lies in the container itself. */ readonly depth: number, readonly holding: Holding }
export interface Container {
  readonly code: string
  /** The container that it is packed into; null where it is in none, or is not in the register itself. */
  readonly within: string | null
  /** Items in it, at any depth, other containers counted too. */
  readonly items: number
  readonly sites: readonly string[]
  readonly alarm: ContainerAlarm | null
}

interface Packing { readonly into: ReadonlyMap<string, readonly Holding[]>, readonly as: ReadonlyMap<string, readonly Holding[]> }

function codeOf({ identity }: Holding): string | undefined {
  return identity.class === CONTAINER ? known(identity.serial) : undefined
}

function grouped(holdings: readonly Holding[], by: (holding: Holding) => string | undefined): ReadonlyMap<string, readonly Holding[]> {
  const groups = new Map<string, Holding[]>()
  for (const holding of holdings) {
    const code = by(holding)
    if (code !== undefined) groups.set(code, [...groups.get(code) ?? [], holding])
  }
  return groups
}

/** How the items in hand are packed. */
export function packingOf(all: Iterable<Holding>): Packing {
  const holdings = [...all].filter(({ status }) => IN_HAND.includes(status))
  return { into: grouped(holdings, ({ container }) => container), as: grouped(holdings, codeOf) }
}

/** By class and number, so that a list is the same twice. */
function orderOf({ item, identity }: Holding): string {
  return [identity.class, known(identity.serial) ?? '', item].join('\n')
}

/** What is in a container, each after what it lies in; a container that is in itself is not entered again. */
export function contentsOf({ into }: Packing, code: string, depth = 1, way: readonly string[] = [code]): Packed[] {
  return (into.get(code) ?? []).toSorted((a, b) => orderOf(a) < orderOf(b) ? -1 : 1).flatMap((holding): Packed[] => {
    const inner = codeOf(holding)
    return [{ code, depth, holding }, ...(inner === undefined || way.includes(inner) ? [] : contentsOf({ into, as: new Map() }, inner, depth + 1, [...way, inner]))]
  })
}

export function containersOf(packing: Packing): Container[] {
  const codes = new Set([...packing.into.keys(), ...packing.as.keys()])
  return [...codes].sort().map((code) => {
    const contents = contentsOf(packing, code)
    const own = packing.as.get(code) ?? []
    const sites = [...new Set([...own, ...contents.map(({ holding }) => holding)].flatMap(({ place: { site } }) => typeof site === 'string' ? [] : [site.code]))].sort()
    const inItself = contents.some(({ holding }) => codeOf(holding) === code)
    return { code, within: own[0]?.container ?? null, items: contents.length, sites, alarm: inItself ? 'in-itself' : own.length > 1 ? 'two-of-one-code' : sites.length > 1 ? 'in-two-places' : null }
  })
}

