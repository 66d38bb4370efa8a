// A federation on paper: parties with keys, one agreement, registers, declarations, logs and messages as they would be, in memory, without
// database, network or processes. Seeded; only ML-DSA's hedged signatures differ from run to run, and not even those with noble's primitives.
// It is what the tests of dossiers, their forgeries and their vectors start from.
import { toHex } from '@muster/core/bytes/bytes.ts'
import { addSeconds, type Time } from '@muster/core/bytes/time.ts'
import type { Group } from '@muster/core/oprf/group.ts'
import { leafHash } from '@muster/core/proof/merkle.ts'
import { formatTlogProof } from '@muster/core/proof/tlog-proof.ts'
import { agreementBytes, agreementOf, logOrigin, type Agreement, type AgreementId } from '@muster/core/rules/agreement.ts'
import { eventBytes } from '@muster/core/rules/custody-event.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import { boundEntry, clearEntry } from '@muster/core/wire/entry.ts'
import { batchDigest, bindDigest, eventLeaf, periodTree } from '@muster/core/wire/period.ts'
import type { BindingPath } from '@muster/core/wire/trace-body.ts'
import { trustOf, type Trust } from '@muster/core/wire/trust.ts'
import { drawFrom, identityOf, itemOf, PLACED, recorded, request, stockOf, type Draw, type PaperItem, type Stock } from './paper-items.ts'
import { declared, keysOf, rekeyed, signedNote, treeOf, type PaperDeclaration, type PaperKeys, type PaperTree, type Signer } from './paper-party.ts'

export const STATES = ['QM', 'QN', 'QP', 'QQ', 'QR', 'QS', 'QT', 'QV', 'QW', 'QX', 'QY', 'QZ'] as const
const AGREEMENT = 'exercise-on-paper' as AgreementId
const STEP = 256

export const BASELINE: Time = '2026-01-01T00:00:00Z'
export const FIRST_AS_OF: Time = '2026-02-01T00:00:00Z'
export const FOUND_AT: Time = '2026-03-02T08:00:00Z'
export const SECOND_AS_OF: Time = '2026-03-02T09:00:00Z'
export const SIGNED_AT: Time = '2026-03-02T09:30:00Z'
export const ASKED_AT: Time = '2026-03-02T10:00:00Z'

/** What a party does when it is asked. */
export type Conduct = 'answers' | 'declines' | 'refuses' | 'silent' | 'unreachable'

export interface PaperOptions {
  readonly p: Signer
  readonly group: Group
  readonly seed?: string
  /** The first of STATES; the first of all asks. */
  readonly parties?: number
  /** Items in each party's stock. */
  readonly items?: number
  /** Cosigners of each checkpoint, from the first party on; all by default. The find's is cosigned by all. */
  readonly cosigners?: number
  /** The number on the weapon that was found. No digit in it is easily taken for another, so that its ladder fits into 16. */
  readonly serial?: string
  /** What is legible of it, as it is recorded: `?` for a character that nobody can read. The whole by default. */
  readonly legible?: string
  /** All but the last four answer, where nothing else is said. */
  readonly conduct?: (party: PartyId) => Conduct
  /** Whose OPRF key was compromised between its two declarations. */
  readonly rekeyed?: readonly string[]
  /** Records of the found weapon, by party. */
  readonly story?: Readonly<Record<string, readonly Omit<Stock, 'identity'>[]>>
}

/** A bound event of the asker. */
export interface PaperFind { readonly item: PaperItem, readonly event: string, readonly salt: Uint8Array, readonly leaf: Uint8Array, readonly path: BindingPath, readonly proof: string }

export interface PaperParty {
  readonly id: PartyId
  readonly keys: PaperKeys
  readonly conduct: Conduct
  readonly items: readonly PaperItem[]
  readonly older: PaperDeclaration
  readonly newer: PaperDeclaration
  readonly log: { readonly entries: readonly Uint8Array[], readonly tree: PaperTree, readonly note: string, readonly place: (what: 'agreement' | 'key-record' | 'older' | 'newer') => number }
}

export interface Paper {
  readonly p: Signer
  readonly group: Group
  readonly draw: Draw
  readonly agreement: Agreement
  readonly agreementBytes: Uint8Array
  readonly trust: Trust
  readonly parties: readonly PaperParty[]
  readonly asker: PaperParty
  /** Two finds of one seizure: the one that is traced, and another. */
  readonly finds: readonly [PaperFind, PaperFind]
}

export const SERIAL = 'Б-240420'
export const OTHER_SERIAL = 'Б-240242'

/** Made in QN, delivered to QP, lost there; the asker and others hold other things. */
export const LAST_HOLDER: NonNullable<PaperOptions['story']> = {
  QN: [{ from: 'made', when: '2024-02-01T00:00:00Z', fate: { releasedTo: 'QP' as PartyId } }],
  QP: [{ from: { party: 'QN' as PartyId }, when: '2024-03-05T00:00:00Z', fate: 'lost' }],
}

/** All answer but the last four: unreachable, refuses, has no declaration, silent. */
function mixedConduct(place: number, count: number): Conduct {
  return (['unreachable', 'refuses', 'declines', 'silent'] as const)[place - count + 4] ?? 'answers'
}

export function paper(options: PaperOptions): Paper {
  const { p, group, seed = 'one', parties: count = STATES.length, items = 100, serial = SERIAL, legible = serial, conduct, story = LAST_HOLDER } = options
  const draw = drawFrom(p, seed)
  const ids = STATES.slice(0, count) as readonly string[] as readonly PartyId[]
  const firstKeys = ids.map((id) => keysOf(p, group, draw, id, AGREEMENT, BASELINE))
  const keys = firstKeys.map((each) => options.rekeyed?.includes(each.party) === true ? rekeyed(p, group, draw, each, FOUND_AT) : each)
  const agreement = agreementFor(p, keys)
  const bytes = agreementBytes(agreement)
  const cosigners = keys.slice(0, options.cosigners ?? count)
  const found = [legible, OTHER_SERIAL].map((each) => findItem(draw, each)) as [PaperItem, PaperItem]
  const bound = bindFinds(p, draw, found)
  const parties = keys.map((each, i): PaperParty => {
    const told = (story[each.party] ?? []).map((stock, n) => itemOf(draw, `${each.party} story ${n}`, each.party, { identity: identityOf(serial), ...stock }, FIRST_AS_OF))
    const held = [...stockOf(draw, each.party, items, BASELINE), ...told, ...(i === 0 ? found : [])]
    const by = { p, group, draw, keys: each, agreement: AGREEMENT, readers: cosigners }
    const older = declared({ ...by, keys: firstKeys[i] as PaperKeys }, held, FIRST_AS_OF, STEP, undefined)
    const newer = declared(by, held, SECOND_AS_OF, STEP, older)
    const entries = [bytes, each.record, older.head.bytes].map(clearEntry).concat(i === 0 ? [bound.entry] : [boundEntry(draw(`${each.party} period`))], [...each.replaced === undefined ? [] : [each.replaced.record], newer.head.bytes].map(clearEntry))
    const tree = treeOf(p, entries)
    const note = signedNote(by, { origin: logOrigin(each.party, AGREEMENT), size: tree.size, root: tree.root }, SIGNED_AT, i === 0 ? keys : cosigners, 'witness')
    return { id: each.party, keys: each, conduct: conduct?.(each.party) ?? mixedConduct(i, count), items: held, older, newer, log: { entries, tree, note, place: (what) => ({ 'agreement': 0, 'key-record': 1, 'older': 2, 'newer': entries.length - 1 })[what] } }
  })
  const asker = parties[0] as PaperParty
  const ofParty = (party: PartyId) => keys.find((each) => each.party === party) as PaperKeys
  const trust = trustOf(p, agreement, (party) => ofParty(party).record, (party) => {
    const { replaced } = ofParty(party)
    return replaced === undefined ? [] : [replaced.record]
  })
  const proof = formatTlogProof({ index: 3, path: asker.log.tree.path(3), checkpoint: asker.log.note })
  const finds = bound.finds.map((find) => ({ ...find, proof })) as [PaperFind, PaperFind]
  return { p, group, draw, agreement, agreementBytes: bytes, trust, parties, asker, finds }
}

function agreementFor(p: Signer, keys: readonly PaperKeys[]): Agreement {
  const agreement = agreementOf({
    v: 'muster/agreement/1', id: AGREEMENT, sequence: 0, exercise: true, title: { en: 'Exercise on paper', ru: 'Учение на бумаге' },
    parties: keys.map(({ party, record }) => ({ id: party, name: { en: `State ${party}`, ru: `Государство ${party}` }, keyRecord: toHex(p.sha256(record)) })),
    baseline: BASELINE, scope: { classes: null }, liars: keys.length > 3 ? 1 : 0, quorum: Math.floor((keys.length + (keys.length > 3 ? 1 : 0)) / 2) + 1, periodSeconds: 3600, step: STEP, declarationAgeSecondsMax: 2_592_000,
    quota: { windowSeconds: 86_400, askerElements: 4096, allElements: 16_384 }, batches: [16, 64, 256, 1024], openOneIn: 10,
    deadlines: { openSeconds: 3600, answerSeconds: 3600, receiptSeconds: 600, lookSeconds: 864_000 },
    standing: { sections: ['status', 'acquired', 'released'], approvedBy: ['A. Petrova', 'B. Karimov'] }, marking: { level: 'exercise', caveats: ['on paper'] },
  })
  if (agreement instanceof Error) throw agreement
  return agreement
}

/** A seized component of unknown maker; its type is on the plate. */
function findItem(draw: Draw, serial: string): PaperItem {
  const entry = { identity: identityOf(serial), place: PLACED, marks: [{ text: `9П516 № ${serial}`, place: null, method: 'stamped', condition: 'intact', photo: null, reading: serial }] } as const
  return recorded(draw, `find ${serial}`, [request('seized', addSeconds(FOUND_AT, -3600), { entry, region: 'South' })], FOUND_AT)
}

/** Both finds in one batch, the batch in one period. */
function bindFinds(p: Signer, draw: Draw, finds: readonly PaperItem[]): { readonly entry: Uint8Array, readonly finds: readonly Omit<PaperFind, 'proof'>[] } {
  const leaves = finds.map(({ events, item }) => eventLeaf(p, draw(`salt of ${item}`), eventBytes(events[0] as PaperItem['events'][number])))
  const salt = draw('salt of the period')
  const binding = bindDigest(p, salt, batchDigest(p, leaves))
  const period = periodTree(p, [binding], Array.from({ length: 255 }, (_, i) => draw(`padding of the period ${i}`)))
  const index = period.leaves.findIndex((leaf) => toHex(leaf) === toHex(binding))
  const path = treeOf(p, period.leaves).path(index).map(toHex)
  return {
    entry: boundEntry(period.root),
    finds: finds.map((item, i) => ({
      item, event: Buffer.from(eventBytes(item.events[0] as PaperItem['events'][number])).toString('utf8'), salt: draw(`salt of ${item.item}`), leaf: leaves[i] as Uint8Array,
      path: { batch: { index: i, size: leaves.length, path: [toHex(leafHash(p, leaves[1 - i] as Uint8Array))] }, period: { salt: toHex(salt), index, size: period.leaves.length, path }, entry: 3, proof: 0 },
    })),
  }
}

export const askerCoin = (draw: Draw, party: PartyId, find: PaperFind): Uint8Array => draw(`coin for ${party} ${find.item.item}`)
