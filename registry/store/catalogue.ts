// The party's catalogue of names: its own copy in the data directory, else the one that comes with Muster.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCatalogue, type Catalogue } from '@muster/core/rules/catalogue.ts'
import { codeOf, Fault } from '../engine/fault.ts'

const FILE = 'catalogue.json'
const SHIPPED = new URL('../catalogue.json', import.meta.url)

async function ownCopy(dataDir: string | undefined): Promise<string | undefined> {
  if (dataDir === undefined) return undefined
  try {
    return await readFile(join(dataDir, FILE), 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Fault `kept-damaged` names the member that is wrong in an edited copy. */
export async function readCatalogue(dataDir: string | undefined): Promise<Catalogue> {
  const own = await ownCopy(dataDir)
  const read = parseCatalogue(parsed(own ?? await readFile(SHIPPED, 'utf8')))
  if ('misfit' in read) throw new Fault('kept-damaged', `${own === undefined ? SHIPPED.pathname : join(dataDir ?? '', FILE)}: ${read.misfit.at}: ${read.misfit.expected}`)
  return read.value
}
