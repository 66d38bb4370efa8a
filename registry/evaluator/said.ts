// What was said of an agreement, as the evaluator needs it to go by an amendment and past a withdrawal: texts, key records, and the signed messages
// themselves, which it verifies anew. Put there by whoever learns of it; it can tell the evaluator nothing that the parties did not sign.
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalBytes, parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { equal, toHex } from '@muster/core/bytes/bytes.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { agreementOf, type Agreement, type AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { standingOf, type Standing } from '@muster/core/rules/standing.ts'
import { agreementSaid, textHash } from '@muster/core/wire/agreement-said.ts'
import { parseEnvelope, type SignedPayload } from '@muster/core/wire/message.ts'
import { keysOfAll, trustOf, type Trust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { codeOf } from '../engine/fault.ts'
import { replaceFile } from '../engine/replace.ts'
import { evaluatorFolder } from './key.ts'

const SAID_FILE = 'said.json'
const LIMITS = { bytes: 64 * 1_048_576, depth: 64 }

export interface SaidFile { readonly texts: readonly Agreement[], readonly records: readonly Uint8Array[], readonly envelopes: readonly Uint8Array[] }

const path = (dataDir: string, id: AgreementId): string => join(evaluatorFolder(dataDir, id), SAID_FILE)

/** Tells the evaluator; the same again changes nothing. */
export async function tellEvaluator(dataDir: string, id: AgreementId, { texts, records, envelopes }: SaidFile): Promise<void> {
  const bytes = canonicalBytes({ texts, records: records.map((each) => parseJson(each)), envelopes: envelopes.map((each) => parseJson(each)) })
  const held = await readFile(path(dataDir, id)).catch(() => undefined)
  if (held === undefined || !equal(new Uint8Array(held), bytes)) await replaceFile(path(dataDir, id), bytes)
}

/** Changes when something was told; undefined where nothing was. */
export async function saidStamp(dataDir: string, id: AgreementId): Promise<string | undefined> {
  try {
    const { mtimeNs, size, ino } = await stat(path(dataDir, id), { bigint: true })
    return `${mtimeNs} ${size} ${ino}`
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** By what the evaluator goes at `now`, from the agreement that was settled and what was said since. */
export async function standingHere(dataDir: string, id: AgreementId, settled: Trust, laterOf: (party: PartyId) => readonly Uint8Array[], now: number): Promise<{ readonly standing: Standing, readonly trust: Trust }> {
  const bytes = await readFile(path(dataDir, id)).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
  const file = (bytes === undefined ? { texts: [], records: [], envelopes: [] } : parseJson(new Uint8Array(bytes), LIMITS)) as { readonly texts: readonly Json[], readonly records: readonly Json[], readonly envelopes: readonly Json[] }
  const texts = file.texts.map(agreementOf).filter((each): each is Agreement => !(each instanceof Refusal))
  const trusts = [settled, ...trustsIn(texts, file.records, laterOf)]
  const messages = file.envelopes.map((each) => parseEnvelope(p, canonicalBytes(each), keysOfAll(trusts))).filter((each): each is SignedPayload & { readonly envelope: Uint8Array } => !(each instanceof Error))
  const said = agreementSaid(p, [settled.agreement, ...texts], messages, { hash: textHash(p, settled.agreement), concluded: true })
  const standing = standingOf(said, timeOf(now))
  const trust = trusts.find(({ agreement }) => textHash(p, agreement) === standing.current.text.hash)
  return { standing, trust: trust ?? settled }
}

/** Texts of which every party's key record is here. */
function trustsIn(texts: readonly Agreement[], records: readonly Json[], laterOf: (party: PartyId) => readonly Uint8Array[]): Trust[] {
  const byHash = new Map(records.map((each) => canonicalBytes(each)).map((each) => [toHex(p.sha256(each)), each]))
  return texts.flatMap((agreement) => {
    const record = (party: PartyId): Uint8Array | undefined => byHash.get(agreement.parties.find(({ id }) => id === party)?.keyRecord ?? '')
    return agreement.parties.every(({ id }) => record(id) !== undefined) ? [trustOf(p, agreement, (party) => record(party) as Uint8Array, laterOf)] : []
  })
}
