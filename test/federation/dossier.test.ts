// A dossier against its own maker: what is true is proven, and whatever is forged, at whichever place, is refused by the name of what is wrong.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { utf8 } from '@muster/core/bytes/bytes.ts'
import type { Json } from '@muster/core/bytes/canonical.ts'
import { noble } from '@muster/core/bytes/noble.ts'
import { secondsOf } from '@muster/core/bytes/time.ts'
import { nobleGroup } from '@muster/core/oprf/noble-group.ts'
import { signCosignature } from '@muster/core/proof/cosignature.ts'
import { parseNote } from '@muster/core/proof/note.ts'
import { parseCheckpoint } from '@muster/core/proof/tree-head.ts'
import { witnessName } from '@muster/core/rules/agreement.ts'
import { signDossier, type DossierBody } from '@muster/core/wire/dossier.ts'
import type { Finding } from '@muster/core/wire/finding.ts'
import { verifyDossier } from '@muster/core/wire/verify.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { changedAt, leavesOf } from './changed.ts'
import { forgeries } from './forgeries/all.ts'
import { relined, signedForgery, type Forgery } from './forgeries/forgery.ts'
import { paper, type PaperParty } from './paper.ts'
import { concluded, dossierOf } from './paper-trace.ts'
import { remembering } from './remembering.ts'

const FORGERIES_MIN = 500
const FLIPS = 600
const CHANGES = 150
const NOW = secondsOf('2026-04-01T00:00:00Z')

const p = remembering(nodePrimitives)
const group = await fastGroup()
const federation = paper({ p, group, parties: 7, cosigners: 3, items: 30 })
const whole = dossierOf(federation)
const pair = paper({ p, group, parties: 2, items: 3, conduct: () => 'answers', story: { QN: [{ from: 'made', when: '2024-02-01T00:00:00Z', fate: 'lost' }] } })
const small = dossierOf(pair)

const folder = mkdtempSync(join(tmpdir(), 'muster-dossier-'))
after(() => { rmSync(folder, { recursive: true, force: true }) })

test('the dossier of seven parties is proven: one last holder, two present, one of each that did not answer', () => {
  const { verdict, findings } = verifyDossier(p, group, whole.bytes, federation.agreementBytes, NOW)
  assert.deepEqual([verdict, findings], ['proven', []])
  const { outcome, lastHolder, counts, silent, grade, chancePercent, candidates, quorum } = whole.assessment.conclusion
  assert.deepEqual([outcome, lastHolder, grade, silent], ['last-holder', 'QP', 'written', ['QT']])
  assert.deepEqual(counts, { present: 2, absent: 1, noDeclaration: 1, refused: 1, silent: 1, unreachable: 1 })
  assert.equal(chancePercent, 0.2)
  assert.ok(candidates >= 2 && candidates <= 16)
  assert.deepEqual([quorum.of, quorum.needed, quorum.find, quorum.parties[0]?.read], [7, 5, 7, 3])
})

test('without keys from outside the same dossier is consistent and no more', () => {
  assert.equal(verifyDossier(p, group, whole.bytes, undefined, NOW).verdict, 'consistent')
})

test('noble and node:crypto, noble\'s group and the kernel come to the same conclusion', () => {
  const verified = verifyDossier(noble, nobleGroup, small.bytes, pair.agreementBytes)
  assert.ok(verified.verdict === 'proven')
  assert.deepEqual(verified.assessment.conclusion, small.assessment.conclusion)
})

test('a witness that dates its cosignature ahead does not count, and voids nothing', () => {
  const { asker, agreement, parties } = federation
  const last = parties.at(-1) as PaperParty
  const name = witnessName(last.id, agreement.id)
  const ahead = signCosignature(p, parseCheckpoint(parseNote(asker.log.note).text), name, last.keys.witness, NOW)
  const proof = federation.finds[0].proof.replace(asker.log.note, relined(asker.log.note, (lines) => [...lines.filter((line) => line.name !== name), ahead]))
  const { bytes } = concluded(federation, { ...whole.body, recovery: { ...whole.body.recovery, proof } })
  const verified = verifyDossier(p, group, bytes, federation.agreementBytes, NOW)
  assert.ok(verified.verdict === 'proven')
  assert.equal(verified.assessment.conclusion.quorum.find, parties.length - 1)
})

test('a formal answer that the asker leaves out leaves a hit with closed sections, and no holder', () => {
  const { bytes } = concluded(federation, { ...whole.body, parties: whole.body.parties.map((each) => ({ ...each, formal: null, items: [] })) })
  const verified = verifyDossier(p, group, bytes, federation.agreementBytes, NOW)
  assert.ok(verified.verdict === 'proven')
  const { outcome, lastHolder, gaps } = verified.assessment.conclusion
  assert.deepEqual([outcome, lastHolder, gaps.map(({ gap, party }) => `${gap} ${party}`)], ['unanswered', null, ['sections-closed QM', 'sections-closed QN', 'sections-closed QP']])
})

test('the find itself, seized and in the asker\'s own register, is no hit', () => {
  assert.equal(whole.assessment.outcomes.get(federation.asker.id), 'absent')
})

const made: Forgery[] = []
test(`more than ${FORGERIES_MIN} forgeries by the dossier's own maker are refused, each by what is wrong and where`, (t) => {
  const seen = new Set<string>()
  const passed: string[] = []
  for (const forgery of forgeries(federation, whole)) {
    made.push(forgery)
    seen.add(`${forgery.kind} ${forgery.of} ${forgery.untrusted ?? false}`)
    const { verdict, findings } = verifyDossier(p, group, signedForgery(federation, forgery), forgery.untrusted === true ? undefined : federation.agreementBytes, NOW)
    if (verdict !== 'refused' || !findings.some(names(forgery))) passed.push(`${forgery.kind} (${forgery.of}): ${verdict}, ${findings.map(({ code, message }) => `${code} ${message}`).join(' · ')}; due is ${forgery.code} ${forgery.says}`)
  }
  assert.deepEqual(passed, [])
  assert.equal(seen.size, made.length, 'each forgery is another one')
  assert.ok(made.length >= FORGERIES_MIN, `${made.length} forgeries`)
  t.diagnostic(`${made.length} forgeries of ${new Set(made.map(({ kind }) => kind)).size} kinds`)
})

/** Whether a finding names the crime, the party and the place. */
function names({ code, party, says }: Forgery): (finding: Finding) => boolean {
  return (finding) => finding.code === code && finding.party === party && finding.message.includes(says)
}

test('ten of them through the command: exit 1 and what is wrong, and the true one is proven with exit 0', async () => {
  const every = Math.floor(made.length / 10)
  const agreement = join(folder, 'agreement.json')
  writeFileSync(agreement, federation.agreementBytes)
  const command = async (bytes: Uint8Array, name: string) => {
    const path = join(folder, name)
    writeFileSync(path, bytes)
    const words = [join(import.meta.dirname, '../../cli/main.ts'), 'verify', path, '--agreement', agreement, '--json']
    const { stdout, code } = await promisify(execFile)(process.execPath, words).then((done) => ({ ...done, code: 0 }), (error: { readonly stdout: string, readonly code: number }) => error)
    return { code, said: JSON.parse(stdout) as { readonly verdict: string, readonly findings: readonly Finding[] } }
  }
  const trusted = made.filter((forgery) => forgery.untrusted !== true && forgery.code !== 'dossier/from-the-future')
  for (let i = 0; i < 10; i++) {
    const forgery = trusted[(i * every) % trusted.length] as Forgery
    const { code, said } = await command(signedForgery(federation, forgery), `forged-${i}.json`)
    assert.deepEqual([code, said.verdict], [1, 'refused'], forgery.kind)
    assert.ok(said.findings.some(names(forgery)), forgery.kind)
  }
  const { code, said } = await command(whole.bytes, 'true.json')
  assert.deepEqual([code, said.verdict, said.findings], [0, 'proven', []])
})

test(`each of ${FLIPS} single bytes, spread evenly, cannot be changed`, () => {
  const { bytes } = small
  for (let i = 0; i < FLIPS; i++) {
    const at = Math.floor((i * bytes.length) / FLIPS)
    const flipped = bytes.slice()
    flipped[at] = (flipped[at] as number) ^ (1 << (i % 8))
    assert.equal(verifyDossier(p, group, flipped, pair.agreementBytes).verdict, 'refused', `byte ${at}, bit ${i % 8}`)
  }
})

test(`any of ${CHANGES} values changed by the maker and signed anew is refused, and nothing the maker writes makes verifying fail`, () => {
  const places = leavesOf(small.body as unknown as Json, []).filter((path) => path.join('.') !== 'made')
  for (let i = 0; i < CHANGES; i++) {
    const path = places[Math.floor((i * places.length) / CHANGES)] as readonly (string | number)[]
    const body = changedAt(small.body, path, i) as unknown as DossierBody
    const { verdict } = verifyDossier(p, group, signDossier(p, body, pair.asker.keys.message), pair.agreementBytes)
    assert.equal(verdict, 'refused', path.join('.'))
  }
})

test('what is no dossier at all is refused by what it is', () => {
  const refused = (bytes: Uint8Array) => verifyDossier(p, group, bytes, undefined).findings[0]?.code
  assert.equal(refused(new Uint8Array(0)), 'dossier/json')
  assert.equal(refused(utf8('{}')), 'dossier/shape')
  assert.equal(refused(utf8('[1]')), 'dossier/shape')
  assert.equal(refused(Buffer.concat([small.bytes, utf8('\n')])), 'dossier/json')
  assert.equal(refused(new Uint8Array(16 * 1_048_576 + 1)), 'dossier/too-long')
  const pretty = utf8(JSON.stringify(JSON.parse(Buffer.from(small.bytes).toString('utf8')), null, 1))
  assert.equal(refused(pretty), 'dossier/json')
})
