// Seals and containers as they are looked at, by the commands and by the API.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { containersOf, contentsOf, packingOf, type Packed } from '@muster/core/rules/container.ts'
import { fold, type Holding } from '@muster/core/rules/holding.ts'
import { known, type Identity } from '@muster/core/rules/item.ts'
import { historyOfSeal, sealsOf, type SealEvent } from '@muster/core/rules/seal.ts'
import { eachItem, holdingsThat, UNSEEN, type ReadingProgress } from '../../store/each-item.ts'
import type { Register } from '../../store/register.ts'

export type SealCode = 'seal/unknown'
export type ContainerCode = 'container/unknown'

type Read = Pick<Register, 'db'>
const numbers = ({ class: kind, type, serial }: Identity) => ({ class: kind, type: known(type) ?? null, serial: known(serial) ?? null })

export async function sealsView(register: Read, progress?: ReadingProgress) {
  return { seals: sealsOf(await holdingsThat(register, ({ seals }) => seals.length > 0, progress)) }
}

/** What every item records of one seal. Throws a Refusal where none does. */
export async function sealView(register: Read, number: string, progress: ReadingProgress = UNSEEN) {
  const [holdings, events]: [Holding[], SealEvent[]] = [[], []]
  await eachItem(register, progress, (history) => {
    const holding = fold(history)
    if (holding?.seals.some(({ seal }) => seal === number) !== true) return
    holdings.push(holding)
    events.push(...historyOfSeal(history, number))
  })
  if (holdings.length === 0) throw new Refusal<SealCode>('seal/unknown', `no item records a seal ${number}`, 'number')
  const inOrder = events.sort((a, b) => a.happened < b.happened ? -1 : a.happened > b.happened ? 1 : a.item < b.item ? -1 : a.item > b.item ? 1 : a.seq - b.seq)
  return {
    seal: sealsOf(holdings).find((seal) => seal.number === number) ?? null,
    events: inOrder.map(({ item, seq, kind, happened, written, by, and, reason, documents, data }) => ({ item, seq, event: kind, happened, written, by, and, reason, documents, data })),
  }
}

async function packingIn(register: Read, progress?: ReadingProgress) {
  return packingOf(await holdingsThat(register, ({ container, identity }) => container !== undefined || identity.class === 'container', progress))
}

export async function containersView(register: Read, progress?: ReadingProgress) {
  return { containers: containersOf(await packingIn(register, progress)) }
}

const packedView = ({ code, depth, holding: { item, identity, counted } }: Packed) => ({ in: code, depth, item, ...numbers(identity), seen: counted ?? null })

/** What lies in one container, at any depth. Throws a Refusal where nothing does and the register has no such container. */
export async function containerView(register: Read, code: string, progress?: ReadingProgress) {
  const packing = await packingIn(register, progress)
  const container = containersOf(packing).find((each) => each.code === code)
  if (container === undefined) throw new Refusal<ContainerCode>('container/unknown', `the register knows no container ${code}`, 'code')
  return { container, contents: contentsOf(packing, code).map(packedView) }
}
