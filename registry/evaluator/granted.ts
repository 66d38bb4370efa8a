// What officers granted beyond the quota: the question that was refused for want of it, as its asker signed it, one file each in the evaluator's own folder. Who
// writes there can grant no more than an asker asked, and that once: the evaluator reads the amount from the question itself.
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fromBase64, toBase64 } from '@muster/core/bytes/bytes.ts'
import { parseJson } from '@muster/core/bytes/canonical.ts'
import { base64UpTo, fit, integer, object } from '@muster/core/bytes/shape.ts'
import type { AgreementId } from '@muster/core/rules/agreement.ts'
import { ENVELOPE_BYTES_MAX } from '@muster/core/wire/message.ts'
import { codeOf, Fault } from '../engine/fault.ts'
import { replaceFile } from '../engine/replace.ts'
import { evaluatorFolder } from './key.ts'

const FOLDER = 'granted'
const NAME = /^([0-9a-f]{64})\.json$/
const LIMITS = { bytes: 2 * ENVELOPE_BYTES_MAX, depth: 2 }

const grantShape = object({ at: integer(0, Number.MAX_SAFE_INTEGER), question: base64UpTo(ENVELOPE_BYTES_MAX) })

/** A question to be given its elements beside the quota, and since when (POSIX seconds). */
export interface Grant { readonly id: string, readonly at: number, readonly envelope: Uint8Array }

/** Grants once; the same again changes nothing but its time. */
export async function grantTo(dataDir: string, agreement: AgreementId, { id, at, envelope }: Grant): Promise<void> {
  const folder = join(evaluatorFolder(dataDir, agreement), FOLDER)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await replaceFile(join(folder, `${id}.json`), JSON.stringify({ at, question: toBase64(envelope) }))
}

/** What was granted and is not among those known. */
export async function grantsIn(dataDir: string, agreement: AgreementId, isKnown: (id: string) => boolean): Promise<Grant[]> {
  const folder = join(evaluatorFolder(dataDir, agreement), FOLDER)
  const names = await readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  })
  const ids = names.flatMap((name) => NAME.exec(name)?.[1] ?? []).filter((id) => !isKnown(id))
  return Promise.all(ids.sort().map(async (id) => {
    const path = join(folder, `${id}.json`)
    const fitted = fit(grantShape, parseJson(new Uint8Array(await readFile(path)), LIMITS))
    if ('misfit' in fitted) throw new Fault('kept-damaged', `${path}: ${fitted.misfit.at} is not as it was written: remove it and grant anew`)
    return { id, at: fitted.value.at, envelope: fromBase64(fitted.value.question) as Uint8Array }
  }))
}
