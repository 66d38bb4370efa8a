// The asking side of a secretariat: its keys in one file, and a signed ticket for each question. It has no register and runs no registry.
import { randomBytes } from 'node:crypto'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { shaped, strictJson, type JsonCode } from '@muster/core/bytes/shaped-json.ts'
import { hex, object, type Shape } from '@muster/core/bytes/shape.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import { secretariatId, type AgreementId } from '@muster/core/rules/agreement.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { doubleKeysOf, signDouble, type DoubleKeys, type DoubleSeeds } from '@muster/core/wire/double-signature.ts'
import { secretariatCalls, secretariatDuties, type SecretariatCalls, type SecretariatDuties } from '@muster/core/wire/secretariat.ts'
import { SECRETARIAT_TICKET_DOMAIN, secretariatTicketText, TICKET_HEADER, type TellingOf } from '@muster/core/wire/ticket.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { ask } from './peer/client.ts'

export type SecretariatCode = JsonCode<'secretariat'> | 'secretariat/not-shown' | 'secretariat/other-party'

const SEED_BYTES = 32
const KEY_FILE_BYTES_MAX = 4_096
const ANSWER_BYTES_MAX = 32 * 1_048_576
const ASK_MS_MAX = 15_000

const keyFile = object({ id: secretariatId, ed25519: hex(SEED_BYTES), mldsa44: hex(SEED_BYTES) })

export interface SecretariatKeys { readonly id: string, readonly seeds: DoubleSeeds }

/** Fresh keys: `file` is kept secret, `keys` goes into the agreement. */
export function makeSecretariat(id: string): { readonly file: string, readonly keys: DoubleKeys } {
  const checked = shaped('secretariat', secretariatId, id)
  if (checked instanceof Refusal) throw checked
  const seeds = { ed25519: randomBytes(SEED_BYTES), mldsa44: randomBytes(SEED_BYTES) }
  return { file: `${JSON.stringify({ id, ed25519: seeds.ed25519.toString('hex'), mldsa44: seeds.mldsa44.toString('hex') })}\n`, keys: doubleKeysOf(p, seeds) }
}

export function readSecretariat(bytes: Uint8Array): SecretariatKeys {
  const { id, ed25519, mldsa44 } = read(keyFile, KEY_FILE_BYTES_MAX, bytes)
  return { id, seeds: { ed25519: Buffer.from(ed25519, 'hex'), mldsa44: Buffer.from(mldsa44, 'hex') } }
}

function read<T>(shape: Shape<T>, bytesMax: number, bytes: Uint8Array): T {
  const parsed = strictJson('secretariat', bytesMax, bytes)
  const value = parsed instanceof Refusal ? parsed : shaped('secretariat', shape, parsed.value)
  if (value instanceof Refusal) throw value as Refusal
  return value
}

/** The header under which `host` tells this secretariat one thing, for some minutes around `at` (POSIX seconds). */
export function secretariatTicket({ id, seeds }: SecretariatKeys, host: PartyId, agreement: AgreementId, what: TellingOf, at: number): Record<string, string> {
  const time = timeOf(at)
  const { ed25519, mldsa44 } = signDouble(p, seeds, SECRETARIAT_TICKET_DOMAIN, secretariatTicketText(host, agreement, id, what, time))
  return { [TICKET_HEADER]: `${id} ${time} ${ed25519} ${mldsa44}` }
}

export interface AskedRegistry { readonly party: PartyId, readonly url: string }

async function told<T extends { readonly party: string, readonly agreement: string }>(keys: SecretariatKeys, { party, url }: AskedRegistry, agreement: AgreementId, what: TellingOf, shape: Shape<T>, at: number): Promise<T> {
  const { status, body } = await ask(`${url}/secretariat/${agreement}/${what}`, { headers: secretariatTicket(keys, party, agreement, what, at), bytesMax: ANSWER_BYTES_MAX, ms_max: ASK_MS_MAX, retries: 0 })
  if (status !== 200) throw new Refusal<SecretariatCode>('secretariat/not-shown', `${party} shows nothing to this secretariat (status ${status}): it joined another text of ${agreement}, or a clock is wrong`)
  const answer = read(shape, ANSWER_BYTES_MAX, body)
  if (answer.party !== party || answer.agreement !== agreement) throw new Refusal<SecretariatCode>('secretariat/other-party', `${url} speaks for ${answer.party} under ${answer.agreement}, not for ${party} under ${agreement}`)
  return answer
}

/** What one registry tells of calls. It is not signed: it is shown, and charges nobody. */
export function askCalls(keys: SecretariatKeys, registry: AskedRegistry, agreement: AgreementId, at: number): Promise<SecretariatCalls> {
  return told(keys, registry, agreement, 'calls', secretariatCalls, at)
}

export function askDuties(keys: SecretariatKeys, registry: AskedRegistry, agreement: AgreementId, at: number): Promise<SecretariatDuties> {
  return told(keys, registry, agreement, 'duties', secretariatDuties, at)
}
