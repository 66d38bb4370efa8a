// A case written as one file that anybody verifies against the own log (spec/case.md). Documents stay here: their hashes go along.
import { toHex } from '@muster/core/bytes/bytes.ts'
import { parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { inclusionFromTiles } from '@muster/core/proof/tile.ts'
import { parseCheckpoint } from '@muster/core/proof/tree-head.ts'
import { parseNote } from '@muster/core/proof/note.ts'
import type { CaseId } from '@muster/core/rules/case.ts'
import { CASE_VERSION, caseFileBytes, verifyCaseFile, type CaseVerification, type Way } from '@muster/core/wire/case-file.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { Fault } from './engine/fault.ts'
import type { Hall, Home } from './home.ts'
import { placeOf } from './log/binding-proof.ts'
import { logFolder } from './log/own-log.ts'
import { caseRows, type CaseFileCode } from './store/case-acts.ts'
import { soleName } from './store/sole-rows.ts'
import { tilesIn } from './store/tiles.ts'

type Members = { readonly [name: string]: Json }
const jsonOf = (bytes: Uint8Array): Members => parseJson(bytes) as Members
type Verified = Exclude<CaseVerification, { readonly verdict: 'refused' }>

/** The file of a case, with what its verifier says of it. An act whose period is still open has no way to the log yet. */
export async function caseFile({ register, now }: Home, { joined, log }: Hall, id: CaseId): Promise<{ readonly bytes: Uint8Array, readonly verification: Verified }> {
  const rows = await caseRows(register.db, register.secrets, id)
  if (rows === undefined) throw new Refusal<CaseFileCode>('case/unknown', `the register holds no case ${id}`, 'id')
  const [newest] = await register.db.read<{ note: string }>('SELECT note FROM checkpoint WHERE agreement_id = $1 ORDER BY size DESC LIMIT 1', [joined.agreement.id])
  if (newest === undefined) throw new Fault('not-cosigned', 'the log is under no signed checkpoint yet: let muster serve run, or wait for the next period')
  const { size } = parseCheckpoint(parseNote(newest.note).text)
  const tiles = tilesIn(logFolder(log))
  const wayOf = async (name: string): Promise<Way | null> => {
    const place = await placeOf(log, name)
    return place === undefined || place.entry >= size ? null : { ...place, path: inclusionFromTiles(p, place.entry, size, tiles).map(toHex) }
  }
  const { title, opened_by, opened_and, written } = rows.file
  const acts = []
  for (const each of rows.acts) acts.push({ act: each.act, written: each.written, way: await wayOf(soleName('case_act', `${id} ${each.seq}`)) })
  const bytes = caseFileBytes({
    v: CASE_VERSION, agreement: jsonOf(joined.trust.bytes), party: register.file.party, case: id, exercise: joined.agreement.exercise,
    keyRecords: [...joined.trust.parties.values()].flatMap(({ records }) => records.map((record) => jsonOf(record.bytes))), log: { checkpoint: newest.note },
    opened: { title, by: opened_by, and: opened_and, written, way: await wayOf(soleName('case_file', id)) }, acts,
  })
  const verification = verifyCaseFile(p, bytes, joined.trust.bytes, now())
  if (verification.verdict === 'refused') throw new Refusal('case/not-whole', `the case does not hold together: ${verification.findings.map(({ message }) => message).join('; ')}`)
  return { bytes, verification }
}
