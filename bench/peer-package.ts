// A peer from npm that only the bench needs: installed once into a folder of the bench's own, apart from the project, and no script of it or
// of what it depends on is run.

import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder } from './cache.ts'

const INSTALL_MS_MAX = 90_000

/** The module, or why it cannot be had on this machine. */
export async function peerPackage(name: string, version: string): Promise<{ readonly module: unknown } | { readonly absent: string }> {
  const folder = cacheFolder('peers', `${name.replaceAll(/[^a-z0-9.]+/g, '-')}-${version}`)
  const manifest = join(folder, 'package.json')
  if (!existsSync(manifest)) writeFileSync(manifest, '{"private":true}')
  try {
    if (!existsSync(join(folder, 'node_modules', name))) {
      const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', `${name}@${version}`]
      await promisify(execFile)('npm', words, { cwd: folder, timeout: INSTALL_MS_MAX })
    }
    return { module: createRequire(manifest)(name) }
  } catch (error) {
    const lines = (error instanceof Error ? error.message : String(error)).split('\n').filter((line) => line.trim() !== '')
    return { absent: (lines.find((line) => line.includes('npm error')) ?? lines[0] ?? 'for no reason given').slice(0, 200) }
  }
}
