// The group on Muster's own kernel: two elements at a time, many in one call. What is asked for singly, and all arithmetic of scalars,
// is libsodium's. Both are tested on the same inputs; where the kernel cannot run, libsodium does everything.
import type { Group } from '@muster/core/oprf/group.ts'
import { elementsOn } from './kernel-elements.ts'
import { startKernel } from './kernel/kernel.ts'
import { lanesOn } from './kernel/lanes.ts'
import { sodiumGroup } from './sodium-group.ts'

/** The fastest group that this machine runs; loaded once. */
export function fastGroup(): Promise<Group> {
  loading ??= sodiumGroup().then((sodium) => {
    const kernel = startKernel()
    return kernel === undefined ? sodium : { ...sodium, ...elementsOn(lanesOn(kernel)) }
  })
  return loading
}
let loading: Promise<Group> | undefined
