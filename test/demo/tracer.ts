// EXERCISE. A process of the asking party that traces the components, all at once, and tells of each as it is concluded.
import { setTimeout as pause } from 'node:timers/promises'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { openHome } from '@muster/registry/main.ts'
import { showCoins, type Tossed } from '@muster/registry/trace/coins.ts'
import { traceFind } from '@muster/registry/trace/trace.ts'
import { hallIn, type Errands, type TracerReply } from './seizure.ts'

const BOUND_MS_MAX = 120_000
/** Between the beginnings of two traces. A busy process fires the timer late, so that no more is begun than can be done. */
const BETWEEN_MS = 150

function tell(reply: TracerReply): Promise<void> {
  return new Promise((resolve) => process.send?.(reply, () => { resolve() }))
}

async function letBegin(turns: readonly PromiseWithResolvers<void>[]): Promise<void> {
  for (const turn of turns) {
    turn.resolve()
    await pause(BETWEEN_MS)
  }
}

async function trace({ dir, errands }: Errands): Promise<void> {
  const home = await openHome(dir, { report: (what) => { process.stderr.write(`${what}\n`) } })
  try {
    const turns = Array.from({ length: errands.length }, () => Promise.withResolvers<void>())
    void letBegin(turns)
    const tracing = { home, hall: hallIn(home), group: await fastGroup(), own: undefined }
    const tossed: Tossed[] = []
    await Promise.all(errands.map(async ({ id, item }, i) => {
      await turns[i]?.promise
      const { conclusion, path, ms, tossed: coins } = await traceFind(tracing, item, { wait_ms: BOUND_MS_MAX, untilSilent: true })
      const [row] = await home.register.db.read<{ condition: string }>('SELECT condition FROM mark WHERE item_id = $1 ORDER BY ordinal', [item])
      await tell({ id, condition: row?.condition ?? 'unknown', conclusion, path, ms })
      tossed.push(...coins)
    }))
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
