// Forgeries of the frame: who is told of, the find and its place in the log, the date, and the agreement.
import { concat, toHex } from '@muster/core/bytes/bytes.ts'
import { addSeconds } from '@muster/core/bytes/time.ts'
import { witnessName } from '@muster/core/rules/agreement.ts'
import { eventBytes } from '@muster/core/rules/custody-event.ts'
import type { PartyId } from '@muster/core/rules/party.ts'
import type { DossierBody } from '@muster/core/wire/dossier.ts'
import { ASKED_AT, FOUND_AT } from '../paper.ts'
import { recoveryOf } from '../paper-trace.ts'
import { at, relined, type Forgery, type Ground, type Made, type Members } from './forgery.ts'

export function* ofFrames(ground: Ground): Made {
  yield* ofParties(ground)
  yield* ofTheFind(ground)
  yield* ofItsPlace(ground)
  yield* ofTheDate(ground)
  yield* ofTheAgreement(ground)
}

const whole = (kind: string, of: string, code: string, says: string, body: DossierBody): Forgery => ({ kind, of, code, party: null, says, body })

function* ofParties({ made: { body }, paper }: Ground): Made {
  for (const [i, { party }] of body.parties.entries()) {
    yield whole('a party left out', party, 'dossier/parties', `leaves out ${party}`, { ...body, parties: body.parties.toSpliced(i, 1) })
    yield whole('a party told of twice', party, 'dossier/parties', `tells of ${body.parties.map((each) => each.party).join(', ')}, ${party}`, { ...body, parties: [...body.parties, at(body.parties, i)] })
    if (i === 0) continue
    yield whole('a party told of in the place of another', party, 'dossier/parties', `leaves out ${party}`, { ...body, parties: body.parties.with(i, at(body.parties, i - 1)) })
    yield whole('two parties in another order', party, 'dossier/parties', 'in the agreement\'s order', { ...body, parties: body.parties.with(i, at(body.parties, i - 1)).with(i - 1, at(body.parties, i)) })
    yield whole('the dossier of another asker', party, 'dossier/signature', `of ${party}`, { ...body, asker: party })
  }
  yield whole('a dossier of an asker who is no party', 'QA', 'dossier/not-a-party', 'QA', { ...body, asker: 'QA' as PartyId })
  yield whole('an exercise told as real', 'all', 'dossier/exercise', 'exercise', { ...body, exercise: false })
  yield whole('the marking taken off', 'level', 'dossier/marking', 'marking', { ...body, marking: { level: 'open', caveats: [] } })
  yield whole('the marking taken off', 'caveats', 'dossier/marking', 'marking', { ...body, marking: { ...paper.agreement.marking, caveats: [] } })
}

const EDITS: readonly (readonly [string, string, string])[] = [
  ['the serial', '240420', '240402'], ['a letter of the serial', 'Б-', 'В-'], ['the condition', 'intact', 'altered'], ['how it is marked', 'stamped', 'painted'], ['the person', 'A. Petrova', 'B. Petrova'],
  ['the second person', 'B. Karimov', 'C. Karimov'], ['the reason', 'as ordered', 'by chance'], ['the document', '"17"', '"18"'], ['the region', 'South', 'North'], ['the day', '2026-03-02T07:00:00Z', '2026-03-01T07:00:00Z'],
  ['the day of writing', '2026-03-02T08:00:00Z', '2026-03-02T08:30:00Z'], ['the class', 'gripstock', 'missile'], ['the type', '9П516', '9П519'], ['the custodian', 'Depot', 'Court'], ['the owner', 'Ministry', 'Guard'],
]

function told({ made: { body } }: Ground): (kind: string, of: string, code: string, says: string, change: Partial<DossierBody['recovery']>) => Forgery {
  return (kind, of, code, says, change) => whole(kind, of, code, says, { ...body, recovery: { ...body.recovery, ...change } })
}

function* ofTheFind(ground: Ground): Made {
  const { made: { body, body: { recovery, self } }, paper: { finds: [, other], draw, asker } } = ground
  const entry = 'from entry 3 to another root'
  for (const [of, from, to] of EDITS) yield told(ground)('the recorded find edited', of, 'inclusion/root', entry, { event: recovery.event.replaceAll(from, to) })
  yield told(ground)('the recorded find edited', 'the kind', 'recovery/event', 'the recorded find', { event: recovery.event.replaceAll('"seized"', '"found"') })
  yield told(ground)('a record that is no find', 'held item', 'inclusion/root', entry, { event: Buffer.from(eventBytes(at(at(asker.items, 0).events, 0))).toString('utf8') })
  yield told(ground)('the find under another salt', 'salt', 'inclusion/root', entry, { salt: toHex(other.salt) })
  const otherSelf = { item: other.item.item, secret: toHex(other.item.secret) }
  yield { ...whole('the recovery of another event', 'whole', 'answer/other-find', 'about another find', { ...body, recovery: recoveryOf(other), self: otherSelf }), party: at(body.parties, 1).party }
  yield whole('the recovery of another event', 'item kept', 'dossier/self', '`self`', { ...body, recovery: recoveryOf(other) })
  yield whole('an own item named as the find', 'other find', 'dossier/self', '`self`', { ...body, self: otherSelf })
  for (const [whose, secret] of [['of the other find', other.item.secret], ['made up', draw('made-up secret')]] as const) {
    yield { ...whole('the find not recognised in the own register', whose, 'dossier/outcome', `absent of ${asker.id}, the evidence shows present`, { ...body, self: { ...self, secret: toHex(secret) } }), party: asker.id }
  }
}

function* ofItsPlace(ground: Ground): Made {
  const { paper: { finds: [find, other], asker, parties, agreement, draw } } = ground
  const place = told(ground)
  const { batch, period } = find.path
  const root = 'from entry 3 to another root'
  yield place('the place of another find', 'path', 'inclusion/root', root, { path: other.path })
  yield place('another place in the batch', 'index', 'inclusion/root', root, { path: { ...find.path, batch: { ...batch, index: 1 - batch.index } } })
  yield place('a batch of one', 'size', 'recovery/path', 'does not fit', { path: { ...find.path, batch: { ...batch, size: 1 } } })
  yield place('another place in the period', 'index', 'inclusion/root', root, { path: { ...find.path, period: { ...period, index: period.index ^ 1 } } })
  yield place('another salt of the batch', 'salt', 'inclusion/root', root, { path: { ...find.path, period: { ...period, salt: toHex(draw('other')) } } })
  yield place('a period of other size', 'size', 'recovery/path', 'does not fit', { path: { ...find.path, period: { ...period, size: 2 * period.size } } })
  yield place('the proof of another entry', 'entry', 'recovery/entry', 'leads to entry 2', { path: { ...find.path, entry: 2 } })
  yield place('a second proof that is not there', 'proof', 'dossier/find-proof', 'number 0', { path: { ...find.path, proof: 1 } })
  yield place('another index in the proof', 'index', 'inclusion/root', 'from entry 2', { proof: find.proof.replace('index 3', 'index 2') })
  for (const { id, log, newer } of parties.slice(1)) yield place('the find in the log of another party', id, 'note/no-known-signature', 'no known key', { proof: find.proof.replace(asker.log.note, id === 'QN' ? newer.note : log.note) })
  yield place('the find in the asker\'s own declaration', 'log', 'checkpoint/wrong-origin', asker.newer.head.hash, { proof: find.proof.replace(asker.log.note, asker.newer.note) })
  for (const { id } of parties) {
    const proof = find.proof.replace(asker.log.note, relined(asker.log.note, (lines) => lines.filter(({ name }) => name !== witnessName(id, agreement.id))))
    yield place('a witness of the find stripped, the count kept', id, 'dossier/conclusion', 'conclusion.quorum', { proof })
  }
}

function* ofTheDate({ made: { body }, paper: { asker } }: Ground): Made {
  const dated = (of: string, code: string, says: string, made: string, party: PartyId | null = null): Forgery => ({ ...whole('the date moved', of, code, says, { ...body, made }), party })
  const silent = at(body.parties, body.parties.length - 1).party
  const unheard = `silent of ${silent}, the evidence shows unreachable`
  yield dated('before the find', 'dossier/made', 'before the find', addSeconds(FOUND_AT, -400))
  yield dated('before the questions', 'answer/clock', `the question to ${asker.id}`, addSeconds(ASKED_AT, -400), asker.id)
  yield dated('before the answers', 'dossier/outcome', unheard, addSeconds(ASKED_AT, 10), silent)
  yield dated('before the time to answer is over', 'dossier/outcome', unheard, addSeconds(ASKED_AT, 3590), silent)
  yield dated('one second too early', 'dossier/outcome', unheard, addSeconds(ASKED_AT, 3600), silent)
  yield dated('into the future', 'dossier/from-the-future', '2999-01-01T00:00:00Z', '2999-01-01T00:00:00Z')
  yield dated('to the end of time', 'dossier/from-the-future', '9999-12-31T23:59:59Z', '9999-12-31T23:59:59Z')
}

/** Each held against the reader's agreement, and without one, where the logs hold the true one. */
function* ofTheAgreement({ made: { body }, paper }: Ground): Made {
  const { agreement } = paper
  const stranger = at(paper.parties, 1)
  const end = agreement.parties.length - 1
  const last = at(agreement.parties, end)
  const recorded = (keyRecord: string) => ({ parties: agreement.parties.with(end, { ...last, keyRecord }) })
  const inLog = ['inclusion/root', 'from entry 0 to another root', paper.asker.id] as const
  const changes: readonly (readonly [string, Partial<Record<keyof typeof agreement, unknown>>, ...(readonly [string, string, PartyId | null])])[] = [
    ['a higher quorum', { quorum: agreement.quorum + 1 }, ...inLog], ['no liars', { liars: 0 }, ...inLog], ['a shorter time to answer', { deadlines: { ...agreement.deadlines, answerSeconds: 60 } }, ...inLog],
    ['a shorter time to look', { deadlines: { ...agreement.deadlines, lookSeconds: 1 } }, ...inLog], ['older declarations', { declarationAgeSecondsMax: 2_592_001 }, ...inLog], ['another step', { step: 512 }, ...inLog],
    ['another title', { title: { en: 'Exercise', ru: 'Учение' } }, ...inLog], ['other batches', { batches: [16, 64] }, ...inLog], ['another share of openings', { openOneIn: 20 }, ...inLog],
    ['no standing rule', { standing: null }, ...inLog], ['another period', { periodSeconds: 60 }, ...inLog], ['another baseline', { baseline: '2025-01-01T00:00:00Z' }, ...inLog],
    ['other quotas', { quota: { ...agreement.quota, askerElements: 64 } }, ...inLog], ['another sequence', { sequence: 1 }, ...inLog], ['another scope', { scope: { classes: ['missile'] } }, ...inLog],
    ['no exercise', { exercise: false }, 'agreement/shape', 'id: expected an id without the word exercise', null], ['another marking', { marking: { level: 'open', caveats: [] } }, 'dossier/marking', 'marking', null],
    ['a party less', { parties: agreement.parties.slice(0, -1) }, 'dossier/parties', last.id, null], ['parties in another order', { parties: agreement.parties.toReversed() }, 'dossier/parties', 'in the agreement\'s order', null],
    ['the key record of another', recorded(toHex(paper.p.sha256(concat(stranger.keys.record, stranger.keys.record)))), 'key-record/hash', `of ${last.id}`, null],
    ['two parties of one key record', recorded(at(agreement.parties, 0).keyRecord), 'agreement/shape', `parties[${end}].keyRecord`, null],
    ['a quorum too low for its liars', { quorum: 3 }, 'agreement/shape', 'quorum', null],
  ]
  for (const [of, change, code, says, party] of changes) {
    const forged = { ...body, agreement: { ...body.agreement, ...change } as Members }
    yield whole('the agreement edited', of, code === 'agreement/shape' ? code : 'dossier/other-agreement', code === 'agreement/shape' ? says : 'another agreement', forged)
    yield { ...whole('the agreement edited, and no keys from outside', of, code, says, forged), party, untrusted: true }
  }
}
