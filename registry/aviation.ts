// What aviation authorities are given of a loss or a theft (spec/aviation.md): one signed document a notice, to recipients of the party's own list, and the
// record of what was given to whom and when, bound in the log.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonical, parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { integer, list, misfit, nullable, object, oneOf, pattern, text, type Shape, type Shaped } from '@muster/core/bytes/shape.ts'
import { shaped, strictJson } from '@muster/core/bytes/shaped-json.ts'
import { addSeconds, timeOf, type Time } from '@muster/core/bytes/time.ts'
import { signAviationNotice, verifyAviationNotice, type AviationWords } from '@muster/core/wire/aviation-notice.ts'
import type { PartyTrust } from '@muster/core/wire/trust.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { codeOf } from './engine/fault.ts'
import type { GivenNotice } from './notice.ts'
import type { At, People } from './said.ts'
import { doneAmong, recordAct } from './store/acts-once.ts'
import { transaction } from './store/database.ts'
import { seedsAt } from './store/keys.ts'

/** The party's own list, edited by its people, beside its other files. */
export const RECIPIENTS_FILE = 'recipients.json'
const RECIPIENTS_BYTES_MAX = 1_048_576
const RECIPIENTS_MAX = 256
const DUE_SECONDS_MAX = 31_536_000
const DOCUMENT = 'notice/aviation'
const GIVEN = 'notice/given'

/** `dueSeconds`: the party's own rule, from the discovery on; null where the agreement's time holds. */
const members = object({
  v: oneOf('muster/recipients/1'), dueSeconds: nullable(integer(1, DUE_SECONDS_MAX)),
  recipients: list(object({ id: pattern(/^[a-z0-9][a-z0-9-]{0,63}$/, 'a name of 1 to 64 of a-z, 0-9 and dash'), name: text(200) }), 1, RECIPIENTS_MAX),
})
const recipientList: Shape<Shaped<typeof members>> = (value, at) => {
  const whole = members(value, at)
  const ids = new Set(whole.recipients.map(({ id }) => id))
  return ids.size === whole.recipients.length ? whole : misfit('recipients', 'each recipient once')
}
type Recipients = Shaped<typeof recipientList>

export type AviationGivenCode = 'aviation/no-recipients' | 'aviation/unknown-recipient' | 'aviation/given-already' | 'aviation/own-notices-only'

/** Throws a Refusal that names the file and the member. */
async function readRecipients(dataDir: string): Promise<Recipients> {
  const path = join(dataDir, RECIPIENTS_FILE)
  const bytes = await readFile(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') throw new Refusal<AviationGivenCode>('aviation/no-recipients', `list who is told in ${path}: {"v":"muster/recipients/1","dueSeconds":null,"recipients":[{"id":"…","name":"…"}]}`, 'recipients')
    throw error
  })
  const parsed = strictJson('recipients', RECIPIENTS_BYTES_MAX, bytes)
  const read = parsed instanceof Refusal ? parsed : shaped('recipients', recipientList, parsed.value)
  if (read instanceof Refusal) throw new Refusal(read.code, `${path}: ${read.message}`, read.at)
  return read
}

/** The document of an own notice, signed once: whoever is given it later gets the same bytes. */
async function documentOf({ register, joined }: At, notice: GivenNotice, at: number): Promise<{ readonly bytes: Buffer, readonly fresh: boolean }> {
  if (notice.direction !== 'out') throw new Refusal<AviationGivenCode>('aviation/own-notices-only', 'this notice is another party\'s: its own authorities are told by it', 'notice')
  const key = [DOCUMENT, joined.agreement.id, notice.body.notice].join(' ')
  const held = (await doneAmong(register, [key])).get(key)
  if (held !== undefined) return { bytes: Buffer.from(held), fresh: false }
  const { party, name, exercise } = register.file
  const words: AviationWords = {
    v: 'muster/aviation/1', agreement: joined.agreement.id, party, name, exercise: exercise || joined.agreement.exercise, marking: joined.agreement.marking, kind: notice.kind,
    discovered: notice.body.discovered.slice(0, 10), made: timeOf(at), notice: notice.body.notice, items: notice.body.items,
  }
  const [keyRecord, ...laterRecords] = (joined.trust.parties.get(party) as PartyTrust).records.map(({ bytes: record }) => parseJson(record) as { readonly [name: string]: Json })
  const records = { keyRecord: keyRecord as { readonly [name: string]: Json }, ...(laterRecords.length === 0 ? {} : { laterRecords }) }
  const bytes = Buffer.from(signAviationNotice(p, words, records, seedsAt(joined.keys, words.made).message))
  const verified = verifyAviationNotice(p, bytes, joined.trust.bytes)
  if (verified.verdict === 'refused') throw new Refusal('aviation/not-whole', verified.findings.map(({ message }) => message).join('; '))
  return { bytes, fresh: true }
}

export interface Handed { readonly recipient: string, readonly by: string, readonly given: Time, readonly sha256: string }

/** Gives the document of a notice to recipients of the list, all that have it not by default, and records it. One that has it is refused. */
export async function giveToAviation(home: At, notice: GivenNotice, to: readonly string[] | undefined, { by }: People, at: number): Promise<{ readonly document: Buffer, readonly handed: readonly Handed[] }> {
  const { register, joined } = home
  const { recipients } = await readRecipients(register.dataDir)
  const stranger = to?.find((id) => recipients.every((each) => each.id !== id))
  if (stranger !== undefined) throw new Refusal<AviationGivenCode>('aviation/unknown-recipient', `${stranger} is not in ${RECIPIENTS_FILE}`, 'to')
  const had = await handedOut(home, notice.body.notice)
  const again = to?.find((id) => had.some(({ recipient }) => recipient === id))
  if (again !== undefined) throw new Refusal<AviationGivenCode>('aviation/given-already', `${again} has it since ${had.find(({ recipient }) => recipient === again)?.given ?? ''}`, 'to')
  const { bytes, fresh } = await documentOf(home, notice, at)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const handed = (to ?? recipients.map(({ id }) => id)).filter((id, i, all) => all.indexOf(id) === i && had.every(({ recipient }) => recipient !== id)).map((recipient): Handed => ({ recipient, by, given: timeOf(at), sha256 }))
  await transaction(register.db, async (tx) => {
    if (fresh) await recordAct(tx, register.secrets, [DOCUMENT, joined.agreement.id, notice.body.notice], bytes.toString('utf8'), at)
    for (const each of handed) await recordAct(tx, register.secrets, [GIVEN, joined.agreement.id, `${notice.body.notice} ${each.recipient}`], canonical({ ...each }), at)
  })
  return { document: bytes, handed }
}

/** To whom the document of a notice was given, and when. */
export async function handedOut({ register, joined }: At, notice: string): Promise<Handed[]> {
  const prefix = [GIVEN, joined.agreement.id, notice, ''].join(' ')
  const rows = await register.db.read<{ act_key: string }>('SELECT act_key FROM act_once WHERE starts_with(act_key, $1) ORDER BY written, act_key', [prefix])
  return [...await doneAmong(register, rows.map(({ act_key }) => act_key))].map(([, answer]) => JSON.parse(answer) as Handed).sort((a, b) => a.given < b.given ? -1 : a.given > b.given ? 1 : a.recipient < b.recipient ? -1 : 1)
}

export interface DueToAviation { readonly notice: string, readonly recipient: string, readonly due: Time | undefined, readonly overdue: boolean }

/** Own notices of a loss or theft that recipients of the list have not been given; none where the party keeps no list. */
export async function dueToAviation(home: At, notices: readonly GivenNotice[], at: number): Promise<DueToAviation[]> {
  const list = await readRecipients(home.register.dataDir).catch((error: unknown) => {
    if (error instanceof Refusal && error.code === 'aviation/no-recipients') return undefined
    throw error
  })
  if (list === undefined) return []
  const seconds = list.dueSeconds ?? home.joined.agreement.deadlines.noticeSeconds
  const due: DueToAviation[] = []
  for (const { direction, kind, body } of notices) {
    if (direction !== 'out' || kind === 'recovery') continue
    const had = new Set((await handedOut(home, body.notice)).map(({ recipient }) => recipient))
    const by = seconds === undefined ? undefined : addSeconds(body.discovered, seconds)
    for (const { id } of list.recipients) if (!had.has(id)) due.push({ notice: body.notice, recipient: id, due: by, overdue: by !== undefined && by < timeOf(at) })
  }
  return due
}
