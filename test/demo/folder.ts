// EXERCISE. The folder of one run.
import { chmod, mkdir, mkdtemp, readdir, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { usage } from '../../cli/errors.ts'

/** A new folder, or the named one where it is empty. Others may pass through it, so that the databases can lie inside. */
export async function makeFolder(named: string | undefined): Promise<string> {
  const folder = named === undefined ? await mkdtemp(join(tmpdir(), 'muster-exercise-')) : resolve(named)
  await mkdir(folder, { recursive: true })
  if ((await readdir(folder)).length > 0) throw usage(`--dir ${folder}: the folder is not empty, name a new one`)
  await chmod(folder, 0o711)
  return realpath(folder)
}
