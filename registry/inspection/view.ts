// Inspections as they stand, read anew from the messages: those that this party takes part in, as inspecting or as inspected one.
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { timeOf } from '@muster/core/bytes/time.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { BATCH_KINDS, INSPECTION_BODY, type InspectionKind } from '@muster/core/wire/inspection-body.ts'
import { readInspection, termsOf, type Inspection, type Word, type Words } from '@muster/core/wire/inspection.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { saidOf, type At } from '../said.ts'

export type InspectionViewCode = 'inspection/unknown'

const KINDS = Object.keys(INSPECTION_BODY) as InspectionKind[]
/** Single batches say nothing beside what proves them. */
const READ = KINDS.filter((kind) => !(BATCH_KINDS as readonly InspectionKind[]).includes(kind))
/** How a draw was held: who bound, drew and opened. */
export const DRAW_KINDS: readonly InspectionKind[] = ['inspection/announce', 'inspection/draw', 'inspection/open']
const ID_SHOWN_MIN = 8

async function wordsOf<K extends InspectionKind>(home: At, kind: K, begins: string): Promise<Word<K>[]> {
  const of = { member: 'inspection', begins } as const
  const said = [...await saidOf(home, kind, 'out', of), ...await saidOf(home, kind, 'in', of)]
  return said.map(({ message: { id, payload: { from, to, time, sequence } }, body }) => ({ id, from, to, time, sequence, body: body }))
}

/** What was said of inspections whose id begins so, of the kinds that are read. */
async function allWords(home: At, begins: string, kinds: readonly InspectionKind[]): Promise<Words> {
  const words = await Promise.all(KINDS.map(async (kind) => [kind, kinds.includes(kind) ? await wordsOf(home, kind, begins) : []] as const))
  return Object.fromEntries(words) as unknown as Words
}

/** All inspections of the agreement as of `at` (POSIX seconds), oldest first; with fewer `kinds` only as far as these lead. */
export async function inspections(home: At, at: number, begins = '', kinds: readonly InspectionKind[] = READ): Promise<Inspection[]> {
  const words = await allWords(home, begins, kinds)
  const { agreement: { id, deadlines }, trust } = home.joined
  const evaluating = { group: await fastGroup(), keysOf: trust.messageKeys }
  const byTerms = new Map<string, Word<'inspection/announce'>[]>()
  for (const word of words['inspection/announce']) byTerms.set(termsOf(word.body), [...byTerms.get(termsOf(word.body)) ?? [], word])
  const all = [...byTerms.values()].map((announced) => {
    const [{ body: { inspection } }] = announced as [Word<'inspection/announce'>]
    const of = Object.fromEntries(KINDS.map((kind) => [kind, words[kind].filter(({ body }) => body.inspection === inspection)])) as unknown as Words
    return readInspection(p, { ...of, 'inspection/announce': announced }, { agreement: id, inspectionSeconds: deadlines.inspectionSeconds, at: timeOf(at), evaluating })
  })
  const time = ({ announced }: Inspection): string => announced[0]?.time ?? ''
  return all.sort((a, b) => time(a) < time(b) ? -1 : time(a) > time(b) ? 1 : 0)
}

/** The one inspection whose id begins so; `inspected`: where two have one. */
export async function inspectionBy(home: At, id: string, at: number, inspected?: PartyId): Promise<Inspection> {
  const named = id.length < ID_SHOWN_MIN ? [] : (await inspections(home, at, id)).filter(({ terms }) => inspected === undefined || terms.inspected === inspected)
  const [only] = named
  if (only === undefined || named.length > 1) throw new Refusal<InspectionViewCode>('inspection/unknown', `no one inspection begins with ${id}: ${ID_SHOWN_MIN} or more characters of its id, as muster inspection list has it`, 'id')
  return only
}
