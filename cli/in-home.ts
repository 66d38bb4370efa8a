// A verb with acts of its own, each on an opened registry.
import { openHome, type Home } from '@muster/registry/main.ts'
import { usage } from './errors.ts'
import type { Context } from './verb.ts'

export type Acts = Readonly<Record<string, (context: Context, home: Home) => Promise<number>>>

/** Runs the act that the first argument names on the registry of `--dir`; what goes wrong beside it is told on standard error. */
export async function inHome(context: Context, acts: Acts): Promise<number> {
  const act = acts[context.args.positionals[0] ?? '']
  if (act === undefined) throw usage(Object.keys(acts).join(', '))
  const home = await openHome(context.dir, { databaseUrl: context.databaseUrl, report: (what) => { context.stderr(what) } })
  try {
    return await act(context, home)
  } finally {
    await home.close()
  }
}
