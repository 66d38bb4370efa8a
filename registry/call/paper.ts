// States without a registry (DESIGN section 6): a call reaches them as a signed note that is printed or mailed, and what they answer on paper is
// entered by two people, with the scan.
import { randomUUID } from 'node:crypto'
import { canonical } from '@muster/core/bytes/canonical.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { shaped } from '@muster/core/bytes/shaped-json.ts'
import { timeOf, type Time } from '@muster/core/bytes/time.ts'
import { paperSaid, stateName, wordOf, type PaperSaid } from '@muster/core/rules/paper.ts'
import type { Addressed } from '@muster/core/rules/call.ts'
import { twoPeople } from '@muster/core/rules/two-people.ts'
import type { CallBody } from '@muster/core/wire/call-body.ts'
import { signDouble } from '@muster/core/wire/double-signature.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { Fault } from '../engine/fault.ts'
import type { Photo } from '../intake/photo.ts'
import type { At, People } from '../said.ts'
import { transaction } from '../store/database.ts'
import { storePhotos } from '../store/photos.ts'
import { seedsAt } from '../store/keys.ts'
import { bound, macHolds } from '../store/row-mac.ts'
import { letRowWait } from '../store/sole-rows.ts'
import { issuedCall } from './said.ts'

export const PAPER_DOMAIN = 'muster/paper/v1\n'

type Row = { paper_id: string, agreement_id: string, call_id: string, state: string, said: string, scan: Buffer | null, done_by: string, done_and: string, written: string, row_mac: Buffer }
export interface Paper { readonly call: string, readonly state: string, readonly said: PaperSaid, readonly scan: string | null, readonly written: Time }

async function write({ register, joined }: At, call: string, state: string, said: PaperSaid, scan: Photo | undefined, { by, and }: People, at: number): Promise<void> {
  const named = shaped('paper', stateName, state)
  if (named instanceof Refusal) throw named
  const fitted = shaped('paper', paperSaid, said)
  if (fitted instanceof Refusal) throw fitted
  const id = randomUUID()
  const row = bound(register.secrets, 'paper', {
    paper_id: id, agreement_id: joined.agreement.id, call_id: call, state: named, said: canonical(fitted), scan: scan === undefined ? null : Buffer.from(scan.originalSha256), done_by: by, done_and: and ?? '', written: timeOf(at),
  })
  await transaction(register.db, async (tx) => {
    await storePhotos(tx, register.secrets, scan === undefined ? [] : [scan], by, timeOf(at))
    await tx.write('INSERT INTO paper (paper_id, agreement_id, call_id, state, said, scan, done_by, done_and, written, row_mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
      [row.paper_id, row.agreement_id, row.call_id, row.state, row.said, row.scan, row.done_by, row.done_and, row.written, row.row_mac])
    await letRowWait(tx, register.secrets, 'paper', id, row)
  })
}

/** The papers of one call, in the order in which they were entered. */
export async function papersOf({ register, joined }: At, call?: string): Promise<Paper[]> {
  const rows = await register.db.read<Row>(
    'SELECT paper_id, agreement_id, call_id, state, said, scan, done_by, done_and, written, row_mac FROM paper WHERE agreement_id = $1 AND ($2::text IS NULL OR call_id = $2) ORDER BY written, paper_id', [joined.agreement.id, call ?? null])
  return rows.map((row) => {
    if (!macHolds(register.secrets, 'paper', { ...row })) throw new Fault('row-changed', `paper ${row.paper_id} was changed behind Muster's back: run muster audit`)
    return { call: row.call_id, state: row.state, said: JSON.parse(row.said) as PaperSaid, scan: row.scan?.toString('hex') ?? null, written: row.written }
  })
}

/** Addresses a state without a registry: notes that it is called, and resolves to the note that is printed or mailed, signed by this party's message keys. */
export async function addressOnPaper(home: At, id: string, state: string, people: People, at: number): Promise<string> {
  const [issue] = await issuedCall(home, id)
  const { body } = issue as NonNullable<typeof issue>
  const { register, joined } = home
  const text = noteText(body, { state, party: register.file.party, name: register.file.name, exercise: joined.agreement.exercise, date: timeOf(at).slice(0, 10) })
  const { ed25519, mldsa44 } = signDouble(p, seedsAt(joined.keys, timeOf(at)).message, PAPER_DOMAIN, Buffer.from(text))
  await write(home, body.call, state, { kind: 'addressed' }, undefined, people, at)
  return `${text}\n${register.file.party} ed25519 ${ed25519}\n${register.file.party} mldsa44 ${mldsa44}\n`
}

/** Enters what a state answered on paper, or that the note was handed over. It must have been addressed; two people enter it. */
export async function enterPaper(home: At, id: string, state: string, said: Exclude<PaperSaid, { readonly kind: 'addressed' }>, scan: Photo | undefined, people: People, at: number): Promise<void> {
  const refused = twoPeople('an answer on paper', people.by, people.and)
  if (refused !== undefined) throw refused
  const [issue] = await issuedCall(home, id)
  const { call } = (issue as NonNullable<typeof issue>).body
  if (!(await papersOf(home, call)).some((paper) => paper.state === state)) throw new Refusal('paper/not-addressed', `${state} was not called: muster call note makes the note first`, 'state')
  if (said.on > timeOf(at).slice(0, 10)) throw new Refusal('paper/from-the-future', `a paper of ${said.on} is dated after today`, 'on')
  await write(home, call, state, said, scan, people, at)
}

/** The states that a call reached on paper, as the matrix has them. */
export function addressedOnPaper(papers: readonly Paper[]): Addressed[] {
  return [...new Set(papers.map(({ state }) => state))].map((state) => {
    const all = papers.filter((paper) => paper.state === state)
    const delivered = all.flatMap(({ said }) => said.kind === 'delivered' ? [`${said.on}T00:00:00Z`] : []).toSorted()[0]
    const words = all.flatMap(({ said }) => wordOf(said) ?? [])
    return { party: state, issued: all[0]?.written ?? '', receipted: delivered ?? null, words }
  })
}

interface Heading { readonly state: string, readonly party: string, readonly name: string, readonly exercise: boolean, readonly date: string }

/** One note in both languages; the codes stand beside the words, so that an answer can name them. */
function noteText({ call, reason, classes, types, asOf, due, seen, note }: CallBody<'call/issue'>, { state, party, name, exercise, date }: Heading): string {
  const scope = [classes, types].map((each) => each?.join(', ') ?? '*').join(' · ')
  return [
    ...(exercise ? ['EXERCISE · УЧЕНИЕ', ''] : []),
    `${name} (${party})  →  ${state}`, `${date}  ·  ${call}`, '',
    'CALL TO COUNT', `You are asked to count what you hold of: ${scope}`, `as of ${asOf}, and to answer by ${due}. Reason: ${reason}. Items are to be seen: ${seen}.`,
    'State for each class how many were seen opened, how many under a whole seal, and how many stand in the records only; or why there is no count.', '',
    'ЗАПРОС О ПЕРЕСЧЁТЕ', `Просим пересчитать имеющееся у вас: ${scope}`, `по состоянию на ${asOf} и ответить до ${due}. Основание: ${reason}. Способ осмотра: ${seen}.`,
    'Укажите по каждому классу, сколько осмотрено со вскрытием, сколько под целой пломбой и сколько числится только по учёту; или почему подсчёта нет.', '',
    ...(note === null ? [] : [note, '']),
  ].join('\n')
}
