// Forgeries of what the answer is looked up in: head, log and declaration, the keys that sign them, and who cosigned.
import { toBase64, toHex } from '@muster/core/bytes/bytes.ts'
import { parseJson } from '@muster/core/bytes/canonical.ts'
import { addSeconds, secondsOf } from '@muster/core/bytes/time.ts'
import { signCosignature } from '@muster/core/proof/cosignature.ts'
import { parseNote, type NoteSignature } from '@muster/core/proof/note.ts'
import { parseCheckpoint } from '@muster/core/proof/tree-head.ts'
import { logOrigin, readerName, witnessName } from '@muster/core/rules/agreement.ts'
import type { PartyEvidence } from '@muster/core/wire/dossier.ts'
import { ASKED_AT, type PaperParty } from '../paper.ts'
import { logOf, lookupsOf, MADE_AT, type PaperQuestion } from '../paper-trace.ts'
import { answering, at, forging, nextTo, raised, relined, withParty, type Forgery, type Ground, type Lines, type Made, type Members } from './forgery.ts'

export function* ofDeclarations(ground: Ground): Made {
  const { paper } = ground
  const all = answering(ground)
  for (const question of all) {
    yield* ofHead(ground, question, nextTo(all, question).party)
    yield* ofLog(ground, question, nextTo(all, question).party)
    yield* ofOwnLines(ground, question)
    yield* ofCosigners(ground, question)
  }
  for (const { party } of ground.made.questions) {
    const other = at(paper.parties, paper.parties.indexOf(party) + 1)
    yield {
      kind: 'the key of another party', of: party.id, code: 'key-record/hash', party: null, says: `of ${other.id}`,
      body: withParty(ground, party.id, () => ({ keyRecord: parseJson(other.keys.record) as Members })),
    }
    const record = parseJson(party.keys.record) as Members & { readonly keys: Members }
    const stranger = parseJson(other.keys.record) as Members & { readonly keys: Members }
    for (const purpose of ['message', 'log', 'reader', 'witness', 'oprf']) {
      yield {
        kind: `the ${purpose} key of another party in the key record`, of: party.id, code: 'key-record/hash', party: null, says: `of ${party.id}`,
        body: withParty(ground, party.id, () => ({ keyRecord: { ...record, keys: { ...record.keys, [purpose]: stranger.keys[purpose] ?? null } } })),
      }
    }
  }
}

function* ofHead(ground: Ground, question: PaperQuestion, other: PaperParty): Made {
  const { party } = question
  const forged = forging(ground, party.id)
  const head = parseJson(party.newer.head.bytes) as Members
  const inLog = `from entry ${party.log.place('newer')} to another root`
  const older = { ...question, declaration: party.older }
  yield forged('the older declaration and the previous head', 'answer/other-head', party.id, () => ({
    head: parseJson(party.older.head.bytes) as Members, log: logOf(party, 'older'), declaration: { checkpoint: party.older.note }, ...lookupsOf(older), formal: null, items: [], outcome: 'absent',
  }))
  yield forged('the checkpoint of the older declaration', 'checkpoint/wrong-origin', party.older.head.hash, () => ({ declaration: { checkpoint: party.older.note } }))
  yield forged('the log taken for the declaration', 'checkpoint/wrong-origin', party.newer.head.hash, () => ({ declaration: { checkpoint: party.log.note } }))
  yield forged('the head of another party', 'head/other', `of ${other.id}`, () => ({ head: parseJson(other.newer.head.bytes) as Members }))
  yield forged('the head of another agreement', 'head/other', 'another-exercise', () => ({ head: { ...head, agreement: 'another-exercise' } }))
  yield forged('the date of the head moved', 'inclusion/root', inLog, () => ({ head: { ...head, asOf: '2026-03-02T09:30:00Z' } }))
  yield forged('another root in the head', 'inclusion/root', inLog, () => ({ head: { ...head, root: toBase64(party.older.tree.root) } }))
  yield forged('another size in the head', 'inclusion/root', inLog, () => ({ head: { ...head, size: party.newer.tree.size + 256 } }))
  yield forged('another predecessor in the head', 'inclusion/root', inLog, () => ({ head: { ...head, previous: party.newer.head.hash } }))
  yield forged('another table of counts in the head', 'inclusion/root', inLog, () => ({ head: { ...head, counts: toHex(ground.paper.draw('other counts')) } }))
  yield forged('the OPRF key of another party in the head', 'head/oprf', party.id, () => ({ head: { ...head, oprf: toBase64(other.keys.oprf.publicKey) } }))
  yield forged('declaration, head and log of another party', 'head/other', `of ${other.id}`, () => ({ log: logOf(other, 'newer'), head: parseJson(other.newer.head.bytes) as Members, declaration: { checkpoint: other.newer.note } }))
  yield forged('a head that is no head', 'head/shape', 'agreement', () => ({ head: { v: 'muster/head/1' } }))
}

function* ofLog(ground: Ground, { party }: PaperQuestion, other: PaperParty): Made {
  const forged = forging(ground, party.id)
  type Log = NonNullable<PartyEvidence['log']>
  const log = (kind: string, code: string, says: string, change: (log: Log) => Log) => forged(kind, code, says, ({ log: held }) => ({ log: held === null ? null : change(held) }))
  const placed = (what: Log['entries'][number]['what'], change: (entry: Log['entries'][number]) => Partial<Log['entries'][number]>) => (held: Log): Log =>
    ({ ...held, entries: held.entries.map((each) => each.what === what ? { ...each, ...change(each) } : each) })
  const place = (name: 'older' | 'agreement') => ({ index: party.log.place(name), path: party.log.tree.path(party.log.place(name)).map(toHex) })
  yield forged('the log of another party', 'note/no-known-signature', 'no known key', () => ({ log: logOf(other, 'newer') }))
  yield log('the declaration taken for the log', 'checkpoint/wrong-origin', party.newer.head.hash, (held) => ({ ...held, checkpoint: party.newer.note }))
  yield log('the head without its place in the log', 'log/entries', party.id, (held) => ({ ...held, entries: held.entries.filter(({ what }) => what !== 'head') }))
  yield log('the key record without its place in the log', 'log/entries', 'its key-record', placed('key-record', () => ({ what: 'head' })))
  yield log('the place of the older head for the newer', 'inclusion/root', `from entry ${party.log.place('older')}`, placed('head', () => place('older')))
  yield log('the place of the agreement for the key record', 'inclusion/root', `from entry ${party.log.place('agreement')}`, placed('key-record', () => place('agreement')))
  yield log('a place beyond the log', 'inclusion/index', 'no entry 104', placed('head', ({ index }) => ({ index: index + 100 })))
  yield log('a path one hash too long', 'inclusion/path-length', party.log.tree.size.toString(), placed('head', ({ path }) => ({ path: [...path, at(path, 0)] })))
  yield forged('no declaration where one was searched', 'answer/missing', party.id, () => ({ declaration: null }))
  yield forged('no log where one was searched', 'answer/missing', party.id, () => ({ log: null }))
}

const declared = (party: PaperParty, change: (lines: Lines) => Lines) => () => ({ declaration: { checkpoint: relined(party.newer.note, change) } })
const logged = (party: PaperParty, change: (lines: Lines) => Lines) => ({ log: held }: PartyEvidence): Partial<PartyEvidence> => ({ log: held === null ? null : { ...held, checkpoint: relined(party.log.note, change) } })

/** The party's own two lines, without which a checkpoint is none. */
function* ofOwnLines(ground: Ground, { party }: PaperQuestion): Made {
  const forged = forging(ground, party.id)
  const ours = logOrigin(party.id, ground.paper.agreement.id)
  const olderLine = parseNote(party.older.note).signatures.at(-1) as NoteSignature
  yield forged('a reader\'s cosignature of the older declaration', 'note/bad-signature', olderLine.name, declared(party, (lines) => [...lines, olderLine]))
  for (const [of, change] of [['log', logged], ['declaration', declared]] as const) {
    yield forged(`the ${of}'s Ed25519 line stripped`, 'checkpoint/ed25519-missing', ours, change(party, (lines) => lines.slice(1)))
    yield forged(`the ${of}'s ML-DSA-44 line stripped`, 'checkpoint/mldsa44-missing', ours, change(party, (lines) => lines.toSpliced(1, 1)))
    yield forged(`the ${of}'s own lines stripped`, 'note/no-known-signature', 'no known key', change(party, (lines) => lines.filter(({ name }) => name !== ours)))
  }
}

/** Fewer cosigners than are told of, or more than cosigned. */
function* ofCosigners(ground: Ground, { party }: PaperQuestion): Made {
  const { p, agreement: { id }, asker, parties } = ground.paper
  const forged = (kind: string, of: 'read' | 'witnessed', by: number, change: (lines: Lines) => Lines): Forgery => {
    const body = withParty(ground, party.id, of === 'read' ? declared(party, change) : logged(party, change))
    return { kind, of: party.id, code: 'dossier/conclusion', party: null, says: 'conclusion.quorum', body: { ...body, conclusion: raised(body.conclusion, party.id, of, by) } }
  }
  const ours = logOrigin(party.id, id)
  const [second, last] = [parties[1], parties.at(-1)] as [PaperParty, PaperParty]
  yield forged('readers\' cosignatures stripped, the count kept', 'read', 0, (lines) => lines.filter(({ name }) => name === ours))
  yield forged('witnesses\' cosignatures stripped, the count kept', 'witnessed', 0, (lines) => lines.filter(({ name }) => name === ours))
  yield forged('one reader\'s cosignature stripped, the count kept', 'read', 0, (lines) => lines.filter(({ name }) => name !== readerName(second.id, id)))
  yield forged('one witness\'s cosignature stripped, the count kept', 'witnessed', 0, (lines) => lines.filter(({ name }) => name !== witnessName(second.id, id)))
  yield forged('a reader counted twice', 'read', 1, (lines) => [...lines, at(lines, lines.length - 1)])
  yield forged('a witness counted twice', 'witnessed', 1, (lines) => [...lines, at(lines, lines.length - 1)])
  const declaration = parseCheckpoint(parseNote(party.newer.note).text)
  const log = parseCheckpoint(parseNote(party.log.note).text)
  const time = secondsOf(ASKED_AT)
  yield forged('a witness taken for a reader', 'read', 1, (lines) => [...lines, signCosignature(p, declaration, witnessName(asker.id, id), asker.keys.witness, time)])
  yield forged('a reader taken for a witness', 'witnessed', 1, (lines) => [...lines, signCosignature(p, log, readerName(asker.id, id), asker.keys.reader, time)])
  yield forged('a witness\'s key under a reader\'s name', 'read', 1, (lines) => [...lines, signCosignature(p, declaration, readerName(asker.id, id), asker.keys.witness, time)])
  yield forged('a cosigner whom nobody knows', 'read', 1, (lines) => [...lines, signCosignature(p, declaration, readerName(last.id, id), ground.paper.draw('a stranger\'s seed'), time)])
  const after = secondsOf(addSeconds(MADE_AT, 3600))
  const dated = (lines: Lines, name: string, seed: Uint8Array, of: typeof log): Lines => [...lines.filter((line) => line.name !== name), signCosignature(p, of, name, seed, after)]
  yield forged('a reader\'s cosignature from after the dossier', 'read', 0, (lines) => dated(lines, readerName(asker.id, id), asker.keys.reader, declaration))
  yield forged('a witness\'s cosignature from after the dossier', 'witnessed', 0, (lines) => dated(lines, witnessName(asker.id, id), asker.keys.witness, log))
  yield forged('a cosignature renamed', 'read', 1, (lines) => [...lines, { ...at(lines, lines.length - 1), name: readerName(last.id, id) }])
}
