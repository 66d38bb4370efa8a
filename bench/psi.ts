// The peer of a private look-up: OpenMined's private set intersection (elliptic-curve Diffie–Hellman with a Golomb-coded set). Its asker
// learns which of its items the other has; it is given no proof of a "yes" or of a "no".

import { peerPackage } from './peer-package.ts'
import { processorMs } from './row.ts'

const NAME = '@openmined/psi.js'
const VERSION = '2.0.6'
/** Chance that an item is taken for one of the other's. */
const FALSE_POSITIVES = 1e-9

interface Library {
  readonly server: { createWithNewKey(revealing: boolean): Server }
  readonly client: { createWithNewKey(revealing: boolean): Client }
  readonly dataStructure: { readonly GCS: unknown }
}
interface Server {
  createSetupMessage(falsePositives: number, asked: number, items: readonly string[], structure: unknown): unknown
  processRequest(request: unknown): unknown
}
interface Client {
  createRequest(items: readonly string[]): unknown
  getIntersection(setup: unknown, response: unknown): readonly number[]
}

export interface Intersected {
  /** Of the side that holds the items, once. */
  readonly setUpSeconds: number
  /** Processor time of each look-up, both sides. */
  readonly milliseconds: readonly number[]
}

/** `asked` items are looked up among `held`, half of them there. Returns why not where the package cannot be installed. */
export async function intersect(held: number, asked: number, samples: number): Promise<Intersected | string> {
  const peer = await peerPackage(NAME, VERSION)
  if ('absent' in peer) return peer.absent
  const library = await (peer.module as () => Promise<Library>)()
  const items = Array.from({ length: held }, (_, i) => `GRIPSTOCK ${String(i).padStart(9, '0')}`)
  const server = library.server.createWithNewKey(true)
  let setUp: unknown
  const setUpSeconds = processorMs(() => { setUp = server.createSetupMessage(FALSE_POSITIVES, asked, items, library.dataStructure.GCS) }) / 1000
  const milliseconds = Array.from({ length: samples }, (_, round) => {
    const wanted = Array.from({ length: asked }, (__, i) => i < asked / 2 ? items[(round * asked + i) % held] as string : `no such item ${round} ${i}`)
    const client = library.client.createWithNewKey(true)
    let found: readonly number[] = []
    const ms = processorMs(() => { found = client.getIntersection(setUp, server.processRequest(client.createRequest(wanted))) })
    if (found.length !== asked / 2) throw new Error(`the peer found ${found.length} of ${asked / 2}`)
    return ms
  })
  return { setUpSeconds, milliseconds }
}
