// A sender of its own process: `sender-child.ts URL AGREEMENT` has envelopes over IPC, puts them to the door of a registry, so many on their way at a
// time, and says how many seconds it took until the last was answered.
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import { postMessage } from '@muster/registry/peer/exchange.ts'
import { LANES, inLanes } from './lanes.ts'

const [url = '', agreement = ''] = process.argv.slice(2)

process.on('message', (envelopes: readonly Uint8Array[]) => {
  const began = performance.now()
  inLanes(envelopes, LANES, async (envelope) => {
    const { status } = await postMessage(url, agreement as AgreementId, envelope)
    if (status !== 200) throw new Error(`the door answers ${status}`)
  }).then(() => process.send?.((performance.now() - began) / 1000), (error: unknown) => {
    console.error(error)
    process.exit(1)
  })
})
process.once('disconnect', () => { process.exit() })
