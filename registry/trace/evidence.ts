// What goes into a dossier for one party: exact signed bytes, notes, paths and openings, and nothing that the verifier could not check.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fromHex, toBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { parseJson, type Json } from '@muster/core/bytes/canonical.ts'
import type { AbsentProof, PresentProof } from '@muster/core/proof/absence.ts'
import { inclusionFromTiles } from '@muster/core/proof/tile.ts'
import type { AskedEvidence, Lookup, PartyEvidence } from '@muster/core/wire/dossier.ts'
import { clearEntry } from '@muster/core/wire/entry.ts'
import type { ReadHead } from '@muster/core/wire/head.ts'
import type { Envelope, Message } from '@muster/core/wire/message.ts'
import { traceBody } from '@muster/core/wire/trace-body.ts'
import type { PartyTrust, Trust } from '@muster/core/wire/trust.ts'
import { CHECKPOINT_FILE } from '@muster/fast/declaration/files.ts'
import { nodePrimitives as p } from '@muster/fast/primitives.ts'
import { tilesIn } from '../store/tiles.ts'
import { copyOf, type LookedUp } from './ask.ts'
import { bare, type Asked, type Sight } from './asked.ts'
import { withQuorum } from './enough.ts'

type Members = { readonly [name: string]: Json }

function envelopeOf(message: Message | undefined): Envelope | null {
  return message === undefined ? null : parseJson(message.envelope) as unknown as Envelope
}

const hexes = (path: readonly Uint8Array[]) => path.map(toHex)

export function presentJson({ index, entry, path }: PresentProof): NonNullable<Lookup['present']> {
  return { index, entry: toHex(entry), path: hexes(path) }
}

export function absentJson({ index, entries, paths }: AbsentProof): NonNullable<Lookup['absent']> {
  return { index, entries: entries.map(toHex), paths: paths.map(hexes) }
}

function lookupJson({ element, found }: LookedUp): Lookup {
  return 'present' in found ? { element, present: presentJson(found.present), absent: null } : { element, present: null, absent: absentJson(found.absent) }
}

/** The party's log: its best cosigned checkpoint under a quorum, with the paths of the agreement, the key record and the head. */
export function logProof(trust: Trust, { followed, best, folder, head }: Pick<Sight, 'followed' | 'best' | 'folder' | 'head'>): NonNullable<PartyEvidence['log']> {
  const { size, note } = best
  const tiles = tilesIn(folder)
  const newest = followed.heads.find((each) => each.head.hash === head?.hash)
  const places = [['agreement', followed.clear.get(toHex(clearEntry(trust.bytes)))], ['key-record', followed.clear.get(toHex(clearEntry(followed.party.record.bytes)))], ['head', newest?.index]] as const
  const entries = places.flatMap(([what, index]) => index === undefined || index >= size ? []
    : [{ what, index, path: inclusionFromTiles(p, index, size, tiles).map(toHex) }])
  return { checkpoint: withQuorum(p, trust, followed.party, note, 'witness'), entries }
}

/** Items that the formal answer opened, each with its path in the own copy of the declaration. */
function itemsJson({ formal, sight }: Asked): PartyEvidence['items'] {
  if (formal?.answer === undefined || sight?.head === undefined || sight.declaration === undefined) return []
  return itemProofs(formal.answer, sight.declaration, sight.head)
}

/** The items of a formal answer, each with its path in the copy of the declaration that lies in that folder. */
export function itemProofs(answer: Message, folder: string, head: ReadHead): PartyEvidence['items'] {
  const copy = copyOf(folder, head)
  const { hits } = traceBody('trace/answer', answer.payload.body)
  const labels = new Set(hits.flatMap(({ items }) => items.map(({ label }) => label)))
  return [...labels].flatMap((label) => {
    const found = copy.prove(fromHex(label) as Uint8Array)
    return 'present' in found ? [{ label, index: found.present.index, entry: toHex(found.present.entry), path: found.present.path.map(toHex) }] : []
  })
}

/** The declaration's checkpoint in the own copy, under a quorum of readers. */
async function declarationJson(trust: Trust, party: PartyTrust, folder: string): Promise<PartyEvidence['declaration']> {
  return { checkpoint: withQuorum(p, trust, party, await readFile(join(folder, CHECKPOINT_FILE), 'utf8'), 'reader') }
}

/** A receipt shows that somebody is silent; where there is an answer, its word that it has the question says nothing more. */
function receiptJson(receipt: Message | undefined, answer: Message | undefined): Envelope | null {
  return answer === undefined ? envelopeOf(receipt) : null
}

/** Later key records, where there are any. */
function laterOf({ records }: PartyTrust): Pick<PartyEvidence, 'laterRecords'> {
  return records.length < 2 ? {} : { laterRecords: records.slice(1).map(({ bytes }) => parseJson(bytes) as Members) }
}

/** What was asked of one party: under its newest head, then under the last of each earlier OPRF key. `outcome` is filled in by whoever assessed the evidence. */
export async function evidenceOf([current, ...earlier]: readonly [Asked, ...Asked[]], trust: Trust): Promise<PartyEvidence> {
  // Its log may have brought a record since it was asked.
  const party = trust.parties.get(current.party.party) ?? current.party
  return {
    party: party.party, outcome: 'unreachable', keyRecord: parseJson(party.record.bytes) as Members, ...laterOf(party), ...await askedJson(current, trust),
    ...(earlier.length === 0 ? {} : { earlier: await Promise.all(earlier.map((each) => askedJson(each, trust))) }),
  }
}

async function askedJson(asked: Asked, trust: Trust): Promise<Omit<AskedEvidence, 'party'>> {
  const { party, sight, question, request, receipt, answer, statements, lookups, formal } = asked
  const looked = lookups.length > 0 && sight?.head !== undefined && sight.declaration !== undefined
  return {
    log: looked ? logProof(trust, sight) : null,
    head: looked && sight.head !== undefined ? parseJson(sight.head.bytes) as Members : null,
    declaration: looked && sight.declaration !== undefined ? await declarationJson(trust, party, sight.declaration) : null,
    request: envelopeOf(request), receipt: receiptJson(receipt, answer), answer: envelopeOf(answer),
    ...(statements.length === 0 || receipt !== undefined || answer !== undefined ? {} : { statements: statements.map((each) => envelopeOf(each) as Envelope) }),
    opened: !looked || question === undefined ? [] : lookups.map(({ element }) => ({
      element, input: toBase64(question.inputs[element] as Uint8Array), blind: toHex(question.blinds[element] as Uint8Array),
    })),
    lookups: lookups.map(lookupJson),
    formal: formal === undefined ? null : { request: envelopeOf(formal.request) as Envelope, receipt: receiptJson(formal.receipt, formal.answer), answer: envelopeOf(formal.answer) },
    items: itemsJson(asked),
  }
}

/** A party whose evidence does not hold: nothing of it is used, and nothing is said of it. */
export function withoutEvidence(asked: Asked, trust: Trust): Promise<PartyEvidence> {
  return evidenceOf([bare(asked.party)], trust)
}
