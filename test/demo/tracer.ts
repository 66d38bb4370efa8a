// EXERCISE. A process of the asking party that traces the components and tells of each as it is concluded.
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { openHome } from '@muster/registry/main.ts'
import { showCoins, type Tossed } from '@muster/registry/trace/coins.ts'
import { traceFind } from '@muster/registry/trace/trace.ts'
import { hallIn, type Errand, type Errands, type TracerReply } from './seizure.ts'

const BOUND_MS_MAX = 120_000
/** Traces that ask at the same time. One that only waits for the silent party makes room for the next. */
const ASKING_MAX = 8

function tell(reply: TracerReply): Promise<void> {
  return new Promise((resolve) => process.send?.(reply, () => { resolve() }))
}

async function trace({ dir, errands }: Errands): Promise<void> {
  const home = await openHome(dir, { report: (what) => { process.stderr.write(`${what}\n`) } })
  try {
    const tracing = { home, hall: hallIn(home), group: await fastGroup(), own: undefined }
    const tossed: Tossed[] = []
    const follow = async ({ id, item }: Errand, asked: () => void): Promise<void> => {
      const { conclusion, path, ms, tossed: coins } = await traceFind(tracing, item, { wait_ms: BOUND_MS_MAX, untilSilent: true, asked })
      const [row] = await home.register.db.read<{ condition: string }>('SELECT condition FROM mark WHERE item_id = $1 ORDER BY ordinal', [item])
      await tell({ id, condition: row?.condition ?? 'unknown', conclusion, path, ms })
      tossed.push(...coins)
    }
    const left = errands.values()
    const begun: Promise<void>[] = []
    const lane = async (): Promise<void> => {
      for (const errand of left) {
        const asked = Promise.withResolvers<void>()
        const followed = follow(errand, asked.resolve)
        followed.then(asked.resolve, asked.reject)
        begun.push(followed)
        await asked.promise
      }
    }
    await Promise.all(Array.from({ length: ASKING_MAX }, lane))
    await Promise.all(begun)
    await showCoins(tracing, tossed)
  } finally {
    await home.close()
  }
}

process.once('message', (errands: Errands) => {
  trace(errands).then(() => { process.disconnect() }, async (error: unknown) => {
    await tell({ failure: error instanceof Error ? error.message : String(error) })
    process.exit(1)
  })
})
